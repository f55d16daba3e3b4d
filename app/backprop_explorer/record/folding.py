"""Folding: loops, calls, lines and known patterns of a program, each as one group that opens.

A loop with the same body each time is a group with an axis, its variable; a function of the program
that is called is a frame; several operations of one source line are one node. Softmax, log-sum-exp,
a norm, a convolution, a pooling, a recurrent step and attention are found in the graph itself, by
``patterns``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
from backprop_explorer.record.patterns import CONVOLUTION, POOLING, has_slice, patterns
from backprop_explorer.record.recording import ProgramRecording
from backprop_explorer.texts import record as texts

Kind = Literal["line", "loop", "pattern", "call"]


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that are drawn as one.

    ``label`` is its name, ``formula`` its right-hand side in LaTeX ("" if it has none), ``inputs``
    the values that it reads from outside, ``output`` the last value that is read outside.
    ``axis`` and ``count`` are a loop's variable and the number of its runs, ``within`` the group
    around it. ``folded`` says whether it is drawn as one at first.
    """

    id: str
    label: str
    kind: Kind
    members: tuple[Name, ...]
    inputs: tuple[Name, ...]
    output: Name
    formula: str = ""
    axis: str | None = None
    count: int = 1
    within: str | None = None
    folded: bool = True


@dataclass(frozen=True)
class Folding:
    """The groups of a recording, outer ones first, and the innermost group of each node.

    ``runs`` has the run of each loop around a node, by the loop's variable: {"t": 2}.
    """

    groups: tuple[Group, ...]
    of: Mapping[Name, str]
    runs: Mapping[Name, Mapping[str, int | str]]


@dataclass(slots=True)
class _Draft:
    """A group that grows."""

    id: str
    label: str
    kind: Kind
    within: str | None
    axis: str | None = None
    formula: str = ""
    members: list[Name] = field(default_factory=list)
    runs: set[int | str] = field(default_factory=set)


def fold(recording: ProgramRecording) -> Folding:
    """Return the groups of a recording's forward nodes."""
    return _Folder(recording).fold()


class _Folder:
    def __init__(self, recording: ProgramRecording) -> None:
        self.recording = recording
        self.nodes = recording.graph.of_role("forward", "cost")
        self.by_id = {node.id: node for node in self.nodes}
        self.readers: dict[Name, list[Name]] = defaultdict(list)
        for node in self.nodes:
            for name in node.inputs:
                self.readers[name].append(node.id)
        self.drafts: dict[str, _Draft] = {}
        self.paths: dict[Name, list[str]] = {}

    def fold(self) -> Folding:
        calls: dict[str, int] = defaultdict(int)
        for node in self.nodes:
            self.paths[node.id] = list(self._path(node))
            for group in self.paths[node.id]:
                self.drafts[group].members.append(node.id)
        self._patterns()
        self._lines()
        for draft in self.drafts.values():
            if draft.kind == "call":
                calls[draft.label] += 1
        kept = {group: draft for group, draft in self.drafts.items() if self._is_kept(draft)}
        groups = []
        for draft in kept.values():
            within = draft.within
            while within is not None and within not in kept:
                within = self.drafts[within].within
            folded = draft.kind != "call" or calls[draft.label] > 1
            groups.append(self._group(draft, within, folded=folded))
        groups.sort(key=lambda group: -len(group.members))
        of = {
            name: next(group for group in reversed(path) if group in kept)
            for name, path in self.paths.items()
            if any(group in kept for group in path)
        }
        runs = {
            node.id: {run.name: run.value for run in self.recording.sources[node.id].runs}
            for node in self.nodes
            if node.id in self.recording.sources and self.recording.sources[node.id].runs
        }
        return Folding(tuple(groups), of, runs)

    @staticmethod
    def _is_kept(draft: _Draft) -> bool:
        """A loop of one run is its body; a group of one node is the node."""
        return len(draft.members) > 1 and (draft.kind != "loop" or len(draft.runs) > 1)

    def _path(self, node: Node) -> Iterator[str]:
        """The loops and calls around a node, the outermost first."""
        origin = self.recording.sources.get(node.id)
        if origin is None:
            return
        around: str | None = None
        places = ""
        frames = [*reversed(origin.calls), ("", 0, origin.function, origin.frame)]
        for k, (_, _, function, frame) in enumerate(frames):
            if k:
                around = self._open(f"call{frame}", function, "call", around)
                yield around
            for run in (each for each in origin.runs if each.frame == frame):
                around = self._open(f"loop{frame}.{run.line}{places}", "", "loop", around)
                draft = self.drafts[around]
                draft.axis, draft.label = run.name, texts.loop(run.name)
                draft.runs.add(run.value)
                places += f"[{run.value}]"
                yield around

    def _open(self, group: str, label: str, kind: Kind, within: str | None) -> str:
        if group not in self.drafts:
            self.drafts[group] = _Draft(group, label, kind, within)
        return group

    def _lines(self) -> None:
        """The operations of one source line, in one call, one run of its loops and one pattern."""
        found: dict[tuple[Any, ...], list[Name]] = defaultdict(list)
        for node in self.nodes:
            origin = self.recording.sources.get(node.id)
            if origin is not None:
                runs = tuple(run.value for run in origin.runs)
                path = self.paths[node.id]
                pattern = path[-1] if path and self.drafts[path[-1]].kind == "pattern" else None
                found[origin.frame, origin.line, runs, pattern].append(node.id)
        for (*_, pattern), members in found.items():
            whole = pattern is not None and len(members) == len(self.drafts[pattern].members)
            if len(members) > 1 and not whole and self._is_closed(members, members[-1]):
                self._add("line", str(members[-1]), members, "")

    def _add(self, kind: Kind, label: str, members: list[Name], formula: str) -> None:
        """Put members that are in the same groups into a group of their own."""
        paths = [self.paths[name] for name in members]
        common = [group for group in paths[0] if all(group in path for path in paths)]
        group = f"{kind}{len(self.drafts)}"
        draft = _Draft(group, label, kind, common[-1] if common else None)
        draft.members, draft.formula = list(members), formula
        self.drafts[group] = draft
        for name, path in zip(members, paths, strict=True):
            if path == common:
                self.paths[name] = [*path, group]
            else:  # The group spans a loop or a call that lies between.
                self.paths[name] = [*common, group, *path[len(common) :]]
                for inner in path[len(common) :][:1]:
                    self.drafts[inner].within = group

    def _is_closed(self, members: list[Name], output: Name) -> bool:
        """Whether nothing outside reads a member, except the output."""
        inside = set(members)
        return all(inside.issuperset(self.readers[name]) for name in members if name != output)

    def _group(self, draft: _Draft, within: str | None, *, folded: bool) -> Group:
        inside = set(draft.members)
        inputs = dict.fromkeys(
            name
            for member in draft.members
            for name in self.by_id[member].inputs
            if name not in inside
        )
        output = next(
            (
                name
                for name in reversed(draft.members)
                if not self.readers[name] or not inside.issuperset(self.readers[name])
            ),
            draft.members[-1],
        )
        return Group(
            *(draft.id, draft.label, draft.kind, tuple(draft.members), tuple(inputs), output),
            *(draft.formula, draft.axis, max(1, len(draft.runs)), within, folded),
        )

    def _patterns(self) -> None:
        for label, formula, members in patterns(self.recording):
            self._add("pattern", label, members, formula)
        for draft in list(self.drafts.values()):
            outer = None if draft.within is None else self.drafts[draft.within]
            if draft.kind == "loop" and (outer is None or len(outer.runs) < 2):
                self._loop_pattern(draft)

    def _loop_pattern(self, draft: _Draft) -> None:
        """Name a loop that fills an array with windows of another, or adds products of them."""
        nodes = [self.by_id[name] for name in draft.members]
        ops = {node.op for node in nodes}
        windows = (n for n in nodes if n.op == "getitem" and has_slice(n.keywords["index"]))
        if len(draft.runs) < 2 or not any(windows):
            return
        rest = ops - {"getitem", "setitem", "reshape", "copy", "strided"}
        products = {"multiply", "matmul", "tensordot", "einsum"}
        if rest & products and rest <= products | {"sum", "add", "transpose"}:
            draft.label, draft.formula = texts.CONVOLUTION, CONVOLUTION
        elif len(rest) == 1 and "setitem" in ops and rest <= POOLING.keys():
            draft.label, draft.formula = POOLING[rest.pop()]

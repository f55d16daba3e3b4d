"""Folding: loops, calls, lines and known patterns of a program, each as one group that opens.

A loop with the same body each time is a group with an axis, its variable; a function of the program
that is called is a frame; several operations of one source line are one node. Softmax, log-sum-exp,
a norm, a convolution, a pooling, a recurrent step and attention are found in the graph itself, by
their operations, and only where nothing else reads what lies between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
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
        """The operations of one source line, in one call and one run of its loops."""
        found: dict[tuple[Any, ...], list[Name]] = defaultdict(list)
        for node in self.nodes:
            origin = self.recording.sources.get(node.id)
            path = self.paths[node.id]
            if origin is not None and not (path and self.drafts[path[-1]].kind == "pattern"):
                runs = tuple(run.value for run in origin.runs)
                found[origin.frame, origin.line, runs].append(node.id)
        for members in found.values():
            if len(members) > 1 and self._is_closed(members, members[-1]):
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

    # Patterns. Each finds the members of one group from its last node.

    def _patterns(self) -> None:
        taken: set[Name] = set()
        finders: tuple[Callable[[Node], Any], ...] = (
            self._attention,
            self._softmax,
            self._log_sum_exp,
            self._norm,
            self._recurrent_step,
            self._window_product,
        )
        for finder in finders:
            for node in reversed(self.nodes):
                found = None if node.id in taken else finder(node)
                if found is None:
                    continue
                label, formula, names = found
                order = {name: k for k, name in enumerate(self.by_id)}
                members = sorted(set(names), key=order.__getitem__)
                if taken.isdisjoint(members) and self._is_closed(members, node.id):
                    taken.update(members)
                    self._add("pattern", label, members, formula)
        for draft in list(self.drafts.values()):
            outer = None if draft.within is None else self.drafts[draft.within]
            if draft.kind == "loop" and (outer is None or len(outer.runs) < 2):
                self._loop_pattern(draft)

    def _node(self, name: Name, *ops: str) -> Node | None:
        """The node of a value if it is one of the operations."""
        node = self.by_id.get(name)
        return node if node is not None and node.op in ops else None

    def _through(self, name: Name, *ops: str) -> tuple[Node | None, list[Name]]:
        """The node of a value behind reshapes, and the reshapes."""
        passed: list[Name] = []
        node = self.by_id.get(name)
        while node is not None and node.op in ("reshape", "getitem", "transpose", "copy"):
            passed.append(node.id)
            node = self.by_id.get(node.inputs[0])
        return (node, passed) if node is not None and node.op in ops else (None, [])

    def _shifted(self, name: Name) -> tuple[Name, list[Name]]:
        """x and the nodes of x − max x; the name itself if nothing is subtracted."""
        node = self._node(name, "subtract")
        if node is not None:
            largest, passed = self._through(node.inputs[1], "max")
            if largest is not None and largest.inputs[0] == node.inputs[0]:
                return node.inputs[0], [largest.id, *passed, node.id]
        return name, []

    def _softmax_parts(self, name: Name) -> tuple[Name, list[Name]] | None:
        """(x, members) of exp(x) / Σ exp(x)."""
        last = self._node(name, "divide")
        top = None if last is None else self._node(last.inputs[0], "exp")
        if last is None or top is None:
            return None
        total, passed = self._through(last.inputs[1], "sum")
        if total is None or total.inputs[0] != top.id:
            return None
        x, shift = self._shifted(top.inputs[0])
        return x, [*shift, top.id, total.id, *passed, last.id]

    def _softmax(self, node: Node) -> Any:
        found = self._softmax_parts(node.id)
        if found is None:
            return None
        x, members = found
        return "softmax", rf"\mathrm{{softmax}}\left({x.latex}\right)", members

    def _log_sum_exp(self, node: Node) -> Any:
        """ln Σ exp(x), or x − ln Σ exp(x), with or without the largest entry subtracted."""
        log, passed = self._through(node.inputs[1], "log") if node.op == "subtract" else (node, [])
        if log is None or log.op != "log":
            return None
        total, more = self._through(log.inputs[0], "sum")
        top = None if total is None else self._node(total.inputs[0], "exp")
        if total is None or top is None:
            return None
        x, shift = self._shifted(top.inputs[0])
        members = [*shift, top.id, total.id, *more, log.id]
        if node.op == "log":
            if shift:  # Without its end, the sum of the shifted entries means nothing by itself.
                return None
            return "log-sum-exp", rf"\ln \sum e^{{{x.latex}}}", members
        if node.inputs[0] != top.inputs[0]:
            return None
        formula = rf"{x.latex} - \ln \sum e^{{{x.latex}}}"
        return "log-softmax", formula, [*members, *passed, node.id]

    def _norm(self, node: Node) -> Any:
        """(x − mean) / √(var + ε), of a batch, a layer or a group."""
        if node.op not in ("divide", "multiply"):
            return None
        centred, before = self._through(node.inputs[0], "subtract")
        if centred is None:
            return None
        mean, passed = self._through(centred.inputs[1], "mean", "divide")
        mean_parts = [] if mean is None else self._mean_of(mean, centred.inputs[0])
        if mean is None or not mean_parts:
            return None
        members = [*before, centred.id, *passed, *mean_parts, node.id]
        variance = self._spread(node.inputs[1], members, centred)
        if variance is None:
            return None
        label = self._kind_of_norm(centred.inputs[0], self._axes(mean))
        x = centred.inputs[0].latex
        formula = rf"\frac{{{x} - \mu}}{{\sqrt{{\sigma^2 + \epsilon}}}}"
        return label, formula, variance

    def _mean_of(self, node: Node, x: Name) -> list[Name]:
        """The members of the mean of x: one node, or a sum and a division."""
        if node.op == "mean" and node.inputs[0] == x:
            return [node.id]
        total = self._node(node.inputs[0], "sum")
        if node.op == "divide" and total is not None and total.inputs[0] == x:
            return [total.id, node.id]
        return []

    def _axes(self, mean: Node) -> tuple[int, ...]:
        """The axes of a mean."""
        total = mean if mean.op == "mean" else self.by_id[mean.inputs[0]]
        axis = total.keywords["axis"]
        return tuple(range(len(self.recording.shapes[total.inputs[0]]))) if axis is None else axis

    def _kind_of_norm(self, name: Name, axes: tuple[int, ...]) -> str:
        """By what one mean is of: several samples, one sample, or a part of one."""
        chain: list[Node] = []
        while (node := self._node(name, "reshape", "transpose")) is not None:
            chain.append(node)
            name = node.inputs[0]
        shape = self.recording.shapes[name]
        sample = int(np.prod(shape[1:]))
        positions = np.arange(int(np.prod(shape))).reshape(shape)
        for node in reversed(chain):
            positions = node.operation.compute(positions, **node.keywords)
        spread = np.ptp(positions // sample, axis=axes)
        if np.any(spread) or not axes:
            return texts.BATCH_NORM
        size = int(np.prod([positions.shape[k] for k in axes]))
        return texts.LAYER_NORM if size == sample or len(shape) < 4 else texts.GROUP_NORM

    def _spread(self, name: Name, members: list[Name], centred: Node) -> list[Name] | None:
        """The members of √(var + ε), or of 1/√(var + ε), added to ``members``."""
        found, waiting, seen = False, [name], set(members)
        allowed = ("sqrt", "add", "reciprocal", "divide", "power", "reshape", "getitem", "std")
        while waiting:
            node = self.by_id.get(waiting.pop())
            if node is None or node.id in seen:
                continue
            if node.op in ("var", "std") and node.inputs[0] == centred.inputs[0]:
                found = True
            elif node.op in ("mean", "sum"):
                square = self._node(node.inputs[0], "square", "power", "multiply")
                if square is None or not set(square.inputs) & {centred.id, *seen}:
                    return None
                seen.add(square.id)
                waiting += [each for each in square.inputs if each in self.by_id]
                found = True
            elif node.op == "subtract":
                if node.inputs[0] != centred.inputs[0]:
                    return None
            elif node.op in allowed:
                waiting += node.inputs
            else:
                return None
            seen.add(node.id)
        return list(seen) if found else None

    def _recurrent_step(self, node: Node) -> Any:
        """tanh(x W + h U + b): two products and a bias."""
        if node.op not in ("np_tanh", "maximum", "expit"):
            return None
        products: list[Node] = []
        members, waiting = [node.id], [node.inputs[0]]
        while waiting:
            part = self.by_id.get(waiting.pop())
            if part is None:
                continue
            if part.op == "matmul":
                products.append(part)
            elif part.op == "add":
                waiting += part.inputs
            else:
                continue
            members.append(part.id)
        if len(products) != 2:
            return None
        terms = " + ".join(
            rf"{a.latex}\,{b.latex}" for a, b in (each.inputs for each in reversed(products))
        )
        return texts.RECURRENT_STEP, rf"f\left({terms} + b\right)", members

    def _attention(self, node: Node) -> Any:
        """softmax(Q Kᵀ / √d) V."""
        if node.op not in ("matmul", "einsum"):
            return None
        found = self._softmax_parts(node.inputs[0])
        if found is None:
            return None
        scores, members = found
        waiting, product = [scores], None
        while waiting and product is None:
            part = self.by_id.get(waiting.pop())
            if part is None:
                return None
            members.append(part.id)
            if part.op in ("matmul", "einsum"):
                product = part
            elif part.op in ("divide", "multiply", "add", "where", "setitem"):
                waiting += [each for each in part.inputs if each in self.by_id][-1:]
            else:
                return None
        if product is None:
            return None
        key = self._node(product.inputs[1], "transpose")
        if key is not None:
            members.append(key.id)
        q, k, v = (
            product.inputs[0],
            product.inputs[1] if key is None else key.inputs[0],
            node.inputs[1],
        )
        formula = (
            rf"\mathrm{{softmax}}\left(\frac{{{q.latex}\,{k.latex}^T}}{{\sqrt{{d}}}}\right)"
            rf"\,{v.latex}"
        )
        return texts.ATTENTION, formula, [*members, node.id]

    def _window_product(self, node: Node) -> Any:
        """A convolution as one product with the windows of an array; a pooling over windows."""
        if node.op in ("einsum", "tensordot"):
            for name in node.inputs:
                windows, passed = self._through(name, "strided")
                if windows is not None and np.size(self.recording.values[windows.id]):
                    return texts.CONVOLUTION, _CONVOLUTION, [windows.id, *passed, node.id]
        if node.op in ("max", "mean"):
            windows, passed = self._through(node.inputs[0], "strided")
            if windows is not None:
                label = texts.MAX_POOLING if node.op == "max" else texts.AVERAGE_POOLING
                return label, _POOLING[node.op], [windows.id, *passed, node.id]
        return None

    def _loop_pattern(self, draft: _Draft) -> None:
        """Name a loop that fills an array with windows of another: a convolution or a pooling."""
        ops = {self.by_id[name].op for name in draft.members}
        moves = {"getitem", "setitem", "reshape", "copy", "strided"}
        if not {"getitem", "setitem"} <= ops:
            return
        windows = any(
            any(
                isinstance(part, tuple)
                and part[0] == "slice"
                and part[1] is not None
                and part[2] is not None
                for part in self.by_id[name].keywords["index"]
            )
            for name in draft.members
            if self.by_id[name].op == "getitem"
        )
        rest = ops - moves
        products = {"multiply", "matmul", "tensordot", "einsum"}
        if not windows or len(draft.runs) < 2:
            return
        if rest & products and rest <= products | {"sum", "add", "transpose"}:
            draft.label, draft.formula = texts.CONVOLUTION, _CONVOLUTION
        elif rest in ({"max"}, {"mean"}):
            (op,) = rest
            draft.label = texts.MAX_POOLING if op == "max" else texts.AVERAGE_POOLING
            draft.formula = _POOLING[op]


_CONVOLUTION = r"\sum_{m,n} w_{mn}\,x_{i+m,\,j+n} + b"
_POOLING = {
    "max": r"\max_{m,n} x_{i+m,\,j+n}",
    "mean": r"\mathrm{mean}_{m,n}\,x_{i+m,\,j+n}",
}

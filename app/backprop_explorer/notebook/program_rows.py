"""The rows of a program's display: one for each source line that ran, in its loops and calls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
from backprop_explorer.record import Origin, ProgramRecording
from backprop_explorer.record.folding import Folding, Group, fold
from backprop_explorer.texts import notebook as texts

# Of more runs of a loop the first and the last ones are shown.
MOST_RUNS, SHOWN_RUNS = 5, 2
# The name of a part of an expression: S.1, h.2[t=0].
_PART = re.compile(r"\.\d+(\[[^\]]*\])?$")


@dataclass(frozen=True)
class Row:
    """One source line that ran once.

    ``number`` is its line in the file, ``source`` its text, ``names`` the values that it assigns
    (of an argument, the argument), ``nodes`` its operations, ``pattern`` what they are together.
    """

    number: int | None
    source: str
    names: tuple[Name, ...]
    nodes: tuple[Node, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Fold:
    """Rows of a loop or a call, headed by the line that it stands in.

    ``runs`` has for each shown run of a loop its variable and value, such as "t = 2", and its rows;
    None stands for the ``left_out`` runs between. A call has one run with the label "".
    """

    head: Row
    count: int
    opened: bool
    runs: tuple[tuple[str, tuple[Row | Fold, ...]] | None, ...]
    left_out: int = 0


def variable_of(name: Name) -> str:
    """Return the variable that a value is a part of: "h[t=1]" for "h.2[t=1]"."""
    return _PART.sub(r"\1", name)


def rows_of(recording: ProgramRecording) -> list[Row | Fold]:
    """Return the rows of the arguments and of the program, in order."""
    return _Rows(recording).found()


@dataclass
class _Rows:
    recording: ProgramRecording
    folding: Folding = field(init=False)
    groups: dict[str, Group] = field(init=False)

    def __post_init__(self) -> None:
        self.folding = fold(self.recording)
        self.groups = {group.id: group for group in self.folding.groups}

    def found(self) -> list[Row | Fold]:
        found: list[Row | Fold] = []
        for name in self.recording.arguments:
            value = self.recording.values[name]
            if isinstance(value, np.ndarray):
                shape = texts.times(value.shape)
                found.append(Row(None, texts.given_row(name.plain, shape), (name,)))
        nodes = self.recording.graph.of_role("forward", "cost")
        return [*found, *self._rows(nodes, 0)]

    def _path(self, node: Node) -> list[Group]:
        """The loops and calls around a node, the outermost first."""
        path: list[Group] = []
        at = self.folding.of.get(node.id)
        while at is not None:
            group = self.groups[at]
            if group.kind in ("loop", "call"):
                path.insert(0, group)
            at = group.within
        return path

    def _rows(self, nodes: Sequence[Node], depth: int) -> Iterator[Row | Fold]:
        """The rows of nodes that are in the same ``depth`` loops and calls."""

        def place(node: Node) -> tuple[object, ...]:
            inner = self._path(node)[depth:]
            if inner and inner[0].kind == "loop":
                return (inner[0].id,)
            return self._line(node, inner[0] if inner else None)

        for _, members in groupby(nodes, place):
            together = tuple(members)
            inner = [self._path(node)[depth:] for node in together]
            loop = next((path[0] for path in inner if path and path[0].kind == "loop"), None)
            if loop is not None:
                yield self._loop(loop, together, depth)
            elif any(inner):
                yield self._calls(together, depth)
            else:
                yield self._row(together)

    def _line(self, node: Node, call: Group | None) -> tuple[object, ...]:
        """File, line and runs of a node; of one in a call, those of the call."""
        origin = self.recording.sources.get(node.id)
        if origin is None:
            return (node.id,)
        if call is None:
            return (origin.file, origin.line, origin.frame, origin.runs)
        file, line, frame = self._call_site(call, origin)
        return (file, line, frame, tuple(run for run in origin.runs if run.frame == frame))

    @staticmethod
    def _call_site(call: Group, origin: Origin) -> tuple[str, int, int]:
        """File, line and frame of the place that calls a function."""
        frames = [origin.frame, *(each[3] for each in origin.calls)]
        k = next((k for k, frame in enumerate(frames) if call.id == f"call{frame}"), 0)
        file, line, _, frame = origin.calls[min(k, len(origin.calls) - 1)]
        return file, line, frame

    def _row(self, nodes: tuple[Node, ...]) -> Row:
        ids = [node.id for node in nodes]
        names = [name for name in ids if not _PART.search(name)] or ids[-1:]
        origin = self.recording.sources.get(ids[-1])
        pattern = self._pattern(nodes[-1])
        if origin is None:
            return Row(None, str(ids[-1]), tuple(names), nodes, pattern)
        text = self._text(origin.file, origin.line) or f"{names[-1]} = {origin.text}"
        return Row(origin.line, text, tuple(names), nodes, pattern)

    def _pattern(self, node: Node) -> str:
        """The name of the pattern that ends with a node."""
        at = self.folding.of.get(node.id)
        while at is not None:
            group = self.groups[at]
            if group.kind == "pattern" and group.output == node.id:
                return group.label
            at = group.within
        return ""

    def _text(self, file: str, line: int) -> str:
        lines = self.recording.source_text.get(file, ())
        return (lines[line - 1] or "").strip() if 0 < line <= len(lines) else ""

    def _calls(self, nodes: tuple[Node, ...], depth: int) -> Fold:
        """A line that calls functions of the program: what it computes itself, and their rows."""
        paths = {node.id: self._path(node)[depth:] for node in nodes}
        calls = list(dict.fromkeys(path[0] for path in paths.values() if path))
        rows: list[Row | Fold] = []

        def called(node: Node) -> str | None:
            return paths[node.id][0].id if paths[node.id] else None

        for call, members in groupby(nodes, called):
            inside = tuple(members)
            if call is None:
                origin = self.recording.sources[inside[-1].id]
                rows.append(replace(self._row(inside), source=origin.text))
                continue
            own = tuple(self._rows(inside, depth + 1))
            if len(calls) == 1:
                rows += own
            else:
                head = Row(None, f"{self.groups[call].label}(…)", (inside[-1].id,), inside)
                rows.append(Fold(head, 1, False, (("", own),)))
        origin = self.recording.sources[next(n.id for n in nodes if paths[n.id])]
        file, line, _ = self._call_site(calls[0], origin)
        text = self._text(file, line) or f"{calls[0].label}(…)"
        head = Row(line, text, (nodes[-1].id,), nodes, self._pattern(nodes[-1]))
        return Fold(head, 1, not any(call.folded for call in calls), (("", tuple(rows)),))

    def _loop(self, loop: Group, nodes: tuple[Node, ...], depth: int) -> Fold:
        origin = self.recording.sources[nodes[0].id]
        axis = str(loop.axis)
        line = next((run.line for run in origin.runs if run.name == axis), origin.line)

        def run_of(node: Node) -> str:
            return str(self.folding.runs[node.id].get(axis, ""))

        runs: list[tuple[str, tuple[Row | Fold, ...]] | None] = [
            (f"{axis} = {value}", tuple(self._rows(tuple(members), depth + 1)))
            for value, members in groupby(nodes, run_of)
        ]
        count = len(runs)
        left_out = 0 if count <= MOST_RUNS else count - 2 * SHOWN_RUNS
        if left_out:
            runs = [*runs[:SHOWN_RUNS], None, *runs[-SHOWN_RUNS:]]
        head = Row(line, self._text(origin.file, line) or loop.label, (loop.output,), nodes)
        return Fold(head, count, False, tuple(runs), left_out)

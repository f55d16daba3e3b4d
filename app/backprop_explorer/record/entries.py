"""What a line does with single entries: which it repeats, takes, leaves out, and reads in windows.

Everything here follows from the values and attributes of a recording. Lists of more than
``MOST_ENTRIES`` are left out; counts never are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops.operation import Shape
from backprop_explorer.record.recording import ProgramRecording

MOST_ENTRIES = 256
# Scores that are filled with less take no part in a softmax.
_ABSENT = -1e8
_BROADCASTING = ("elementwise", "elementwise_backward", "discrete", "reduction_backward")
# Letters of the axes of a window, other than those of the program's loops.
_WINDOW_LETTERS = ("mn", "pq", "uv", "rs", "gh")


@dataclass(frozen=True)
class Entries:
    """Computes the fields of the lines of one recording."""

    recording: ProgramRecording

    def of(self, node: Node, signature: str) -> dict[str, Any]:
        """Return those of ``stretched``, ``index``, ``picks``, ``mask`` and ``reads`` that apply.

        ``stretched`` has for each input the axes of the line's value along which it is repeated.
        ``index`` says for each axis that is read by whole numbers which ones, and how often an
        entry is read again. ``picks`` has the entry that a maximum takes for each entry of the
        value, row by row, or the input that ``maximum`` or ``where`` takes, and the number of ties.
        ``mask`` is 1 where an entry takes no part, a uint8 array of the value's shape. ``reads`` is
        the window that is read: see ``_Window.fields``.
        """
        found = {
            "stretched": self._stretched(node, signature),
            "index": self._index(node),
            "picks": self._picks(node),
            "mask": self._masks.get(node.id),
            "reads": self._reads(node, signature),
        }
        return {name: each for name, each in found.items() if each is not None}

    def _values(self, node: Node) -> list[Any]:
        return [np.asarray(self.recording.values[name]) for name in node.inputs]

    def _stretched(self, node: Node, signature: str) -> list[list[int]] | None:
        if node.operation.family not in _BROADCASTING and node.op != "stretch":
            return None
        inputs, output = signature.split("->")
        shape = self.recording.shapes[node.id]
        if len(output) != len(shape) or not node.inputs:
            return None
        found = [
            [k for k, letter in enumerate(output) if letter not in part and shape[k] != 1]
            for part in inputs.split(",")
        ]
        return found if any(found) else None

    def _index(self, node: Node) -> dict[str, Any] | None:
        """Which entries are read or written by whole numbers."""
        values = self._values(node)
        if node.op == "gather" and values[0].size:
            flat = values[1]
            places = dict(enumerate(np.unravel_index(np.maximum(flat, 0), values[0].shape)))
            numbers = {axis: np.where(flat < 0, -1, each) for axis, each in places.items()}
            return _written_index(numbers) if flat.size else None
        if node.operation.family != "index" or node.keywords.get("view") is not None:
            return None
        arrays = values[1 if node.op == "getitem" else 2 :]
        numbers = _numbers(node.keywords["index"], arrays, values[0].shape)
        return _written_index(numbers) if numbers else None

    def _picks(self, node: Node) -> dict[str, Any] | None:
        values = self._values(node)
        taken: Any
        found: dict[str, Any]
        if node.op in ("maximum", "minimum"):
            a, b = values[:2]
            second = b > a if node.op == "maximum" else b < a
            ties = np.broadcast_to(a == b, np.shape(second))
            taken = np.where(ties, None, second.astype(int))
            found = {"inputs": taken.tolist()}
            size = taken.size
        elif node.op == "where":
            shape = self.recording.shapes[node.id]
            taken = np.broadcast_to(np.where(values[0], 1, 2), shape)
            ties, size = np.zeros(()), taken.size
            found = {"inputs": taken.tolist()}
        elif node.op in ("max", "min", "argmax", "argmin") and values[0].size:
            places, ties = _extremes(values[0], node.keywords["axis"], node.op.endswith("max"))
            found, size = {"entries": places.tolist()}, len(places)
        elif node.op == "argsort" and values[0].ndim and node.keywords["axis"] is not None:
            # What it takes is the index of the line that reads by it.
            axis = node.keywords["axis"]
            ordered = np.take_along_axis(values[0], self.recording.values[node.id], axis)
            ordered = np.moveaxis(ordered, axis, -1)
            ties, found, size = ordered[..., 1:] == ordered[..., :-1], {}, 0
        else:
            return None
        return {**(found if size <= MOST_ENTRIES else {}), "ties": int(np.sum(ties))}

    @cached_property
    def _moving(self) -> set[Name]:
        """What depends on a parameter."""
        found = set(self.recording.graph.parameters)
        for node in self.recording.graph.of_role("forward", "cost"):
            if not found.isdisjoint(node.inputs):
                found.add(node.id)
        return found

    @cached_property
    def _masks(self) -> dict[Name, Any]:
        """Where entries of lines take no part, uint8, for the lines that have such entries.

        A constant makes them 0, −1e9 or −∞; later elementwise lines keep them as long as they are.
        """
        found: dict[Name, Any] = {}
        with np.errstate(all="ignore"):
            for node in self.recording.graph.of_role("forward", "cost"):
                value = np.asarray(self.recording.values[node.id])
                absent = (value == 0) | (value <= _ABSENT)
                if not value.ndim or node.id not in self._moving or not np.any(absent):
                    continue
                mask = self._masked(node, value)
                for name in node.inputs if node.operation.family == "elementwise" else ():
                    if name in found and found[name].shape == value.shape:
                        mask = mask | (found[name] & absent)
                if np.any(mask):
                    found[node.id] = np.asarray(mask, dtype=np.uint8)
        return found

    def _masked(self, node: Node, value: Any) -> Any:
        """Where a constant takes entries out in this line."""
        none = np.zeros(value.shape, dtype=bool)
        values = self._values(node)
        constant = [name not in self._moving for name in node.inputs]
        if node.op == "multiply" and constant.count(True) == 1:
            factor = values[constant.index(True)]
            kept = factor[factor != 0]
            if factor.ndim and kept.size and np.all(kept == kept[0]):
                return np.broadcast_to(factor == 0, value.shape)
        if node.op == "add" and constant.count(True) == 1:
            return np.broadcast_to(values[constant.index(True)] <= _ABSENT, value.shape)
        if node.op == "where" and constant[0] and constant[1:].count(True) == 1:
            filled = values[0].astype(bool) if constant[1] else ~values[0].astype(bool)
            return np.broadcast_to(filled, value.shape) & ((value == 0) | (value <= _ABSENT))
        if node.op == "setitem" and constant[1]:
            return value <= _ABSENT
        return none

    def _reads(self, node: Node, signature: str) -> dict[str, Any] | None:
        if node.id in self.windows:
            return self.windows[node.id]
        for k, name in enumerate(node.inputs):
            view = self._view(name)
            if view is not None and node.role != "backward":
                inputs, output = signature.split("->")
                part = inputs.split(",")[k]
                return self._of_view(*view, part, self.recording.shapes[name], output)
        return None

    def _view(self, name: Name) -> tuple[Name, tuple[int, ...]] | None:
        """(array, strides) of a view that begins with an array's first entry, or of its part."""
        nodes = self.recording.graph.by_id
        view = node = nodes.get(name)
        if node is not None and node.op == "getitem":
            view = nodes.get(node.inputs[0])
        if node is None or view is None or view.op != "strided" or view.keywords["offset"]:
            return None
        strides = list(view.keywords["strides"])
        index = () if node is view else node.keywords["index"]
        for axis, part in _by_axis(index, len(strides)):
            begin, _, step = part[1:] if isinstance(part, tuple) and len(part) == 4 else (1, 0, 0)
            if begin not in (None, 0) or (step is not None and step < 1):
                return None
            strides[axis] *= step or 1
        return view.inputs[0], tuple(strides)

    def _of_view(
        self, source: Name, view_strides: Sequence[int], part: str, lengths: Shape, output: str
    ) -> dict[str, Any] | None:
        """The window of a line that reads a view of windows; ``part`` are its axes' letters."""
        shape = self.recording.shapes[source]
        if 0 in shape or len(part) != len(lengths) or len(view_strides) != len(lengths):
            return None
        strides = [int(np.prod(shape[k + 1 :], dtype=np.int64)) for k in range(len(shape))]
        axes: dict[int, dict[bool, tuple[str, int]]] = defaultdict(dict)
        for letter, step, length in zip(part, view_strides, lengths, strict=True):
            axis = next((k for k, each in enumerate(strides) if each <= step), None)
            if axis is None or step % strides[axis]:
                return None
            if length > 1 or letter in output:
                slides = letter in output
                if slides in axes[axis]:
                    return None
                axes[axis][slides] = (letter, step // strides[axis])
        found = {
            axis: (place[True][0], place[True][1], place[False][0])
            for axis, place in axes.items()
            if len(place) == 2 and place[False][1] == 1
        }
        return self._window(source, found, {}) if found else None

    @cached_property
    def windows(self) -> dict[Name, dict[str, Any]]:
        """The windows that a loop reads by slices that move with its variables."""
        places: dict[Any, list[tuple[Node, dict[int, tuple[int, int]]]]] = defaultdict(list)
        for node in self.recording.graph.of_role("forward"):
            origin = self.recording.sources.get(node.id)
            if node.op == "getitem" and origin is not None and origin.runs:
                shape = self.recording.shapes[node.inputs[0]]
                slices = _slices(node.keywords["index"], len(shape))
                if slices:
                    key = (origin.file, origin.span, shape, tuple(slices))
                    places[key].append((node, slices))
        found = {}
        for members in places.values():
            runs = [
                {run.name: run.value for run in self.recording.sources[node.id].runs}
                for node, _ in members
            ]
            free = (each for each in _WINDOW_LETTERS if set(each).isdisjoint(runs[0]))
            letters = next(free, _WINDOW_LETTERS[0])
            axes: dict[int, tuple[str, int, str]] = {}
            for axis in members[0][1]:
                begins = [slices[axis][0] for _, slices in members]
                moved = _moves_with(begins, runs)
                if moved is not None:
                    axes[axis] = (*moved, letters[len(axes) % 2])
            for node, slices in members:
                if axes:
                    found[node.id] = self._window(node.inputs[0], axes, slices)
        return {name: each for name, each in found.items() if each is not None}

    def _window(
        self,
        source: Name,
        axes: Mapping[int, tuple[str, int, str]],
        slices: Mapping[int, tuple[int, int]],
    ) -> dict[str, Any] | None:
        """The window over one or two axes: (variable, stride, letter in the window) of each."""
        if len(axes) > 2:
            return None
        order = sorted(axes)
        padded = self.recording.graph.by_id.get(source)
        names = ("row", "column")[-len(order) :]
        found: dict[str, Any] = {"of": source, "axes": order}
        for name, axis in zip(names, order, strict=True):
            variable, stride, letter = axes[axis]
            found[name] = f"{'' if stride == 1 else f'{stride}·'}{variable} + {letter}"
            if axis in slices:
                found[f"{name}s"] = list(slices[axis])
        strides = {axes[axis][1] for axis in order}
        widths = {0}
        if padded is not None and padded.op == "pad":
            widths = {width for axis in order for width in padded.keywords["widths"][axis]}
        for name, numbers in (("stride", strides), ("pad", widths)):
            if len(numbers) == 1:
                found[name] = numbers.pop()
        return found


def _numbers(index: Sequence[Any], arrays: Sequence[Any], shape: Shape) -> dict[int, Any]:
    """The whole numbers, from 0, that an index reads, by axis; a mask reads those of its axes."""
    found: dict[int, Any] = {}
    for axis, part in _by_axis(index, len(shape), arrays):
        if isinstance(part, tuple) and part[0] == "array":
            array = arrays[part[1]]
            places = np.nonzero(array) if array.dtype == bool and array.ndim else (array,)
            for k, each in enumerate(places):
                found[axis + k] = np.where(each < 0, each + shape[axis + k], each)
    return found


def _by_axis(
    index: Sequence[Any], rank: int, arrays: Sequence[Any] = ()
) -> Iterable[tuple[int, Any]]:
    """(axis, part) of each part of an index that has axes of the array."""

    def taken(part: Any) -> int:
        if part is None or part == "..." or isinstance(part, bool):
            return 0
        if isinstance(part, tuple) and part[0] == "array" and arrays:
            return arrays[part[1]].ndim if arrays[part[1]].dtype == bool else 1
        return 1

    axis = 0
    for part in index:
        if part == "...":
            axis += rank - sum(map(taken, index))
        elif taken(part):
            yield axis, part
            axis += taken(part)


def _written_index(numbers: Mapping[int, Any]) -> dict[str, Any]:
    columns = np.broadcast_arrays(*numbers.values())
    rows = np.stack([each.ravel() for each in columns], axis=-1)
    repeats = len(rows) - len(np.unique(rows, axis=0))
    listed = [
        {"axis": axis, "numbers": each.tolist()}
        for axis, each in zip(numbers, columns, strict=True)
    ]
    return {**({"axes": listed} if rows.size <= MOST_ENTRIES else {}), "repeats": repeats}


def _extremes(x: Any, axis: Any, largest: bool) -> tuple[Any, Any]:
    """(index of the first largest or smallest entry for each entry of the value, ties)."""
    axes = tuple(range(x.ndim)) if axis is None else axis
    kept = x.ndim - len(axes)

    def rows(each: Any) -> Any:
        moved = np.moveaxis(each, axes, range(kept, x.ndim))
        return moved.reshape(int(np.prod(moved.shape[:kept], dtype=np.int64)), -1)

    flat = rows(x)
    at = (np.argmax if largest else np.argmin)(flat, axis=-1)[:, None]
    positions = np.take_along_axis(rows(np.arange(x.size).reshape(x.shape)), at, axis=-1)[:, 0]
    ties = np.sum(flat == np.take_along_axis(flat, at, axis=-1), axis=-1) > 1
    return np.stack(np.unravel_index(positions, x.shape), axis=-1), ties


def _slices(index: Sequence[Any], rank: int) -> dict[int, tuple[int, int]]:
    """Begin and end of each slice that has both and no step, by axis."""
    return {
        axis: (part[1], part[2])
        for axis, part in _by_axis(index, rank)
        if isinstance(part, tuple) and part[0] == "slice" and part[3:] in ((None,), (1,))
        if None not in part[1:3] and 0 <= part[1] < part[2]
    }


def _moves_with(begins: Sequence[int], runs: Sequence[Mapping[str, Any]]) -> tuple[str, int] | None:
    """(variable, stride) if the begins are a multiple of one loop variable, not all the same."""
    for variable in runs[0]:
        values: list[Any] = [run.get(variable) for run in runs]
        if not all(isinstance(each, int) for each in values):
            continue
        pairs = list(zip(begins, map(int, values), strict=True))
        stride = next((begin // value for begin, value in pairs if value), 0)
        if stride > 0 and all(begin == stride * value for begin, value in pairs):
            return variable, stride
    return None

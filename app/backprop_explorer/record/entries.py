"""What a line does with single entries: which it repeats, takes, leaves out, and reads in windows.

Everything here follows from the values and attributes of a recording. Lists of more than
``MOST_ENTRIES`` are left out; counts never are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops.index import by_axis
from backprop_explorer.record.recording import ProgramRecording

MOST_ENTRIES = 256
# Scores that are filled with less take no part in a softmax.
_ABSENT = -1e8
_BROADCASTING = ("elementwise", "elementwise_backward", "discrete", "reduction_backward")
# Operations of entries whose letters say which one is read.
_LETTERED = ("transpose", "stretch", "astype")
# Gradients that read every entry of a slice: its mean, or the product of the others.
_OF_SLICES = ("var_backward", "std_backward", "prod_backward")
_MOVES = ("shape", "index", "index_backward")
# Letters of the axes of a window, other than those of the program's loops.
_WINDOW_LETTERS = ("mn", "pq", "uv", "rs", "gh")
# Of an axis along which a window moves: a variable or letter, the stride, a letter in the window.
_Moves = Mapping[int, tuple[str, int, str]]


@dataclass(frozen=True)
class Entries:
    """Computes the fields of the lines of one recording."""

    recording: ProgramRecording

    def of(self, node: Node, signature: str) -> dict[str, Any]:
        """Return those of ``stretched``, ``index``, ``picks``, ``mask``, ``reads``, ``sources``
        that apply.

        ``stretched`` has for each input the axes of the line's value along which it is repeated.
        ``index`` says for each axis that is read by whole numbers which ones, and how often an
        entry is read again. ``picks`` has the entry that a maximum takes for each entry of the
        value, row by row, or the input that ``maximum`` or ``where`` takes, and the number of ties.
        ``mask`` is 1 where an entry takes no part, a uint8 array of the value's shape. ``reads`` is
        the window: the array, the axes, the index along each, stride and padding, where known.
        ``sources`` has for each input the flat position of the entry that each entry of the value
        reads, row by row (−1 for none, a list for several); None where the letters of the signature
        say it, or ``index``.
        """
        values = [np.asarray(self.recording.values[name]) for name in node.inputs]
        found = {
            "stretched": self._stretched(node, signature),
            "index": _index(node, values),
            "picks": _picks(node, values),
            "mask": self._masks.get(node.id),
            "reads": self._loop_windows.get(node.id) or self._window_of_view(node, signature),
            "sources": sources(node, values, self.recording.values[node.id]),
        }
        return {name: each for name, each in found.items() if each is not None}

    def _stretched(self, node: Node, signature: str) -> list[list[int]] | None:
        if node.operation.family not in _BROADCASTING and node.op != "stretch":
            return None
        inputs, output = signature.split("->")
        lengths = list(enumerate(zip(output, self.recording.shapes[node.id], strict=False)))
        found = [
            [k for k, (letter, length) in lengths if letter not in part and length != 1]
            for part in inputs.split(",")
        ]
        return found if node.inputs and any(found) else None

    @cached_property
    def _masks(self) -> dict[Name, Any]:
        """Where entries of lines take no part, uint8, for the lines that have such entries.

        A constant makes them 0, −1e9 or −∞; later elementwise lines keep them as long as they are.
        """
        found: dict[Name, Any] = {}
        moving = set(self.recording.graph.parameters)
        for node in self.recording.graph.of_role("forward", "cost"):
            constant = [name not in moving for name in node.inputs]
            if all(constant):
                continue
            moving.add(node.id)
            value = np.asarray(self.recording.values[node.id])
            absent = (value == 0) | (value <= _ABSENT)
            inputs = [np.asarray(self.recording.values[name]) for name in node.inputs]
            mask = absent & _masked(node.op, inputs, constant, value)
            for name in node.inputs if node.operation.family == "elementwise" else ():
                if name in found and found[name].shape == value.shape:
                    mask = mask | (found[name] & absent)
            if value.ndim and np.any(mask):
                found[node.id] = np.asarray(mask, dtype=np.uint8)
        return found

    def _window_of_view(self, node: Node, signature: str) -> dict[str, Any] | None:
        """The window of a line that reads a view such as that of ``sliding_window_view``."""
        nodes, shapes = self.recording.graph.by_id, self.recording.shapes
        inputs, output = signature.split("->")
        for name, part in zip(node.inputs, inputs.split(","), strict=False):
            view = read = nodes.get(name)
            if read is not None and read.op == "getitem":  # windows[::2, ::2]
                view = nodes.get(read.inputs[0])
            if view is None or read is None or view.op != "strided":
                continue
            strides, source = list(view.keywords["strides"]), view.inputs[0]
            index = read.keywords["index"] if read is not view else ()
            if len(part) != len(strides) or None in index:
                continue
            for axis, key in by_axis(index, len(strides)):
                is_slice = isinstance(key, tuple) and len(key) == 4
                _, begin, _, step = key if is_slice else (None, 1, None, None)
                strides[axis] *= 0 if begin else step or 1
            own = np.cumprod([1, *shapes[source][:0:-1]])[::-1].tolist()
            moves: dict[int, list[tuple[str, int]]] = defaultdict(list)
            for letter, step in sorted(
                zip(part, strides, strict=False), key=lambda each: each[0] not in output
            ):
                of = next((k for k, each in enumerate(own) if 0 < each <= step), None)
                if of is not None and step % own[of] == 0:
                    moves[of].append((letter, step // own[of]))
            if node.role == "backward":  # Its entries are those of the window.
                moves = {axis: pair[::-1] for axis, pair in moves.items()}
            axes = {
                axis: (*pair[0], pair[1][0])
                for axis, pair in moves.items()
                if sum(letter in output for letter, _ in pair) == 1 == len(pair) - 1
                if pair[1][1] == 1
            }
            return None if view.keywords["offset"] else self._window(source, axes, {})
        return None

    @cached_property
    def _loop_windows(self) -> dict[Name, dict[str, Any] | None]:
        """The windows that loops read by slices that move with their variables."""
        places: dict[Any, list[tuple[Node, dict[int, tuple[int, int]]]]] = defaultdict(list)
        for node in self.recording.graph.of_role("forward"):
            origin = self.recording.sources.get(node.id)
            if node.op == "getitem" and origin is not None and origin.runs:
                shape = self.recording.shapes[node.inputs[0]]
                slices = {
                    axis: part[1:3]
                    for axis, part in by_axis(node.keywords["index"], len(shape))
                    if isinstance(part, tuple) and part[0] == "slice" and None not in part[1:3]
                    if part[3:] in ((None,), (1,)) and part[1] >= 0
                }
                places[origin.file, origin.span, shape, tuple(slices)].append((node, slices))
        found = {}
        for members in places.values():
            sources = [self.recording.sources[node.id] for node, _ in members]
            runs = [{run.name: run.value for run in each.runs} for each in sources]
            free = (each for each in _WINDOW_LETTERS if set(each).isdisjoint(runs[0]))
            letters = next(free, _WINDOW_LETTERS[0])
            axes: dict[int, tuple[str, int, str]] = {}
            for axis in members[0][1]:
                moved = _moves_with([slices[axis][0] for _, slices in members], runs)
                if moved is not None:
                    axes[axis] = (*moved, letters[len(axes) % 2])
            for node, slices in members:
                found[node.id] = self._window(node.inputs[0], axes, slices)
        return found

    def _window(
        self, source: Name, axes: _Moves, slices: Mapping[int, tuple[int, int]]
    ) -> dict[str, Any] | None:
        if len(axes) not in (1, 2):
            return None
        order = sorted(axes)
        found: dict[str, Any] = {"of": source, "axes": order}
        for name, axis in zip(("row", "column")[-len(order) :], order, strict=True):
            variable, stride, letter = axes[axis]
            found[name] = f"{'' if stride == 1 else f'{stride}·'}{variable} + {letter}"
            if axis in slices:
                found[f"{name}s"] = list(slices[axis])
        padded, widths = self.recording.graph.by_id.get(source), {0}
        if padded is not None and padded.op == "pad":
            widths = {width for axis in order for width in padded.keywords["widths"][axis]}
        numbers = {"stride": {axes[axis][1] for axis in order}, "pad": widths}
        return found | {name: each.pop() for name, each in numbers.items() if len(each) == 1}


def sources(node: Node, values: Sequence[Any], value: Any) -> list[Any] | None:
    """Return which entries of its inputs each entry of a line reads (see ``Entries.of``)."""
    if max(np.size(value), *map(np.size, values), 1) > MOST_ENTRIES or node.op in _LETTERED:
        return None
    if node.op in _OF_SLICES:
        places = np.arange(values[1].size).reshape(values[1].shape)
        slices = places - places + np.min(places, axis=node.keywords["axis"], keepdims=True)
        read = [np.flatnonzero(slices == each).tolist() for each in slices.ravel()]
        return [None, read, None][: len(values)]
    if node.operation.family not in _MOVES and "cumsum" not in node.op:
        return None
    # What is filled in, as by a padding, is no entry of an input.
    fixed = dict.fromkeys(node.keywords.keys() & {"value", "fill"}, 0.0)
    zeros = [np.zeros(x.shape) if x.dtype.kind == "f" else x for x in values]

    def moved(k: int, marks: Any) -> Any:
        given = [*zeros[:k], marks.reshape(values[k].shape), *zeros[k + 1 :]]
        return np.ravel(node.operation.compute(*given, **{**node.keywords, **fixed}))

    found: list[Any] = []
    for k, x in enumerate(values):
        if x.dtype.kind != "f":
            found.append(None)
            continue
        marks = np.arange(1.0, x.size + 1)
        places = moved(k, marks)
        if np.array_equal(moved(k, marks**2), places**2):  # No entry reads two.
            found.append((places - 1).astype(int).tolist())
        else:
            rows = np.stack([moved(k, row) for row in np.eye(x.size)], axis=-1)
            found.append([np.flatnonzero(row).tolist() for row in rows])
    return found


def _index(node: Node, values: Sequence[Any]) -> dict[str, Any] | None:
    """Which entries are read or written by whole numbers, from 0; −1 for one that is filled in."""
    numbers: dict[int, Any] = {}
    if node.op == "gather" and values[0].size:
        places = np.unravel_index(np.maximum(values[1], 0), values[0].shape)
        numbers = {axis: np.where(values[1] < 0, -1, each) for axis, each in enumerate(places)}
    elif node.operation.family == "index" and node.keywords.get("view") is None:
        arrays = values[1 if node.op == "getitem" else 2 :]
        for axis, part in by_axis(node.keywords["index"], values[0].ndim, arrays):
            if isinstance(part, tuple) and part[0] == "array":
                array = arrays[part[1]]
                for k, each in enumerate(np.nonzero(array) if array.dtype == bool else (array,)):
                    length = values[0].shape[axis + k]
                    numbers[axis + k] = np.where(each < 0, each + length, each)
    if not numbers:
        return None
    columns = np.broadcast_arrays(*numbers.values())
    rows = np.stack([each.ravel() for each in columns], axis=-1)
    found: dict[str, Any] = {"repeats": len(rows) - len(np.unique(rows, axis=0))}
    if rows.size <= MOST_ENTRIES:
        axes = zip(numbers, columns, strict=True)
        found["axes"] = [{"axis": axis, "numbers": each.tolist()} for axis, each in axes]
    return found


def _picks(node: Node, values: Sequence[Any]) -> dict[str, Any] | None:
    """The first of the largest entries, or the input that each entry is taken from."""
    taken: Any
    choose: Any = np.where  # Its types have no None.
    if node.op in ("maximum", "minimum"):
        a, b = np.broadcast_arrays(*values[:2])
        ties = a == b
        second = np.asarray(b > a if node.op == "maximum" else b < a).astype(int)
        name, taken = "inputs", choose(ties, None, second)
    elif node.op == "where":
        condition = np.broadcast_arrays(*values)[0]
        name, taken, ties = "inputs", np.where(condition, 1, 2), np.zeros(())
    elif node.op in ("max", "min", "argmax", "argmin") and values[0].size:
        x, axis = values[0], node.keywords["axis"]
        axes = tuple(range(x.ndim)) if axis is None else axis
        moved = [
            np.moveaxis(each, axes, range(x.ndim - len(axes), x.ndim))
            for each in (x, np.arange(x.size).reshape(x.shape))
        ]
        count = int(np.prod(moved[0].shape[: x.ndim - len(axes)]))
        flat, positions = (each.reshape(count, -1) for each in moved)
        at = (np.argmax if node.op.endswith("max") else np.argmin)(flat, axis=-1)[:, None]
        ties = np.sum(flat == np.take_along_axis(flat, at, axis=-1), axis=-1) > 1
        places = np.unravel_index(np.take_along_axis(positions, at, axis=-1)[:, 0], x.shape)
        name, taken = "entries", np.stack(places, axis=-1) if places else np.zeros((1, 0), int)
    else:
        return None
    size = len(taken) if name == "entries" else taken.size
    return {"ties": int(np.sum(ties)), **({name: taken.tolist()} if size <= MOST_ENTRIES else {})}


def _masked(op: str, values: Sequence[Any], constant: Sequence[bool], value: Any) -> Any:
    """Where a constant takes entries out in a line; the value has to be 0 or −1e9 there as well."""
    given = [each for each, fixed in zip(values, constant, strict=True) if fixed]
    if op == "multiply" and given and given[0].ndim:
        kept = given[0][given[0] != 0]
        return (given[0] == 0) & bool(kept.size and np.all(kept == kept[0]))
    if op == "add" and given:
        return given[0] <= _ABSENT
    if op == "where" and constant[0] and len(given) == 2:
        return values[0].astype(bool) == constant[1]
    if op == "setitem" and constant[1]:
        return value <= _ABSENT
    return False


def _moves_with(begins: Sequence[int], runs: Sequence[Mapping[str, Any]]) -> tuple[str, int] | None:
    """(variable, stride) if the begins are a multiple of one loop variable, not all the same."""
    for variable in runs[0]:
        values: list[Any] = [run.get(variable) for run in runs]
        if all(isinstance(each, int) for each in values):
            pairs = list(zip(begins, values, strict=True))
            stride = next((begin // value for begin, value in pairs if value), 0)
            if stride > 0 and all(begin == stride * value for begin, value in pairs):
                return variable, stride
    return None

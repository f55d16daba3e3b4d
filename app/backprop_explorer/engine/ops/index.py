"""Reading and writing entries, for recorded programs: slices, masks, indices, ``np.add.at``.

The attribute ``index`` is a tuple of whole numbers, None, "...", ("slice", begin, end, step), and
("array", k): the k-th of the node's arrays of whole numbers or truth values, which stand after the
values. A write gives a new version of the array; ``view`` is where the written view lies in it
(offset, shape and strides in entries), None for the array itself; ``region`` is the shape of the
entries that are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.ops.operation import (
    Operation,
    Place,
    Rule,
    Shape,
    by_order,
    grouped,
    of_program,
    one_by_one,
)
from backprop_explorer.engine.ops.shape import view_of
from backprop_explorer.texts import engine as texts

Index = tuple[Any, ...]
View = tuple[int, Shape, tuple[int, ...]] | None


def _key(index: Index, arrays: Sequence[Any]) -> tuple[Any, ...]:
    """Return the index as NumPy reads it."""
    return tuple(_part(each, arrays) for each in index)


def _part(each: Any, arrays: Sequence[Any]) -> Any:
    if each == "...":
        return Ellipsis
    if isinstance(each, tuple):
        return arrays[each[1]] if each[0] == "array" else slice(*each[1:])
    return each


def _seen(whole: Any, view: View) -> Any:
    return whole if view is None else view_of(whole, *view)


def _getitem(x: Any, *arrays: Any, index: Index) -> Any:
    # Not np.array: a single entry stays a number with its own type.
    entries = x[_key(index, arrays)]
    return entries.copy() if isinstance(entries, np.ndarray) else entries


def _getitem_copies(x: Any, *arrays: Any, index: Index) -> Any:
    if not _is_one_place(index, arrays):
        return one_by_one(_getitem, (x, *arrays), index=index)
    return x[(slice(None), *_key(index, [each[0] for each in arrays]))]


def _setitem_copies(
    x: Any, value: Any, *arrays: Any, index: Index, view: View, region: Shape
) -> Any:
    more = len(region) + 1 - value.ndim  # axes along which the value is repeated
    if view is not None or more < 0 or not _is_one_place(index, arrays):
        inputs = (x, value, *arrays)
        return one_by_one(_setitem, inputs, index=index, view=view, region=region)
    whole = np.empty((max(len(x), len(value)), *x.shape[1:]), dtype=x.dtype)
    whole[...] = x
    key = (slice(None), *_key(index, [each[0] for each in arrays]))
    whole[key] = value.reshape(len(value), *(1,) * more, *value.shape[1:])
    return whole


def _is_one_place(index: Index, arrays: Sequence[Any]) -> bool:
    """Whether all copies have one index, whose axes stay where they are behind another axis."""
    return all(len(each) == 1 for each in arrays) and not _is_split(index)


def _is_split(index: Index) -> bool:
    """Whether a slice stands between arrays: their axes then come first in the result."""
    places = [k for k, each in enumerate(index) if isinstance(each, int) or not _is_basic((each,))]
    return not _is_basic(index) and len(places) <= places[-1] - places[0]


def _is_basic(index: Index) -> bool:
    return not any(isinstance(each, tuple) and each[0] == "array" for each in index)


def _getitem_backward(g: Any, *arrays: Any, index: Index, shape: Shape) -> Any:
    """Zeros of ``shape`` with g added at the entries that were read."""
    whole = np.zeros(shape)
    if _is_basic(index):
        whole[_key(index, arrays)] = g
    else:
        np.add.at(whole, _key(index, arrays), g)
    return whole


def _setitem(x: Any, value: Any, *arrays: Any, index: Index, view: View, region: Shape) -> Any:
    whole = np.array(x, order="C")
    _seen(whole, view)[_key(index, arrays)] = value
    return whole


def _kept(g: Any, *arrays: Any, index: Index, view: View, region: Shape) -> Any:
    """The gradient of the version before a write: 0 where it was written over."""
    whole = np.array(g, order="C")
    _seen(whole, view)[_key(index, arrays)] = 0.0
    return whole


def _written_value(g: Any, *arrays: Any, index: Index, view: View, region: Shape) -> Any:
    """The gradient of each number that was written; of two at one entry, the last counts."""
    g, key = np.ascontiguousarray(g), _key(index, arrays)
    taken = _seen(g, view)[key]
    if not _is_basic(index):
        last = np.zeros(g.shape, dtype=np.int64)
        numbers = np.arange(np.size(taken)).reshape(np.shape(taken))
        _seen(last, view)[key] = numbers
        taken = np.where(_seen(last, view)[key] == numbers, taken, 0.0)
    return np.array(taken)


def _add_at(x: Any, value: Any, *arrays: Any, index: Index, view: View, region: Shape) -> Any:
    whole, key = np.array(x, order="C"), _key(index, arrays)
    part = _seen(whole, view)
    # Where the value has more axes than the entries, NumPy 2.4 reads beyond the array: a crash.
    np.add.at(part, key, np.broadcast_to(value, np.shape(part[key])))
    return whole


def _added_value(g: Any, *arrays: Any, index: Index, view: View, region: Shape) -> Any:
    return np.array(_seen(np.ascontiguousarray(g), view)[_key(index, arrays)])


def by_axis(
    index: Sequence[Any], rank: int, arrays: Sequence[Any] = ()
) -> Iterator[tuple[int, Any]]:
    """Iterate over (axis, part) of the parts of an index that stand for axes of the array.

    A mask of ``arrays`` stands for as many axes as it has itself.
    """

    def taken(part: Any) -> int:
        if part is None or part == "..." or isinstance(part, bool):
            return 0
        mask = isinstance(part, tuple) and part[0] == "array" and arrays
        return arrays[part[1]].ndim if mask and arrays[part[1]].dtype == bool else 1

    axis = 0
    for part in index:
        if part == "...":
            axis += rank - sum(map(taken, index))
        elif taken(part):
            yield axis, part
            axis += taken(part)


def written_index(index: Index, names: Sequence[str]) -> str:
    """Return an index as it stands in a program; ``names`` are those of its arrays."""
    parts = []
    for each in index:
        if each == "...":
            parts.append("…")
        elif isinstance(each, tuple) and each[0] == "slice":
            begin, end, step = ("" if part is None else str(part) for part in each[1:])
            parts.append(f"{begin}:{end}" + (f":{step}" if step else ""))
        elif isinstance(each, tuple):
            parts.append(names[each[1]])
        else:
            parts.append("new" if each is None else str(each))
    return ", ".join(parts)


def _formula(latex: str, before: int) -> Callable[..., str]:
    def formula(inputs: tuple[Any, ...], notation: Any, *, index: Index, **_: Any) -> str:
        where = written_index(index, [each.latex for each in inputs[before:]])
        text = latex.replace("%i", rf"\left[{where}\right]")
        for k, each in enumerate(inputs[:before]):
            text = text.replace(f"%{k}", grouped(each.latex))
        return text

    return formula


def _operation(
    name: str, compute: Callable[..., Any], latex: str, before: int, *backward: Rule, **more: Any
) -> Operation:
    back = name not in ("getitem", "setitem", "add_at")
    return of_program(
        *(name, "index_backward" if back else "index", compute, _formula(latex, before), "{0}"),
        *(by_order("{0}"), texts.ENTRIES_BACKWARD if back else texts.ENTRIES),
        *backward,
        inputs=("*," * before)[:-1] + ",…",
        **more,
    )


def _attributes(place: Place) -> dict[str, Any]:
    return place.attributes


def _value_shape(place: Place) -> Shape:
    """The shape of the entries written, of which a value may be a broadcast."""
    return place.own if place.input == 0 else tuple(place.attributes["region"])


_ARRAYS = slice(2, None)
INDEXING = (
    _operation(
        *("getitem", _getitem, "%0%i", 1),
        Rule(
            *(0, "getitem_backward", ("g", slice(1, None)), None),
            lambda place: {"index": place.attributes["index"], "shape": place.own},
        ),
        copies=_getitem_copies,
    ),
    _operation("getitem_backward", _getitem_backward, r"%0 \to %i", 1),
    _operation(
        *("setitem", _setitem, r"%0,\ %i \leftarrow %1", 2),
        Rule(1, "written_value", ("g", _ARRAYS), None, _attributes),
        Rule(0, "kept", ("g", _ARRAYS), None, _attributes),
        stretches=_value_shape,
        copies=_setitem_copies,
    ),
    _operation("kept", _kept, r"%0,\ %i \leftarrow 0", 1),
    _operation("written_value", _written_value, "%0%i", 1),
    _operation(
        *("add_at", _add_at, r"%0,\ %i \mathrel{+}= %1", 2),
        Rule(1, "added_value", ("g", _ARRAYS), None, _attributes),
        Rule(0, "same", ("g",)),
        stretches=_value_shape,
    ),
    _operation("added_value", _added_value, "%0%i", 1),
)

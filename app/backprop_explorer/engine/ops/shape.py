"""Operations that give entries another place, for recorded programs: reshape, transpose, stack, …

``gather`` stands for every other rearrangement (roll, tile, repeat, flip, sort, take_along_axis):
its second input has the flat position of each entry, −1 for ``fill``. ``strided`` is a view by its
memory: offset and strides in entries, as of ``sliding_window_view``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.ops.operation import (
    Operation,
    Place,
    Rule,
    Shape,
    broadcast,
    by_order,
    letters,
    of_program,
)
from backprop_explorer.texts import engine as texts


def _transpose(x: Any, *, axes: tuple[int, ...]) -> Any:
    return np.ascontiguousarray(np.transpose(x, axes))


def _stretch(x: Any, *, shape: Shape, dtype: str | None) -> Any:
    return np.array(np.broadcast_to(x, shape), dtype=dtype)


def _concatenate(*parts: Any, axis: int) -> Any:
    return np.concatenate(parts, axis=axis)


def _along(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``copies`` of a function of several parts along an axis."""

    def copies(*parts: Any, axis: int) -> Any:
        count = max(map(len, parts))
        whole = [np.broadcast_to(each, (count, *each.shape[1:])) for each in parts]
        return function(whole, axis=axis + 1 if axis >= 0 else axis)

    return copies


def _part(g: Any, *, axis: int, begin: int, end: int) -> Any:
    return np.array(g[(slice(None),) * axis + (slice(begin, end),)])


def _pad(x: Any, *, widths: tuple[tuple[int, int], ...], value: float) -> Any:
    return np.pad(x, widths, constant_values=value)


def _unpad(g: Any, *, widths: tuple[tuple[int, int], ...], shape: Shape) -> Any:
    region = zip(widths, shape, strict=True)
    return np.array(g[tuple(slice(low, low + size) for (low, _), size in region)])


def _gather(x: Any, index: Any, *, fill: float, function: str) -> Any:
    x = np.asarray(x)
    taken = x.reshape(-1)[index]
    return (
        np.where(index < 0, np.asarray(fill, dtype=x.dtype), taken)
        if np.any(index < 0)
        else (taken)
    )


def _scatter(g: Any, index: Any, *, shape: Shape) -> Any:
    whole = np.zeros(int(np.prod(shape, dtype=np.int64)))
    kept = np.asarray(index) >= 0
    np.add.at(whole, np.asarray(index)[kept], np.asarray(g)[kept])
    return whole.reshape(shape)


def view_of(x: Any, offset: int, shape: Shape, strides: tuple[int, ...]) -> Any:
    """Return the view of the contiguous array ``x``; ``offset`` and ``strides`` in entries.

    Raises ValueError if the view would leave the array.
    """
    low = offset + sum(min(0, (n - 1) * s) for n, s in zip(shape, strides, strict=True))
    high = offset + sum(max(0, (n - 1) * s) for n, s in zip(shape, strides, strict=True))
    if 0 in shape:
        return np.empty(shape, dtype=x.dtype)
    if low < 0 or high >= x.size:
        raise ValueError(texts.VIEW_OUTSIDE)
    flat = x.reshape(-1)
    steps = tuple(s * x.itemsize for s in strides)
    return np.lib.stride_tricks.as_strided(flat[offset:], shape, steps)


def _strided(x: Any, *, offset: int, shape: Shape, strides: tuple[int, ...]) -> Any:
    return np.array(view_of(np.ascontiguousarray(x), offset, shape, strides))


def positions(offset: int, shape: Shape, strides: tuple[int, ...]) -> Any:
    """Return the flat position of each entry of a view, an int64 array of ``shape``."""
    flat: Any = np.full(shape, offset, dtype=np.int64)
    for k, (n, s) in enumerate(zip(shape, strides, strict=True)):
        flat += (np.arange(n) * s).reshape((n,) + (1,) * (len(shape) - k - 1))
    return flat


def _strided_backward(
    g: Any, *, offset: int, shape: Shape, strides: tuple[int, ...], of: Shape
) -> Any:
    return _scatter(g, positions(offset, shape, strides), shape=of)


def _listed(inputs: tuple[Any, ...], notation: Any, **_: Any) -> str:
    return r"\left(" + r",\ ".join(each.latex for each in inputs) + r"\right)"


def _turned(shapes: Sequence[Shape], shape: Shape, /, *, axes: tuple[int, ...]) -> tuple[str, str]:
    whole = letters(shapes[0])
    return f"{whole}->{''.join(whole[k] for k in axes)}", "{0}"


_MOVED = by_order("{0}")


def _shape(
    name: str,
    compute: Callable[..., Any],
    latex: str,
    *backward: Rule,
    written: Callable[..., tuple[str, str]] = _MOVED,
    **more: Any,
) -> Operation:
    back = name.endswith(("_backward", "scatter", "part", "part_of_stack", "unpad"))
    formula = _listed if latex == "…" else latex
    return of_program(
        *(name, "index_backward" if back else "shape", compute, formula, "{0}", written),
        texts.MOVED_BACKWARD if back else texts.MOVED,
        *backward,
        **more,
    )


def _inverse(place: Place) -> dict[str, Any]:
    return {"axes": tuple(int(k) for k in np.argsort(place.attributes["axes"]))}


def _of_part(place: Place) -> dict[str, Any]:
    axis = place.attributes["axis"]
    begin = sum(shape[axis] for shape in place.shapes[: place.input])
    return {"axis": axis, "begin": begin, "end": begin + place.own[axis]}


SHAPES = (
    _shape(
        *("reshape", lambda x, *, shape: np.array(np.reshape(x, shape)), "%0"),
        Rule(0, "reshape", ("g",), None, lambda place: {"shape": place.own}),
        copies=lambda x, *, shape: np.reshape(x, (len(x), *shape)),
    ),
    _shape(
        *("transpose", _transpose, "%0^T", Rule(0, "transpose", ("g",), None, _inverse)),
        written=_turned,
        copies=lambda x, *, axes: np.transpose(x, (0, *(k + 1 for k in axes))),
    ),
    _shape(
        *("stretch", _stretch, "%0"),
        Rule(0, "sum_stretched", ("g",), None, lambda place: {"shape": place.own}),
        written=broadcast("{0}"),
    ),
    _shape(
        *("concatenate", _concatenate, "…", Rule(-1, "part", ("g",), None, _of_part)),
        inputs="*,…",
        copies=_along(np.concatenate),
    ),
    _shape("part", _part, "%0"),
    _shape(
        *("stack", lambda *parts, axis: np.stack(parts, axis=axis), "…"),
        Rule(
            *(-1, "part_of_stack", ("g",), None),
            lambda place: {"axis": place.attributes["axis"], "at": place.input},
        ),
        inputs="*,…",
        copies=_along(np.stack),
    ),
    _shape("part_of_stack", lambda g, *, axis, at: np.array(np.take(g, at, axis=axis)), "%0"),
    _shape(
        *("pad", _pad, "%0"),
        Rule(
            *(0, "unpad", ("g",), None),
            lambda place: {"widths": place.attributes["widths"], "shape": place.own},
        ),
        copies=lambda x, *, widths, value: _pad(x, widths=((0, 0), *widths), value=value),
    ),
    _shape("unpad", _unpad, "%0"),
    _shape(
        *("astype", lambda x, *, dtype: np.asarray(x).astype(dtype), "%0", Rule(0, "same", ("g",))),
        terms=lambda inputs, value, dtype: (
            np.abs(value) * (5e8 if dtype in ("float32", "float16") else 1.0)
        ),
    ),
    _shape(
        *("gather", _gather, "%0"),
        Rule(0, "scatter", ("g", 1), None, lambda place: {"shape": place.own}),
        inputs="*,*",
    ),
    _shape("scatter", _scatter, "%0", inputs="*,*"),
    _shape(
        *("strided", _strided, "%0"),
        Rule(
            *(0, "strided_backward", ("g",), None),
            lambda place: {**place.attributes, "of": place.own},
        ),
    ),
    _shape("strided_backward", _strided_backward, "%0"),
    _shape(
        *("triangle", lambda x, *, k, upper: np.triu(x, k) if upper else np.tril(x, k), "%0"),
        Rule(0, "triangle", ("g",), None, lambda place: place.attributes),
    ),
)

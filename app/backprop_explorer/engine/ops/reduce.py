"""Reductions along axes for recorded programs: sum, mean, max, min, prod, var, std, norm, cumsum.

The attribute ``axis`` is None (all axes) or a sorted tuple of axes from 0. ``keepdims`` keeps them
with length 1.
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
    aligned,
    by_order,
    grouped,
    letters,
    of_program,
)
from backprop_explorer.texts import engine as texts

Axis = tuple[int, ...] | None


def _axes(axis: Axis, rank: int) -> tuple[int, ...]:
    return tuple(range(rank)) if axis is None else axis


def _expanded(value: Any, rank: int, axis: Axis, keepdims: bool) -> Any:
    """Give a reduced value its axes back, with length 1."""
    return value if keepdims else np.expand_dims(value, _axes(axis, rank))


def _count(shape: Shape, axis: Axis) -> int:
    return int(np.prod([shape[k] for k in _axes(axis, len(shape))], dtype=np.int64))


def _spread(g: Any, *, shape: Shape, axis: Axis, keepdims: bool) -> Any:
    return np.array(np.broadcast_to(_expanded(g, len(shape), axis, keepdims), shape))


def _spread_mean(g: Any, *, shape: Shape, axis: Axis, keepdims: bool) -> Any:
    return _spread(g, shape=shape, axis=axis, keepdims=keepdims) / _count(shape, axis)


def _at_end(x: Any, axis: Axis) -> tuple[Any, Shape]:
    """Return x with the reduced axes flattened into a last one, and the shape before that."""
    axes = _axes(axis, x.ndim)
    moved = np.moveaxis(x, axes, range(x.ndim - len(axes), x.ndim))
    kept = moved.shape[: x.ndim - len(axes)]
    return moved.reshape(*kept, -1), moved.shape


def _back_again(flat: Any, shape: Shape, axis: Axis) -> Any:
    axes = _axes(axis, len(shape))
    return np.moveaxis(flat.reshape(shape), range(len(shape) - len(axes), len(shape)), axes)


def _extreme_backward(g: Any, x: Any, y: Any, *, axis: Axis, keepdims: bool) -> Any:
    """g at the first entry that equals the maximum or minimum ``y``, 0 elsewhere."""
    flat, shape = _at_end(x == _expanded(y, x.ndim, axis, keepdims), axis)
    first = np.zeros(flat.shape)
    np.put_along_axis(first, np.argmax(flat, axis=-1)[..., None], 1.0, axis=-1)
    return _expanded(g, x.ndim, axis, keepdims) * _back_again(first, shape, axis)


def _extreme_ties(inputs: Sequence[Any], value: Any, *, axis: Axis, keepdims: bool) -> Any:
    equal = inputs[0] == _expanded(value, np.ndim(inputs[0]), axis, keepdims)
    return np.sum(equal, axis=axis) > 1


def _prod_backward(g: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    """g times the product of the other entries, without a division by a zero among them."""
    flat, shape = _at_end(x, axis)
    ones = np.ones((*flat.shape[:-1], 1))
    before = np.concatenate((ones, np.cumprod(flat[..., :-1], axis=-1)), axis=-1)
    after = np.concatenate((ones, np.cumprod(flat[..., :0:-1], axis=-1)), axis=-1)[..., ::-1]
    return _expanded(g, x.ndim, axis, keepdims) * _back_again(before * after, shape, axis)


def _centred(x: Any, axis: Axis) -> Any:
    return x - np.mean(x, axis=axis, keepdims=True)


def _var_backward(g: Any, x: Any, *, axis: Axis, keepdims: bool, ddof: float) -> Any:
    count = _count(x.shape, axis) - ddof
    return _expanded(g, x.ndim, axis, keepdims) * (2.0 / count) * _centred(x, axis)


def _std_backward(g: Any, x: Any, y: Any, *, axis: Axis, keepdims: bool, ddof: float) -> Any:
    return _var_backward(g / (2.0 * y), x, axis=axis, keepdims=keepdims, ddof=ddof)


def _norm(x: Any, *, axis: Axis, keepdims: bool) -> Any:
    if axis is not None and len(axis) == 1:
        return np.linalg.norm(x, axis=axis[0], keepdims=keepdims)
    return np.linalg.norm(x, axis=axis, keepdims=keepdims)


def _norm_backward(g: Any, x: Any, y: Any, *, axis: Axis, keepdims: bool) -> Any:
    g, y = (_expanded(each, x.ndim, axis, keepdims) for each in (g, y))
    return g * x / y


def _cumsum(x: Any, *, axis: int) -> Any:
    return np.cumsum(x, axis=axis)


def _cumsum_backward(g: Any, *, axis: int) -> Any:
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


def _sum_stretched(g: Any, *, shape: Shape) -> Any:
    """Sum over the axes along which an array of ``shape`` was repeated."""
    more = len(shape) - np.ndim(g)
    if more > 0:  # (1, n) written into a row of n
        return np.reshape(_sum_stretched(g, shape=shape[more:]), shape)
    leading = tuple(range(-more))
    g = np.sum(g, axis=leading) if leading else g
    repeated = tuple(k for k, size in enumerate(shape) if size == 1 and np.shape(g)[k] != 1)
    return np.sum(g, axis=repeated, keepdims=True) if repeated else g


def _signature(shape: Shape, axis: Axis, keepdims: bool) -> tuple[str, str]:
    """Letters of the array before and after; a kept axis of length 1 is "1"."""
    whole, axes = letters(shape), _axes(axis, len(shape))
    kept = "".join(
        ("1" if keepdims else "") if k in axes else letter for k, letter in enumerate(whole)
    )
    return whole, kept


def _over(symbol: str, name: str, axis: Axis) -> str:
    below = "" if axis is None else rf"_{{\mathrm{{axis}}\ {','.join(map(str, axis))}}}"
    return rf"{symbol}{below} {grouped(name)}"


def _running(symbol: str) -> Callable[..., str]:
    return lambda inputs, notation, axis: _over(symbol, inputs[0].latex, (axis,))


def _reduction(
    name: str, compute: Callable[..., Any], symbol: str, entry: str, *backward: Rule, **more: Any
) -> Operation:
    def formula(inputs: tuple[Any, ...], notation: Any, *, axis: Axis, **_: Any) -> str:
        return _over(symbol, inputs[0].latex, axis)

    def written(
        shapes: Sequence[Shape], shape: Shape, /, *, axis: Axis, keepdims: bool, **_: Any
    ) -> tuple[str, str]:
        whole, kept = _signature(shapes[0], axis, keepdims)
        return f"{whole}->{kept}", entry.replace("#", str(_count(shapes[0], axis)))

    return of_program(
        *(name, "reduction", compute, formula, entry, written, texts.ALONG_AXES),
        *backward,
        copies=None if compute is _norm else _copies(compute),
        **more,
    )


def _reduction_backward(
    name: str, compute: Callable[..., Any], latex: str, entry: str, whole: str
) -> Operation:
    """Return a gradient; ``whole`` has "w" for an input with all axes and "k" for a reduced one."""

    def written(
        shapes: Sequence[Shape], shape: Shape, /, *, axis: Axis, keepdims: bool, **_: Any
    ) -> tuple[str, str]:
        every, kept = _signature(shape, axis, keepdims)
        parts = ",".join(every if each == "w" else kept for each in whole)
        return f"{parts}->{every}", entry.replace("#", str(_count(shape, axis)))

    return of_program(
        *(name, "reduction_backward", compute, latex, entry, written, texts.ALONG_AXES_BACKWARD),
        inputs=",".join("*" * len(whole)),
    )


def _with_shape(place: Place) -> dict[str, Any]:
    return {"shape": place.own, **_kept(place)}


def _kept(place: Place) -> dict[str, Any]:
    return {name: place.attributes[name] for name in ("axis", "keepdims")}


def _all(place: Place) -> dict[str, Any]:
    return place.attributes


def _along(function: Any) -> Callable[..., Any]:
    def compute(x: Any, *, axis: Axis, keepdims: bool) -> Any:
        return function(x, axis=axis, keepdims=keepdims)

    return compute


def _copies(compute: Callable[..., Any]) -> Callable[..., Any]:
    def copies(x: Any, *, axis: Axis, **attributes: Any) -> Any:
        axes = tuple(k + 1 for k in _axes(axis, x.ndim - 1))
        return compute(x, axis=axes, **attributes)

    return copies


def _deviation(function: Any) -> Callable[..., Any]:
    def compute(x: Any, *, axis: Axis, keepdims: bool, ddof: float) -> Any:
        return function(x, axis=axis, keepdims=keepdims, ddof=ddof)

    return compute


def _of_sizes(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``terms`` of a sum: the same of the sizes of its entries."""
    return lambda inputs, value, **named: compute(np.abs(inputs[0]), **named)


def _extreme(name: str, function: Any) -> Operation:
    return _reduction(
        *(name, _along(function), rf"\{name}", f"{name}{{0}}"),
        Rule(0, "extreme_backward", ("g", 0, "result"), None, _kept),
        ties=_extreme_ties,
    )


def _stretched_written(shapes: Sequence[Shape], shape: Shape, /, **_: Any) -> tuple[str, str]:
    reduced, whole = aligned([shape], shapes[0]).split("->")
    return f"{whole}->{reduced}", "Σ[{0}]"


REDUCTIONS_OF_ARRAYS = (
    _reduction(
        *("sum", _along(np.sum), r"\sum", "Σ[{0}]", Rule(0, "spread", ("g",), None, _with_shape)),
        terms=_of_sizes(_along(np.sum)),
    ),
    _reduction_backward("spread", _spread, "%0", "{0}", "k"),
    _reduction(
        *("mean", _along(np.mean), r"\mathrm{mean}", "Σ[{0}]/#"),
        Rule(0, "spread_mean", ("g",), None, _with_shape),
        terms=_of_sizes(_along(np.mean)),
    ),
    _reduction_backward("spread_mean", _spread_mean, r"\frac{1}{N}\,%0", "{0}/#", "k"),
    _extreme("max", np.max),
    _extreme("min", np.min),
    _reduction_backward(
        *("extreme_backward", _extreme_backward, r"%0 \odot \left[%1 = %2\right]"),
        *("{0}·[{1} = {2}]", "kwk"),
    ),
    _reduction(
        *("prod", _along(np.prod), r"\prod", "Π[{0}]"),
        Rule(0, "prod_backward", ("g", 0), None, _kept),
    ),
    _reduction_backward(
        *("prod_backward", _prod_backward, r"%0 \odot \prod_{\mathrm{others}} %1"),
        *("{0}·Π[{1}]", "kw"),
    ),
    _reduction(
        *("var", _deviation(np.var), r"\mathrm{var}", "Σ[({0} − mean)²]/#"),
        Rule(0, "var_backward", ("g", 0), None, _all),
    ),
    _reduction_backward(
        *("var_backward", _var_backward, r"\frac{2}{N}\,%0 \odot \left(%1 - \overline{%1}\right)"),
        *("{0}·2/#·({1} − mean)", "kw"),
    ),
    _reduction(
        *("std", _deviation(np.std)),
        *(r"\mathrm{std}", "√(Σ[({0} − mean)²]/#)"),
        Rule(0, "std_backward", ("g", 0, "result"), None, _all),
    ),
    _reduction_backward(
        *("std_backward", _std_backward),
        r"\frac{%0}{N\,%2} \odot \left(%1 - \overline{%1}\right)",
        *("{0}/(#·{2})·({1} − mean)", "kwk"),
    ),
    _reduction(
        *("norm", _norm, r"\mathrm{norm}", "√(Σ[{0}²])"),
        Rule(0, "norm_backward", ("g", 0, "result"), None, _kept),
    ),
    _reduction_backward(
        *("norm_backward", _norm_backward, r"%0 \odot \frac{%1}{%2}", "{0}·{1}/{2}", "kwk")
    ),
    of_program(
        *("cumsum", "reduction", _cumsum, _running(r"\sum_{\le}"), "{0} + …"),
        *(by_order("{0} + …"), texts.ALONG_AXES),
        Rule(0, "cumsum_backward", ("g",), None, _all),
        terms=_of_sizes(_cumsum),
    ),
    of_program(
        *("cumsum_backward", "reduction_backward", _cumsum_backward, _running(r"\sum_{\ge}")),
        *("{0} + …", by_order("{0} + …"), texts.ALONG_AXES_BACKWARD),
    ),
    Operation(
        name="sum_stretched",
        family="sum",
        title=texts.SUM_STRETCHED,
        compute=_sum_stretched,
        formula=lambda inputs, notation, **_: rf"\sum {grouped(inputs[0].latex)}",
        signature="*->*",
        entry="Σ[{0}]",
        text=texts.SUM_STRETCHED_TEXT,
        written=_stretched_written,
        terms=_of_sizes(_sum_stretched),
    ),
)

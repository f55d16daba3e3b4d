"""Autograd's functions for the operations of recorded programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive
from autograd.tracer import getval

from backprop_explorer.engine.ops import OPS

_SAME = (
    "exp exp2 expm1 log log2 log10 log1p sqrt square reciprocal sin cos tan sinh cosh arcsin "
    "arccos arctan arcsinh arctanh absolute add subtract negative multiply divide power remainder "
    "maximum minimum logaddexp where matmul tensordot greater greater_equal less less_equal equal "
    "not_equal logical_and logical_or logical_xor logical_not isnan isfinite isinf sign floor "
    "ceil rint floor_divide transpose reshape arctan2 arccosh"
)
_PLAIN = (
    "bitwise_and bitwise_or bitwise_xor invert left_shift right_shift heaviside gcd lcm signbit "
    "trunc"
)


def _constant(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function without a gradient, of the values of what autograd traces."""
    return lambda *inputs, **attributes: function(*map(getval, inputs), **attributes)


def _key(index: Sequence[Any], arrays: Sequence[Any]) -> tuple[Any, ...]:
    parts: list[Any] = []
    for each in index:
        if isinstance(each, tuple):
            parts.append(arrays[each[1]] if each[0] == "array" else slice(*each[1:]))
        else:
            parts.append(Ellipsis if each == "..." else each)
    return tuple(parts)


def _positions(x: Any, view: Any) -> Any:
    """The flat position in x of each entry of a view of it."""
    if view is None:
        return np.arange(np.size(x)).reshape(np.shape(x))
    offset, shape, strides = view
    grid = np.indices(shape) if shape else np.zeros((0,), dtype=int)
    return offset + sum((g * s for g, s in zip(grid, strides, strict=True)), np.zeros(shape, int))


def _flat(x: Any) -> Any:
    return anp.reshape(x, (-1,))


def _setitem(x: Any, value: Any, *arrays: Any, index: Any, view: Any, region: Any) -> Any:
    """Take each entry from x, or from the number that was written there last."""
    written = _positions(x, view)[_key(index, [getval(each) for each in arrays])]
    source = np.arange(np.size(x))
    source[written] = np.size(x) + np.arange(np.size(written)).reshape(np.shape(written))
    spread = value + anp.zeros(region)
    both = anp.concatenate((_flat(x), _flat(spread)))
    return anp.reshape(both[source], np.shape(x))


def _add_at(x: Any, value: Any, *arrays: Any, index: Any, view: Any, region: Any) -> Any:
    """x plus, for each entry, the numbers that were added: a product with a matrix of 0 and 1."""
    written = _positions(x, view)[_key(index, [getval(each) for each in arrays])]
    chosen = np.ravel(written)[None, :] == np.arange(np.size(x))[:, None]
    spread = _flat(value + anp.zeros(region))
    return x + anp.reshape(anp.dot(chosen.astype(float), spread), np.shape(x))


def _gather(x: Any, index: Any, *, fill: float, function: str) -> Any:
    both = anp.concatenate((_flat(x), np.array([fill])))
    return both[getval(index)]


def _strided(x: Any, *, offset: int, shape: Any, strides: Any) -> Any:
    return _flat(x)[_positions(x, (offset, shape, strides))]


def _stretch(x: Any, *, shape: Any, dtype: Any) -> Any:
    return x + anp.zeros(shape)


def _norm(x: Any, *, axis: Any, keepdims: bool) -> Any:
    return anp.sqrt(anp.sum(x * x, axis=axis, keepdims=keepdims))


def _moment(root: bool) -> Callable[..., Any]:
    def moment(x: Any, *, axis: Any, keepdims: bool, ddof: float) -> Any:
        centred = x - anp.mean(x, axis=axis, keepdims=True)
        count = np.size(x) / np.size(np.sum(getval(x), axis=axis)) - ddof
        found = anp.sum(centred * centred, axis=axis, keepdims=keepdims) / count
        return anp.sqrt(found) if root else found

    return moment


def _reduced(name: str) -> Callable[..., Any]:
    function = getattr(anp, name)

    def reduce(x: Any, *, axis: Any, keepdims: bool) -> Any:
        return function(x * 1.0, axis=axis, keepdims=keepdims)

    return reduce


def _prod(x: Any, *, axis: Any, keepdims: bool) -> Any:
    """One factor after the other: autograd's own rule divides by the factors."""
    axes = tuple(range(np.ndim(x))) if axis is None else axis
    rest = [k for k in range(np.ndim(x)) if k not in axes]
    moved = anp.transpose(x, [*axes, *rest])
    rows = anp.reshape(moved, (-1, *[np.shape(x)[k] for k in rest]))
    product = rows[0]
    for k in range(1, np.shape(rows)[0]):
        product = product * rows[k]
    shape = [1 if k in axes else size for k, size in enumerate(np.shape(x))]
    return anp.reshape(product, shape) if keepdims else product


def _argument(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def find(x: Any, *, axis: Any, keepdims: bool) -> Any:
        if axis is not None and name.startswith("arg"):
            (axis,) = axis
        return function(getval(x), axis=axis, keepdims=keepdims)

    return find


def _pad(x: Any, *, widths: Any, value: float) -> Any:
    inner = tuple(slice(low, low + n) for (low, _), n in zip(widths, np.shape(x), strict=True))
    shape = [low + n + high for (low, high), n in zip(widths, np.shape(x), strict=True)]
    source = np.full(shape, np.size(x))
    source[inner] = np.arange(np.size(x)).reshape(np.shape(x))
    return anp.concatenate((_flat(x), np.array([value])))[source]


def _einsum(*inputs: Any, subscripts: str) -> Any:
    """A letter that stands twice in an input is its diagonal, for which autograd has no rule."""
    parts, out = subscripts.split("->")
    arrays, letters = [], []
    for x, part in zip(inputs, parts.split(","), strict=True):
        unique = "".join(dict.fromkeys(part))
        positions = np.arange(np.size(x)).reshape(np.shape(x))
        diagonal = np.einsum(f"{part}->{unique}", positions)
        arrays.append(x if unique == part else _flat(x)[diagonal])
        letters.append(unique)
    return anp.einsum(f"{','.join(letters)}->{out}", *arrays)


# autograd.scipy takes seconds to import.
_cbrt, _erf = primitive(np.cbrt), primitive(OPS["erf"].compute)
defvjp(_cbrt, lambda ans, x: lambda g: g / (3.0 * ans * ans))
defvjp(_erf, lambda ans, x: lambda g: g * 2.0 / np.sqrt(np.pi) * np.exp(-x * x))
_hypot_of = lambda a, b: anp.sqrt(a * a + b * b)  # noqa: E731 - an entry of the table below

ARRAY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(anp, name) for name in _SAME.split()},
    **{name: _constant(getattr(np, name)) for name in _PLAIN.split()},
    **{name: _reduced(name) for name in ("sum", "mean", "max", "min")},
    **{name: _argument(name) for name in ("argmax", "argmin", "any", "all", "count_nonzero")},
    "np_tanh": anp.tanh,
    "copy": lambda x: x * 1.0,
    "cbrt": _cbrt,
    "hypot": _hypot_of,
    "expit": lambda x: anp.exp(-anp.logaddexp(0.0, -x)),
    "erf": _erf,
    "clip": anp.clip,
    "var": _moment(root=False),
    "std": _moment(root=True),
    "prod": _prod,
    "norm": _norm,
    "cumsum": lambda x, axis: anp.cumsum(x, axis=axis),
    "stretch": _stretch,
    "concatenate": lambda *parts, axis: anp.concatenate(parts, axis=axis),
    "stack": lambda *parts, axis: anp.stack([part * 1.0 for part in parts], axis=axis),
    "pad": _pad,
    "astype": lambda x, dtype: x * 1.0,
    "to_whole": _constant(lambda x, dtype: np.asarray(x).astype(dtype)),
    "argsort": _constant(lambda x, axis: np.argsort(x, axis=axis)),
    "gather": _gather,
    "strided": _strided,
    "triangle": lambda x, k, upper: anp.triu(x, k) if upper else anp.tril(x, k),
    "getitem": lambda x, *arrays, index: x[_key(index, [getval(each) for each in arrays])],
    "setitem": _setitem,
    "add_at": _add_at,
    "einsum": _einsum,
}
"""The forward operations of recorded programs, each by autograd's own function and rule."""

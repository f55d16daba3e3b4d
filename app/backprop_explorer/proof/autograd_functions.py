"""FUNCTIONS: each operation's function for autograd, written independently of the engine.

Where the entry is source, exported programs print it: an activation of {z}, or the loss of a
prediction {a} and a target {y}, whose sum the operation multiplies by its factor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive
from autograd.tracer import getval

from backprop_explorer.engine.activation_parameters import split_name
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


def _penalty(*inputs: Any) -> Any:
    *parameters, l1, l2 = inputs
    absolute = sum(anp.sum(anp.abs(each)) for each in parameters) if l1 else 0.0
    squares = sum(anp.sum(each * each) for each in parameters) if l2 else 0.0
    return l1 * absolute + 0.5 * l2 * squares


# What the sources call.
HELPERS: dict[str, str] = {
    "auto_gelu_inner": """\
def auto_gelu_inner(z):
    z = anp.clip(z, -40.0, 40.0)
    return anp.sqrt(2.0 / anp.pi) * (z + 0.044715 * z * z * z)
""",
    "auto_log_softmax": """\
def auto_log_softmax(z):
    shifted = z - anp.max(z, axis=-1, keepdims=True)
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=-1, keepdims=True))
""",
    "auto_huber": """\
def auto_huber(d):
    return anp.where(anp.abs(d) <= 1.0, 0.5 * d * d, anp.abs(d) - 0.5)
""",
    "auto_log": """\
def auto_log(p):
    return anp.log(anp.where(p > 1e-300, p, 1e-300))
""",
}

FUNCTIONS: dict[str, str | Callable[..., Any]] = {
    "identity": "{z}",
    "sigmoid": "anp.exp(-anp.logaddexp(0.0, -{z}))",
    "tanh": "anp.tanh({z})",
    "relu": "anp.where({z} > 0, {z}, 0.0)",
    "leaky_relu": "anp.where({z} > 0, {z}, 0.01 * {z})",
    "elu": "anp.where({z} > 0, {z}, anp.exp(anp.where({z} > 0, 0.0, {z})) - 1.0)",
    "softplus": "anp.logaddexp(0.0, {z})",
    "gelu": "{z} * anp.exp(-anp.logaddexp(0.0, -2 * auto_gelu_inner({z})))",
    "silu": "{z} * anp.exp(-anp.logaddexp(0.0, -{z}))",
    "softmax": "anp.exp(auto_log_softmax({z}))",
    "mse": "({a} - {y}) ** 2",
    "mae": "anp.abs({a} - {y})",
    "huber": "auto_huber({a} - {y})",
    "binary_cross_entropy": "-{y} * auto_log({a}) - (1 - {y}) * auto_log(1 - {a})",
    "cross_entropy": "-{y} * auto_log({a})",
    "sigmoid_binary_cross_entropy": (
        "{y} * anp.logaddexp(0.0, -{a}) + (1 - {y}) * anp.logaddexp(0.0, {a})"
    ),
    "softmax_cross_entropy": "-{y} * auto_log_softmax({a})",
    "affine": lambda a, W, b: anp.dot(a, W) + b,
    "penalty": _penalty,
    "penalty_with_biases": _penalty,
    "total_cost": lambda *parts: sum(parts),
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


def source_of(op: str) -> str | None:
    """Return the source of an activation or loss; None of an operation that is a function."""
    parts = split_name(op)
    if parts is None:
        entry = FUNCTIONS.get(op)
        return entry if isinstance(entry, str) else None
    base, value = parts
    low = "{z}" if base == "leaky_relu" else "(anp.exp(anp.where({z} > 0, 0.0, {z})) - 1.0)"
    return f"anp.where({{z}} > 0, {{z}}, {value!r} * {low})"


@cache
def function_of(op: str) -> Callable[..., Any]:
    """Return autograd's function for an operation. Raises KeyError."""
    source = source_of(op) or FUNCTIONS[op]
    if not isinstance(source, str):
        return source
    names: dict[str, Any] = {"anp": anp}
    exec("\n".join(HELPERS.values()), names)  # noqa: S102 - the constants above
    body = source.format(z="z", a="a", y="y")
    text = f"z: {body}" if "{z}" in source else f"a, y, factor: factor * anp.sum({body})"
    function: Callable[..., Any] = eval(f"lambda {text}", names)  # noqa: S307
    return function

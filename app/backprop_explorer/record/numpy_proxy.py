"""What the recorder does for each function of NumPy, and the stand-in for ``np`` in a program.

``FUNCTIONS`` has the functions that are recorded, ``COMPOSED`` those that NumPy itself writes with
these, ``WITHOUT_GRADIENT`` those whose result is taken as a constant, ``MAKING`` those that make
new arrays. ``REFUSED`` and functions that are not known raise an error for an array that a gradient
is computed of; any other array may be given to them.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.ops.discrete import DISCRETE
from backprop_explorer.record.array import RecordedArray, ProgramRecorder, flat, plain
from backprop_explorer.texts import record as texts


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DISCRETE_NAMES = frozenset(operation.name for operation in DISCRETE)
_UFUNCS = {
    "true_divide": "divide",
    "tanh": "np_tanh",
    "abs": "absolute",
    "fabs": "absolute",
    "float_power": "power",
    "mod": "remainder",
    "fmax": "maximum",
    "fmin": "minimum",
    "round": "rint",
    "conjugate": "copy",
    "positive": "copy",
    "pow": "power",
}
_ELEMENTWISE = _words(
    "add subtract negative multiply divide power remainder maximum minimum logaddexp hypot matmul "
    "exp exp2 expm1 log log2 log10 log1p sqrt cbrt square reciprocal np_tanh sin cos tan sinh "
    "cosh arcsin arccos arctan arcsinh arctanh absolute expit erf copy greater greater_equal less "
    "less_equal equal not_equal logical_and logical_or logical_xor logical_not bitwise_and "
    "bitwise_or bitwise_xor invert floor_divide left_shift right_shift heaviside gcd lcm isnan "
    "isfinite isinf signbit sign floor ceil trunc rint arctan2 arccosh"
)
_CONTRACTIONS = {
    "vecdot": "...i,...i->...",
    "matvec": "...ij,...j->...i",
    "vecmat": "...i,...ij->...j",
}
_SCALED = {
    **dict.fromkeys(("deg2rad", "radians"), math.pi / 180.0),
    **dict.fromkeys(("rad2deg", "degrees"), 180.0 / math.pi),
}
_REDUCE = {
    "add": "sum",
    "maximum": "max",
    "minimum": "min",
    "multiply": "prod",
    "logical_and": "all",
    "logical_or": "any",
}


def _axis(axis: Any, rank: int) -> tuple[int, ...] | None:
    """Return an axis as the attribute: None, or a sorted tuple from 0."""
    if axis is None:
        return None
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    found = tuple(sorted(int(each) + (rank if each < 0 else 0) for each in axes))
    if any(not 0 <= each < rank for each in found):
        raise np.exceptions.AxisError(axes[0], rank)
    return found


def _finish(recorder: ProgramRecorder, found: Any, out: Any, dtype: Any = None) -> Any:
    if dtype is not None:
        found = _astype(recorder, found, dtype)
    out = out[0] if isinstance(out, tuple) else out
    if out is None:
        return found
    recorder.replace(out, found)
    return out


def _ufunc(
    recorder: ProgramRecorder,
    ufunc: Any,
    method: str,
    *inputs: Any,
    out: Any = None,
    where: Any = True,
    dtype: Any = None,
    **keywords: Any,
) -> Any:
    name = _UFUNCS.get(ufunc.__name__, ufunc.__name__)
    if method == "at":
        return _at(recorder, name, *inputs)
    if method == "reduce" and name in _REDUCE:
        keywords.setdefault("axis", 0)
        known = {key: keywords[key] for key in ("axis", "keepdims") if key in keywords}
        return _finish(recorder, FUNCTIONS[_REDUCE[name]](recorder, *inputs, **known), out, dtype)
    if method == "accumulate" and name == "add":
        return FUNCTIONS["cumsum"](recorder, *inputs, **keywords)
    if method == "outer":
        a, b = (recorder.array(each) for each in inputs)
        wide = _reshape(recorder, a, (*np.shape(a), *(1,) * np.ndim(b)))
        return ufunc(wide, b)
    if method == "__call__" and name in _CONTRACTIONS:
        return _einsum(recorder, _CONTRACTIONS[name], *inputs, out=out)
    if method == "__call__" and name in _SCALED:
        return _finish(recorder, recorder.apply("multiply", *inputs, _SCALED[name]), out)
    if method != "__call__" or ufunc.nout != 1 or name not in _ELEMENTWISE:
        label = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        return _constant(recorder, label, getattr(ufunc, method), inputs, keywords)
    arrays = [recorder.array(each) for each in inputs]
    if dtype is not None and name != "copy":
        arrays = [_astype(recorder, each, dtype) for each in arrays]
    if where is not True:
        return _masked(recorder, name, arrays, where, out)
    return _finish(recorder, recorder.apply(name, *arrays), out)


def _masked(recorder: ProgramRecorder, name: str, arrays: list[Any], where: Any, out: Any) -> Any:
    """``ufunc(…, where=mask, out=out)``: the other entries keep what ``out`` holds."""
    # An entry that is not computed is 1 going in, so that its slope is finite.
    safe = [recorder.apply("where", where, each, 1.0) if np.ndim(each) else each for each in arrays]
    found = recorder.apply(name, *safe)
    target = out[0] if isinstance(out, tuple) else out
    if target is None:
        raise recorder.refuse(texts.argument(name, "where"))
    return _finish(recorder, recorder.apply("where", where, found, target), target)


def _at(recorder: ProgramRecorder, name: str, target: Any, index: Any, value: Any = None) -> None:
    if name == "subtract":
        value = np.negative(value)
    elif name != "add":
        raise recorder.refuse(texts.function(f"{name}.at"))
    recorder.add_at(target, index, value)


def _constant(
    recorder: ProgramRecorder, name: str, function: Any, args: Any, keywords: Mapping[str, Any]
) -> Any:
    """Call a function that is not recorded, of arrays that no gradient is computed of."""
    if recorder.is_moving(args) or recorder.is_moving(keywords):
        raise recorder.refuse(texts.function(name))
    return _as_start(recorder, function(*plain(args), **plain(keywords)))


def _as_start(recorder: ProgramRecorder, found: Any) -> Any:
    """Return new arrays as values that the program starts from."""
    if isinstance(found, RecordedArray):
        return found
    if isinstance(found, np.ndarray) and found.dtype.kind in "fiub":
        if recorder.is_known(found):
            return recorder.adopt(found)
        if found.base is not None and not isinstance(found.base, np.ndarray):
            return found  # The memory of something else.
        return recorder.start(found)
    if type(found) in (tuple, list):
        return type(found)(_as_start(recorder, each) for each in found)
    return found


def _call(recorder: ProgramRecorder, function: Any, args: Any, keywords: Mapping[str, Any]) -> Any:
    """Call a function of NumPy that has recorded arrays among its arguments."""
    name = getattr(function, "__name__", "")
    if "linalg" in (getattr(function, "__module__", "") or ""):
        name = f"linalg.{name}"
    if name in FUNCTIONS:
        return FUNCTIONS[name](recorder, *args, **keywords)
    if name in COMPOSED:
        return function._implementation(*args, **keywords)
    if name in WITHOUT_GRADIENT:
        return _as_start(recorder, function(*plain(args), **plain(keywords)))
    return _constant(recorder, name, function, args, keywords)


def _reduction(op: str, **extra: Any) -> Callable[..., Any]:
    def reduce(
        recorder: ProgramRecorder,
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        *,
        ddof: float | None = None,
        correction: float | None = None,
        keepdims: Any = False,
        where: Any = True,
        initial: Any = None,
    ) -> Any:
        x = recorder.array(a)
        if where is not True:
            if op != "sum":
                raise recorder.refuse(texts.argument(op, "where"))
            x = recorder.apply("where", where, x, 0.0)
        if initial is not None and op in ("max", "min"):
            x = recorder.apply({"max": "maximum", "min": "minimum"}[op], x, initial)
        if dtype is not None and np.dtype(dtype) != x.dtype:
            x = _astype(recorder, x, dtype)
        more = dict(extra)
        if "ddof" in extra:
            more["ddof"] = correction if correction is not None else (ddof or 0)
        keeps = bool(keepdims) if keepdims is not np._NoValue else False
        found = recorder.apply(op, x, axis=_axis(axis, np.ndim(x)), keepdims=keeps, **more)
        if op == "sum" and initial is not None:
            found = found + initial
        return _finish(recorder, found, out)

    return reduce


def _extreme(op: str) -> Callable[..., Any]:
    reduce = _reduction(op)

    def extreme(
        recorder: ProgramRecorder, a: Any, axis: Any = None, out: Any = None, **more: Any
    ) -> Any:
        return reduce(recorder, a, axis, None, out, **more)

    return extreme


def _spread_of(op: str) -> Callable[..., Any]:
    reduce = _reduction(op, ddof=0)

    def spread(
        recorder: ProgramRecorder,
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: float = 0,
        keepdims: Any = False,
        **more: Any,
    ) -> Any:
        more.pop("mean", None)
        return reduce(recorder, a, axis, dtype, out, ddof=ddof, keepdims=keepdims, **more)

    return spread


def _arg(op: str) -> Callable[..., Any]:
    def found(
        recorder: ProgramRecorder,
        a: Any,
        axis: Any = None,
        out: Any = None,
        *,
        keepdims: Any = False,
    ) -> Any:
        x = recorder.array(a)
        keeps = bool(keepdims) if keepdims is not np._NoValue else False
        axes = _axis(axis, np.ndim(x))
        return _finish(recorder, recorder.apply(op, x, axis=axes, keepdims=keeps), out)

    return found


def _cumsum(
    recorder: ProgramRecorder, a: Any, axis: Any = None, dtype: Any = None, out: Any = None
) -> Any:
    x = recorder.array(a)
    if axis is None:
        x, axis = _ravel(recorder, x), 0
    return _finish(
        recorder, recorder.apply("cumsum", x, axis=_axis(axis, np.ndim(x))[0]), out, dtype
    )


def _cumprod(
    recorder: ProgramRecorder, a: Any, axis: Any = None, dtype: Any = None, out: Any = None
) -> Any:
    """Π along an axis, with one product after the other."""
    x = _ravel(recorder, recorder.array(a)) if axis is None else recorder.array(a)
    moved = np.moveaxis(x, axis or 0, 0)
    parts = [moved[0]]
    for k in range(1, len(moved)):
        parts.append(parts[-1] * moved[k])
    return _finish(recorder, _stack(recorder, parts, axis or 0), out, dtype)


def _norm(
    recorder: ProgramRecorder, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False
) -> Any:
    x = recorder.array(x)
    axes = _axis(axis, np.ndim(x))
    count = np.ndim(x) if axes is None else len(axes)
    if ord is None or (ord == 2 and count == 1) or (ord == "fro" and count == 2):
        return recorder.apply("norm", x, axis=axes, keepdims=bool(keepdims))
    if ord == 1 and count == 1:
        return np.sum(np.abs(x), axis=axes, keepdims=keepdims)
    if ord == np.inf and count == 1:
        return np.max(np.abs(x), axis=axes, keepdims=keepdims)
    raise recorder.refuse(texts.argument("linalg.norm", f"ord={ord!r}"))


def _reshape(
    recorder: ProgramRecorder,
    a: Any,
    *shape: Any,
    order: str = "C",
    newshape: Any = None,
    copy: Any = None,
    **named: Any,
) -> Any:
    x = recorder.array(a)
    wanted = shape or (named.get("shape", newshape),)
    if len(wanted) == 2 and isinstance(wanted[1], str):  # np.reshape(a, shape, order)
        wanted, order = wanted[:1], wanted[1]
    whole = wanted[0] if len(wanted) == 1 else wanted
    sizes = tuple(int(each) for each in (whole if isinstance(whole, tuple | list) else (whole,)))
    if order == "F":
        turned = _reshape(recorder, _transpose(recorder, x), tuple(reversed(sizes)))
        return _transpose(recorder, turned)
    found = np.reshape(plain(x), sizes)
    return recorder.view(x, found, "reshape", shape=found.shape)


def _ravel(recorder: ProgramRecorder, a: Any, order: str = "C") -> Any:
    return _reshape(recorder, a, (-1,), order="F" if order == "F" else "C")


def _squeeze(recorder: ProgramRecorder, a: Any, axis: Any = None) -> Any:
    x = recorder.array(a)
    found = np.squeeze(plain(x), axis)
    return recorder.view(x, found, "reshape", shape=found.shape)


def _expand_dims(recorder: ProgramRecorder, a: Any, axis: Any) -> Any:
    x = recorder.array(a)
    found = np.expand_dims(plain(x), axis)
    return recorder.view(x, found, "reshape", shape=found.shape)


def _transpose(recorder: ProgramRecorder, a: Any, *axes: Any, **named: Any) -> Any:
    x = recorder.array(a)
    wanted = axes or (named.get("axes"),)
    order = wanted[0] if len(wanted) == 1 and not isinstance(wanted[0], int) else wanted
    if order is None:
        order = range(np.ndim(x))[::-1]
    turned = tuple(int(k) % max(np.ndim(x), 1) for k in order)
    if np.ndim(x) < 2:
        return x
    return recorder.view(x, np.transpose(plain(x), turned), "transpose", axes=turned)


def _swapaxes(recorder: ProgramRecorder, a: Any, axis1: int, axis2: int) -> Any:
    axes = list(range(np.ndim(a)))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return _transpose(recorder, a, tuple(axes))


def _moveaxis(recorder: ProgramRecorder, a: Any, source: Any, destination: Any) -> Any:
    order = np.moveaxis(np.empty(tuple(range(2, 2 + np.ndim(a)))), source, destination).shape
    return _transpose(recorder, a, tuple(size - 2 for size in order))


def _broadcast_to(recorder: ProgramRecorder, array: Any, shape: Any, subok: bool = False) -> Any:
    sizes = tuple(shape) if isinstance(shape, tuple | list) else (int(shape),)
    return recorder.apply("stretch", recorder.array(array), shape=sizes, dtype=None)


def _broadcast_arrays(recorder: ProgramRecorder, *args: Any, subok: bool = False) -> Any:
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(_broadcast_to(recorder, each, shape) for each in args)


def _concatenate(
    recorder: ProgramRecorder,
    arrays: Any,
    axis: Any = 0,
    out: Any = None,
    *,
    dtype: Any = None,
    casting: Any = None,
) -> Any:
    parts = [recorder.array(each) for each in arrays]
    if axis is None:
        parts, axis = [_ravel(recorder, each) for each in parts], 0
    axis = int(axis) % max(np.ndim(parts[0]), 1)
    return _finish(recorder, recorder.apply("concatenate", *parts, axis=axis), out, dtype)


def _stack(
    recorder: ProgramRecorder,
    arrays: Any,
    axis: int = 0,
    out: Any = None,
    *,
    dtype: Any = None,
    casting: Any = None,
) -> Any:
    parts = [recorder.array(each) for each in arrays]
    axis = axis if axis >= 0 else axis + np.ndim(parts[0]) + 1
    return _finish(recorder, recorder.apply("stack", *parts, axis=axis), out, dtype)


def _pad(
    recorder: ProgramRecorder, array: Any, pad_width: Any, mode: Any = "constant", **keywords: Any
) -> Any:
    x = recorder.array(array)
    values = keywords.get("constant_values", 0)
    if mode == "constant" and np.ndim(values) == 0:
        pairs = np.broadcast_to(np.asarray(plain(pad_width)), (np.ndim(x), 2))
        if isinstance(pad_width, dict):
            raise recorder.refuse(texts.argument("pad", "pad_width"))
        widths = tuple((int(low), int(high)) for low, high in pairs)
        return recorder.apply("pad", x, widths=widths, value=float(values))
    return _rearranged(recorder, "pad", lambda a: np.pad(a, pad_width, mode, **keywords), x)


def _rearranged(recorder: ProgramRecorder, name: str, function: Callable[..., Any], x: Any) -> Any:
    """Record a function that only moves entries, by what it does to their positions."""
    positions = np.arange(np.size(x)).reshape(np.shape(x))
    index = np.asarray(function(positions)).astype(np.int64)
    return recorder.apply("gather", x, recorder.start(index), fill=0.0, function=name)


def _mover(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def move(recorder: ProgramRecorder, a: Any, *args: Any, **keywords: Any) -> Any:
        given, named = plain(args), plain(keywords)
        x = recorder.array(a)
        return _rearranged(recorder, name, lambda each: function(each, *given, **named), x)

    return move


def _flip(recorder: ProgramRecorder, m: Any, axis: Any = None) -> Any:
    axes = _axis(axis, np.ndim(m))
    reverse = slice(None, None, -1)
    return m[
        tuple(reverse if axes is None or k in axes else slice(None) for k in range(np.ndim(m)))
    ]


def _take(
    recorder: ProgramRecorder,
    a: Any,
    indices: Any,
    axis: Any = None,
    out: Any = None,
    mode: str = "raise",
) -> Any:
    x = recorder.array(a)
    if axis is None:
        x, axis = _ravel(recorder, x), 0
    whole = indices if isinstance(indices, int | np.ndarray) else np.asarray(indices)
    found = x[(slice(None),) * (int(axis) % np.ndim(x)) + (whole,)]
    return _finish(recorder, found, out)


def _take_along_axis(recorder: ProgramRecorder, arr: Any, indices: Any, axis: Any = -1) -> Any:
    x, index = recorder.array(arr), recorder.array(indices)
    if axis is None:
        return _ravel(recorder, x)[index]
    return x[_along(x, index, int(axis) % np.ndim(x))]


def _along(x: Any, index: Any, axis: int) -> tuple[Any, ...]:
    grid = [
        np.arange(size).reshape((-1,) + (1,) * (np.ndim(x) - k - 1))
        for k, size in enumerate(np.shape(x))
    ]
    return tuple(index if k == axis else each for k, each in enumerate(grid))


def _put_along_axis(
    recorder: ProgramRecorder, arr: Any, indices: Any, values: Any, axis: Any
) -> None:
    recorder.write(arr, _along(arr, indices, int(axis) % np.ndim(arr)), values)


def _sort(recorder: ProgramRecorder, a: Any, axis: Any = -1, *args: Any, **keywords: Any) -> Any:
    x = recorder.array(a)
    if axis is None:
        x, axis = _ravel(recorder, x), 0
    axis = int(axis) % np.ndim(x)
    order = recorder.apply("argsort", x, axis=axis)
    return _take_along_axis(recorder, x, order, axis)


def _argsort(recorder: ProgramRecorder, a: Any, axis: Any = -1, *args: Any, **keywords: Any) -> Any:
    x = recorder.array(a)
    if axis is None:
        x, axis = _ravel(recorder, x), 0
    return recorder.apply("argsort", x, axis=int(axis) % np.ndim(x))


def _median(
    recorder: ProgramRecorder,
    a: Any,
    axis: Any = None,
    out: Any = None,
    *_: Any,
    keepdims: bool = False,
) -> Any:
    """The middle of the sorted entries, or the mean of the two middle ones."""
    x = recorder.array(a)
    at = 0 if axis is None else axis
    ordered = _sort(recorder, _ravel(recorder, x) if axis is None else x, at)
    count = ordered.shape[at]
    middle = np.take(ordered, np.arange((count - 1) // 2, count // 2 + 1), axis=at)
    found = np.mean(middle, axis=at, keepdims=keepdims and axis is not None)
    if keepdims and axis is None:
        found = _reshape(recorder, found, (1,) * np.ndim(x))
    return _finish(recorder, found, out)


def _triangle(upper: bool) -> Callable[..., Any]:
    def triangle(recorder: ProgramRecorder, m: Any, k: int = 0) -> Any:
        return recorder.apply("triangle", recorder.array(m), k=int(k), upper=upper)

    return triangle


def _diag(recorder: ProgramRecorder, v: Any, k: int = 0) -> Any:
    x = recorder.array(v)
    if np.ndim(x) == 2:
        return _diagonal(recorder, x, k)
    whole = recorder.start(np.zeros((len(x) + abs(k),) * 2, dtype=x.dtype))
    rows = np.arange(len(x)) + max(0, -k)
    whole[rows, rows + k] = x
    return whole


def _diagonal(
    recorder: ProgramRecorder, a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Any:
    return _rearranged(recorder, "diagonal", lambda x: np.diagonal(x, offset, axis1, axis2), a)


def _trace(
    recorder: ProgramRecorder,
    a: Any,
    offset: int = 0,
    axis1: int = 0,
    axis2: int = 1,
    dtype: Any = None,
    out: Any = None,
) -> Any:
    found = np.sum(_diagonal(recorder, a, offset, axis1, axis2), axis=-1)
    return _finish(recorder, found, out, dtype)


def _where(recorder: ProgramRecorder, condition: Any, *values: Any) -> Any:
    if not values:
        return _as_start(recorder, np.where(plain(condition)))
    return recorder.apply("where", *(recorder.array(each) for each in (condition, *values)))


def _clip(
    recorder: ProgramRecorder,
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    out: Any = None,
    *,
    min: Any = None,
    max: Any = None,
    **keywords: Any,
) -> Any:
    x = recorder.array(a)
    low = a_min if a_min is not None and a_min is not np._NoValue else min
    high = a_max if a_max is not None and a_max is not np._NoValue else max
    low, high = (None if each is np._NoValue else each for each in (low, high))
    if recorder.is_moving(low) or recorder.is_moving(high):
        found = x if low is None else np.maximum(x, low)
        found = found if high is None else np.minimum(found, high)
    else:
        ends = (-np.inf if low is None else low, np.inf if high is None else high)
        found = recorder.apply("clip", x, *map(recorder.array, ends))
    return _finish(recorder, found, out)


def _astype(recorder: ProgramRecorder, a: Any, dtype: Any, *, copy: bool = True) -> Any:
    wanted = np.dtype(plain_type(dtype))
    x = recorder.array(a)
    if not isinstance(x, np.ndarray):
        return np.asarray(x).astype(wanted)[()]
    if wanted == x.dtype:
        return recorder.apply("copy", x) if copy else x
    if wanted.kind == "f":
        return recorder.apply("astype", x, dtype=str(wanted))
    if wanted.kind in "iub":
        return recorder.apply("to_whole", x, dtype=str(wanted))
    return plain(x).astype(wanted)


def _dot(recorder: ProgramRecorder, a: Any, b: Any, out: Any = None) -> Any:
    x, y = recorder.array(a), recorder.array(b)
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return _finish(recorder, recorder.apply("multiply", x, y), out)
    if np.ndim(x) <= 2 and np.ndim(y) <= 2:
        return _finish(recorder, recorder.apply("matmul", x, y), out)
    axis = max(np.ndim(y) - 2, 0)
    return _finish(recorder, _tensordot(recorder, x, y, ((np.ndim(x) - 1,), (axis,))), out)


def _inner(recorder: ProgramRecorder, a: Any, b: Any) -> Any:
    x, y = recorder.array(a), recorder.array(b)
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return recorder.apply("multiply", x, y)
    return _tensordot(recorder, x, y, ((np.ndim(x) - 1,), (np.ndim(y) - 1,)))


def _vdot(recorder: ProgramRecorder, a: Any, b: Any) -> Any:
    return _dot(recorder, _ravel(recorder, a), _ravel(recorder, b))


def _outer(recorder: ProgramRecorder, a: Any, b: Any, out: Any = None) -> Any:
    x, y = (_ravel(recorder, recorder.array(each)) for each in (a, b))
    return _finish(recorder, recorder.apply("multiply", x[:, None], y[None, :]), out)


def _tensordot(recorder: ProgramRecorder, a: Any, b: Any, axes: Any = 2) -> Any:
    x, y = recorder.array(a), recorder.array(b)
    if isinstance(axes, int | np.integer):
        pair = (tuple(range(np.ndim(x) - int(axes), np.ndim(x))), tuple(range(int(axes))))
    else:
        one, two = (each if isinstance(each, list | tuple) else (each,) for each in axes)
        pair = (
            tuple(int(k) % np.ndim(x) for k in one),
            tuple(int(k) % np.ndim(y) for k in two),
        )
    return recorder.apply("tensordot", x, y, axes=pair)


def _einsum(recorder: ProgramRecorder, *operands: Any, out: Any = None, **keywords: Any) -> Any:
    if not isinstance(operands[0], str):
        raise recorder.refuse(texts.argument("einsum", "sublists"))
    arrays = [recorder.array(each) for each in operands[1:]]
    subscripts = _letters_of(operands[0].replace(" ", ""), [np.ndim(each) for each in arrays])
    sizes: dict[str, int] = {}
    parts = subscripts.split("->")[0].split(",")
    for part, each in zip(parts, arrays, strict=True):
        for letter, size in zip(part, np.shape(each), strict=True):
            sizes[letter] = max(sizes.get(letter, 1), size)
    # einsum repeats an axis of length 1; here this is a line of its own.
    for k, part in enumerate(parts):
        shape = tuple(sizes[letter] for letter in part)
        if shape != np.shape(arrays[k]) and len(set(part)) == len(part):
            arrays[k] = _broadcast_to(recorder, arrays[k], shape)
    return _finish(recorder, recorder.apply("einsum", *arrays, subscripts=subscripts), out)


def _kron(recorder: ProgramRecorder, a: Any, b: Any) -> Any:
    x, y = recorder.array(a), recorder.array(b)
    rank = max(np.ndim(x), np.ndim(y))
    sizes = [(1,) * (rank - np.ndim(each)) + np.shape(each) for each in (x, y)]
    wide = [
        tuple(size for pair in zip(*order, strict=True) for size in pair)
        for order in ((sizes[0], (1,) * rank), ((1,) * rank, sizes[1]))
    ]
    whole = _reshape(recorder, x, wide[0]) * _reshape(recorder, y, wide[1])
    return _reshape(recorder, whole, tuple(m * n for m, n in zip(*sizes, strict=True)))


def _letters_of(subscripts: str, ranks: Sequence[int]) -> str:
    """Return subscripts with "->", and letters for "..."."""
    inputs, arrow, output = subscripts.partition("->")
    parts = inputs.split(",")
    free = [c for c in "ABCDEFGHIJKLM" if c not in subscripts]
    wide = max(
        (
            rank - len(part.replace("...", ""))
            for part, rank in zip(parts, ranks, strict=True)
            if "..." in part
        ),
        default=0,
    )
    names = "".join(free[:wide])
    filled = [
        part.replace("...", names[wide - (rank - len(part.replace("...", ""))) :])
        if "..." in part
        else part
        for part, rank in zip(parts, ranks, strict=True)
    ]
    if not arrow:
        every = "".join(parts).replace("...", "")
        output = names + "".join(sorted(c for c in set(every) if every.count(c) == 1))
    return f"{','.join(filled)}->{output.replace('...', names)}"


def _matrix(op: str) -> Callable[..., Any]:
    def compute(recorder: ProgramRecorder, *inputs: Any) -> Any:
        return recorder.apply(op, *(recorder.array(each) for each in inputs))

    return compute


def _sliding_window_view(
    recorder: ProgramRecorder, x: Any, window_shape: Any, axis: Any = None, **keywords: Any
) -> Any:
    source = recorder.array(x)
    found = np.lib.stride_tricks.sliding_window_view(plain(source), window_shape, axis)
    return _windows(recorder, source, found)


def _as_strided(
    recorder: ProgramRecorder, x: Any, shape: Any = None, strides: Any = None, **keywords: Any
) -> Any:
    source = recorder.array(x)
    found = np.lib.stride_tricks.as_strided(plain(source), shape, strides)
    return _windows(recorder, source, found)


def _windows(recorder: ProgramRecorder, source: Any, found: Any) -> Any:
    """Return a view with strides of its own, as a copy: its entries overlap in memory."""
    if not plain(source).flags.c_contiguous:
        source = recorder.apply("copy", source)
    size = found.itemsize
    base = source.__array_interface__["data"][0]
    offset = (found.__array_interface__["data"][0] - base) // size if found.size else 0
    return recorder.apply(
        "strided",
        source,
        offset=max(0, offset),
        shape=found.shape,
        strides=tuple(each // size for each in found.strides),
    )


def _copyto(
    recorder: ProgramRecorder, dst: Any, src: Any, casting: str = "same_kind", where: Any = True
) -> None:
    if where is True:
        recorder.write(dst, Ellipsis, src)
    else:
        recorder.write(dst, Ellipsis, recorder.apply("where", where, recorder.array(src), dst))


def _put(recorder: ProgramRecorder, a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    _ravel(recorder, a)[np.asarray(plain(ind)).ravel()] = v


def _fill_diagonal(recorder: ProgramRecorder, a: Any, val: Any, wrap: bool = False) -> None:
    rows = np.arange(min(a.shape))
    recorder.write(a, (rows,) * a.ndim, val)


def _masked_write(recorder: ProgramRecorder, a: Any, mask: Any, values: Any) -> None:
    recorder.write(a, mask if isinstance(mask, RecordedArray) else np.asarray(mask), values)


def _select(recorder: ProgramRecorder, condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    found = recorder.array(default)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        found = _where(recorder, condition, choice, found)
    return found


def _insert(recorder: ProgramRecorder, arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    x, new = recorder.array(arr), recorder.array(values)
    count = int(np.size(x))
    numbers = np.arange(np.size(new)).reshape(np.shape(new)) + count
    index = np.insert(np.arange(count).reshape(np.shape(x)), plain(obj), numbers, axis)
    both = _concatenate(recorder, [_ravel(recorder, x), _ravel(recorder, np.asanyarray(new))])
    return recorder.apply("gather", both, recorder.start(index), fill=0.0, function="insert")


def _convolve(recorder: ProgramRecorder, a: Any, v: Any, mode: str = "full") -> Any:
    """The sum of products of a with v from right to left, at each place."""
    x, w = recorder.array(a), recorder.array(v)
    if len(w) > len(x):
        x, w = w, x
    return _correlated(recorder, x, w[::-1], mode)


def _correlate(recorder: ProgramRecorder, a: Any, v: Any, mode: str = "valid") -> Any:
    x, w = recorder.array(a), recorder.array(v)
    if len(w) > len(x):
        return _correlated(recorder, w, x, mode)[::-1]
    return _correlated(recorder, x, w, mode)


def _correlated(recorder: ProgramRecorder, x: Any, w: Any, mode: str) -> Any:
    size = len(w)
    low = {"valid": 0, "same": size // 2, "full": size - 1}[mode]
    high = {"valid": 0, "same": (size - 1) // 2, "full": size - 1}[mode]
    wide = _pad(recorder, x, ((low, high),)) if low or high else x
    return recorder.apply("matmul", _sliding_window_view(recorder, wide, size), w)


def _cov(
    recorder: ProgramRecorder,
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
) -> Any:
    if y is not None:
        raise recorder.refuse(texts.argument("cov", "y"))
    x = recorder.array(m)
    rows = _reshape(recorder, x, (1, -1)) if np.ndim(x) == 1 else x if rowvar else x.T
    count = rows.shape[1] - (ddof if ddof is not None else 0 if bias else 1)
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    return np.squeeze(centred @ centred.T / count)


def _corrcoef(
    recorder: ProgramRecorder, x: Any, y: Any = None, rowvar: bool = True, **_: Any
) -> Any:
    found = _cov(recorder, x, y, rowvar)
    spread = np.sqrt(_diagonal(recorder, found))
    return found / spread[:, None] / spread[None, :]


def _cross(recorder: ProgramRecorder, a: Any, b: Any, *axes: int, axis: Any = None) -> Any:
    x, y = recorder.array(a), recorder.array(b)
    if axes or axis not in (None, -1) or np.shape(x)[-1] != 3 or np.shape(y)[-1] != 3:
        raise recorder.refuse(texts.argument("cross", "axis"))
    one, two = [1, 2, 0], [2, 0, 1]
    return x[..., one] * y[..., two] - x[..., two] * y[..., one]


def _polyval(recorder: ProgramRecorder, p: Any, x: Any) -> Any:
    point, found = recorder.array(x), 0.0
    for coefficient in recorder.array(p):
        found = found * point + coefficient
    return found


def _block(recorder: ProgramRecorder, arrays: Any) -> Any:
    def joined(parts: Any, axis: int) -> Any:
        if not isinstance(parts, list):
            return recorder.array(parts)
        return _concatenate(recorder, [joined(each, axis + 1) for each in parts], axis)

    depth, inner = 0, arrays
    while isinstance(inner, list):
        depth, inner = depth + 1, inner[0]
    return joined(arrays, -depth)


def _without_nan(name: str, instead: float) -> Callable[..., Any]:
    def reduce(recorder: ProgramRecorder, a: Any, axis: Any = None, **keywords: Any) -> Any:
        x = recorder.array(a)
        missing = np.isnan(plain(x))
        known = _where(recorder, missing, instead, x)
        if name != "mean":
            return FUNCTIONS[name](recorder, known, axis, **keywords)
        total = FUNCTIONS["sum"](recorder, known, axis, **keywords)
        keeps = keywords.get("keepdims", False)
        return total / np.sum(~missing, axis=axis, keepdims=keeps)

    return reduce


def _choose(
    recorder: ProgramRecorder, a: Any, choices: Any, out: Any = None, mode: str = "raise"
) -> Any:
    """Entry by entry, that of the array in ``choices`` with the number in ``a``."""
    rows = choices if isinstance(choices, RecordedArray) else recorder.array(list(choices))
    index = np.asarray(plain(a))
    wide = np.broadcast_shapes(index.shape, rows.shape[1:])
    spread = _broadcast_to(recorder, rows, (len(rows), *wide)) if rows.shape[1:] != wide else rows
    grid = tuple(np.indices(wide))
    return _finish(recorder, spread[(np.broadcast_to(index, wide).copy(), *grid)], out)


def _nan_to_num(
    recorder: ProgramRecorder,
    x: Any,
    copy: bool = True,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Any:
    array = recorder.array(x)
    limits = np.finfo(array.dtype)
    found = _where(recorder, np.isnan(array), nan, array)
    found = _where(recorder, np.isposinf(plain(array)), posinf or limits.max, found)
    return _where(recorder, np.isneginf(plain(array)), neginf or limits.min, found)


def _apply_along_axis(
    recorder: ProgramRecorder, func1d: Any, axis: int, arr: Any, *args: Any, **keywords: Any
) -> Any:
    moved = np.moveaxis(arr, axis, -1)
    rows = _reshape(recorder, moved, (-1, moved.shape[-1]))
    found = _stack(recorder, [func1d(row, *args, **keywords) for row in rows])
    whole = _reshape(recorder, found, (*moved.shape[:-1], *found.shape[1:]))
    if found.ndim == 1:
        return whole
    return np.moveaxis(whole, -1, axis)


def _full_like(
    recorder: ProgramRecorder, a: Any, fill_value: Any, dtype: Any = None, **more: Any
) -> Any:
    shape = more.get("shape")
    kind = plain_type(dtype) or a.dtype
    whole = recorder.start(np.zeros(np.shape(a) if shape is None else shape, dtype=kind))
    if isinstance(fill_value, RecordedArray):
        whole[...] = fill_value
        return whole
    return recorder.start(np.full(whole.shape, fill_value, dtype=kind))


def _like(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def like(recorder: ProgramRecorder, prototype: Any, dtype: Any = None, **more: Any) -> Any:
        more.pop("subok", None)
        # The memory of "empty" is not the program's: its entries are 0 here.
        make = np.zeros_like if name == "empty_like" else function
        return recorder.start(make(plain(prototype), dtype=plain_type(dtype), **more))

    return like


def _logsumexp(
    recorder: ProgramRecorder,
    a: Any,
    axis: Any = None,
    b: Any = None,
    keepdims: bool = False,
    **_: Any,
) -> Any:
    x = recorder.array(a)
    largest = recorder.start(np.max(plain(x), axis=axis, keepdims=True))
    shifted = np.exp(x - largest)
    total = np.log(np.sum(shifted if b is None else b * shifted, axis=axis, keepdims=keepdims))
    return total + (largest if keepdims else np.squeeze(largest, axis=axis))


def _softmax(recorder: ProgramRecorder, x: Any, axis: Any = None) -> Any:
    array = recorder.array(x)
    shifted = np.exp(array - recorder.start(np.max(plain(array), axis=axis, keepdims=True)))
    return shifted / np.sum(shifted, axis=axis, keepdims=True)


def _log_softmax(recorder: ProgramRecorder, x: Any, axis: Any = None) -> Any:
    return recorder.array(x) - _logsumexp(recorder, x, axis, keepdims=True)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ufunc": _ufunc,
    "call": _call,
    "sum": _reduction("sum"),
    "mean": _reduction("mean"),
    "prod": _reduction("prod"),
    **{name: _extreme("max") for name in ("max", "amax")},
    **{name: _extreme("min") for name in ("min", "amin")},
    "var": _spread_of("var"),
    "std": _spread_of("std"),
    **{name: _arg(name) for name in ("argmax", "argmin", "any", "all", "count_nonzero")},
    **dict.fromkeys(("cumsum", "cumulative_sum"), _cumsum),
    **dict.fromkeys(("cumprod", "cumulative_prod"), _cumprod),
    "median": _median,
    "linalg.norm": _norm,
    **{f"linalg.{name}": _matrix(name) for name in ("inv", "det", "solve")},
    "reshape": _reshape,
    "ravel": _ravel,
    "squeeze": _squeeze,
    "expand_dims": _expand_dims,
    **dict.fromkeys(("transpose", "permute_dims"), _transpose),
    "matrix_transpose": lambda recorder, x: _swapaxes(recorder, x, -1, -2),
    "swapaxes": _swapaxes,
    "moveaxis": _moveaxis,
    "broadcast_to": _broadcast_to,
    "broadcast_arrays": _broadcast_arrays,
    **dict.fromkeys(("concatenate", "concat"), _concatenate),
    "stack": _stack,
    "pad": _pad,
    **{name: _mover(name) for name in ("roll", "tile", "repeat", "delete", "resize", "rot90")},
    **{name: _mover(name) for name in ("compress", "extract", "trim_zeros")},
    "flip": _flip,
    "flipud": lambda recorder, m: _flip(recorder, m, 0),
    "fliplr": lambda recorder, m: _flip(recorder, m, 1),
    "take": _take,
    "take_along_axis": _take_along_axis,
    "put_along_axis": _put_along_axis,
    "sort": _sort,
    "argsort": _argsort,
    "tril": _triangle(upper=False),
    "triu": _triangle(upper=True),
    "diag": _diag,
    "diagonal": _diagonal,
    "trace": _trace,
    "where": _where,
    "clip": _clip,
    "astype": _astype,
    "dot": _dot,
    "inner": _inner,
    "vdot": _vdot,
    "outer": _outer,
    "tensordot": _tensordot,
    "einsum": _einsum,
    "kron": _kron,
    "sliding_window_view": _sliding_window_view,
    "as_strided": _as_strided,
    "copyto": _copyto,
    "put": _put,
    "fill_diagonal": _fill_diagonal,
    **dict.fromkeys(("place", "putmask"), _masked_write),
    "select": _select,
    "choose": _choose,
    "insert": _insert,
    "cov": _cov,
    "corrcoef": _corrcoef,
    **{name: _cross for name in ("cross", "linalg.cross")},
    "polyval": _polyval,
    "block": _block,
    "nansum": _without_nan("sum", 0.0),
    "nanmean": _without_nan("mean", 0.0),
    "nanmax": _without_nan("max", -math.inf),
    "nanmin": _without_nan("min", math.inf),
    "convolve": _convolve,
    "correlate": _correlate,
    "nan_to_num": _nan_to_num,
    "apply_along_axis": _apply_along_axis,
    "copy": lambda recorder, a, *_, **__: recorder.apply("copy", recorder.array(a)),
    "full_like": _full_like,
    **{name: _like(name) for name in ("zeros_like", "ones_like", "empty_like")},
    **{name: lambda recorder, x, *_, **__: x for name in ("conj", "conjugate", "real")},
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
}
FUNCTIONS |= {
    f"linalg.{name}": FUNCTIONS[name]
    for name in ("trace", "diagonal", "outer", "tensordot", "matrix_transpose")
}
# Functions that NumPy writes with recorded ones, of arrays of a subclass.
COMPOSED = _words(
    "append array_split atleast_1d atleast_2d atleast_3d average column_stack diff dsplit dstack "
    "ediff1d gradient hsplit hstack linalg.matmul linalg.matrix_power linalg.multi_dot "
    "linalg.vecdot meshgrid piecewise ptp rollaxis row_stack sinc split trapezoid unstack vsplit "
    "vstack"
)
# Those of COMPOSED whose first argument is a sequence of arrays.
_OF_SEQUENCES = _words("column_stack dstack hstack linalg.multi_dot row_stack vstack atleast_1d")
# Functions whose result is taken as a constant: truth values, positions, texts, and steps.
WITHOUT_GRADIENT = _words(
    "allclose argpartition argwhere around array2string array_equal array_equiv array_repr "
    "array_str base_repr bincount binary_repr broadcast_shapes can_cast common_type "
    "diag_indices_from digitize fix flatnonzero format_float_positional format_float_scientific "
    "histogram histogram2d histogram_bin_edges histogramdd info intersect1d isclose iscomplex "
    "iscomplexobj isdtype isfortran isin isneginf isposinf isreal isrealobj isscalar issubdtype "
    "iterable ix_ lexsort linalg.matrix_rank may_share_memory min_scalar_type mintypecode "
    "nanargmax nanargmin ndim nonzero promote_types result_type round save savetxt savez "
    "savez_compressed searchsorted setdiff1d setxor1d shape shares_memory size tril_indices_from "
    "triu_indices_from typename union1d unique unique_all unique_counts unique_inverse "
    "unique_values"
)
# Functions that make new arrays of sizes, files and numbers: what they make is a constant.
MAKING = _words(
    "arange asarray_chkfinite asfortranarray bartlett blackman diag_indices einsum_path empty eye "
    "frombuffer fromfile fromfunction fromiter fromregex fromstring full genfromtxt geomspace "
    "hamming hanning identity indices kaiser linspace load loadtxt logspace mask_indices ones "
    "ravel_multi_index require tri tril_indices triu_indices unravel_index zeros"
)
# Functions that raise an error for an array that a gradient is computed of.
REFUSED = _words(
    "angle apply_over_axes asmatrix bmat busday_count busday_offset datetime_as_string "
    "datetime_data diagflat from_dlpack frompyfunc i0 imag interp is_busday linalg.cholesky "
    "linalg.cond linalg.eig linalg.eigh linalg.eigvals linalg.eigvalsh linalg.lstsq "
    "linalg.matrix_norm linalg.pinv linalg.qr linalg.slogdet linalg.svd linalg.svdvals "
    "linalg.tensorinv linalg.tensorsolve linalg.vector_norm nancumprod nancumsum nanmedian "
    "nanpercentile nanprod nanquantile nanstd nanvar nested_iters packbits partition percentile "
    "poly polyadd polyder polydiv polyfit polyint polymul polysub quantile real_if_close roots "
    "sort_complex unpackbits unwrap vander bitwise_count copysign divmod fmod frexp isnat ldexp "
    "logaddexp2 modf nextafter spacing"
)
# Functions that do nothing with arrays.
_SETTINGS = _words(
    "get_include get_printoptions getbufsize geterr geterrcall printoptions set_printoptions "
    "setbufsize seterr seterrcall show_config show_runtime test"
)


def status(name: str) -> str:
    """Return "recorded", "without gradient" or "refused" for a function of NumPy.

    ``name`` is that below ``np``, such as "linalg.norm". Raises KeyError if it is not known.
    """
    real: Any = np
    for part in name.split("."):
        real = getattr(real, part, None)
    own = name if not isinstance(real, np.ufunc) else _UFUNCS.get(real.__name__, real.__name__)
    if own in REFUSED:
        return "refused"
    if own in WITHOUT_GRADIENT | MAKING | _SETTINGS or own in DISCRETE_NAMES:
        return "without gradient"
    if own in FUNCTIONS.keys() | COMPOSED | _ELEMENTWISE | _CONTRACTIONS.keys() | _SCALED.keys():
        return "recorded"
    if name in _CONVERTING or name == "vectorize":
        return "recorded"
    raise KeyError(name)


def plain_type(dtype: Any) -> Any:
    """Return what a program gives as a type, without the recorder's stand-ins."""
    return dtype.real if isinstance(dtype, NumberType) else dtype


class NumberType:
    """Stands for ``float``, ``np.float64`` or ``np.float32``, so that a call of it is recorded."""

    def __init__(self, recorder: ProgramRecorder, real: type) -> None:
        self._recorder, self.real = recorder, real
        self.dtype = np.dtype(real)

    def __call__(self, value: Any = 0.0, *args: Any) -> Any:
        if not isinstance(value, RecordedArray):
            return self.real(value, *args)
        found = _astype(self._recorder, value, self.dtype)
        if self.real is not float or value.ndim == 0:
            found.scalar = value.ndim == 0
            return found
        return _reshape(self._recorder, found, ()).item()

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, self.real) or (
            isinstance(value, RecordedArray) and value.scalar and value.dtype == self.dtype
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def __eq__(self, other: object) -> bool:
        return self.real == plain_type(other) or self.dtype == other

    def __hash__(self) -> int:
        return hash(self.real)


# Functions that make arrays of what they are given.
_CONVERTING = frozenset(("array", "asarray", "asanyarray", "ascontiguousarray", "asfarray"))
_JOINING = frozenset(("c_", "r_"))
_MODULES = frozenset(("random", "linalg", "lib", "stride_tricks", "fft", "ma", "special"))
_COUNTERPARTS = {"pow": "power", "fabs": "absolute", "asin": "arcsin", "acos": "arccos"} | {
    name: name
    for name in [
        "exp",
        "log",
        "log2",
        "log10",
        "log1p",
        "expm1",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "hypot",
    ]
}
_OWN_MODULES = ("numpy", "autograd.numpy", "scipy.special", "math")


class NumpyProxy(types.ModuleType):
    """Stands for NumPy, or a module of it, in a program: new arrays are recorded."""

    def __init__(self, recorder: ProgramRecorder, module: Any) -> None:
        super().__init__(module.__name__)
        self.__dict__["_recorder"], self.__dict__["_module"] = recorder, module

    def __getattr__(self, name: str) -> Any:
        found = self._replaced(name, getattr(self._module, name))
        self.__dict__[name] = found
        return found

    def _replaced(self, name: str, real: Any) -> Any:
        recorder = self._recorder
        if isinstance(real, types.ModuleType):
            return NumpyProxy(recorder, real) if name in _MODULES else real
        if self._module is np and name in _JOINING:
            return _Joined(recorder, name)
        return replacement(recorder, real, name)


class _Joined:
    """``np.c_`` and ``np.r_``."""

    def __init__(self, recorder: ProgramRecorder, name: str) -> None:
        self._recorder, self._name = recorder, name

    def __getitem__(self, items: Any) -> Any:
        parts = items if isinstance(items, tuple) else (items,)
        if not any(isinstance(each, RecordedArray) for each in parts) or any(
            isinstance(each, str | slice) for each in parts
        ):
            return _as_start(self._recorder, getattr(np, self._name)[plain(items)])
        arrays = [self._recorder.array(each) for each in parts]
        if self._name == "c_":
            wide = [x if np.ndim(x) > 1 else np.reshape(x, (-1, 1)) for x in arrays]
            return _concatenate(self._recorder, wide, axis=-1)
        return _concatenate(
            self._recorder, [x if np.ndim(x) > 0 else np.reshape(x, (1,)) for x in arrays]
        )


def replacement(recorder: ProgramRecorder, real: Any, name: str) -> Any:
    """Return what a program calls instead of a function or type of NumPy, ``math`` or SciPy."""
    if real in (np.float64, np.float32, float) and isinstance(real, type):
        return NumberType(recorder, real)
    if isinstance(real, np.ufunc):
        return UfuncOfLists(recorder, real)
    if not callable(real):
        return real
    if name == "vectorize":
        return _vectorize(recorder)
    if isinstance(real, type):
        return real
    module = getattr(real, "__module__", None) or type(real).__module__
    if module == "math":
        return _of_math(recorder, name, real)
    if module.startswith("autograd") and hasattr(np, name):
        return replacement(recorder, getattr(np, name), name)
    if name in _CONVERTING:
        return _making(recorder, name, real)
    if name in ("default_rng", "RandomState"):
        return lambda *args, **keywords: DrawnArrays(recorder, real(*args, **keywords))
    special = name in ("logsumexp", "softmax", "log_softmax") and not hasattr(np, name)

    def call(*args: Any, **keywords: Any) -> Any:
        args = tuple(map(plain_type, args))
        keywords = {key: plain_type(each) for key, each in keywords.items()}
        if special and isinstance(args[0], RecordedArray):
            return FUNCTIONS[name](recorder, *args, **keywords)
        if name in ("sliding_window_view", "as_strided") and isinstance(args[0], RecordedArray):
            return FUNCTIONS[name](recorder, *args, **keywords)
        if name == "empty":  # Its memory is not the program's: the entries are 0 here.
            return _as_start(recorder, np.zeros(*plain(args), **plain(keywords)))
        if name == "full" and isinstance((keywords.get("fill_value", args[-1])), RecordedArray):
            shape = plain(args[0] if args else keywords["shape"])
            value = keywords.get("fill_value", args[-1])
            sizes = (shape,) if isinstance(shape, int) else tuple(shape)
            return _broadcast_to(recorder, value, sizes)
        dispatched = hasattr(real, "_implementation")
        if dispatched and not any(isinstance(each, RecordedArray) for each in args):
            # NumPy does not look for recorded numbers in lists.
            if any(isinstance(each, RecordedArray) for each in flat(args)):
                if name in COMPOSED and name not in _OF_SEQUENCES:
                    args = (recorder.array(args[0]), *args[1:])
                return _call(recorder, real, args, keywords)
        if not dispatched and module.startswith(("numpy", "scipy")):
            args, keywords = plain(args), plain(keywords)
        return _as_start(recorder, real(*args, **keywords))

    call.__name__ = name
    return call


def _making(recorder: ProgramRecorder, name: str, real: Any) -> Callable[..., Any]:
    def make(value: Any, dtype: Any = None, **keywords: Any) -> Any:
        kind = plain_type(dtype)
        if isinstance(value, RecordedArray):
            copies = name == "array" and keywords.get("copy", True) is not False
            copies |= name == "ascontiguousarray" and not value.flags.c_contiguous
            if kind is not None and np.dtype(kind) != value.dtype:
                found = _astype(recorder, value, kind)
            else:
                found = recorder.apply("copy", value) if copies else value
            if not isinstance(found, RecordedArray):
                return np.asarray(found)
            if found.scalar:
                found = recorder.adopt(found)
        elif isinstance(value, list | tuple) and any(
            isinstance(each, RecordedArray) for each in flat(value)
        ):
            found = recorder.array(list(value))
            found = found if kind is None else _astype(recorder, found, kind, copy=False)
        else:
            known = {key: each for key, each in keywords.items() if key in ("copy", "order")}
            return _as_start(recorder, real(value, dtype=kind, **known))
        missing = int(keywords.get("ndmin", 0)) - found.ndim
        return found if missing <= 0 else _reshape(recorder, found, (1,) * missing + found.shape)

    return make


def _vectorize(recorder: ProgramRecorder) -> Callable[..., Any]:
    def vectorize(function: Any, *args: Any, **keywords: Any) -> Callable[..., Any]:
        def mapped(*arrays: Any) -> Any:
            if not any(isinstance(each, RecordedArray) for each in arrays):
                return np.vectorize(function, *args, **keywords)(*arrays)
            wide = _broadcast_arrays(recorder, *arrays) if len(arrays) > 1 else arrays
            rows = [_ravel(recorder, each) for each in wide]
            found = recorder.array([function(*entries) for entries in zip(*rows, strict=True)])
            return _reshape(recorder, recorder.array(found), np.shape(wide[0]))

        return mapped

    return vectorize


def _of_math(recorder: ProgramRecorder, name: str, real: Any) -> Callable[..., Any]:
    counterpart = getattr(np, _COUNTERPARTS.get(name, ""), None)

    def call(*args: Any) -> Any:
        if counterpart is not None and any(isinstance(each, RecordedArray) for each in args):
            return counterpart(*args)
        return real(*args)

    return call


class UfuncOfLists:
    """Stands for a ufunc: NumPy does not look for recorded numbers in lists."""

    def __init__(self, recorder: ProgramRecorder, real: np.ufunc) -> None:
        self._recorder, self._real = recorder, real

    def __call__(self, *inputs: Any, **keywords: Any) -> Any:
        known = [
            self._recorder.array(each) if isinstance(each, list | tuple) else each
            for each in inputs
        ]
        return self._real(*known, **keywords)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class DrawnArrays:
    """Stands for a random generator in a program: the arrays that it draws are recorded."""

    def __init__(self, recorder: ProgramRecorder, generator: Any) -> None:
        self._recorder, self._generator = recorder, generator

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._generator, name)
        if not callable(found):
            return found

        def draw(*args: Any, **keywords: Any) -> Any:
            if name == "shuffle" and isinstance(args[0], RecordedArray):
                args[0][...] = args[0][self._generator.permutation(len(args[0]))]
                return None
            return _as_start(self._recorder, found(*plain(args), **plain(keywords)))

        return draw


def is_replaced(value: Any) -> bool:
    """Whether a global of a program is NumPy, a module of it, ``math``, or a function of these."""
    if isinstance(value, types.ModuleType):
        return value.__name__ in (*_OWN_MODULES, "numpy.random", "numpy.linalg")
    if value is math:
        return True
    module = getattr(value, "__module__", None)
    if isinstance(value, np.ufunc):
        return True
    if not callable(value) or not isinstance(module, str):
        return False
    if isinstance(value, type):
        return value in (np.float64, np.float32)
    return module.split(".")[0] in ("numpy", "autograd", "math") or module.startswith(
        "scipy.special"
    )


def stand_in(recorder: ProgramRecorder, value: Any) -> Any:
    """Return what stands in a program for a global of which ``is_replaced`` is true."""
    if isinstance(value, types.ModuleType):
        return NumpyProxy(recorder, np if value.__name__ == "autograd.numpy" else value)
    return replacement(recorder, value, getattr(value, "__name__", ""))

"""What is recorded for each function of NumPy.

A public method of ``NumpyRecorder`` stands for NumPy's function of the same name (``linalg_norm``
for ``np.linalg.norm``). ``COMPOSED`` has the functions that NumPy itself writes with these,
``WITHOUT_GRADIENT`` those whose result is taken as a constant, ``MAKING`` those that make new
arrays. ``REFUSED`` and functions that are not known raise an error for an array that a gradient is
computed of; any other array may be given to them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.record.array import ProgramRecorder, RecordedArray, base_of, flat, plain
from backprop_explorer.texts import record as texts


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OPERATIONS = {
    "true_divide": "divide",
    "tanh": "np_tanh",
    "fabs": "absolute",
    "float_power": "power",
    "fmax": "maximum",
    "fmin": "minimum",
    "conjugate": "copy",
    "positive": "copy",
}
_ELEMENTWISE = {n for n, op in OPS.items() if op.family == "elementwise"} - {"where", "clip"}
# Operations that are a ufunc of the same name.
UFUNCS = frozenset({*_ELEMENTWISE, "matmul"})
_OF_AXES = _words("argmax argmin any all count_nonzero argsort to_whole")
DISCRETE = frozenset(n for n, op in OPS.items() if op.family == "discrete") - _OF_AXES
_CALLED = UFUNCS | DISCRETE
_REDUCE = {
    "add": "sum",
    "maximum": "max",
    "minimum": "min",
    "multiply": "prod",
    "logical_and": "all",
    "logical_or": "any",
}
_CONTRACTIONS = {
    "vecdot": "...i,...i->...",
    "matvec": "...ij,...j->...i",
    "vecmat": "...i,...ij->...j",
}
_SCALED = {
    **dict.fromkeys(("deg2rad", "radians"), math.pi / 180.0),
    **dict.fromkeys(("rad2deg", "degrees"), 180.0 / math.pi),
}
# Where ``out`` stands among the arguments of a function, if it is not named.
_OUT_POSITION = {"clip": 3, "dot": 2, "outer": 2, "cumsum": 3}
# Functions that NumPy writes with recorded ones, of arrays of a subclass.
COMPOSED = _words(
    "append array_split atleast_1d atleast_2d atleast_3d average column_stack diff dsplit dstack "
    "ediff1d expand_dims flip fliplr flipud gradient hsplit hstack linalg.matmul "
    "linalg.matrix_power linalg.multi_dot linalg.vecdot meshgrid moveaxis piecewise ptp "
    "put_along_axis rollaxis sinc split take_along_axis trapezoid unstack vsplit vstack"
)
# Those of COMPOSED whose first argument is a sequence of arrays.
_OF_SEQUENCES = _words("column_stack dstack hstack linalg.multi_dot vstack atleast_1d")
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
# Functions that make new arrays of sizes, files and numbers, or do nothing with arrays.
MAKING = _words(
    "arange asarray_chkfinite asfortranarray bartlett blackman diag_indices einsum_path empty eye "
    "frombuffer fromfile fromfunction fromiter fromregex fromstring full genfromtxt geomspace "
    "hamming hanning identity indices kaiser linspace load loadtxt logspace mask_indices ones "
    "ravel_multi_index require tri tril_indices triu_indices unravel_index zeros get_include "
    "get_printoptions getbufsize geterr geterrcall printoptions set_printoptions setbufsize seterr "
    "seterrcall show_config show_runtime test"
)
# Functions that raise an error for an array that a gradient is computed of.
REFUSED = _words(
    "angle apply_over_axes asmatrix bitwise_count block bmat busday_count busday_offset "
    "copysign corrcoef cov cross cumulative_prod datetime_as_string datetime_data divmod "
    "fmod frexp from_dlpack i0 imag interp is_busday isnat ldexp "
    "linalg.cholesky linalg.cond linalg.cross linalg.det linalg.eig linalg.eigh linalg.eigvals "
    "linalg.eigvalsh linalg.inv linalg.lstsq linalg.matrix_norm linalg.pinv linalg.qr "
    "linalg.slogdet linalg.solve linalg.svd linalg.svdvals linalg.tensorinv linalg.tensorsolve "
    "linalg.vector_norm logaddexp2 modf nancumprod nancumsum nanmedian "
    "nanpercentile nanprod nanquantile nested_iters nextafter packbits "
    "partition percentile poly polyadd polyder polydiv polyfit polyint polymul polysub "
    "polyval quantile real_if_close roots sort_complex spacing trim_zeros "
    "unpackbits unwrap vander"
)
# Functions that make an array of what they are given.
CONVERTING = _words("array asarray asanyarray ascontiguousarray")


def plain_type(dtype: Any) -> Any:
    """Return what a program gives as a type, without the recorder's stand-ins."""
    return getattr(dtype, "real_type", dtype)


def status(name: str) -> str:
    """Return "recorded", "without gradient" or "refused" for a function of NumPy.

    ``name`` is that below ``np``, such as "linalg.norm". Raises KeyError if it is not known.
    """
    real: Any = np
    for part in name.split("."):
        real = getattr(real, part, None)
    if isinstance(real, np.ufunc):
        name = _OPERATIONS.get(real.__name__, real.__name__)
    if name in REFUSED:
        return "refused"
    if name in WITHOUT_GRADIENT | MAKING | DISCRETE:
        return "without gradient"
    if (
        name in COMPOSED | UFUNCS | CONVERTING | _CONTRACTIONS.keys() | _SCALED.keys()
        or name in ("vectorize", "frompyfunc")
        or recorded_name(name)
    ):
        return "recorded"
    raise KeyError(name)


def recorded_name(name: str) -> str | None:
    """Return the method of ``NumpyRecorder`` that stands for a function, None if there is none."""
    method = name.replace(".", "_")
    known = method in vars(NumpyRecorder) and not method.startswith("_")
    return method if known and method not in ("ufunc", "call", "invoke", "constant") else None


def _axes(axis: Any, rank: int) -> tuple[int, ...] | None:
    """Return an axis as the attribute: None, or a sorted tuple from 0."""
    if axis is None:
        return None
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    found = tuple(sorted(int(each) + (rank if each < 0 else 0) for each in axes))
    if any(not 0 <= each < rank for each in found):
        raise np.exceptions.AxisError(axes[0], rank)
    return found


def _mask(mask: Any) -> Any:
    return np.asarray(plain(mask)).astype(bool)


def _mover(name: str) -> Callable[..., Any]:
    def move(self: NumpyRecorder, a: Any, *args: Any, **keywords: Any) -> Any:
        """Record a function that only moves entries, by what it does to their positions."""
        given, named = plain(args), plain(keywords)
        return self._moved(name, lambda x: getattr(np, name)(x, *given, **named), a)

    return move


def _reduction(op: str, *extra: str) -> Callable[..., Any]:
    """``extra`` are the positional arguments after the axis."""

    def reduce(self: NumpyRecorder, a: Any, axis: Any = None, *args: Any, **named: Any) -> Any:
        named |= dict(zip(extra, args, strict=False))
        x = self.array(a)
        where, initial = named.pop("where", True), named.pop("initial", None)
        if where is not True:
            if op != "sum":
                raise self.refuse(texts.argument(op, "where"))
            x = self.apply("where", where, x, 0.0)
        if named.get("dtype") is not None:
            x = self.astype(x, named["dtype"], copy=False)
        more = {}
        if op in ("var", "std"):
            more["ddof"] = named.get("correction", named.get("ddof", 0))
        keeps = named.get("keepdims", False)
        keeps = keeps is not np._NoValue and bool(keeps)
        found = self.apply(op, x, axis=_axes(axis, np.ndim(x)), keepdims=keeps, **more)
        if initial is not None:
            joined = {"max": np.maximum, "min": np.minimum, "sum": np.add, "prod": np.multiply}
            found = joined[op](found, initial)
        return self.finish(found, named.get("out"))

    return reduce


def _like(name: str) -> Callable[..., Any]:
    # The memory of "empty" is not the program's: its entries are 0 here.
    make = np.zeros_like if name == "empty_like" else getattr(np, name)

    def like(self: NumpyRecorder, prototype: Any, dtype: Any = None, **more: Any) -> Any:
        more.pop("subok", None)
        return self.start(make(plain(prototype), dtype=plain_type(dtype), **more))

    return like


class NumpyRecorder(ProgramRecorder):
    """Records NumPy's functions of recorded arrays. ``array_type`` stands for ``np.ndarray``."""

    array_type: Any = None

    def ufunc(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        """Record a call of a ufunc, or of its ``at``, ``reduce``, ``accumulate``, ``outer``."""
        # A function of math, by np.frompyfunc.
        name = ufunc.__name__.removesuffix(" (vectorized)")
        name = _OPERATIONS.get(name, name)
        out = named.pop("out", None)
        if method == "at" and name in ("add", "subtract"):
            target, index, value = inputs
            return self.write(
                target, index, value if name == "add" else np.negative(value), "add_at"
            )
        if method == "reduce" and name in _REDUCE:
            named.setdefault("axis", 0)
            return self.finish(getattr(self, _REDUCE[name])(*inputs, **named), out)
        if method == "accumulate" and name == "add":
            return self.finish(self.cumsum(inputs[0], named.get("axis", 0)), out)
        if method == "outer":
            a, b = map(self.array, inputs)
            return ufunc(self.reshape(a, (*np.shape(a), *(1,) * np.ndim(b))), b)
        if method == "__call__" and name in _CONTRACTIONS:
            return self.finish(self.einsum(_CONTRACTIONS[name], *inputs), out)
        if method == "__call__" and name in _SCALED:
            return self.finish(self.apply("multiply", *inputs, _SCALED[name]), out)
        if method != "__call__" or name not in _CALLED:
            label = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            return self.constant(label, getattr(ufunc, method), inputs, named)
        arrays = [self.array(each) for each in inputs]
        if named.get("dtype") is not None:
            arrays = [self.astype(each, named["dtype"]) for each in arrays]
        where = named.get("where", True)
        if where is True:
            return self.finish(self.apply(name, *arrays), out)
        # The other entries keep what ``out`` holds. One that is not computed is 1 going in, so that
        # its slope is finite.
        target = out[0] if isinstance(out, tuple) else out
        if target is None:
            raise self.refuse(texts.argument(name, "where"))
        safe = [self.apply("where", where, x, 1.0) if np.ndim(x) else x for x in arrays]
        return self.finish(self.apply("where", where, self.apply(name, *safe), target), target)

    def call(self, function: Any, args: Any, named: Mapping[str, Any]) -> Any:
        """Call a function of NumPy that has recorded arrays among its arguments."""
        name = getattr(function, "__name__", "")
        if "linalg" in (getattr(function, "__module__", "") or ""):
            name = f"linalg.{name}"
        if (method := recorded_name(name)) is not None:
            return self.invoke(method, args, named)
        if name in COMPOSED:
            if name not in _OF_SEQUENCES and isinstance(args[0], list | tuple):
                args = (self.array(args[0]), *args[1:])
            return function._implementation(*args, **named)
        if name in WITHOUT_GRADIENT:
            return self.as_start(function(*plain(args), **plain(named)))
        return self.constant(name, function, args, named)

    def invoke(self, method: str, args: Any, named: Mapping[str, Any]) -> Any:
        """Call a method of this class, and write its result where ``out`` says."""
        rest = {name: value for name, value in named.items() if name != "out"}
        out = named.get("out")
        if method in _OUT_POSITION and len(args) > _OUT_POSITION[method]:
            args, out = args[: _OUT_POSITION[method]], args[_OUT_POSITION[method]]
        return self.finish(getattr(self, method)(*args, **rest), out)

    def finish(self, found: Any, out: Any) -> Any:
        """Return a result, or write it into ``out``."""
        target = out[0] if isinstance(out, tuple) else out
        if target is None or getattr(target, "scalar", False):  # A number: += makes a new one.
            return found
        self.replace(target, found)
        return target

    def constant(self, name: str, function: Any, args: Any, named: Mapping[str, Any]) -> Any:
        """Call a function that is not recorded, of arrays that no gradient is computed of.

        With ``keeps_unknown``, what it makes of others is a constant in ``unknown``.
        """
        if not self.is_moving(args) and not self.is_moving(named):
            return self.as_start(function(*plain(args), **plain(named)))
        return self._unknown(texts.function(name), function, args, named)

    def _unknown(self, message: str, function: Any, args: Any, named: Mapping[str, Any]) -> Any:
        error = self.refuse(message)
        if not self.keeps_unknown:
            raise error
        found = function(*plain(args), **plain(named))
        if isinstance(found, np.floating):
            found = self.start(np.array(found))
            found.scalar = True
        else:
            found = self.as_start(found)
        for each in flat((found,)):
            if isinstance(each, RecordedArray):
                self.unknown[self.read(each)] = error.message
        return found

    def as_start(self, found: Any) -> Any:
        """Return new arrays as values that the program starts from, others as they are."""
        if type(found) is np.ndarray and found.dtype.kind in "fiub":
            if self.is_known(found):
                return self.adopt(found)
            owner: Any = found.base
            if owner is not None and not isinstance(owner, np.ndarray):
                return found  # The memory of something else.
            return self.start(found)
        if type(found) in (tuple, list):
            return type(found)(self.as_start(each) for each in found)
        if isinstance(found, tuple) and hasattr(found, "_fields"):
            return type(found)(*map(self.as_start, found))
        return found

    def as_drawn(self, found: Any) -> Any:
        """Return arrays and numbers that were drawn as what the program starts from: a number may
        be a weight of a network in lists.
        """
        number = self.start(np.array(found)) if isinstance(found, float) else self.as_start(found)
        if isinstance(number, RecordedArray):
            number.scalar = isinstance(found, float)
            self.drawn.add(self.read(number))
        return number

    # Reductions.

    sum = _reduction("sum", "dtype", "out", "keepdims")
    mean = _reduction("mean", "dtype", "out", "keepdims")
    prod = _reduction("prod", "dtype", "out", "keepdims")
    max = amax = _reduction("max", "out", "keepdims")
    min = amin = _reduction("min", "out", "keepdims")
    var = _reduction("var", "dtype", "out", "ddof", "keepdims")
    std = _reduction("std", "dtype", "out", "ddof", "keepdims")
    argmax = _reduction("argmax", "out")
    argmin = _reduction("argmin", "out")
    any = _reduction("any", "out")
    all = _reduction("all", "out")
    count_nonzero = _reduction("count_nonzero")

    def cumsum(self, a: Any, axis: Any = None, dtype: Any = None) -> Any:
        x, axis = self._flattened(a, axis)
        return self.apply("cumsum", x if dtype is None else self.astype(x, dtype), axis=axis)

    cumulative_sum = cumsum

    def cumprod(self, a: Any, axis: Any = None) -> Any:
        """Π along an axis, with one product after the other."""
        x, axis = self._flattened(a, axis)
        moved = np.moveaxis(x, axis, 0)
        parts = [moved[0]]
        for k in range(1, len(moved)):
            parts.append(parts[-1] * moved[k])
        return self.stack(parts, axis)

    def linalg_norm(self, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
        x = self.array(x)
        axes = _axes(axis, np.ndim(x))
        count = np.ndim(x) if axes is None else len(axes)
        if ord is None or (ord, count) in ((2, 1), ("fro", 2)):
            return self.apply("norm", x, axis=axes, keepdims=bool(keepdims))
        if count == 1 and ord in (1, np.inf):
            return (np.sum if ord == 1 else np.max)(np.abs(x), axis=axes, keepdims=keepdims)
        named = {"ord": ord, "axis": axis, "keepdims": keepdims}
        message = texts.argument("linalg.norm", f"ord={ord!r}")
        return self._unknown(message, np.linalg.norm, (x,), named)

    def median(self, a: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """The mean of the one or two sorted entries in the middle."""
        x, at = self._flattened(a, axis)
        count = x.shape[at]
        middle = np.take(self.sort(x, at), range((count - 1) // 2, count // 2 + 1), axis=at)
        found = np.mean(middle, axis=at, keepdims=keepdims and axis is not None)
        return self.reshape(found, (1,) * np.ndim(a)) if keepdims and axis is None else found

    # Shapes.

    def _flattened(self, a: Any, axis: Any) -> tuple[Any, int]:
        x = self.array(a)
        return (self.ravel(x), 0) if axis is None else (x, int(axis) % max(np.ndim(x), 1))

    def reshape(self, a: Any, *shape: Any, order: str = "C", **named: Any) -> Any:
        x = self.array(a)
        wanted: Any = shape or (named.get("shape", named.get("newshape")),)
        if len(wanted) == 2 and isinstance(wanted[1], str):  # np.reshape(a, shape, order)
            wanted, order = wanted[:1], wanted[1]
        whole = wanted[0] if len(wanted) == 1 else wanted
        whole = whole if isinstance(whole, tuple | list) else np.atleast_1d(plain(whole))
        sizes = tuple(int(each) for each in whole)
        if order == "F":
            return self.transpose(self.reshape(self.transpose(x), sizes[::-1]))
        return self._viewed(x, np.reshape(plain(x), sizes))

    def _viewed(self, x: Any, found: Any) -> Any:
        return self.view(x, found, "reshape", shape=found.shape)

    def ravel(self, a: Any, order: str = "C") -> Any:
        return self.reshape(a, (-1,), order="F" if order == "F" else "C")

    def squeeze(self, a: Any, axis: Any = None) -> Any:
        x = self.array(a)
        return x if getattr(x, "scalar", False) else self._viewed(x, np.squeeze(plain(x), axis))

    def transpose(self, a: Any, *axes: Any, **named: Any) -> Any:
        x = self.array(a)
        wanted = axes or (named.get("axes"),)
        order = wanted[0] if len(wanted) == 1 and not isinstance(wanted[0], int) else wanted
        rank = np.ndim(x)
        turned = tuple(int(k) % rank for k in (range(rank)[::-1] if order is None else order))
        if rank < 2:
            return x
        return self.view(x, np.transpose(plain(x), turned), "transpose", axes=turned)

    permute_dims = transpose

    def row_stack(self, tup: Any) -> Any:
        return np.vstack(tup)

    def compress(self, condition: Any, a: Any, axis: Any = None) -> Any:
        return np.take(a, np.flatnonzero(plain(condition)), axis=axis)

    def extract(self, condition: Any, arr: Any) -> Any:
        return self.compress(np.ravel(plain(condition)), arr)

    def insert(self, arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
        """Entries put before positions of an axis: those of both arrays in another order."""
        x, at = self._flattened(arr, axis)
        values, length = self.array(values), x.shape[at]
        if np.ndim(obj) == 0 and np.ndim(values):
            missing = np.ndim(x) - np.ndim(values)
            values = np.moveaxis(np.reshape(values, (1,) * missing + np.shape(values)), 0, at)
            obj = [obj] * np.shape(values)[at]
        kept = np.insert(np.arange(length), obj, -1)
        count = len(kept) - length
        shape = (*x.shape[:at], count, *x.shape[at + 1 :])
        joined = self.concatenate([x, np.broadcast_to(values, shape)], at)
        kept[kept < 0] = length + np.arange(count)
        return np.take(joined, kept, axis=at)

    def kron(self, a: Any, b: Any) -> Any:
        a, b = map(self.array, (a, b))
        rank = max(a.ndim, b.ndim)
        one = (*(1,) * (rank - a.ndim), *a.shape)
        two = (*(1,) * (rank - b.ndim), *b.shape)
        wide = self.reshape(a, [n for each in one for n in (each, 1)])
        product = wide * self.reshape(b, [n for each in two for n in (1, each)])
        return self.reshape(product, [x * y for x, y in zip(one, two, strict=True)])

    def swapaxes(self, a: Any, axis1: int, axis2: int) -> Any:
        axes = list(range(np.ndim(a)))
        axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
        return self.transpose(a, tuple(axes))

    def matrix_transpose(self, x: Any) -> Any:
        return self.swapaxes(x, -1, -2)

    def broadcast_to(self, array: Any, shape: Any, subok: bool = False) -> Any:
        sizes = tuple(shape) if isinstance(shape, tuple | list) else (int(shape),)
        return self.apply("stretch", self.array(array), shape=sizes, dtype=None)

    def broadcast_arrays(self, *args: Any, subok: bool = False) -> Any:
        shape = np.broadcast_shapes(*map(np.shape, args))
        return tuple(self.broadcast_to(each, shape) for each in args)

    def concatenate(self, arrays: Any, axis: Any = 0, *, dtype: Any = None, **_: Any) -> Any:
        parts = [self.array(each) for each in arrays]
        if axis is None:
            parts, axis = [self.ravel(each) for each in parts], 0
        found = self.apply("concatenate", *parts, axis=int(axis) % max(np.ndim(parts[0]), 1))
        return found if dtype is None else self.astype(found, dtype)

    concat = concatenate

    def stack(self, arrays: Any, axis: int = 0, *, dtype: Any = None, **_: Any) -> Any:
        parts = [self.array(each) for each in arrays]
        found = self.apply("stack", *parts, axis=axis % (np.ndim(parts[0]) + 1))
        return found if dtype is None else self.astype(found, dtype)

    def pad(self, array: Any, pad_width: Any, mode: Any = "constant", **named: Any) -> Any:
        x = self.array(array)
        if mode == "constant":
            values = np.asarray(plain(named.get("constant_values", 0))).ravel()
            if isinstance(pad_width, dict) or np.any(values != values[0]):
                raise self.refuse(texts.argument("pad", "constant_values"))
            pairs = np.broadcast_to(np.asarray(plain(pad_width)), (np.ndim(x), 2))
            widths = tuple((int(low), int(high)) for low, high in pairs)
            return self.apply("pad", x, widths=widths, value=float(values[0]))
        # The others compute new entries.
        if mode not in ("edge", "reflect", "symmetric", "wrap") or "reflect_type" in named:
            raise self.refuse(texts.argument("pad", f"mode={mode!r}"))
        return self._moved("pad", lambda a: np.pad(a, pad_width, mode, **named), x)

    def _moved(self, name: str, function: Callable[..., Any], a: Any) -> Any:
        x = self.array(a)
        index = np.asarray(function(np.arange(np.size(x)).reshape(np.shape(x)))).astype(np.int64)
        moved = np.ravel(plain(x))[np.clip(index, 0, np.size(x) - 1)]
        if not np.array_equal(moved, function(plain(x)), equal_nan=True):
            raise self.refuse(texts.argument(name, ", ".join(("mode", "constant_values"))))
        return self.apply("gather", x, self.start(index), fill=0.0, function=name)

    roll, tile, repeat, rot90 = map(_mover, ("roll", "tile", "repeat", "rot90"))
    delete, resize = map(_mover, ("delete", "resize"))

    def tril(self, m: Any, k: int = 0) -> Any:
        return self.apply("triangle", self.array(m), k=int(k), upper=False)

    def triu(self, m: Any, k: int = 0) -> Any:
        return self.apply("triangle", self.array(m), k=int(k), upper=True)

    def diag(self, v: Any, k: int = 0) -> Any:
        x = self.array(v)
        if np.ndim(x) == 2:
            return self.diagonal(x, k)
        whole = self.start(np.zeros((len(x) + abs(k),) * 2, dtype=x.dtype))
        rows = np.arange(len(x)) + max(0, -k)
        whole[rows, rows + k] = x
        return whole

    def diagflat(self, v: Any, k: int = 0) -> Any:
        return self.diag(self.ravel(self.array(v)), k)

    def diagonal(self, a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
        return self._moved("diagonal", lambda x: np.diagonal(x, offset, axis1, axis2), a)

    def trace(self, a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
        return np.sum(self.diagonal(a, offset, axis1, axis2), axis=-1)

    linalg_trace, linalg_diagonal, linalg_matrix_transpose = trace, diagonal, matrix_transpose

    # Entries.

    def take(self, a: Any, indices: Any, axis: Any = None, mode: str = "raise") -> Any:
        x, axis = self._flattened(a, axis)
        whole = indices if isinstance(indices, int | np.ndarray) else np.asarray(indices)
        return x[(slice(None),) * axis + (whole,)]

    def sort(self, a: Any, axis: Any = -1, *_: Any, **__: Any) -> Any:
        x, axis = self._flattened(a, axis)
        return np.take_along_axis(x, self.apply("argsort", x, axis=axis), axis)

    def argsort(self, a: Any, axis: Any = -1, *_: Any, **__: Any) -> Any:
        x, axis = self._flattened(a, axis)
        return self.apply("argsort", x, axis=axis)

    def where(self, condition: Any, *values: Any) -> Any:
        if not values:
            return self.as_start(np.where(plain(condition)))
        return self.apply("where", *map(self.array, (condition, *values)))

    def select(self, condlist: Any, choicelist: Any, default: Any = 0) -> Any:
        found = self.array(default)
        for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
            found = self.where(condition, choice, found)
        return found

    def choose(self, a: Any, choices: Any, mode: str = "raise") -> Any:
        """Entry by entry, that of the array in ``choices`` with the number in ``a``."""
        index = np.asarray(plain(a)).astype(int)
        arrays = list(map(self.array, choices))
        wide = np.broadcast_shapes(index.shape, *map(np.shape, arrays))
        rows = self.array([self.broadcast_to(each, wide) for each in arrays])
        return rows[(np.broadcast_to(index, wide).copy(), *np.indices(wide))]

    def clip(
        self, a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, **named: Any
    ) -> Any:
        x = self.array(a)
        low, high = (
            None if each is np._NoValue else each
            for each in (named.get("min", a_min), named.get("max", a_max))
        )
        if self.is_moving(low) or self.is_moving(high):
            found = x if low is None else np.maximum(x, low)
            return self.finish(found if high is None else np.minimum(found, high), out)
        ends = (-np.inf if low is None else low, np.inf if high is None else high)
        return self.finish(self.apply("clip", x, *map(self.array, ends)), out)

    def nan_to_num(self, x: Any, copy: bool = True, nan: float = 0.0, **named: Any) -> Any:
        array = self.array(x)
        limits = np.finfo(array.dtype)
        found = self.where(np.isnan(array), nan, array)
        found = self.where(np.isposinf(plain(array)), named.get("posinf", limits.max), found)
        return self.where(np.isneginf(plain(array)), named.get("neginf", limits.min), found)

    def nansum(self, a: Any, axis: Any = None, *args: Any, **named: Any) -> Any:
        array = self.array(a)
        return self.sum(self.where(np.isnan(array), 0.0, array), axis, *args, **named)

    def _without_nan(self, name: str, a: Any, args: Any, named: Mapping[str, Any]) -> Any:
        """Call the function without "nan" in its name. Raises InvalidInput where one is NaN."""
        array = self.array(a)
        if np.isnan(plain(array)).any():
            raise self.refuse(texts.function(f"nan{name}"))
        return getattr(self, name)(array, *args, **named)

    def nanmean(self, a: Any, *args: Any, **named: Any) -> Any:
        return self._without_nan("mean", a, args, named)

    def nanvar(self, a: Any, *args: Any, **named: Any) -> Any:
        return self._without_nan("var", a, args, named)

    def nanstd(self, a: Any, *args: Any, **named: Any) -> Any:
        return self._without_nan("std", a, args, named)

    def nanmax(self, a: Any, *args: Any, **named: Any) -> Any:
        return self._without_nan("max", a, args, named)

    def nanmin(self, a: Any, *args: Any, **named: Any) -> Any:
        return self._without_nan("min", a, args, named)

    def copyto(self, dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
        kept = src if where is True else self.apply("where", where, self.array(src), dst)
        self.write(dst, Ellipsis, kept)

    def put(self, a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
        self.ravel(a)[np.asarray(plain(ind)).ravel()] = v

    def putmask(self, a: Any, mask: Any, values: Any) -> None:
        self._write_from(a, mask, values, np.arange(np.size(a))[_mask(mask).ravel()])

    def place(self, arr: Any, mask: Any, vals: Any) -> None:
        self._write_from(arr, mask, vals, np.arange(np.count_nonzero(_mask(mask))))

    def _write_from(self, a: Any, mask: Any, values: Any, places: Any) -> None:
        """Write values, which begin anew after their last one, into the entries of a mask."""
        known = np.ravel(self.array(values))
        self.write(a, _mask(mask), known[places % max(np.size(known), 1)])

    def fill_diagonal(self, a: Any, val: Any, wrap: bool = False) -> None:
        self.write(a, (np.arange(min(a.shape)),) * a.ndim, val)

    # Products.

    def dot(self, a: Any, b: Any) -> Any:
        x, y = self.array(a), self.array(b)
        if np.ndim(x) == 0 or np.ndim(y) == 0:
            return self.apply("multiply", x, y)
        if np.ndim(x) <= 2 and np.ndim(y) <= 2:
            return self.apply("matmul", x, y)
        return self.tensordot(x, y, (-1, max(np.ndim(y) - 2, 0)))

    def inner(self, a: Any, b: Any) -> Any:
        x, y = self.array(a), self.array(b)
        if np.ndim(x) == 0 or np.ndim(y) == 0:
            return self.apply("multiply", x, y)
        return self.tensordot(x, y, (-1, -1))

    def vdot(self, a: Any, b: Any) -> Any:
        return self.dot(self.ravel(a), self.ravel(b))

    def outer(self, a: Any, b: Any) -> Any:
        return self.apply("multiply", self.ravel(a)[:, None], self.ravel(b)[None, :])

    def tensordot(self, a: Any, b: Any, axes: Any = 2) -> Any:
        x, y = self.array(a), self.array(b)
        if isinstance(axes, int | np.integer):
            axes = (range(-int(axes), 0), range(int(axes)))
        pair = tuple(
            tuple(int(k) % np.ndim(z) for k in ((each,) if np.ndim(each) == 0 else each))
            for z, each in zip((x, y), axes, strict=True)
        )
        return self.apply("tensordot", x, y, axes=pair)

    linalg_outer, linalg_tensordot = outer, tensordot

    def einsum(self, *operands: Any, **_: Any) -> Any:
        if not isinstance(operands[0], str):
            raise self.refuse(texts.argument("einsum", "sublists"))
        arrays = [self.array(each) for each in operands[1:]]
        subscripts = _letters_of(operands[0].replace(" ", ""), [np.ndim(each) for each in arrays])
        sizes: dict[str, int] = {}
        parts = subscripts.split("->")[0].split(",")
        for part, each in zip(parts, arrays, strict=True):
            for letter, size in zip(part, np.shape(each), strict=True):
                sizes[letter] = size if sizes.get(letter, 1) == 1 else sizes[letter]
        # einsum repeats an axis of length 1; here this is a line of its own.
        for k, part in enumerate(parts):
            shape = tuple(sizes[letter] for letter in part)
            if shape != np.shape(arrays[k]) and len(set(part)) == len(part):
                arrays[k] = self.broadcast_to(arrays[k], shape)
        return self.apply("einsum", *arrays, subscripts=subscripts)

    def convolve(self, a: Any, v: Any, mode: str = "full") -> Any:
        """The sum of products of a with v from right to left, at each place."""
        x, w = self.array(a), self.array(v)
        x, w = (x, w) if len(w) <= len(x) else (w, x)
        return self._correlated(x, w[::-1], mode)

    def correlate(self, a: Any, v: Any, mode: str = "valid") -> Any:
        x, w = self.array(a), self.array(v)
        if len(w) <= len(x):
            return self._correlated(x, w, mode)
        return self._correlated(w, x, mode)[::-1]

    def _correlated(self, x: Any, w: Any, mode: str) -> Any:
        size = len(w)
        low = {"valid": 0, "same": size // 2, "full": size - 1}[mode]
        high = {"valid": 0, "same": (size - 1) // 2, "full": size - 1}[mode]
        wide = self.pad(x, ((low, high),)) if low or high else x
        return self.apply("matmul", self.sliding_window_view(wide, size), w)

    def sliding_window_view(self, x: Any, window_shape: Any, axis: Any = None, **_: Any) -> Any:
        view = np.lib.stride_tricks.sliding_window_view(plain(self.array(x)), window_shape, axis)
        return self._windows(self.array(x), view)

    def as_strided(self, x: Any, shape: Any = None, strides: Any = None, **_: Any) -> Any:
        view = np.lib.stride_tricks.as_strided(plain(self.array(x)), shape, strides)
        return self._windows(self.array(x), view)

    def _windows(self, x: Any, view: Any) -> Any:
        """Return a view as a copy: its entries overlap in memory."""
        if not plain(x).flags.c_contiguous:
            x = base_of(x)  # a transposed array, or another view of it
        begin = view.__array_interface__["data"][0] - x.__array_interface__["data"][0]
        return self.apply(
            *("strided", x),
            offset=begin // x.itemsize if view.size else 0,
            shape=view.shape,
            strides=tuple(each // x.itemsize for each in view.strides),
        )

    # Copies, types and functions of a program.

    zeros_like, ones_like, empty_like = map(_like, ("zeros_like", "ones_like", "empty_like"))

    def full_like(self, a: Any, fill_value: Any, dtype: Any = None, **more: Any) -> Any:
        shape, kind = more.get("shape"), plain_type(dtype) or a.dtype
        whole = self.start(np.zeros(np.shape(a) if shape is None else shape, dtype=kind))
        whole[...] = fill_value
        return whole

    def copy(self, a: Any, *_: Any, **__: Any) -> Any:
        return self.apply("copy", self.array(a))

    def real(self, val: Any) -> Any:
        return val

    conj = real

    def astype(self, a: Any, dtype: Any, *, copy: bool = True) -> Any:
        wanted, x = np.dtype(plain_type(dtype)), self.array(a)
        if not isinstance(x, np.ndarray):
            return np.asarray(x).astype(wanted)[()]
        if wanted == x.dtype:
            return self.apply("copy", x) if copy else x
        if wanted.kind not in "fiub":
            return plain(x).astype(wanted)
        op = "astype" if wanted.kind == "f" else "to_whole"
        return self.apply(op, x, dtype=str(wanted))

    def apply_along_axis(self, func1d: Any, axis: int, arr: Any, *args: Any, **named: Any) -> Any:
        moved = np.moveaxis(arr, axis, -1)
        rows = self.reshape(moved, (-1, moved.shape[-1]))
        found = self.stack([func1d(row, *args, **named) for row in rows])
        whole = self.reshape(found, (*moved.shape[:-1], *found.shape[1:]))
        return whole if found.ndim == 1 else np.moveaxis(whole, -1, axis)

    # Functions of SciPy that do not keep a subclass of arrays.

    def logsumexp(
        self, a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, **_: Any
    ) -> Any:
        x = self.array(a)
        largest = self.start(np.max(plain(x), axis=axis, keepdims=True))
        parts = np.exp(x - largest)
        total = np.log(np.sum(parts if b is None else b * parts, axis=axis, keepdims=keepdims))
        return total + (largest if keepdims else np.squeeze(largest, axis=axis))

    def softmax(self, x: Any, axis: Any = None) -> Any:
        array = self.array(x)
        parts = np.exp(array - self.start(np.max(plain(array), axis=axis, keepdims=True)))
        return parts / np.sum(parts, axis=axis, keepdims=True)

    def log_softmax(self, x: Any, axis: Any = None) -> Any:
        return self.array(x) - self.logsumexp(x, axis, keepdims=True)


def _letters_of(subscripts: str, ranks: Sequence[int]) -> str:
    """Return subscripts with "->", and letters for "..."."""
    inputs, arrow, output = subscripts.partition("->")
    parts = inputs.split(",")
    extra = [
        rank - len(part.replace("...", "")) if "..." in part else 0
        for part, rank in zip(parts, ranks, strict=True)
    ]
    free = [letter for letter in "ABCDEFGHIJKLM" if letter not in subscripts]
    names = "".join(free[: max(extra)])
    filled = [
        part.replace("...", names[len(names) - count :])
        for part, count in zip(parts, extra, strict=True)
    ]
    if not arrow:
        every = inputs.replace("...", "").replace(",", "")
        output = names + "".join(sorted(c for c in set(every) if every.count(c) == 1))
    return f"{','.join(filled)}->{output.replace('...', names)}"


def has_recorded(values: Any) -> bool:
    """Whether a recorded array is among values, or inside their lists and tuples."""
    return any(isinstance(each, RecordedArray) for each in flat(values))

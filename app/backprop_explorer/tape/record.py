"""Record NumPy code: run it once on array proxies that note each NumPy call.

A proxy refuses every operation that it cannot record. The whole function then becomes one
PythonCall on the tape. So no operation is lost silently.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from backprop_explorer.tape.entries import Call, Entry, PythonCall, ReduceCall, Repair, ScalarCall

Array = NDArray[np.float64]


class NotRecordableError(AttributeError, TypeError):
    """An array proxy cannot record this operation.

    It is an AttributeError and a TypeError: NumPy and Python then treat the operation as missing.
    """


class Scratch:
    """A pool of buffers for temporary arrays, reused as NumPy reuses freed memory.

    Code that runs in parallel must not share one.
    """

    def __init__(self) -> None:
        self.free: dict[int, list[Array]] = {}

    def borrow(self, shape: tuple[int, ...]) -> tuple[Array, _Handle]:
        """Borrow a buffer. It returns to the pool when its handle is deleted."""
        size = math.prod(shape)
        free = self.free.setdefault(size, [])
        flat = free.pop() if free else np.zeros(size)
        return flat.reshape(shape), _Handle(flat, free)


class _Handle:
    """Returns ``flat`` to the pool when the handle is deleted."""

    __slots__ = ("_flat", "_free")

    def __init__(self, flat: Array, free: list[Array]) -> None:
        self._flat = flat
        self._free = free

    def __del__(self) -> None:
        self._free.append(self._flat)


@dataclass(slots=True, eq=False, repr=False)
class ArrayProxy(NDArrayOperatorsMixin):
    """A proxy of ``array`` (float64) that appends each operation on it to ``entries``.

    Temporary results use buffers of ``scratch``. ``handle`` keeps the proxy's own buffer borrowed.
    """

    array: Array
    entries: list[Entry]
    scratch: Scratch
    handle: _Handle | None = None

    def _like(self, array: Array, handle: _Handle | None) -> ArrayProxy:
        return ArrayProxy(array, self.entries, self.scratch, handle)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self.array.shape

    @property
    def ndim(self) -> int:
        """The number of dimensions of the array."""
        return self.array.ndim

    @property
    def T(self) -> ArrayProxy:  # noqa: N802 - NumPy's name
        """The transposed array, a view."""
        return self._like(self.array.T, self.handle)

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, key: Any) -> ArrayProxy:
        view = self.array[key]
        if not np.may_share_memory(view, self.array):
            raise NotRecordableError(f"indexing with [{key}] makes a copy")
        return self._like(view, self.handle)

    def sum(self, axis: int | None = None, *, keepdims: bool = False) -> ArrayProxy:
        """Sum of each row (``axis=1, keepdims=True``), or of all entries."""
        return _reduced(np.add, self, axis, keepdims)

    def max(self, axis: int | None = None, *, keepdims: bool = False) -> ArrayProxy:
        """Maximum of each row (``axis=1, keepdims=True``), or of all entries."""
        return _reduced(np.maximum, self, axis, keepdims)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: tuple[Any, ...] = (), **more: Any
    ) -> ArrayProxy:
        known_out = all(isinstance(each, ArrayProxy) for each in out)
        if method != "__call__" or more or ufunc.nout != 1 or not known_out:
            raise NotRecordableError(f"{ufunc.__name__}.{method} with {sorted(more)}")
        plain = tuple(_plain(each) for each in inputs)
        # Run the call only to learn the shape and dtype of its result. The values do not matter,
        # so their warnings are suppressed.
        with np.errstate(all="ignore"):
            result = _plain(out[0]) if out else np.asarray(ufunc(*plain))
        if result.dtype != np.float64 or any(each.dtype != np.float64 for each in plain):
            raise NotRecordableError(f"{ufunc.__name__} of a dtype other than float64")
        handle = out[0].handle if out else None
        if not out and result.ndim:
            result, handle = self.scratch.borrow(result.shape)
        self.entries.append(Call(ufunc, plain, result))
        return self._like(result, handle)

    def __array_function__(self, function: Any, *_: Any) -> Any:
        raise NotRecordableError(f"np.{function.__name__}")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise NotRecordableError("conversion to an array")

    def __bool__(self) -> bool:
        raise NotRecordableError("conversion to bool")

    def __float__(self) -> float:
        raise NotRecordableError("conversion to float")

    def __int__(self) -> int:
        raise NotRecordableError("conversion to int")

    def __setitem__(self, key: Any, value: Any) -> None:
        raise NotRecordableError("assignment to entries")

    def __getattr__(self, name: str) -> Any:
        raise NotRecordableError(name)


def _plain(value: Any) -> Array:
    return value.array if isinstance(value, ArrayProxy) else np.asarray(value, dtype=np.float64)


def _reduced(ufunc: np.ufunc, of: ArrayProxy, axis: int | None, keepdims: bool) -> ArrayProxy:
    handle = None
    if of.ndim == 2 and axis == 1 and keepdims:
        out, handle = of.scratch.borrow((len(of), 1))
    elif axis is None and not keepdims:
        out = np.zeros(())
    else:
        raise NotRecordableError(f"{ufunc.__name__} over axis {axis}")
    of.entries.append(ReduceCall(ufunc, of.array, out))
    return ArrayProxy(out, of.entries, of.scratch, handle)


def record(
    function: Callable[..., Any], *arguments: Any, scratch: Scratch | None = None, **keywords: Any
) -> list[Entry]:
    """Record ``function(*arguments, **keywords)`` as entries of a tape.

    The tape reads and writes the arrays among the arguments; ``out`` must be one of the keywords.
    All other arguments are constants of the tape. Functions that run in sequence may share one
    ``scratch``.
    """
    entries: list[Entry] = []
    memory = scratch or Scratch()

    def proxy(value: Any) -> Any:
        return ArrayProxy(value, entries, memory) if isinstance(value, np.ndarray) else value

    try:
        result = function(
            *map(proxy, arguments), **{name: proxy(each) for name, each in keywords.items()}
        )
    except NotRecordableError:
        return [PythonCall(partial(_call, function, arguments, keywords))]
    if _plain(result) is not keywords["out"]:
        return [PythonCall(partial(_call, function, arguments, keywords))]
    return entries


def _call(function: Callable[..., Any], arguments: tuple[Any, ...], keywords: Any) -> None:
    """Call ``function``; copy its result into ``out`` if it returns a new array (``np.where``)."""
    result, out = function(*arguments, **keywords), keywords["out"]
    if result is not None and result is not out:
        np.copyto(out, result)


def repair(
    out: Array, watched: Array, limit: float, better: Callable[..., Array], *inputs: Array
) -> Array:
    """Replace entries of ``out`` by those of ``better(*inputs)`` wherever ``watched`` < ``limit``.

    Returns ``out``. Recordable code needs this function in place of an ``if``: the choice depends
    on values that change from step to step.
    """
    proxy: Any = out
    if isinstance(proxy, ArrayProxy):
        inner: list[Entry] = []
        repaired = better(*(ArrayProxy(_plain(each), inner, proxy.scratch) for each in inputs))
        calls = tuple(each for each in inner if isinstance(each, Call))
        if len(calls) < len(inner):
            raise NotRecordableError("a repair that consists of more than calls")
        proxy.entries.append(Repair(_plain(watched), limit, calls, _plain(repaired), proxy.array))
    elif watched.item(watched.argmin()) < limit:
        np.copyto(out, better(*inputs), where=watched < limit)
    return out


def scalar_call(function: Callable[..., float], *inputs: float) -> float:
    """Return ``function(*inputs)`` for numbers; recordable where a number changes between steps."""
    given: tuple[Any, ...] = inputs
    proxies = [each for each in given if isinstance(each, ArrayProxy)]
    if not proxies:
        return function(*inputs)
    first = proxies[0]
    out = np.zeros(())
    first.entries.append(ScalarCall(function, tuple(_plain(each) for each in inputs), out))
    return cast("float", ArrayProxy(out, first.entries, first.scratch))


def unboxed(value: Any) -> float:
    """Convert a NumPy scalar to a Python float. Arrays of shape () and proxies pass unchanged."""
    return cast("float", value if isinstance(value, ArrayProxy | np.ndarray) else float(value))

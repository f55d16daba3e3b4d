"""Recording: plain NumPy code is run once on stand-ins that note what it does.

A stand-in is no array: what it does not know how to note, it refuses, and the code goes on the tape
as one call, to be run as it is. So nothing is left out unnoticed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from backprop_explorer.tape.entries import Call, Entry, Number, Other, Reduction, Repair

Array = NDArray[np.float64]


class NotRecordableError(AttributeError, TypeError):
    """Something was asked of a stand-in that cannot be noted."""


class Scratch:
    """Memory for what is of use for a while only, as NumPy has it when it runs the code.

    Not for code that runs side by side.
    """

    def __init__(self) -> None:
        self.free: dict[int, list[Array]] = {}

    def take(self, shape: tuple[int, ...]) -> tuple[Array, _Held]:
        """An array, which nobody else is given for as long as there is the other object."""
        size = math.prod(shape)
        free = self.free.setdefault(size, [])
        flat = free.pop() if free else np.zeros(size)
        return flat.reshape(shape), _Held(flat, free)


class _Held:
    """Gives ``flat`` back when nobody holds this any more."""

    __slots__ = ("_flat", "_free")

    def __init__(self, flat: Array, free: list[Array]) -> None:
        self._flat = flat
        self._free = free

    def __del__(self) -> None:
        self._free.append(self._flat)


class Recorded(NDArrayOperatorsMixin):
    """Stands in for ``array`` (float64) and notes on ``entries`` what is done with it.

    What is made on the way to a result is put into ``scratch``, and there is room again when no
    stand-in ``held`` it any longer.
    """

    __slots__ = ("array", "entries", "held", "scratch")

    def __init__(
        self, array: Array, entries: list[Entry], scratch: Scratch, held: _Held | None = None
    ) -> None:
        self.array = array
        self.entries = entries
        self.scratch = scratch
        self.held = held

    def _like(self, array: Array, held: _Held | None) -> Recorded:
        return Recorded(array, self.entries, self.scratch, held)

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the array."""
        return self.array.shape

    @property
    def ndim(self) -> int:
        """That of the array."""
        return self.array.ndim

    @property
    def T(self) -> Recorded:  # noqa: N802 - NumPy's name
        """The same memory, turned round."""
        return self._like(self.array.T, self.held)

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, key: Any) -> Recorded:
        view = self.array[key]
        if not np.may_share_memory(view, self.array):
            raise NotRecordableError(f"[{key}] makes a copy")
        return self._like(view, self.held)

    def sum(self, axis: int | None = None, *, keepdims: bool = False) -> Recorded:
        """Of each row (``axis=1, keepdims=True``), or of all."""
        return _reduced(np.add, self, axis, keepdims)

    def max(self, axis: int | None = None, *, keepdims: bool = False) -> Recorded:
        """Likewise."""
        return _reduced(np.maximum, self, axis, keepdims)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: tuple[Any, ...] = (), **more: Any
    ) -> Recorded:
        known_out = all(isinstance(each, Recorded) for each in out)
        if method != "__call__" or more or ufunc.nout != 1 or not known_out:
            raise NotRecordableError(f"{ufunc.__name__}.{method} with {sorted(more)}")
        plain = tuple(_plain(each) for each in inputs)
        # It is run to have an array of the right shape for the result. What is in it is of no use,
        # and nor is what NumPy says of it.
        with np.errstate(all="ignore"):
            result = _plain(out[0]) if out else np.asarray(ufunc(*plain))
        if result.dtype != np.float64 or any(each.dtype != np.float64 for each in plain):
            raise NotRecordableError(f"{ufunc.__name__} of other than float64")
        held = out[0].held if out else None
        if not out and result.ndim:
            result, held = self.scratch.take(result.shape)
        self.entries.append(Call(ufunc, plain, result))
        return self._like(result, held)

    def __array_function__(self, function: Any, *_: Any) -> Any:
        raise NotRecordableError(f"np.{function.__name__}")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise NotRecordableError("a copy")

    def __bool__(self) -> bool:
        raise NotRecordableError("a decision")

    def __float__(self) -> float:
        raise NotRecordableError("its number")

    def __int__(self) -> int:
        raise NotRecordableError("its number")

    def __setitem__(self, key: Any, value: Any) -> None:
        raise NotRecordableError("an assignment")

    def __getattr__(self, name: str) -> Any:
        raise NotRecordableError(name)


def _plain(value: Any) -> Array:
    return value.array if isinstance(value, Recorded) else np.asarray(value, dtype=np.float64)


def _reduced(ufunc: np.ufunc, of: Recorded, axis: int | None, keepdims: bool) -> Recorded:
    held = None
    if of.ndim == 2 and axis == 1 and keepdims:
        out, held = of.scratch.take((len(of), 1))
    elif axis is None and not keepdims:
        out = np.zeros(())
    else:
        raise NotRecordableError(f"{ufunc.__name__} over axis {axis}")
    of.entries.append(Reduction(ufunc, of.array, out))
    return Recorded(out, of.entries, of.scratch, held)


def record(
    function: Callable[..., Any], *arguments: Any, scratch: Scratch | None = None, **keywords: Any
) -> list[Entry]:
    """What ``function(*arguments, **keywords)`` does, as entries of a tape.

    Arrays among the arguments are those that the tape will read and write, ``out`` among them; all
    else is the same at each step. Pieces of code that run one after the other may have the same
    ``scratch``.
    """
    entries: list[Entry] = []
    memory = scratch or Scratch()

    def stand_in(value: Any) -> Any:
        return Recorded(value, entries, memory) if isinstance(value, np.ndarray) else value

    try:
        result = function(
            *map(stand_in, arguments), **{name: stand_in(each) for name, each in keywords.items()}
        )
    except NotRecordableError:
        return [Other(partial(_call, function, arguments, keywords))]
    if _plain(result) is not keywords["out"]:
        return [Other(partial(_call, function, arguments, keywords))]
    return entries


def _call(function: Callable[..., Any], arguments: tuple[Any, ...], keywords: Any) -> None:
    """Run ``function``; code such as ``np.where`` returns its result instead of filling out."""
    result, out = function(*arguments, **keywords), keywords["out"]
    if result is not None and result is not out:
        np.copyto(out, result)


def repaired(
    out: Array, watched: Array, limit: float, better: Callable[..., Array], *inputs: Array
) -> Array:
    """``out``, with the entries of ``better(*inputs)`` wherever ``watched`` is below ``limit``.

    A decision that depends on the numbers, so that on a tape it cannot be an ``if``.
    """
    stand_in: Any = out
    if isinstance(stand_in, Recorded):
        inner: list[Entry] = []
        made = better(*(Recorded(_plain(each), inner, stand_in.scratch) for each in inputs))
        calls = tuple(each for each in inner if isinstance(each, Call))
        if len(calls) < len(inner):
            raise NotRecordableError("other than calls in a repair")
        stand_in.entries.append(Repair(_plain(watched), limit, calls, _plain(made), stand_in.array))
    elif watched.item(watched.argmin()) < limit:
        np.copyto(out, better(*inputs), where=watched < limit)
    return out


def number(function: Callable[..., float], *inputs: float) -> float:
    """``function(*inputs)`` of numbers, some of which may change from step to step."""
    given: tuple[Any, ...] = inputs
    stand_ins = [each for each in given if isinstance(each, Recorded)]
    if not stand_ins:
        return function(*inputs)
    first = stand_ins[0]
    out = np.zeros(())
    first.entries.append(Number(function, tuple(_plain(each) for each in inputs), out))
    return cast("float", Recorded(out, first.entries, first.scratch))


def total(value: Any) -> float:
    """``value``, an array of no dimension, as a number of Python's: but not on a tape."""
    return cast("float", value if isinstance(value, Recorded | np.ndarray) else float(value))

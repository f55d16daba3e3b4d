"""What stands on a tape. Calling an entry does what it says, in Python.

``Within`` ends the run of the tape after its step when it answers False.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tape import threads

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Call:
    """``ufunc(*inputs, out=out)``, elementwise with broadcasting, or a matrix product."""

    ufunc: np.ufunc
    inputs: tuple[Array, ...]
    out: Array

    def __call__(self) -> None:
        self.ufunc(*self.inputs, out=self.out)


@dataclass(frozen=True, slots=True)
class Reduction:
    """``ufunc`` over each row of ``array`` (N, n) into ``out`` (N, 1), or over all into ()."""

    ufunc: np.ufunc
    array: Array
    out: Array

    def __call__(self) -> None:
        rows = self.out.ndim > 0
        self.ufunc.reduce(self.array, axis=1 if rows else None, keepdims=rows, out=self.out)


@dataclass(frozen=True, slots=True)
class Number:
    """A number made of others by Python: ``out`` and ``inputs`` are arrays of no dimension."""

    function: Callable[..., float]
    inputs: tuple[Array, ...]
    out: Array

    def __call__(self) -> None:
        self.out[...] = self.function(*(each.item() for each in self.inputs))


@dataclass(frozen=True, slots=True)
class Repair:
    """``better``, which ``entries`` make, into ``out`` wherever ``watched`` is below ``limit``.

    The entries are run only if the smallest of ``watched`` is below it, which NaN is not.
    """

    watched: Array
    limit: float
    entries: tuple[Call, ...]
    better: Array
    out: Array

    def __call__(self) -> None:
        # Where the smallest is, is found quicker than how small it is.
        if self.watched.item(self.watched.argmin()) < self.limit:
            for each in self.entries:
                each()
            np.copyto(self.out, self.better, where=self.watched < self.limit)


@dataclass(frozen=True, slots=True)
class Within:
    """The tape goes on after this step only if the square of the vector's length is at most so.

    NaN is more than anything.
    """

    vector: Array
    most: float

    def __call__(self) -> bool:
        square: Array = np.matmul(self.vector[None, :], self.vector[:, None])
        return bool(square.item() <= self.most)


@dataclass(frozen=True, slots=True)
class Other:
    """Anything else."""

    function: Callable[[], Any]

    def __call__(self) -> None:
        self.function()


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lists of entries that may run side by side: none writes what another list reads or writes.

    ``work`` is that of all of them, in multiplications. A list can neither end the run of the tape
    nor have lanes of its own.
    """

    lists: tuple[tuple[Entry, ...], ...]
    work: float

    def __post_init__(self) -> None:
        if any(isinstance(each, Within | Lanes) for entries in self.lists for each in entries):
            raise ValueError("what does not belong into a lane")

    def __call__(self) -> None:
        for entries in self.lists:
            for each in entries:
                each()


Entry = Call | Reduction | Number | Repair | Within | Other | Lanes


def lanes(lists: Sequence[Sequence[Entry]], work: float) -> list[Entry]:
    """``lists`` as Lanes, or one after the other where threads would bring nothing."""
    if work < threads.WORTH_THREADS or threads.processors() == 1:
        return [each for entries in lists for each in entries]
    return [Lanes(tuple(map(tuple, lists)), work)]


def written(entry: Entry) -> list[Array]:
    """The arrays that an entry is known to write to."""
    if isinstance(entry, Lanes):
        return [out for entries in entry.lists for each in entries for out in written(each)]
    if isinstance(entry, Repair):
        return [entry.out, *(each.out for each in entry.entries)]
    return [] if isinstance(entry, Within | Other) else [entry.out]


def ufuncs_of(entry: Entry) -> list[np.ufunc]:
    """The ufuncs that an entry calls for its numbers, without those that every tape uses."""
    if isinstance(entry, Call | Reduction):
        return [entry.ufunc]
    if isinstance(entry, Repair):
        return [each.ufunc for each in entry.entries]
    return []

"""The entries of a tape. Calling an entry executes it in Python.

An entry that returns False ends the run of the tape after the current step; only ``NormLimit``
returns a value.
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
    """``ufunc(*inputs, out=out)``: elementwise with broadcasting, or a matrix product."""

    ufunc: np.ufunc
    inputs: tuple[Array, ...]
    out: Array

    def __call__(self) -> None:
        self.ufunc(*self.inputs, out=self.out)


@dataclass(frozen=True, slots=True)
class ReduceCall:
    """Reduce ``array`` (N, n) with ``ufunc``: per row if ``out`` is (N, 1), in full if it is ()."""

    ufunc: np.ufunc
    array: Array
    out: Array

    def __call__(self) -> None:
        rows = self.out.ndim > 0
        self.ufunc.reduce(self.array, axis=1 if rows else None, keepdims=rows, out=self.out)


@dataclass(frozen=True, slots=True)
class ScalarCall:
    """A Python function of numbers. ``inputs`` and ``out`` are arrays of shape ()."""

    function: Callable[..., float]
    inputs: tuple[Array, ...]
    out: Array

    def __call__(self) -> None:
        self.out[...] = self.function(*(each.item() for each in self.inputs))


@dataclass(frozen=True, slots=True)
class Repair:
    """Copy ``better`` into ``out`` wherever ``watched`` < ``limit``.

    ``entries`` compute ``better``. They run only if the minimum of ``watched`` is below ``limit``;
    a NaN minimum is not. All three arrays have the same shape.
    """

    watched: Array
    limit: float
    entries: tuple[Call, ...]
    better: Array
    out: Array

    def __call__(self) -> None:
        # argmin is faster than min.
        if self.watched.item(self.watched.argmin()) < self.limit:
            for each in self.entries:
                each()
            np.copyto(self.out, self.better, where=self.watched < self.limit)


@dataclass(frozen=True, slots=True)
class NormLimit:
    """End the run after this step unless ‖``vector``‖² ≤ ``max_square``. NaN ends it, too."""

    vector: Array
    max_square: float

    def __call__(self) -> bool:
        square: Array = np.matmul(self.vector[None, :], self.vector[:, None])
        return bool(square.item() <= self.max_square)


@dataclass(frozen=True, slots=True)
class PythonCall:
    """Code that could not be recorded, called as a Python function."""

    function: Callable[[], Any]

    def __call__(self) -> None:
        self.function()


@dataclass(frozen=True, slots=True)
class ParallelBranches:
    """Lists of entries that may run in parallel threads.

    No branch writes an array that another branch reads or writes. ``work`` is the work of all
    branches in multiplications. Raises ValueError if a branch contains a NormLimit or branches of
    its own.
    """

    branches: tuple[tuple[Entry, ...], ...]
    work: float

    def __post_init__(self) -> None:
        if any(
            isinstance(each, NormLimit | ParallelBranches)
            for entries in self.branches
            for each in entries
        ):
            raise ValueError("a branch cannot contain NormLimit or ParallelBranches")

    def __call__(self) -> None:
        for entries in self.branches:
            for each in entries:
                each()


Entry = Call | ReduceCall | ScalarCall | Repair | NormLimit | PythonCall | ParallelBranches


def parallel_branches(branches: Sequence[Sequence[Entry]], work: float) -> list[Entry]:
    """Return ``branches`` as one ParallelBranches, or in sequence if threads would not be faster.

    ``work`` is the work of all branches in multiplications.
    """
    if work < threads.MIN_PARALLEL_WORK or threads.usable_processors() == 1:
        return [each for entries in branches for each in entries]
    return [ParallelBranches(tuple(map(tuple, branches)), work)]


def written(entry: Entry) -> list[Array]:
    """Return the arrays that an entry writes; those of a PythonCall are unknown."""
    if isinstance(entry, ParallelBranches):
        return [out for entries in entry.branches for each in entries for out in written(each)]
    if isinstance(entry, Repair):
        return [entry.out, *(each.out for each in entry.entries)]
    return [] if isinstance(entry, NormLimit | PythonCall) else [entry.out]


def ufuncs_of(entry: Entry) -> list[np.ufunc]:
    """Return the ufuncs of an entry, without the fixed ones that NormLimit and Repair use."""
    if isinstance(entry, Call | ReduceCall):
        return [entry.ufunc]
    if isinstance(entry, Repair):
        return [each.ufunc for each in entry.entries]
    return []

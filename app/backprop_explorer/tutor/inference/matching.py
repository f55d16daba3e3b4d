"""Find the values of a working among pasted arrays, by their numbers and in any layout.

An array is compared with a line without axes of length 1, as printed and transposed. Many arrays
are compared with a line at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tutor.checker.tolerance import is_single_precision
from backprop_explorer.tutor.inference.pasted import Pasted

Array = NDArray[np.float64]
# Numbers that are computed from printed givens differ by a multiple of the rounding of the givens.
AMPLIFIED, CLOSEST, COARSEST = 50.0, 1e-8, 1e-2
FEWEST_OF_ROUNDED = 6
# So many entries are compared first.
SAMPLED_ENTRIES = 8
# Float32 numbers differ by more, which the first few arrays show.
SINGLE_TOLERANCE, SAMPLED = 2e-5, 6
# Whole numbers occur by chance: an array of them is recognised by its name alone.
MOST_DIGITS_OF_CHANCE = 2


@dataclass(frozen=True)
class Match:
    """``array`` is ``factor`` times a line; ``turned`` if it is printed transposed."""

    array: Pasted
    turned: bool
    factor: float = 1.0


@dataclass(frozen=True)
class _Shape:
    """Arrays of one shape without axes of length 1: their numbers as rows."""

    owners: list[tuple[Pasted, bool]]
    values: Array
    quantum: Array


class Numbers:
    """Pasted arrays to compare lines with. ``tolerance`` is relative to a line's largest entry."""

    def __init__(self, arrays: Sequence[Pasted], tolerance: float) -> None:
        self.tolerance = tolerance
        rows: dict[tuple[int, ...], list[tuple[Pasted, bool, Array, Array]]] = defaultdict(list)
        for array in arrays:
            values, quantum = array.values.squeeze(), array.quantum.squeeze()
            if values.ndim > 2 or not np.isfinite(values).all():
                continue
            rows[values.shape].append((array, False, values.ravel(), quantum.ravel()))
            if values.ndim == 2:
                shape = values.shape[::-1]
                rows[shape].append((array, True, values.T.ravel(), quantum.T.ravel()))
        self._shapes = {
            shape: _Shape(
                [(array, turned) for array, turned, _, _ in some],
                np.stack([values for _, _, values, _ in some]),
                np.stack([quantum for _, _, _, quantum in some]),
            )
            for shape, some in rows.items()
        }

    def has(self, shape: tuple[int, ...]) -> bool:
        """Whether an array has the shape of a line."""
        return tuple(n for n in shape if n != 1) in self._shapes

    def equal(self, line: Any, factor: float = 1.0) -> list[Match]:
        """Return the arrays that are ``factor`` times a line."""
        found, flat = self._of(line)
        if found is None:
            return []
        flat = factor * flat
        largest = np.abs(flat).max(initial=0.0)
        near = self._near(found, np.arange(len(found.owners)), flat, largest)
        return [Match(*found.owners[k], factor) for k in near]

    def proportional(self, line: Any) -> list[Match]:
        """Return the arrays that are a constant times a line of two numbers or more."""
        found, flat = self._of(line)
        size = 0.0 if found is None else float(flat @ flat)
        if found is None or flat.size < 2 or not 0.0 < size < np.inf:
            return []
        factors = found.values @ flat / size
        largest = np.abs(factors) * np.abs(flat).max()
        # A factor is known from entries that stand out from their rounding.
        clear = np.flatnonzero(largest > 10.0 * found.quantum.max(axis=1))
        if np.count_nonzero(flat) < 2 or not clear.size:
            return []
        near = self._near(found, clear, factors[clear, None] * flat, largest[clear, None])
        return [Match(*found.owners[k], float(factors[k])) for k in near]

    def _near(
        self, found: _Shape, rows: NDArray[np.intp], expected: Array, largest: Any
    ) -> list[int]:
        """Return those of ``rows`` that equal ``expected``. A few entries rule most out."""
        slack = self.tolerance * largest
        for part in (slice(0, SAMPLED_ENTRIES), slice(None)):
            distance = np.abs(found.values[rows, part] - expected[..., part])
            near = (distance <= 1.01 * found.quantum[rows, part] + slack).all(axis=1)
            rows = rows[near]
            if not rows.size:
                break
            if expected.ndim == 2:
                expected, slack = expected[near], slack[near]
        return [int(k) for k in rows]

    def _of(self, line: Any) -> tuple[_Shape | None, Array]:
        value = np.asarray(line, dtype=np.float64).squeeze()
        found = self._shapes.get(value.shape)
        return found if found and np.isfinite(value).all() else None, value.ravel()


def tolerance_of(givens: Iterable[Pasted], *, few_digits: bool = False) -> float:
    """Return how far a right line may be off, relative to its largest entry.

    Givens with few digits were typed and are exact, unless ``few_digits`` says that they may be
    rounded too.
    """
    spreads = [
        float(a.quantum.max(initial=0.0)) / max(float(np.abs(a.values).max(initial=0.0)), 1e-9)
        for a in givens
        if few_digits or a.digits >= FEWEST_OF_ROUNDED
    ]
    return min(max(AMPLIFIED * max(spreads, default=0.0), CLOSEST), COARSEST)


def are_single_precision(arrays: Iterable[Pasted]) -> bool:
    """Whether the first of the arrays with decimals can be float32 numbers."""
    some = [a for a in arrays if not says_little(a) and a.digits >= FEWEST_OF_ROUNDED]
    return bool(some) and all(is_single_precision(a.values, a.quantum) for a in some[:SAMPLED])


def says_little(array: Pasted) -> bool:
    """Whether its numbers may equal a line's by chance: whole numbers, zeros, few digits."""
    values = array.values
    if values.size == 0 or np.all(values % 1.0 == 0.0):
        return True
    return values.size == 1 and array.digits <= MOST_DIGITS_OF_CHANCE

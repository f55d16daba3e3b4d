"""How an oracle's numbers are compared with the working's, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BELOW_RESOLUTION = "below_resolution"

EPS = float(np.finfo(np.float64).eps)
TINY = float(np.finfo(np.float64).tiny)
# Sums of squares between these have neither overflowed nor lost a digit.
SMALLEST_SQUARE, LARGEST_SQUARE = 1e-140, 1e140


@dataclass(frozen=True, slots=True)
class Check:
    """One oracle's verdict: the relative error of every gradient line, or BELOW_RESOLUTION.

    ``checked`` tells, for lines of which only some entries were tried, how many.
    """

    oracle: str
    tolerance: float
    by_line: dict[str, float | str]
    checked: dict[str, int]

    @property
    def max_relative_error(self) -> float:
        """The largest error among the lines that could be resolved."""
        return max((e for e in self.by_line.values() if isinstance(e, float)), default=0.0)

    @property
    def passed(self) -> bool:
        """Whether no line that could be resolved is off by more than the tolerance."""
        return self.max_relative_error <= self.tolerance


def norm(array: Array) -> float:
    """‖array‖ over all its entries, of which no square over- or underflows."""
    largest = float(np.abs(array).max(initial=0.0))
    if largest < TINY or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(array / largest))


def relative_error(p: Array, q: Array) -> float:
    """‖p − q‖ / max(‖p‖ + ‖q‖, tiny), scaled first so that no square over- or underflows.

    NaN or inf in either gives inf.
    """
    p, q = np.asarray(p, dtype=np.float64).ravel(), np.asarray(q, dtype=np.float64).ravel()
    with np.errstate(over="ignore", invalid="ignore"):
        squares = p.dot(p), q.dot(q)
    # Nearly always: NaN and inf fail the comparison too.
    if SMALLEST_SQUARE < squares[0] + squares[1] < LARGEST_SQUARE:
        difference = p - q
        return sqrt(difference.dot(difference)) / (sqrt(squares[0]) + sqrt(squares[1]))
    # NumPy's maximum keeps NaN, Python's max may drop it.
    largest = float(np.maximum(np.abs(p).max(initial=0.0), np.abs(q).max(initial=0.0)))
    if not np.isfinite(largest):
        return float("inf")
    if largest < TINY:
        return 0.0
    # Two divisions: 1/largest overflows for subnormal numbers.
    p, q = p / largest, q / largest
    return norm(p - q) / (norm(p) + norm(q))

"""How an oracle's numbers are compared with the working's, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BELOW_RESOLUTION = "below_resolution"

EPS = float(np.finfo(np.float64).eps)
TINY = float(np.finfo(np.float64).tiny)
# Up to here no square overflows, and from its inverse on no last digit is lost in a square.
SAFE = 1e60


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
    # NumPy's maximum keeps NaN, Python's max may drop it.
    largest = float(np.maximum(np.abs(p).max(initial=0.0), np.abs(q).max(initial=0.0)))
    if not np.isfinite(largest):
        return float("inf")
    if largest < TINY:
        return 0.0
    if 1.0 / SAFE < largest < SAFE:
        difference = p - q
        return sqrt(difference.dot(difference)) / (sqrt(p.dot(p)) + sqrt(q.dot(q)))
    # Two divisions: 1/largest overflows for subnormal numbers.
    p, q = p / largest, q / largest
    return norm(p - q) / (norm(p) + norm(q))


def relative_errors(p: Sequence[Array], q: Sequence[Array]) -> list[float]:
    """``relative_error`` of each pair. Small arrays cost their calls: all are added up at once."""
    begins = [0, *accumulate(each.size for each in p)][:-1]
    left, right = np.concatenate(p, axis=None), np.concatenate(q, axis=None)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        columns = (left, right, left - right)
        sums = [np.add.reduceat(each * each, begins).tolist() for each in columns]
    return [
        # NaN fails the comparison too.
        sqrt(gap) / (sqrt(a) + sqrt(b)) if 1.0 / SAFE < a + b < SAFE else relative_error(p[k], q[k])
        for k, (a, b, gap) in enumerate(zip(*sums, strict=True))
    ]

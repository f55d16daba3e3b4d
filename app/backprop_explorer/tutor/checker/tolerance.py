"""Compare arrays within a tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Tolerances relative to each entry, and to the largest entry of the array."""

    relative: float
    of_largest: float


# float64 with another order of summation; float32; numbers that a student typed with few digits.
TIGHT = Tolerance(1e-9, 1e-11)
SINGLE = Tolerance(5e-7, 5e-7)
LOOSE = Tolerance(1e-4, 1e-6)


def close(value: Array, quantum: Array, expected: Any, slack: Any, tolerance: Tolerance) -> bool:
    """Whether ``value`` ± ``quantum`` equals ``expected`` ± ``slack``. False if shapes differ."""
    if value.shape != np.shape(expected):
        return False
    return bool(close_entries(value, quantum, expected, slack, tolerance).all())


def close_entries(
    value: Array, quantum: Array, expected: Any, slack: Any, tolerance: Tolerance
) -> NDArray[np.bool_]:
    """Return ``close`` entry by entry. Both arrays must have the same shape."""
    size = np.abs(expected)
    largest = size.max(initial=0.0) if isinstance(size, np.ndarray) else size
    # The largest is NaN if any entry is.
    finite = bool(np.isfinite(largest))
    if not finite:
        largest = 0.0
    bound = 1.01 * quantum + tolerance.relative * size + tolerance.of_largest * largest
    if slack is not None:
        bound = bound + slack
    near = np.abs(value - expected) <= bound
    if finite:
        return np.asarray(near)
    # Equal overflows count as correct; their difference inf − inf is NaN.
    same = (value == expected) | (np.isnan(value) & np.isnan(expected))
    result: NDArray[np.bool_] = np.where(np.isfinite(expected), near, same)
    return result


def fitted_factor(value: Array, expected: Array) -> float:
    """Return the factor by which ``expected`` is nearest to ``value``; NaN if nothing shows it."""
    size = float(np.vdot(expected, expected))
    return float(np.vdot(expected, value)) / size if 0.0 < size < np.inf else np.nan


def relative_error(value: Array, expected: Any) -> float | None:
    """Return ‖p − q‖ / (‖p‖ + ‖q‖); None if shapes differ or a number is not finite."""
    p, q = value, np.asarray(expected, dtype=np.float64)
    if p.shape != q.shape or not (np.isfinite(p).all() and np.isfinite(q).all()):
        return None
    largest = max(float(np.abs(p).max(initial=0.0)), float(np.abs(q).max(initial=0.0)))
    if largest < np.finfo(np.float64).tiny:
        return 0.0
    p, q = p / largest, q / largest
    return float(np.linalg.norm(p - q) / (np.linalg.norm(p) + np.linalg.norm(q)))


def is_single_precision(value: Array, quantum: Array) -> bool:
    """Whether all numbers can be float32 numbers, within ``quantum``.

    NumPy prints a float32 number with the fewest digits that identify it, so the printed number may
    differ by half a unit in the last place of float32.
    """
    if not np.isfinite(value).all() or np.abs(value).max(initial=0.0) > 1e38:
        return False
    nearest = value.astype(np.float32)
    off = np.abs(nearest.astype(np.float64) - value) > 1.01 * quantum
    rest = zip(nearest[off], value[off], quantum[off], strict=True)
    return all(abs(float(str(single)) - double) <= 1.01 * q for single, double, q in rest)

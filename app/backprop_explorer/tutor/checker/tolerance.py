"""When two arrays count as equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """``relative`` to each entry and ``of_largest`` to the largest of the array."""

    relative: float
    of_largest: float


# What is left of float64 after a different order of summing; then what float32 computes.
TIGHT = Tolerance(1e-9, 1e-11)
SINGLE = Tolerance(5e-7, 5e-7)


def close(value: Array, quantum: Array, expected: Any, slack: Any, tolerance: Tolerance) -> bool:
    """Whether ``value``, known to ± ``quantum``, is ``expected``, known to ± ``slack``."""
    if value.shape != np.shape(expected):
        return False
    return bool(close_entries(value, quantum, expected, slack, tolerance).all())


def close_entries(
    value: Array, quantum: Array, expected: Any, slack: Any, tolerance: Tolerance
) -> NDArray[np.bool_]:
    """``close`` entry by entry, for arrays of one shape."""
    size = np.abs(expected)
    largest = size.max(initial=0.0) if isinstance(size, np.ndarray) else size
    if not np.isfinite(largest):
        largest = 0.0
    bound = 1.01 * quantum + tolerance.relative * size + tolerance.of_largest * largest
    if slack is not None:
        bound = bound + slack
    near = np.abs(value - expected) <= bound
    # A value that overflowed the same way is right; inf − inf is NaN, which no bound contains.
    same = (value == expected) | (np.isnan(value) & np.isnan(expected))
    result: NDArray[np.bool_] = np.where(np.isfinite(expected), near, same)
    return result


def relative_error(value: Array, expected: Any) -> float | None:
    """‖p − q‖ / (‖p‖ + ‖q‖); None where shapes differ or a number is not finite."""
    p, q = value, np.asarray(expected, dtype=np.float64)
    if p.shape != q.shape or not (np.isfinite(p).all() and np.isfinite(q).all()):
        return None
    largest = max(float(np.abs(p).max(initial=0.0)), float(np.abs(q).max(initial=0.0)))
    if largest < np.finfo(np.float64).tiny:
        return 0.0
    p, q = p / largest, q / largest
    return float(np.linalg.norm(p - q) / (np.linalg.norm(p) + np.linalg.norm(q)))


def is_single_precision(value: Array, quantum: Array) -> bool:
    """Whether all numbers can be float32 numbers, as far as they are printed.

    NumPy prints of a float32 number the fewest digits that no other float32 number has, so what is
    printed may be off by half of a float32's last place, though more digits would fit.
    """
    if not np.isfinite(value).all() or np.abs(value).max(initial=0.0) > 1e38:
        return False
    nearest = value.astype(np.float32)
    off = np.abs(nearest.astype(np.float64) - value) > 1.01 * quantum
    rest = zip(nearest[off], value[off], quantum[off], strict=True)
    return all(abs(float(str(single)) - double) <= 1.01 * q for single, double, q in rest)

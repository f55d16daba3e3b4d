"""How far a right answer may be off: the digits of the givens, and limits of rounding bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backprop_explorer.engine.names import named
from backprop_explorer.engine.ops import Operation
from backprop_explorer.tutor.reading.printed_array import from_array

# A few units in the last place: the difference between NumPy and a loop, or orders of summation.
UNIT = 8.0 * float(np.finfo(np.float64).eps)
SINGLE_UNIT = 2.0 * float(np.finfo(np.float32).eps)

# Digits of a printed number; the first ENTRIES_SAMPLED entries show whether there are more.
PRINTED_DIGITS = range(6, 11)
PRINTED_DECIMALS = range(7, 11)
ENTRIES_SAMPLED = 32
_STATES = ("velocity", "sum", "square")
# Givens with fewer digits are exact: 0.5, -1.2.
FEWEST_GIVEN_DIGITS = 3
# Noise is limited to this part of the largest entry, but not below this many units.
MAX_NOISE, MIN_NOISE_UNITS = 0.01, 50.0
FEW_GIVEN_DECIMALS = range(3, 6)
MAX_NOISE_OF_FEW_DIGITS = 0.05
# The logarithm of 1 − a can lose more digits.
MAX_COST_NOISE = 0.05


def rounded_givens(givens: Mapping[str, Any], *, few_digits: bool = False) -> dict[str, Any]:
    """Return the spread of each given that looks printed: the student may have had more digits.

    Numbers with 6 to 10 digits look printed. Fewer digits were probably typed; with ``few_digits``,
    numbers from 3 digits on count as printed too, and if no given has more than 5 decimals, all
    that are no whole numbers are rounded to as many. More digits are the full number.
    """
    digits, decimals = PRINTED_DIGITS, PRINTED_DECIMALS
    if few_digits:
        digits = decimals = range(FEWEST_GIVEN_DIGITS, PRINTED_DIGITS.stop)
    spreads: dict[str, Any] = {}
    common = _common_rounding(givens) if few_digits else None
    for name, value in givens.items():
        if not isinstance(value, np.ndarray) or named(name).quantity in _STATES:
            continue
        if common is not None:
            if np.any(value % 1.0):
                spreads[name] = np.full(value.shape, common)
            continue
        # The first entries show whether there are more digits.
        few = () if value.size <= ENTRIES_SAMPLED else (value.ravel()[:ENTRIES_SAMPLED],)
        for part in (*few, value):
            printed = from_array(part)
            if printed.digits not in digits and printed.decimals not in decimals:
                break
        else:
            spreads[name] = printed.quantum
    return spreads


def _common_rounding(givens: Mapping[str, Any]) -> float | None:
    """Return half a unit of the last decimal of all givens, None if they have many or no decimals.

    An array of few small numbers, such as [-0.058], does not show alone that it is rounded.
    """
    arrays = [value for value in givens.values() if isinstance(value, np.ndarray)]
    decimals = max((from_array(value).decimals for value in arrays), default=0)
    return 0.5 * 10.0**-decimals if decimals in FEW_GIVEN_DECIMALS else None


def limit_noise(
    operation: Operation, noise: Any, value: Any, unit: float, *, few_digits: bool = False
) -> Any:
    """Limit noise to a part of the largest entry, because near a pole the bounds are useless."""
    largest = float(np.max(np.abs(value), initial=0.0, where=np.isfinite(value)))
    part = MAX_COST_NOISE if operation.family == "cost" else MAX_NOISE
    if few_digits:
        part = MAX_NOISE_OF_FEW_DIGITS
    bound = max(part * largest, MIN_NOISE_UNITS * unit)
    return np.where(np.isfinite(noise), np.minimum(noise, bound), 0.0)

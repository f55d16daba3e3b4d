"""Say what is right about a wrong numeric answer, without giving the numbers away."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.lessons.given import near
from backprop_explorer.texts import lessons as texts
from backprop_explorer.tutor.reading.printed_array import PrintedArray

Array = NDArray[np.float64]

# A factor or its inverse that a missing 2 or a mean over samples or outputs makes.
SIMPLE_FACTORS = range(2, 13)
TRANSPOSED = texts.NUMBERS_TRANSPOSED
OTHER_SIGN = texts.SIGN_WRONG
OTHER_SIGNS = texts.SIGNS_WRONG
ORDER = texts.ANOTHER_ORDER
FACTOR = texts.SIMPLE_FACTOR
PERCENTAGE = texts.IS_IT_A_PERCENTAGE
SAME_FACTOR = texts.ONE_FACTOR
SIGNS = texts.SHAPE_AND_SIGNS_RIGHT
MARKED = texts.MARKED_ENTRIES
NUMBER = texts.NOT_THIS_NUMBER
OFF_BY_ONE = texts.OFF_BY_ONE
SIGN_ONLY = texts.SIGN_ONLY


def what_is_right(given: PrintedArray, expected: Array, sizes: Collection[int] = ()) -> str:
    """Return the message for a wrong answer of the right shape that no known mistake explains.

    sizes: of the working, such as its number of samples; a mean may have been taken over them.
    """
    values = given.values
    if values.ndim == 2 and values.shape[0] == values.shape[1] and _near(given, expected.T):
        return TRANSPOSED
    if not expected.any() or not values.any():
        return MARKED if expected.ndim else NUMBER
    if _near(given, -expected):
        return OTHER_SIGNS if values.size > 1 else OTHER_SIGN
    # Counts and positions are not off by a factor that a formula has.
    counted = np.array_equal(expected, np.round(expected))
    if not counted and (_near(given, 100 * expected) or _near(given, expected / 100)):
        return PERCENTAGE
    if not counted and _simple_factor(given, expected, sizes):
        return FACTOR
    if values.size == 1:
        if float(expected.flat[0]).is_integer() and abs(values - expected).item() == 1.0:
            return OFF_BY_ONE
        return SIGN_ONLY if np.array_equal(np.sign(values), np.sign(expected)) else NUMBER
    if _near(_sorted(given), np.sort(expected, axis=None)):
        return ORDER
    nonzero = expected != 0
    ratios = values[nonzero] / expected[nonzero]
    if (
        nonzero.sum() > 1
        and np.ptp(ratios) <= 0.01 * abs(ratios.mean())
        and not values[~nonzero].any()
    ):
        return SAME_FACTOR
    return SIGNS if np.array_equal(np.sign(values), np.sign(expected)) else MARKED


def _simple_factor(given: PrintedArray, expected: Array, sizes: Collection[int]) -> bool:
    known = {*SIMPLE_FACTORS, *(size for size in (*sizes, *expected.shape) if size > 1)}
    factors = [sign * factor for factor in known for sign in (1.0, -1.0)]
    return any(
        _near(given, expected * factor) or _near(given, expected / factor) for factor in factors
    )


def _near(given: PrintedArray, expected: Array) -> bool:
    return bool(near(given, expected).all())


def _sorted(given: PrintedArray) -> PrintedArray:
    order = np.argsort(given.values, axis=None)
    values, quantum = given.values.ravel()[order], given.quantum.ravel()[order]
    return PrintedArray(values, quantum, given.digits, given.decimals)

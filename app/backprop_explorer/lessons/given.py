"""Read a numeric answer, compare it with the right one, and say what is right about a wrong one."""

from __future__ import annotations

from collections.abc import Collection
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import lessons as texts
from backprop_explorer.tutor.reading.arrays import parse_array, reading_of_size
from backprop_explorer.tutor.reading.printed_array import PrintedArray, from_nested

Array = NDArray[np.float64]
Entries = NDArray[np.bool_]

ANSWER = "answer"
# Relative error of an answer computed from the numbers that the page shows; known mistakes give
# larger errors.
CLOSE = 5e-4
# Largest error of a true 0: the rounding of a single-precision sum over a data set.
ZERO = 1e-5
# Largest relative error of a number that is rounded to one digit: 1 for 1.5.
MOST_OFF = 0.34


def read(answer: Any, shape: tuple[int, ...]) -> PrintedArray:
    """Read nested lists, or text as NumPy prints it; reshape to ``shape`` if it fits.

    Raises InvalidInput naming "answer" for unreadable answers and for blanks.
    """
    try:
        if isinstance(answer, str):
            given = reading_of_size(parse_array(answer), prod(shape))
        else:
            given = from_nested(answer, ANSWER)
    except InvalidInput as error:
        raise InvalidInput(ANSWER, error.message) from None
    if given.blank:
        raise InvalidInput(ANSWER, texts.FILL_IN)
    return _fitted(given, shape)


def _fitted(given: PrintedArray, shape: tuple[int, ...]) -> PrintedArray:
    """Reshape a vector or number given as a row, as a column or as one number per line.

    A matrix with more than one entry keeps its shape.
    """
    lengths = [n for n in given.values.shape if n != 1]
    if (len(shape) > 1 and lengths) or lengths != [n for n in shape if n != 1]:
        return given
    values, quantum = given.values.reshape(shape), given.quantum.reshape(shape)
    return PrintedArray(values, quantum, given.digits, given.decimals)


def other_shape(given: tuple[int, ...], expected: tuple[int, ...], axes: str = "") -> str:
    """Return the message for an answer of the wrong shape; ``axes`` says what they stand for."""
    told = texts.shape_transposed if given == expected[::-1] else texts.shape_wrong
    return f"{told(given, expected)} {axes}".strip()


def is_transposed(given: PrintedArray, expected: Array) -> bool:
    """Tell whether the numbers are those of a square matrix, transposed."""
    square = expected.ndim == 2 and expected.shape[0] == expected.shape[1] > 1
    return square and given.values.shape == expected.shape and _near(given, expected.T)


def near(given: PrintedArray, expected: Array) -> Entries:
    """Tell which entries are right: equal to the digits written, or within the tolerance.

    An entry within the tolerance is right whatever its number of digits: 0.26 for 0.26002. An entry
    rounded to three significant digits is right too, also as a short number: 165 for 164.79.
    """
    off, size = np.abs(given.values - expected), np.abs(expected)
    allowed = np.where(size == 0.0, ZERO, np.maximum(CLOSE * size, 1e-9))
    rounded = 1.01 * np.minimum(given.quantum, 0.005 * size)
    return (off <= np.maximum(rounded, allowed)) | _three_digits(given.values, expected)


def _three_digits(given: Array, expected: Array) -> Entries:
    """Tell which entries equal ``expected`` rounded to three significant digits.

    No entry does if all expected numbers are counts.
    """
    if _counts(expected):
        return np.zeros(expected.shape, dtype=bool)
    # The lower bound avoids log10(0); no expected number is smaller.
    place = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(expected), 1e-200))) - 2)
    with np.errstate(over="ignore", invalid="ignore"):
        on_place = np.abs(given / place - np.round(given / place)) < 1e-6
    return on_place & (np.abs(given - expected) <= 0.500001 * place)


def rounded_too_far(given: PrintedArray, expected: Array) -> bool:
    """Tell whether all entries are right to the digits written, but some have too few digits.

    With one or two digits an entry may be off by much, such as 0.02 for 0.0169, but not all may.
    """
    if _counts(expected):
        return False
    off, size = np.abs(given.values - expected), np.abs(expected)
    place = 0.5 * 10.0 ** -np.clip(float(given.decimals), -300, 300)
    if given.digits < 3:
        # Each entry may be rounded for itself: 200 and 0.03 have one digit each.
        first = np.floor(np.log10(np.maximum(np.abs(given.values), 1e-200)))
        place = np.maximum(place, 0.5 * 10.0 ** (first - given.digits + 1))
    rounded = off <= 1.01 * np.maximum(given.quantum, place)
    if given.digits < 3:
        return bool(rounded.all()) and bool(np.linalg.norm(off) <= MOST_OFF * np.linalg.norm(size))
    return bool(((rounded & (off <= 0.05 * size)) | near(given, expected)).all())


def exactly(given: PrintedArray, expected: Array) -> bool:
    """Tell whether all numbers are these, to about nine digits."""
    return bool(np.allclose(given.values, expected, rtol=1e-9, atol=1e-12))


def _counts(expected: Array) -> bool:
    return bool((expected == np.round(expected)).all())


# A factor or its inverse that a missing 2 or a mean over samples or outputs makes.
SIMPLE_FACTORS = range(2, 13)


# Remarks that say in which way an answer differs as a whole, not what was done.
KINDS = (
    *(texts.NUMBERS_TRANSPOSED, texts.SIGNS_WRONG, texts.SIGN_WRONG, texts.ANOTHER_ORDER),
    *(texts.SIMPLE_FACTOR, texts.ONE_FACTOR),
)


def what_is_right(
    given: PrintedArray, expected: Array, sizes: Collection[int] = (), scale: str = ""
) -> str:
    """Return the message for a wrong answer of the right shape that no known mistake explains.

    sizes: of the working, such as its number of samples; a mean may have been taken over them.
    scale: what sign and size come from, for an answer that differs only in them.
    """
    found = _kind(given, expected, sizes)
    more = scale or (texts.LOOK_FOR_A_FACTOR if found == texts.SIMPLE_FACTOR else "")
    return f"{found} {more}" if found in KINDS and more else found


def _kind(given: PrintedArray, expected: Array, sizes: Collection[int]) -> str:
    values = given.values
    if is_transposed(given, expected):
        return texts.NUMBERS_TRANSPOSED
    if not expected.any() or not values.any():
        return texts.MARKED_ENTRIES if expected.ndim else texts.NOT_THIS_NUMBER
    if _near(given, -expected):
        return texts.SIGNS_WRONG if values.size > 1 else texts.SIGN_WRONG
    # Counts and positions are not off by a factor that a formula has.
    counts = _counts(expected)
    if not counts and (_near(given, 100 * expected) or _near(given, expected / 100)):
        return texts.IS_IT_A_PERCENTAGE
    if not counts and _simple_factor(given, expected, sizes):
        return texts.SIMPLE_FACTOR
    if values.size == 1:
        if not counts and _near(given, 1 / expected):
            return texts.INVERSE
        if float(expected.flat[0]).is_integer() and abs(values - expected).item() == 1.0:
            return texts.OFF_BY_ONE
        return (
            texts.SIGN_ONLY
            if np.array_equal(np.sign(values), np.sign(expected))
            else texts.NOT_THIS_NUMBER
        )
    if _near(_sorted(given), np.sort(expected, axis=None)):
        return texts.ANOTHER_ORDER
    nonzero = expected != 0
    ratios = values[nonzero] / expected[nonzero]
    if (
        nonzero.sum() > 1
        and np.ptp(ratios) <= 0.01 * abs(ratios.mean())
        and not values[~nonzero].any()
    ):
        return texts.ONE_FACTOR
    return (
        texts.SHAPE_AND_SIGNS_RIGHT
        if np.array_equal(np.sign(values), np.sign(expected))
        else texts.MARKED_ENTRIES
    )


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

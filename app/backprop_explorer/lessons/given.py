"""Numbers that were given as an answer: read, fitted to a shape, compared with what is right."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.tutor.reading.arrays import parse_array, reading_of_size
from backprop_explorer.tutor.reading.printed_array import Printed, from_nested

Array = NDArray[np.float64]
Entries = NDArray[np.bool_]

ANSWER = "answer"
# Who goes on with numbers as the page shows them is off by this share at most; known mistakes are
# further off.
CLOSE = 5e-4
# What is 0 comes out as this at most, added up in single precision over a data set.
ZERO = 1e-5
TOO_FEW_DIGITS = "Close. Give at least three significant digits, or the exact number."


def read(answer: Any, shape: tuple[int, ...]) -> Printed:
    """Nested lists or text as NumPy prints it, in ``shape`` where the answer fits it.

    Raises InvalidInput naming "answer" for what cannot be read, and for blanks.
    """
    try:
        if isinstance(answer, str):
            given = reading_of_size(parse_array(answer), prod(shape))
        else:
            given = from_nested(answer, ANSWER)
    except InvalidInput as error:
        raise InvalidInput(ANSWER, error.message) from None
    if given.blank:
        raise InvalidInput(ANSWER, "fill in every number")
    return _fitted(given, shape)


def _fitted(given: Printed, shape: tuple[int, ...]) -> Printed:
    """A vector or number as asked for where it came as a row, a column or one number a line.

    A matrix is taken as it is, unless it has one entry only.
    """
    lengths = [n for n in given.values.shape if n != 1]
    if (len(shape) > 1 and lengths) or lengths != [n for n in shape if n != 1]:
        return given
    values, quantum = given.values.reshape(shape), given.quantum.reshape(shape)
    return Printed(values, quantum, given.digits, given.decimals)


def other_shape(given: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """What to say of an answer of the shape ``given``."""
    if given == expected[::-1]:
        return f"The shape is {given}, transposed: {expected} is asked for."
    return f"The shape is {given}; {expected} is asked for."


def near(given: Printed, expected: Array) -> Entries:
    """Which entries are right by their digits or by how near they are.

    However few digits are written, what is this near was computed: 0.26 for 0.26002 is right. And
    three right digits are enough, also where they make a short number: 165 for 164.79.
    """
    off, size = np.abs(given.values - expected), np.abs(expected)
    allowed = np.where(size == 0.0, ZERO, np.maximum(CLOSE * size, 1e-9))
    rounded = 1.01 * np.minimum(given.quantum, 0.005 * size)
    return (off <= np.maximum(rounded, allowed)) | _three_digits(given.values, expected)


def _three_digits(given: Array, expected: Array) -> Entries:
    """Which entries are ``expected`` rounded to three significant digits; of counts, none is."""
    if _counts(expected):
        return np.zeros(expected.shape, dtype=bool)
    # No number that is asked for is smaller, and 0 has no digits.
    place = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(expected), 1e-200))) - 2)
    with np.errstate(over="ignore", invalid="ignore"):
        on_place = np.abs(given / place - np.round(given / place)) < 1e-6
    return on_place & (np.abs(given - expected) <= 0.500001 * place)


def rounded_too_far(given: Printed, expected: Array) -> bool:
    """Whether all entries are right as far as they are written, but too few digits are."""
    off, size = np.abs(given.values - expected), np.abs(expected)
    place = 0.5 * 10.0 ** -np.clip(float(given.decimals), -300, 300)
    rounded = (off <= 1.01 * np.maximum(given.quantum, place)) & (off <= 0.05 * size)
    return not _counts(expected) and bool((rounded | near(given, expected)).all())


def _counts(expected: Array) -> bool:
    return bool((expected == np.round(expected)).all())

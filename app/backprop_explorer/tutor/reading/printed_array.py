"""Values of a printed array, with the rounding error of each.

NumPy prints 8 digits after the point, or 8 significant digits in scientific notation. It drops
zeros that all numbers of an array end with: "1." is 1.00000000. Digits are therefore counted over
the whole array. An array with fewer than three significant digits counts as exact, not rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.texts import tutor_reading as texts

Array = NDArray[np.float64]

PRINTED_DIGITS = 8
MAX_ENTRIES = 300_000
MAX_DEPTH = 8
# Of one number in size; larger ones overflow.
MAX_SIZE = 1e300
# A number with at least this many digits counts as rounded, with fewer as short and exact.
FEWEST_DIGITS = 3
# In an array with at least so many different numbers, fewer digits suffice.
FEWEST_DIGITS_OF_MANY, MANY_NUMBERS = 2, 3
# PyTorch prints this many decimals, also of small numbers.
ROUNDED_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class PrintedArray:
    """Values as printed. ``quantum`` is the largest rounding error of each, of the same shape.

    ``digits`` is the largest number of significant digits of any entry, ``decimals`` the largest
    number of digits after the point. A blank has no entries.
    """

    values: Array
    quantum: Array
    digits: int
    decimals: int

    @property
    def blank(self) -> bool:
        """Whether the array has no values, or missing ones."""
        return self.values.size == 0


BLANK = PrintedArray(np.empty(0), np.empty(0), 0, 0)


class _Digits(NamedTuple):
    """Format of one number. ``exponent`` is the power of ten of its first digit."""

    decimals: int
    significant: int
    exponent: int
    scientific: bool


def _digits(token: str) -> _Digits:
    mantissa, e, power = token.lower().lstrip("+-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    figures = whole + fraction
    if not figures.isdigit():
        return _Digits(0, 0, 0, False)  # nan, inf
    decimals = len(fraction) - int(power) if e else len(fraction)
    significant = len(figures.lstrip("0"))
    return _Digits(decimals, significant, significant - 1 - decimals, bool(e))


def _printed(tokens: Sequence[str], shape: tuple[int, ...], *, text: bool) -> PrintedArray:
    """Return the values with half a unit in the last place, as the array was printed."""
    values = np.array([float(token) for token in tokens], dtype=np.float64).reshape(shape)
    written = [_digits(token) for token in tokens]
    numbers = [d for d in written if d.significant]
    most = max((d.significant for d in numbers), default=0)
    decimals = max((d.decimals for d in written), default=0)
    rounded = not _is_exact(values.ravel().tolist(), most, decimals)
    significant = most if rounded else PRINTED_DIGITS + 1
    exponents = np.array([d.exponent if d.significant else -300 for d in written], dtype=float)
    quantum = 0.5 * np.power(10.0, np.clip(exponents - significant + 1, -320, 300))
    scientific = text and bool(numbers) and all(d.scientific for d in numbers)
    if not scientific and (rounded or decimals <= PRINTED_DIGITS):
        place = decimals if rounded else PRINTED_DIGITS
        quantum = np.maximum(quantum, 0.5 * 10.0 ** min(max(-place, -320), 300))
    return PrintedArray(values, quantum.reshape(shape), most, decimals)


def _is_exact(values: Sequence[float], digits: int, decimals: int) -> bool:
    """Whether numbers with few digits are exact, not rounded."""
    if decimals >= ROUNDED_DECIMALS:
        return False
    several = len({abs(v) for v in values}) >= MANY_NUMBERS
    return digits < (FEWEST_DIGITS_OF_MANY if several else FEWEST_DIGITS)


def _token(value: float) -> str:
    """Return the shortest digits that identify a number, without a final ".0"."""
    return repr(value).removesuffix(".0")


def from_tokens(tokens: Sequence[str], shape: tuple[int, ...]) -> PrintedArray:
    """Return an array from printed numbers in row-major order."""
    return _printed(tokens, shape, text=True)


def from_array(values: Array | float) -> PrintedArray:
    """Return an array from floats; their shortest digits tell whether they are rounded."""
    array = np.asarray(values, dtype=np.float64)
    return _printed([_token(v) for v in array.ravel().tolist()], array.shape, text=False)


def from_nested(value: object, field: str) -> PrintedArray:
    """Return an array from a number or nested lists of numbers.

    None, an empty list or a list that contains None gives a blank. Raises InvalidInput naming
    ``field`` for other values, LimitExceeded for too many numbers.
    """
    flat: list[float] = []
    missing = False

    def shape_of(item: object, depth: int) -> tuple[int, ...]:
        nonlocal missing
        if item is None:
            missing = True
            return ()
        if isinstance(item, bool) or not isinstance(item, int | float | list):
            raise InvalidInput(field, texts.NUMBER_LISTS_OR_TEXT)
        if not isinstance(item, list):
            if abs(item) > MAX_SIZE or item != item:
                raise InvalidInput(field, texts.ONLY_FINITE)
            flat.append(float(item))
            return ()
        if depth == MAX_DEPTH:
            raise InvalidInput(field, texts.lists_nested(MAX_DEPTH))
        shapes = [shape_of(part, depth + 1) for part in item]
        check_size(len(flat), field)
        for index, shape in enumerate(shapes):
            if shape != shapes[0]:
                raise InvalidInput(field, ragged_message(index, shape, shapes[0]))
        return (len(item), *shapes[0]) if item else (0,)

    shape = shape_of(value, 0)
    if missing or not flat:
        return BLANK
    return from_array(np.array(flat).reshape(shape))


def ragged_message(row: int, shape: tuple[int, ...], first: tuple[int, ...]) -> str:
    """Return the error message for rows of different shapes."""
    if not shape or not first:
        return texts.both_lists(row)
    return texts.row_length(row, shape[0], first[0])


def check_size(entries: int, field: str) -> None:
    """Raise LimitExceeded naming ``field`` for more than MAX_ENTRIES numbers."""
    if entries > MAX_ENTRIES:
        raise LimitExceeded(field, "numbers", MAX_ENTRIES)

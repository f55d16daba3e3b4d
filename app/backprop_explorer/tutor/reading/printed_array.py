"""Numbers as somebody wrote them down: the values, and how far they may be off by rounding.

NumPy prints 8 digits after the point, or 8 significant ones in scientific notation, and drops zeros
at the end of a whole array: "1." is 1.00000000. Digits are therefore counted over an array, and one
with fewer than three of them is taken as exact rather than as rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.errors import InvalidInput, LimitExceeded

Array = NDArray[np.float64]

PRINTED_DIGITS = 8
MAX_ENTRIES = 300_000
MAX_DEPTH = 8
# So few digits are taken for a rounded number; fewer for one that happens to be short.
FEWEST_DIGITS = 3
FEW_DIGITS, MANY_NUMBERS = 2, 3
# PyTorch prints so many decimals, of a small number too.
ROUNDED_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Printed:
    """``values``, and by how much each may differ from what was rounded to it.

    ``digits`` is the largest number of significant digits of any entry, ``decimals`` that of digits
    after the point. A blank has no entries.
    """

    values: Array
    quantum: Array
    digits: int
    decimals: int

    @property
    def blank(self) -> bool:
        """Whether nothing, or not everything, was filled in."""
        return self.values.size == 0


BLANK = Printed(np.empty(0), np.empty(0), 0, 0)


@dataclass(frozen=True, slots=True)
class _Digits:
    """How a number is written: digits after the point, significant digits, power of ten."""

    decimals: int
    significant: int
    exponent: int
    scientific: bool


def _digits(token: str) -> _Digits:
    mantissa, e, power = token.lower().lstrip("+-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    if not (whole + fraction).isdigit():
        return _Digits(0, 0, 0, False)  # nan, inf
    shift = int(power) if e else 0
    decimals = len(fraction) - shift
    significant = len((whole + fraction).lstrip("0"))
    return _Digits(decimals, significant, significant - 1 - decimals, bool(e))


def _printed(tokens: Sequence[str], shape: tuple[int, ...], *, text: bool) -> Printed:
    """Numbers and half a unit of the last place of each, as their whole array was written."""
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
    return Printed(values, quantum.reshape(shape), most, decimals)


def _is_exact(values: Sequence[float], digits: int, decimals: int) -> bool:
    """Whether numbers with few digits are short rather than rounded."""
    if decimals >= ROUNDED_DECIMALS:
        return False
    several = len({abs(v) for v in values}) >= MANY_NUMBERS
    return digits < (FEW_DIGITS if several else FEWEST_DIGITS)


def _token(value: float) -> str:
    """The shortest digits that give a number, without the ".0" that says nothing."""
    return repr(value).removesuffix(".0")


def from_tokens(tokens: Sequence[str], shape: tuple[int, ...]) -> Printed:
    """Numbers as printed, in row-major order."""
    return _printed(tokens, shape, text=True)


def from_array(values: Array | float) -> Printed:
    """An array of floats, whose shortest digits tell whether it was rounded."""
    array = np.asarray(values, dtype=np.float64)
    return _printed([_token(v) for v in array.ravel().tolist()], array.shape, text=False)


def from_nested(value: object, field: str) -> Printed:
    """A number or nested lists of numbers. Raises InvalidInput naming ``field``.

    None, an empty list or a list with None in it is a blank: not filled in yet.
    """
    flat: list[float] = []
    missing = False

    def shape_of(item: object, depth: int) -> tuple[int, ...]:
        nonlocal missing
        if item is None:
            missing = True
            return ()
        if isinstance(item, bool) or not isinstance(item, int | float | list):
            raise InvalidInput(field, "must be a number, nested lists of numbers, or text")
        if not isinstance(item, list):
            if abs(item) > 1e300 or item != item:
                raise InvalidInput(field, "must hold finite numbers")
            flat.append(float(item))
            return ()
        if depth == MAX_DEPTH:
            raise InvalidInput(field, f"lists can be nested {MAX_DEPTH} deep")
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
    """What to say of rows of different lengths."""
    if not shape or not first:
        return f"row {row} and row 0 are not both lists of numbers"
    return f"row {row} has {shape[0]} entries and row 0 has {first[0]}: is a part missing?"


def check_size(entries: int, field: str) -> None:
    """Raise LimitExceeded for more numbers than any line of a working has."""
    if entries > MAX_ENTRIES:
        raise LimitExceeded(field, "numbers", MAX_ENTRIES)

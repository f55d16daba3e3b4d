"""Numbers with a decimal comma, as spreadsheets and calculators of half the world write them.

Python and NumPy put a comma between numbers, so a comma is a decimal one only where it cannot
stand between two: blanks, tabs or semicolons already do that ("0,5 0,25"), or what follows is no
whole number ("0,064317"). "1,2" and "[1,2]" stay lists of two; the reader may know better.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from app.core.errors import InvalidInput

# All that stands together without a blank.
_RUN = re.compile(r"(?<![\w.,])[+-]?\d[\d.,]*+(?:e[+-]?\d[\d.,]*+)?", re.IGNORECASE)
_ONE = re.compile(r"[+-]?(\d+)(?:,(\d+))?(?:e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:\.\d{3})+,\d+|(?:,\d{3})+\.\d+)")
_BETWEEN = re.compile(r"\s*;\s*|[ \t]+")
_BETWEEN_IN_BRACKETS = re.compile(r"\s+")
# Of so many digits after the comma few whole numbers are.
_MANY_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Commas:
    """``decimal`` is the text with points in place of its commas, or None where none is one.

    ``sure`` says that they cannot stand between numbers; otherwise they well may.
    """

    decimal: str | None = None
    sure: bool = False


def commas(text: str, where: str = "text") -> Commas:
    """What the commas of ``text`` are. The places of its numbers stay the same.

    Raises InvalidInput for a number that has both a comma and a point, one of them for thousands.
    """
    runs = list(_RUN.finditer(text)) if "," in text else []
    if not any("," in run.group() for run in runs):
        return Commas()
    brackets = re.search(r"[\[({]", text) is not None
    between = _BETWEEN_IN_BRACKETS if brackets else _BETWEEN
    gaps = (text[a.end() : b.start()] for a, b in pairwise(runs))
    apart = any(between.fullmatch(gap) for gap in gaps)
    if apart or (len(runs) == 1 and not brackets):
        _refuse_thousands(runs, where)
    numbers = [_ONE.fullmatch(run.group()) for run in runs]
    pairs = [number.groups() for number in numbers if number is not None and number[2]]
    if None in numbers or not pairs:
        return Commas()
    sure = apart or _no_whole_numbers(pairs, brackets)
    if not sure and brackets and len(runs) > 1:
        return Commas()
    return Commas(_RUN.sub(lambda run: run.group().replace(",", "."), text), sure)


def _no_whole_numbers(pairs: list[tuple[str, ...]], brackets: bool) -> bool:
    """Whether what stands before and after the commas is hardly two whole numbers."""
    if any(len(after) > 1 and after[0] == "0" for _, after in pairs):
        return True
    if brackets:  # [0,25] is how some write a list
        return False
    longest = max(len(after) for _, after in pairs)
    return longest >= _MANY_DIGITS or (longest > 1 and all(before == "0" for before, _ in pairs))


def _refuse_thousands(runs: list[re.Match[str]], where: str) -> None:
    both = [run.group() for run in runs if "," in run.group()]
    if all(_THOUSANDS.fullmatch(number) for number in both):
        raise InvalidInput(
            where,
            f"{both[0]} has a point and a comma: write the number with a point only, "
            "or a blank after the comma if it is two numbers",
        )

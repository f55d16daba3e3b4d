"""Numbers with a decimal comma, as spreadsheets and calculators in many countries write them.

Python and NumPy put a comma between numbers, so a comma is a decimal one only where it cannot
stand between two: blanks, tabs or semicolons already do that ("0,5 0,25"), or what follows is no
whole number ("0,064317"). "1,2" and "[1,2]" stay lists of two; the reader may know better.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from backprop_explorer.tutor.reading.tokens import Source, Token, Unreadable

_ONE = re.compile(r"[+-]?+(\d++)(?:,(\d++))?+(?:e[+-]?+\d++)?+", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?+[1-9]\d{0,2}+(?:(?:\.\d{3})++,\d++|(?:,\d{3})++\.\d++)")
_BETWEEN = re.compile(r"\s*+;\s*+|[ \t]++")
# Of so many digits after the comma few whole numbers are.
_MANY_DIGITS = 4
# A message quotes so many characters of a number.
_QUOTED = 40


@dataclass(frozen=True, slots=True)
class DecimalCommas:
    """``decimal`` has numbers such as "0,5" as one token, or is None where no comma is decimal.

    ``sure`` says that the commas cannot stand between numbers; otherwise both are possible.
    """

    decimal: Sequence[Token] | None = None
    sure: bool = False


@dataclass(frozen=True, slots=True)
class _NumberGroup:
    """Numbers that only commas separate, ``tokens[first:last]``, as they stand in the text."""

    text: str
    start: int
    end: int
    first: int
    last: int


def find_decimal_commas(source: Source, tokens: Sequence[Token]) -> DecimalCommas:
    """What the commas between the numbers of ``tokens`` are.

    Raises Unreadable for a number that has both a comma and a point, one of them for thousands.
    """
    if not tokens or source.text.find(",", tokens[0].start, tokens[-1].end) < 0:
        return DecimalCommas()
    groups = _number_groups(source.text, tokens)
    if not any("," in group.text for group in groups):
        return DecimalCommas()
    brackets = any(token.kind == "open" for token in tokens)
    separated = any(_separates(source.text[a.end : b.start], brackets) for a, b in pairwise(groups))
    if separated or (len(groups) == 1 and not brackets):
        _refuse_thousands(groups)
    numbers = [_ONE.fullmatch(group.text) for group in groups]
    pairs = [number.groups() for number in numbers if number is not None and number[2]]
    if None in numbers or not pairs:
        return DecimalCommas()
    sure = separated or _no_whole_numbers(pairs, brackets)
    if not sure and brackets and len(groups) > 1:
        return DecimalCommas()
    return DecimalCommas(_merged(tokens, groups), sure)


def _number_groups(text: str, tokens: Sequence[Token]) -> list[_NumberGroup]:
    """The numbers of ``tokens``; a comma after the last number of a group belongs to the group."""
    groups: list[_NumberGroup] = []
    at = 0
    while at < len(tokens):
        first, at = at, at + 1
        if tokens[first].kind != "number" or not tokens[first].text.lstrip("+-")[:1].isdigit():
            continue
        while (
            at < len(tokens)
            and tokens[at].kind == "number"
            and tokens[at].start == tokens[at - 1].end + 1
            and text[tokens[at - 1].end] == ","
            and text[tokens[at].start] not in "+-"
        ):
            at += 1
        start, end = tokens[first].start, tokens[at - 1].end
        if text[end : end + 1] in (",", "."):
            end += 1
        groups.append(_NumberGroup(text[start:end], start, end, first, at))
    return groups


def _separates(gap: str, brackets: bool) -> bool:
    return gap.isspace() if brackets else bool(_BETWEEN.fullmatch(gap))


def _merged(tokens: Sequence[Token], groups: list[_NumberGroup]) -> list[Token]:
    merged: list[Token] = []
    done = 0
    for group in groups:
        merged += tokens[done : group.first]
        merged.append(Token("number", group.text.replace(",", "."), group.start, group.end))
        done = group.last
    return [*merged, *tokens[done:]]


def _no_whole_numbers(pairs: list[tuple[str, ...]], brackets: bool) -> bool:
    """Whether what stands before and after the commas is hardly two whole numbers."""
    if any(len(after) > 1 and after[0] == "0" for _, after in pairs):
        return True
    if brackets:  # [0,25] is how some write a list
        return False
    longest = max(len(after) for _, after in pairs)
    return longest >= _MANY_DIGITS or (longest > 1 and all(before == "0" for before, _ in pairs))


def _refuse_thousands(groups: list[_NumberGroup]) -> None:
    both = [group for group in groups if "," in group.text]
    if all(_THOUSANDS.fullmatch(group.text) for group in both):
        number = both[0].text
        quoted = number if len(number) <= _QUOTED else f"{number[:_QUOTED]}…"
        raise Unreadable(
            f"{quoted} has a point and a comma: write the number with a point only, "
            "or a blank after the comma if it is two numbers"
        )

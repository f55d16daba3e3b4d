"""Numbers with a decimal comma, as spreadsheets in many countries write them.

Python and NumPy separate numbers by commas. A comma is therefore decimal only if it cannot be a
separator: other separators are used ("0,5 0,25"), or the digits after it are not a whole number
("0,064317"). "1,2" and "[1,2]" are ambiguous, and the reader decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from backprop_explorer.texts import tutor_reading as texts
from backprop_explorer.tutor.reading.tokens import Source, Token, Unreadable

_ONE = re.compile(r"[+-]?+(\d++)(?:,(\d++))?+(?:e[+-]?+\d++)?+", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?+[1-9]\d{0,2}+(?:(?:\.\d{3})++,\d++|(?:,\d{3})++\.\d++)")
# NumPy's "0.", with a comma, and the blanks that it is filled up with.
_WHOLE = re.compile(r"([+-]?+\d++),(?=[ \t]{2}|[ \t]*+\])")
_WITHIN_BRACKETS = re.compile(r"\s*+;\s*+|\s++")
_BETWEEN = re.compile(r"\s*+;\s*+|[ \t]++")
# This many digits after the comma are hardly a whole number.
_MANY_DIGITS = 4
# Number of characters of a number that a message quotes.
_MAX_QUOTED = 40


class DecimalCommas(NamedTuple):
    """``decimal`` is the tokens with numbers such as "0,5" merged, None if no comma can be decimal.

    ``sure`` tells that the commas cannot be separators. If False, both readings are possible.
    """

    decimal: Sequence[Token] | None = None
    sure: bool = False


class _NumberGroup(NamedTuple):
    """The numbers ``tokens[first:last]``, separated only by commas, and their text."""

    text: str
    start: int
    first: int
    last: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def find_decimal_commas(source: Source, tokens: Sequence[Token]) -> DecimalCommas:
    """Decide whether the commas in ``tokens`` are decimal.

    Raises Unreadable for a number with both a comma and a point, such as 1.234,5.
    """
    if not tokens or source.text.find(",", tokens[0].start, tokens[-1].end) < 0:
        return DecimalCommas()
    groups = _number_groups(source.text, tokens)
    if not any("," in group.text for group in groups):
        return DecimalCommas()
    brackets = any(token.kind == "open" for token in tokens)
    separator = _WITHIN_BRACKETS if brackets else _BETWEEN
    gaps = (source.text[a.end : b.start] for a, b in pairwise(groups))
    separated = any(map(separator.fullmatch, gaps))
    if separated or (len(groups) == 1 and not brackets):
        _refuse_thousands(groups)
    numbers = [
        _ONE.fullmatch(group.text) or _WHOLE.match(source.text, group.start) for group in groups
    ]
    pairs = [n.groups() for n in numbers if n is not None and n.re is _ONE and n[2]]
    if None in numbers or not pairs:
        return DecimalCommas()
    sure = separated or _no_whole_numbers(pairs, brackets)
    if not sure and brackets and len(groups) > 1:
        return DecimalCommas()
    return DecimalCommas(_merged(tokens, groups), sure)


def _number_groups(text: str, tokens: Sequence[Token]) -> list[_NumberGroup]:
    """Group the numbers of ``tokens``. A comma after the last number belongs to its group."""
    groups: list[_NumberGroup] = []
    at = 0
    while at < len(tokens):
        first, at = at, at + 1
        if tokens[first].kind != "number" or not tokens[first].text.lstrip("+-")[:1].isdigit():
            continue
        while (
            at < len(tokens)
            and tokens[at].kind == "number"
            and tokens[at].before == ","
            and text[tokens[at].start] not in "+-"
        ):
            at += 1
        start, end = tokens[first].start, tokens[at - 1].end
        if text[end : end + 1] in (",", "."):
            end += 1
        groups.append(_NumberGroup(text[start:end], start, first, at))
    return groups


def _merged(tokens: Sequence[Token], groups: list[_NumberGroup]) -> list[Token]:
    merged: list[Token] = []
    done = 0
    for group in groups:
        decimal = tokens[group.first]._replace(text=group.text.replace(",", "."), end=group.end)
        merged += (*tokens[done : group.first], decimal)
        done = group.last
    return [*merged, *tokens[done:]]


def _no_whole_numbers(pairs: list[tuple[str, ...]], brackets: bool) -> bool:
    """Whether the digits before and after the commas are hardly separate whole numbers."""
    if any(len(after) > 1 and after[0] == "0" for _, after in pairs):
        return True
    if brackets:  # [0,25] is also a common way to write a list
        return False
    longest = max(len(after) for _, after in pairs)
    return longest >= _MANY_DIGITS or (longest > 1 and all(before == "0" for before, _ in pairs))


def _refuse_thousands(groups: list[_NumberGroup]) -> None:
    both = [group for group in groups if "," in group.text]
    if all(_THOUSANDS.fullmatch(group.text) for group in both):
        number = both[0].text
        quoted = number if len(number) <= _MAX_QUOTED else f"{number[:_MAX_QUOTED]}…"
        raise Unreadable(texts.point_and_comma(quoted))

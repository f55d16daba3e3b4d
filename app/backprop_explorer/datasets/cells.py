"""Text in the cells of a CSV file that spreadsheets open: no cell may become a formula."""

from __future__ import annotations

import re

# A spreadsheet takes a cell that begins with one of these for a formula. Full-width forms count,
# because some spreadsheets turn them into the plain characters.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def escaped(text: str) -> str:
    """``text`` with an apostrophe in front where a spreadsheet would compute it.

    A plain number such as -1 stays as it is: it is harmless, and a number for whoever reads it.
    Apostrophes that are in front already get one more, so that ``unescaped`` undoes exactly this.
    """
    if _NUMBER.fullmatch(text) or not _FORMULA.match(text):
        return text
    return f"'{text}"


def unescaped(cell: str) -> str:
    """What ``escaped`` was given; other cells as they are."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell, 1) else cell

"""Escape cells of CSV files, so that spreadsheets do not run them as formulas."""

from __future__ import annotations

import re

# Spreadsheets treat a cell that begins with one of these as a formula. Full-width forms are
# included because some spreadsheets convert them to the plain characters.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def escaped(text: str) -> str:
    """Return ``text``, with an apostrophe in front if a spreadsheet could run it as a formula.

    Plain numbers such as -1 are harmless and stay. Text that already begins with apostrophes gets
    one more, so that ``unescaped`` is the exact inverse.
    """
    if _NUMBER.fullmatch(text) or not _FORMULA.match(text):
        return text
    return f"'{text}"


def unescaped(cell: str) -> str:
    """Return the text that ``escaped`` was given; other cells unchanged."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell, 1) else cell

"""Read CSV text into columns: any common delimiter and encoding, with or without a header.

Errors name the row (counted from 1, as in a spreadsheet) and the column.
``column_selection.py`` then selects what to learn from the columns.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from backprop_explorer.datasets.export_layout import Layout, is_header, layout_of
from backprop_explorer.datasets.own_data import clean_name
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.texts import datasets as texts

# Spreadsheets treat a cell that begins with one of these as a formula. Full-width forms are
# included because some spreadsheets convert them to the plain characters.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


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


Column = list[str]

DELIMITERS = ("\t", ";", ",")
# Characters of the text used to detect the delimiter.
SNIFFED = 20_000
# Markers that programs write for a missing number.
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "-", "?"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?")


@dataclass(frozen=True, slots=True)
class CsvLimits:
    """Limits on the size of a table."""

    rows: int
    columns: int
    cells: int


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The content of a file: cells as text, in columns."""

    names: list[str]
    columns: list[Column]
    delimiter: str
    header: bool
    row_numbers: list[int]  # where each row of data stands in the file
    numbers: list[bool]  # which columns are meant as numbers
    layout: Layout | None  # of a file that this program exported

    @property
    def rows(self) -> int:
        """Number of data rows."""
        return len(self.columns[0])


def decode(data: bytes) -> str:
    """Decode the bytes of a file: UTF-8, UTF-16 with a byte order mark, or Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _records(text: str, delimiter: str, most: int) -> list[tuple[int, list[str]]]:
    """Return (row, cells) of every row that is not empty. Raises LimitExceeded beyond ``most``."""
    # Accept every kind of line end, and drop NUL characters, at which the csv reader stops.
    lines = text.replace("\0", " ").splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    found: list[tuple[int, list[str]]] = []
    try:
        for k, row in enumerate(reader, start=1):
            cells = [unescaped(cell.strip()) for cell in row]
            if any(cells):
                found.append((k, cells))
            if len(found) > most:
                raise LimitExceeded("csv", "rows", most)
    except csv.Error:
        raise InvalidInput("csv", texts.row_unreadable(reader.line_num)) from None
    return found


def _delimiter(text: str) -> str:
    """Return the first delimiter that splits the first rows into equally many cells, at least 2.

    An exported file always uses commas, even if its names contain other delimiters.
    """
    lines = text[:SNIFFED].splitlines()[: -1 if len(text) > SNIFFED else None]
    head = "\n".join(line for line in lines[:30] if line.strip())
    first = _records(head, ",", 30)[:1]
    if first and is_header(first[0][1]):
        return ","
    for delimiter in DELIMITERS:
        widths = {len(row) for _, row in _records(head, delimiter, 30)}
        if len(widths) == 1 and widths.isdisjoint({0, 1}):
            return delimiter
    counts = Counter(character for character in head if character in DELIMITERS)
    return counts.most_common(1)[0][0] if counts else ","


def number(cell: str, delimiter: str) -> float | None:
    """Return the number in a cell, or None. A comma may be the decimal point."""
    if delimiter != "," and cell.count(",") == 1 and "." not in cell:
        cell = cell.replace(",", ".")
    cell = cell.replace("−", "-")
    if len(cell) > 400 or not _NUMBER.fullmatch(cell):
        return None
    return float(cell)


def is_missing(cell: str) -> bool:
    """Tell whether a numeric cell is empty or holds a marker for a missing number."""
    return cell.lower() in MISSING


def read_csv(text: str, limits: CsvLimits, header: bool | None = None) -> CsvTable:
    """Split ``text`` into columns.

    If ``header`` is None, the first row is a header if none of its cells is a number, or if the
    file was exported by this program. Raises InvalidInput or LimitExceeded.
    """
    delimiter = _delimiter(text)
    # One more row for the header.
    records = _records(text, delimiter, limits.rows + 1)
    if not records:
        raise InvalidInput("csv", texts.NO_ROWS)
    width = len(records[0][1])
    if width < 2:
        raise InvalidInput("csv", texts.TWO_COLUMNS)
    if width > limits.columns:
        raise LimitExceeded("csv", "columns", limits.columns, width)
    for row, cells in records:
        if len(cells) != width:
            raise InvalidInput("csv", texts.row_length(row, len(cells), records[0][0], width))
    table = _table(records, delimiter, header)
    if not table.rows:
        raise InvalidInput("csv", texts.NO_ROWS_BELOW_HEADER)
    if table.rows > limits.rows:
        raise LimitExceeded("csv", "rows", limits.rows, table.rows)
    if table.rows * width > limits.cells:
        raise LimitExceeded("csv", "cells", limits.cells, table.rows * width)
    return table


def read_head(text: str, rows: int, header: bool | None = None) -> CsvTable | None:
    """Return the first ``rows`` of a text that ``read_csv`` refuses, None if it has none.

    Each is as wide as the first: cells are added or left out.
    """
    head = text[:SNIFFED]
    try:
        delimiter = _delimiter(head)
        records = _records(head, delimiter, SNIFFED)[: rows + 1]
    except InvalidInput:
        return None
    if not records:
        return None
    width = len(records[0][1])
    filled = [(row, [*cells, *([""] * width)][:width]) for row, cells in records]
    return _table(filled, delimiter, header)


def _table(
    records: Sequence[tuple[int, list[str]]], delimiter: str, header: bool | None
) -> CsvTable:
    first, width = records[0][1], len(records[0][1])
    columns = _columns(records[1:], width)
    layout = None if header is False else layout_of(first, columns)
    if header is None:
        header = layout is not None or all(number(cell, delimiter) is None for cell in first)
    data = records[1:] if header else records
    if not header:
        columns = _columns(data, width)
    return CsvTable(
        names=_names(first if header else [""] * width),
        columns=columns,
        delimiter=delimiter,
        header=header,
        row_numbers=[row for row, _ in data],
        numbers=[_is_numeric(column, delimiter) for column in columns],
        layout=layout,
    )


def _columns(records: Sequence[tuple[int, list[str]]], width: int) -> list[Column]:
    return [[cells[k] for _, cells in records] for k in range(width)]


def _names(given: Sequence[str]) -> list[str]:
    """Return a unique name for every column."""
    names: list[str] = []
    for k, cell in enumerate(given, start=1):
        name = clean_name(cell) or texts.column(k)
        names.append(name if name not in names else f"{name} ({k})")
    return names


def _is_numeric(column: Column, delimiter: str) -> bool:
    """Tell whether at least half of the non-empty cells are numbers."""
    filled = [cell for cell in column if not is_missing(cell)]
    return 2 * sum(number(cell, delimiter) is not None for cell in filled) >= max(len(filled), 1)

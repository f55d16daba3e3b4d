"""CSV from anywhere: spreadsheets of any country, with a header or without, read into rows.

Every refusal says which row (counted from 1, as a spreadsheet does) and which column is meant.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.core.errors import InvalidInput, LimitExceeded, UnknownName
from app.datasets.own import Rows, clean_name

Task = Literal["classification", "regression"]
Column = list[str]

DELIMITERS = ("\t", ";", ",")
# How much of the text is looked at to find the delimiter.
SNIFFED = 20_000
MAX_CLASSES = 20
# A target of so few different whole numbers is taken for classes, unless the request says else.
GUESSED_CLASSES = 10
LARGEST = 1e100
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?")


@dataclass(frozen=True, slots=True)
class CsvLimits:
    """The most that is read."""

    rows: int
    columns: int
    cells: int


@dataclass(frozen=True, slots=True)
class CsvTable:
    """What a file holds: cells as text, in columns."""

    names: list[str]
    columns: list[Column]
    delimiter: str
    header: bool
    row_numbers: list[int]  # where each row of data stands in the file
    numbers: list[bool]  # which columns are meant as numbers

    @property
    def rows(self) -> int:
        """How many rows of data."""
        return len(self.columns[0])


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with a mark, or else what Windows in the west writes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _records(text: str, delimiter: str, most: int) -> list[tuple[int, list[str]]]:
    """(row, cells) of every row that is not empty. Raises LimitExceeded beyond ``most``."""
    # Every way of ending a line, and a zero that the reader would stop at.
    lines = text.replace("\0", " ").splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    found: list[tuple[int, list[str]]] = []
    try:
        for k, row in enumerate(reader, start=1):
            cells = [cell.strip() for cell in row]
            if any(cells):
                found.append((k, cells))
            if len(found) > most:
                raise LimitExceeded("csv", "rows", most)
    except csv.Error:
        raise InvalidInput("csv", f"row {reader.line_num} cannot be read as CSV") from None
    return found


def _delimiter(text: str) -> str:
    """The first delimiter that cuts the first rows into equally many cells, and more than one."""
    lines = text[:SNIFFED].splitlines()[: -1 if len(text) > SNIFFED else None]
    head = "\n".join(line for line in lines[:30] if line.strip())
    for delimiter in DELIMITERS:
        widths = {len(row) for _, row in _records(head, delimiter, 30)}
        if len(widths) == 1 and widths.isdisjoint({0, 1}):
            return delimiter
    counts = Counter(character for character in head if character in DELIMITERS)
    return counts.most_common(1)[0][0] if counts else ","


def number(cell: str, delimiter: str) -> float | None:
    """The number in a cell, None where there is none. A comma may be the decimal point."""
    if delimiter != "," and cell.count(",") == 1 and "." not in cell:
        cell = cell.replace(",", ".")
    cell = cell.replace("−", "-")
    if len(cell) > 400 or not _NUMBER.fullmatch(cell):
        return None
    return float(cell)


def read_csv(text: str, limits: CsvLimits, header: bool | None = None) -> CsvTable:
    """Cut ``text`` into columns. ``header`` None: the first row is one if no cell is a number."""
    delimiter = _delimiter(text)
    # One more, for the header.
    records = _records(text, delimiter, limits.rows + 1)
    if not records:
        raise InvalidInput("csv", "there are no rows")
    width = len(records[0][1])
    if width < 2:
        raise InvalidInput("csv", "at least two columns are needed, separated by , ; or tabs")
    if width > limits.columns:
        raise LimitExceeded("csv", "columns", limits.columns, width)
    for row, cells in records:
        if len(cells) != width:
            raise InvalidInput(
                "csv", f"row {row} has {len(cells)} cells, row {records[0][0]} has {width}"
            )
    if header is None:
        header = all(number(cell, delimiter) is None for cell in records[0][1])
    data = records[1:] if header else records
    if not data:
        raise InvalidInput("csv", "there are no rows below the header")
    if len(data) > limits.rows:
        raise LimitExceeded("csv", "rows", limits.rows, len(data))
    if len(data) * width > limits.cells:
        raise LimitExceeded("csv", "cells", limits.cells, len(data) * width)
    columns = [list(column) for column in zip(*(cells for _, cells in data), strict=True)]
    return CsvTable(
        names=_names(records[0][1] if header else [""] * width),
        columns=columns,
        delimiter=delimiter,
        header=header,
        row_numbers=[row for row, _ in data],
        numbers=[_is_numeric(column, delimiter) for column in columns],
    )


def _names(given: Sequence[str]) -> list[str]:
    """A name for every column, no two alike."""
    names: list[str] = []
    for k, cell in enumerate(given, start=1):
        name = clean_name(cell) or f"column {k}"
        names.append(name if name not in names else f"{name} ({k})")
    return names


def _is_numeric(column: Column, delimiter: str) -> bool:
    """Whether at least half of the cells that hold something hold numbers."""
    filled = [cell for cell in column if cell]
    return 2 * sum(number(cell, delimiter) is not None for cell in filled) >= max(len(filled), 1)


def choose(
    table: CsvTable,
    target: str | None = None,
    features: Sequence[str] | None = None,
    task: Task | None = None,
) -> Rows:
    """The rows to learn: ``target`` (by default the last column) from ``features`` (the others).

    By default columns of words are left out of the features, and the task is what the target looks
    like. Raises InvalidInput naming the row and the column of a cell that does not fit.
    """
    goal = len(table.names) - 1 if target is None else _find(table, target, "target")
    if features is None:
        chosen = [k for k, numeric in enumerate(table.numbers) if numeric and k != goal]
        if not chosen:
            raise InvalidInput("features", "no column but the target holds numbers")
    else:
        chosen = [_find(table, name, f"features.{k}") for k, name in enumerate(features)]
        if goal in chosen or len(set(chosen)) < len(chosen):
            raise InvalidInput("features", "columns that differ, and are not the target")
    x = list(zip(*(_numbers(table, k) for k in chosen), strict=True))
    values, classes = _target(table, goal, task)
    return Rows(x, values, [table.names[k] for k in chosen], classes, table.names[goal])


def _find(table: CsvTable, name: str, where: str) -> int:
    cleaned = clean_name(name)
    if cleaned not in table.names:
        shown = table.names[:20] + (["…"] if len(table.names) > 20 else [])
        raise UnknownName(where, "column", shown, cleaned)
    return table.names.index(cleaned)


def _numbers(table: CsvTable, column: int) -> list[float]:
    values = []
    for k, cell in enumerate(table.columns[column]):
        value = number(cell, table.delimiter)
        if value is None or not abs(value) <= LARGEST:
            row, name = table.row_numbers[k], table.names[column]
            what = "is not a number" if cell else "is empty"
            if value is not None:
                what = f"must be between ±{LARGEST:g}"
            raise InvalidInput("csv", f"row {row}, column {name!r}: the cell {what}")
        values.append(value)
    return values


def _target(table: CsvTable, column: int, task: Task | None) -> tuple[list[float], list[str]]:
    """(values or class indices, names of the classes)."""
    if task is None:
        task = "classification" if _looks_like_classes(table, column) else "regression"
    if task == "regression":
        return _numbers(table, column), []
    labels = [clean_name(cell) for cell in table.columns[column]]
    if "" in labels:
        row, name = table.row_numbers[labels.index("")], table.names[column]
        raise InvalidInput("csv", f"row {row}, column {name!r}: the class is missing")
    found = set(labels)
    if len(found) < 2:
        raise InvalidInput("target", "at least two different classes are needed")
    if len(found) > MAX_CLASSES:
        raise LimitExceeded("target", "classes (or is it a regression?)", MAX_CLASSES, len(found))
    classes = sorted(found, key=lambda label: _order(label, table.delimiter))
    index = {label: k for k, label in enumerate(classes)}
    return [index[label] for label in labels], classes


def _order(label: str, delimiter: str) -> tuple[float, str]:
    """Numbers by their size, then words by the alphabet."""
    value = number(label, delimiter)
    return (math.inf, label) if value is None else (value, label)


def _looks_like_classes(table: CsvTable, column: int) -> bool:
    if not table.numbers[column]:
        return True
    values = {number(cell, table.delimiter) for cell in table.columns[column]}
    whole = all(value is not None and value.is_integer() for value in values)
    return whole and len(values) <= GUESSED_CLASSES

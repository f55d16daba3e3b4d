"""Select what to learn from a CSV table: target, feature columns, task and rows."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from backprop_explorer.datasets.csv_table import CsvTable, is_missing, number
from backprop_explorer.datasets.own_data import Rows, clean_name
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, UnknownName
from backprop_explorer.texts import datasets as texts

Task = Literal["classification", "regression"]
Role = Literal["feature", "target", "left out"]

MAX_CLASSES = 20
# Whole-number targets with at most this many different values are taken for classes by default.
GUESSED_CLASSES = 10
LARGEST = 1e100
NAMED_ROWS = 10


@dataclass(frozen=True, slots=True)
class ColumnSelection:
    """The selected rows, the role of each column, and the file's rows that are left out."""

    rows: Rows
    roles: list[Role]
    left_out: list[int]


def select_columns(
    table: CsvTable,
    target: str | None = None,
    features: Sequence[str] | None = None,
    task: Task | None = None,
    *,
    leave_out: bool = False,
) -> ColumnSelection:
    """Select the rows, the columns and the task of a table.

    ``target`` is by default the last column, ``features`` all other numeric columns, and ``task``
    is guessed from the target's values. For a file exported by this program, the defaults are those
    of the exported data. A row is incomplete if it has an empty cell in a selected column;
    ``leave_out`` drops such rows.

    Raises InvalidInput: for ``incomplete`` if there are incomplete rows and ``leave_out`` is false,
    naming their number and rows; for ``csv`` naming row and column of an invalid cell; for
    ``target``, ``features`` or ``task`` if they do not fit the table.
    """
    layout = table.layout
    if target is not None:
        goals = [_find(table, target, "target")]
    else:
        goals = [len(table.names) - 1] if layout is None else list(layout.targets)
    chosen = _features(table, features, goals, as_exported=target is None)
    task = task or _task(table, goals, as_exported=target is None)
    if task == "classification" and len(goals) > 1:
        raise InvalidInput("task", texts.SEVERAL_TARGETS)
    kept, left_out = _complete(table, chosen, goals, task, leave_out=leave_out)
    x = list(zip(*(_numbers(table, k, kept) for k in chosen), strict=True))
    values, classes = _target(table, goals, task, kept)
    name = table.names[goals[0]]
    if layout is not None and goals == list(layout.targets):
        name = clean_name(layout.target_name) or name
    names = [table.names[k] for k in chosen]
    roles = _roles(table, goals, chosen)
    return ColumnSelection(Rows(x, values, names, classes, name), roles, left_out)


def wanted_roles(table: CsvTable, target: str | None, features: Sequence[str] | None) -> list[Role]:
    """Return the roles of the columns as they are chosen, also where the rows do not allow them."""
    goals, chosen = (
        {len(table.names) - 1},
        {k for k, numeric in enumerate(table.numbers) if numeric},
    )
    if table.layout is not None and target is None and features is None:
        goals, chosen = set(table.layout.targets), set(table.layout.features)
    if target is not None:
        goals = {k for k, name in enumerate(table.names) if name == clean_name(target)}
    if features is not None:
        named = {clean_name(name) for name in features}
        chosen = {k for k, name in enumerate(table.names) if name in named}
    return _roles(table, goals, chosen)


def _roles(table: CsvTable, goals: Collection[int], chosen: Collection[int]) -> list[Role]:
    return [
        "target" if k in goals else "feature" if k in chosen else "left out"
        for k in range(len(table.names))
    ]


def _find(table: CsvTable, name: str, where: str) -> int:
    cleaned = clean_name(name)
    if cleaned not in table.names:
        shown = table.names[:20] + (["…"] if len(table.names) > 20 else [])
        raise UnknownName(where, "column", shown, cleaned)
    return table.names.index(cleaned)


def _features(
    table: CsvTable, names: Sequence[str] | None, goals: list[int], *, as_exported: bool
) -> list[int]:
    if names is not None:
        chosen = [_find(table, name, f"features.{k}") for k, name in enumerate(names)]
        if set(goals) & set(chosen) or len(set(chosen)) < len(chosen):
            raise InvalidInput("features", texts.DIFFERENT_COLUMNS)
        return chosen
    layout = table.layout
    if layout is not None and as_exported:
        return list(layout.features)
    # Columns after the targets were added by the export; they are not data.
    last = len(table.names) if layout is None else layout.targets.stop
    chosen = [k for k in range(last) if table.numbers[k] and k not in goals]
    if not chosen:
        raise InvalidInput("features", texts.NO_NUMBERS)
    return chosen


def _complete(
    table: CsvTable, chosen: list[int], goals: list[int], task: Task, *, leave_out: bool
) -> tuple[list[int], list[int]]:
    """Return (indices of complete rows, numbers in the file of incomplete rows)."""
    empty: dict[int, int] = {}
    for column in [*chosen, *goals]:
        words = task == "classification" and column in goals and not table.numbers[column]
        for row, cell in enumerate(table.columns[column]):
            if not clean_name(cell) if words else is_missing(cell):
                empty.setdefault(row, column)
    if empty and not leave_out:
        raise InvalidInput("incomplete", _incomplete(table, empty))
    kept = [row for row in range(table.rows) if row not in empty]
    if not kept:
        raise InvalidInput("csv", texts.ALL_ROWS_EMPTY)
    return kept, [table.row_numbers[row] for row in sorted(empty)]


def _incomplete(table: CsvTable, empty: dict[int, int]) -> str:
    """Return one sentence that names the incomplete rows and says what to do."""
    rows = sorted(empty)
    numbers = [str(table.row_numbers[row]) for row in rows]
    name = table.names[empty[rows[0]]]
    if len(rows) == 1:
        return texts.row_incomplete(table.rows, numbers[0], name)
    listed, more = ", ".join(numbers[:NAMED_ROWS]), max(len(rows) - NAMED_ROWS, 0)
    return texts.rows_incomplete(len(rows), table.rows, listed, more)


def _numbers(table: CsvTable, column: int, rows: Sequence[int]) -> list[float]:
    cells, values = table.columns[column], []
    for row in rows:
        value = number(cells[row], table.delimiter)
        if value is None or not abs(value) <= LARGEST:
            what = texts.NOT_A_NUMBER if value is None else texts.between(LARGEST)
            raise InvalidInput("csv", texts.cell(table.row_numbers[row], table.names[column], what))
        values.append(value)
    return values


def _task(table: CsvTable, goals: list[int], *, as_exported: bool) -> Task:
    layout = table.layout
    if layout is not None and layout.index is not None and goals == list(layout.targets):
        return "classification"
    if len(goals) > 1:
        return "regression"
    cells = [cell for cell in table.columns[goals[0]] if not is_missing(cell)]
    if layout is not None and as_exported and all(set(cell) & set(".eE") for cell in cells):
        # An export writes numbers as floats, with a point or an exponent, and class labels as text.
        return "regression" if table.numbers[goals[0]] else "classification"
    return "classification" if _looks_like_classes(table, goals[0], cells) else "regression"


def _looks_like_classes(table: CsvTable, column: int, cells: Sequence[str]) -> bool:
    if not table.numbers[column]:
        return True
    values = {number(cell, table.delimiter) for cell in cells}
    whole = all(value is not None and value.is_integer() for value in values)
    return whole and len(values) <= GUESSED_CLASSES


def _target(
    table: CsvTable, goals: list[int], task: Task, rows: Sequence[int]
) -> tuple[Sequence[float] | Sequence[list[float]], list[str]]:
    """Return (values or class indices, names of the classes)."""
    if task == "regression":
        columns = [_numbers(table, column, rows) for column in goals]
        if len(columns) == 1:
            return columns[0], []
        return [list(row) for row in zip(*columns, strict=True)], []
    cells = table.columns[goals[0]]
    labels = [clean_name(cells[row]) for row in rows]
    found = set(labels)
    if len(found) < 2:
        raise InvalidInput("target", texts.TWO_CLASSES)
    if len(found) > MAX_CLASSES:
        raise LimitExceeded("target", texts.MANY_CLASSES, MAX_CLASSES, len(found))
    classes = _ordered(table, goals, found)
    index = {label: k for k, label in enumerate(classes)}
    return [index[label] for label in labels], classes


def _ordered(table: CsvTable, goals: list[int], found: set[str]) -> list[str]:
    """Return the classes in the order of an exported file; else numbers by value, then words."""
    layout = table.layout
    if layout is not None and layout.order is not None and goals == list(layout.targets):
        order = list(dict.fromkeys(clean_name(label) for label in layout.order))
        return [label for label in order if label in found]

    def place(label: str) -> tuple[float, str]:
        value = number(label, table.delimiter)
        return (math.inf, label) if value is None else (value, label)

    return sorted(found, key=place)

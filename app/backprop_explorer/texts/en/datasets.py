"""Texts of ``datasets``."""

from __future__ import annotations

from collections.abc import Sequence

# datasets/catalog.py


def seed_between(largest: object) -> str:
    return f"seed must be between 0 and {largest}"


def no_parameters(name: object) -> str:
    return f"the set {name} has no parameters"


def parameter_of(name: object) -> str:
    return f"parameter of {name}"


def finite_number(name: object) -> str:
    return f"{name} must be a finite number"


FEWER_SAMPLES_THAN_CLASSES = "samples must be at least as many as classes"

# datasets/column_selection.py
SEVERAL_TARGETS = "several targets need a regression"
DIFFERENT_COLUMNS = "must be different columns, without the target"
NO_NUMBERS = "no column except the target holds numbers"
ALL_ROWS_EMPTY = "every row has an empty cell in a column that is used"
NOT_A_NUMBER = "is not a number"


_FILL_IN = "fill in what is missing, or leave rows out with incomplete=leave_out"


def row_incomplete(rows: object, row: object, column: object) -> str:
    return f"1 of {rows} rows has an empty cell: row {row}, column {column!r}; {_FILL_IN}"


def rows_incomplete(count: object, rows: object, listed: object, more: int) -> str:
    rest = f" and {more} more" if more else ""
    return f"{count} of {rows} rows have an empty cell: rows {listed}{rest}; {_FILL_IN}"


def cell(row: object, column: object, problem: object) -> str:
    return f"row {row}, column {column!r}: the cell {problem}"


def between(largest: float) -> str:
    return f"must be between ±{largest:g}"


TWO_CLASSES = "at least two different classes are needed"
MANY_CLASSES = "classes (or is it a regression?)"

# datasets/csv_table.py


def row_unreadable(row: object) -> str:
    return f"row {row} cannot be read as CSV"


NO_ROWS = "there are no rows"
TWO_COLUMNS = "at least two columns are needed, separated by , ; or tabs"


def row_length(row: object, cells: object, first: object, width: object) -> str:
    return f"row {row} has {cells} cells, row {first} has {width}"


NO_ROWS_BELOW_HEADER = "there are no rows below the header"


def column(number: object) -> str:
    return f"column {number}"


# datasets/export_layout.py


def one_of_targets(target: object, number: object, count: object) -> str:
    return f"{target} ({number} of {count})"


def target_index(target: object) -> str:
    return f"{target} index"


def one_of_columns(stem: object, number: object, count: object) -> str:
    return f"{stem} ({number} of {count})"


# datasets/splitting.py


def test_fraction(largest: object) -> str:
    return f"test_fraction must be between 0 and {largest}"


NO_ROW = "the data set needs at least one row"


def numbers_between(largest: float) -> str:
    return f"every number must be between ±{largest:g}"


# datasets/folder.py
NO_FOLDER = "there is no such folder"
NO_FILES = "the folder has no data (files that end in .csv)"


def two_files(name: object) -> str:
    return f"there are two files {name}; rename one"


def unreadable(reason: object) -> str:
    return f"cannot be read: {reason}"


def classes(count: object) -> str:
    return f"{count} classes"


def folder_table(rows: object, learned: object, features: int) -> str:
    return f"{rows} rows: {learned} from {features} feature{'s' if features > 1 else ''}."


def fill_in_file(problem: object) -> str:
    return f"{problem}; fill it in, or write incomplete: leave_out"


ABOUT_LINES = "must be lines such as title: …"
FEATURE_LIST = "features must be a list such as [width, length]"


def unknown_entry(name: object, known: object) -> str:
    return f"unknown entry {name}; there are: {known}"


def entry_one_of(name: object, known: Sequence[str]) -> str:
    return f"{name} must be {' or '.join(known)}"


def entry_length(name: object, most: object) -> str:
    return f"{name} must have at most {most} characters"

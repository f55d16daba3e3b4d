"""Texts of ``datasets``."""

from __future__ import annotations

from collections.abc import Sequence

# datasets/catalog.py


seed_between = "seed must be between 0 and {}".format
no_parameters = "the set {} has no parameters".format
parameter_of = "parameter of {}".format
finite_number = "{} must be a finite number".format
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


cell = "row {}, column {!r}: the cell {}".format
between = "must be between ±{:g}".format
TWO_CLASSES = "at least two different classes are needed"
MANY_CLASSES = "classes (or is it a regression?)"

# datasets/csv_table.py
row_unreadable = "row {} cannot be read as CSV".format
NO_ROWS = "there are no rows"
TWO_COLUMNS = "at least two columns are needed, separated by , ; or tabs"
row_length = "row {} has {} cells, row {} has {}".format
NO_ROWS_BELOW_HEADER = "there are no rows below the header"
column = "column {}".format

# datasets/export_layout.py
one_of_targets = "{} ({} of {})".format
target_index = "{} index".format
one_of_columns = "{} ({} of {})".format

# datasets/splitting.py
test_fraction = "test_fraction must be between 0 and {}".format
NO_ROW = "the data set needs at least one row"
numbers_between = "every number must be between ±{:g}".format

# datasets/folder.py
NO_FOLDER = "there is no such folder"
NO_FILES = "the folder has no data (files that end in .csv)"
two_files = "there are two files {}; rename one".format
unreadable = "cannot be read: {}".format
classes = "{} classes".format


def folder_table(rows: object, learned: object, features: int) -> str:
    return f"{rows} rows: {learned} from {features} feature{'s' if features > 1 else ''}."


fill_in_file = "{}; fill it in, or write incomplete: leave_out".format
ABOUT_LINES = "must be lines such as title: …"
FEATURE_LIST = "features must be a list such as [width, length]"
unknown_entry = "unknown entry {}; there are: {}".format


def entry_one_of(name: object, known: Sequence[str]) -> str:
    return f"{name} must be {' or '.join(known)}"


entry_length = "{} must have at most {} characters".format

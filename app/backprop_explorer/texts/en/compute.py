"""Texts of ``compute``."""

from __future__ import annotations

# compute/check_requests.py


def most_axes(most: object) -> str:
    return f"must have at most {most} axes"


ONLY_FINITE = "must contain only finite numbers"

# compute/export_tasks.py
GIVEN_WORKING = "Backprop Explorer, a working of given numbers."
BATCH = "the batch"
NO_SUCH_LINE = "the working has no such line"


def training_sample(sample: object) -> str:
    return f"training sample {sample}"


def experiment_title(
    name: object,
    dataset: object,
    sizes: object,
    cost: object,
    optimizer: object,
    what: object,
    step: object,
) -> str:
    return (
        f"Backprop Explorer, experiment {name}: {dataset}, a {sizes} network, {cost}, "
        f"{optimizer}; {what} at step {step}."
    )


def picture_of(dataset: object, sizes: object, step: object, cost: object) -> str:
    return f"{dataset} · {sizes} · step {step} · cost {cost}"


# compute/lesson_requests.py


def most_characters(most: int) -> str:
    return f"must have at most {most:,} characters"


ANSWER = "must be a number, lists of numbers, or text"
CARD = "must be a card's position, counted from 0, or its name"
AT_LEAST_0 = "must be at least 0"


def hints_counted(count: object) -> str:
    return f"this question has {count} hint{'' if count == 1 else 's'}"


def name_length(most: object) -> str:
    return f"must have 1 to {most} characters"


# compute/lesson_tasks.py


def at_line(file: object, line: object) -> str:
    return f"{file}, line {line}"


def lesson_error(file: object, line: object, message: object) -> str:
    return f"{file}, line {line}: {message}"


NO_LESSON = "no lesson has this name; GET /api/v1/lessons lists all"

# compute/numbers.py
LIST = "must be a list of numbers"
ROWS = "must be a list of rows, each a list of numbers"
LIST_OR_ROWS = "must be a list of numbers, or of rows of them"


def finite_numbers(largest: float) -> str:
    return f"must hold finite numbers, at most {largest:g} in size"


ONLY_NUMBERS = "must hold numbers only"


def most_numbers_in_list(most: int) -> str:
    return f"must have 1 to {most:,} numbers"


def in_row(index: object, problem: object) -> str:
    return f"row {index} {problem}"


ONE_LIST = "must be one list of numbers, not a list of rows"


def most_rows(most: int) -> str:
    return f"must have at most {most:,} rows"


def most_numbers(most: int) -> str:
    return f"must have at most {most:,} numbers"


def row_not_list(index: object) -> str:
    return f"row {index} must be a list"


def row_length(index: object, length: object, first: object) -> str:
    return f"row {index} has {length} numbers, row 0 has {first}"


def axes_given(needed: object, axes: object) -> str:
    return f"{needed}; a typed array of {axes} axes was given"


def most_rows_and_columns(most: int) -> str:
    return f"must have 1 to {most:,} rows and columns"


ONE_ROW_OR_COLUMN = "must be one list of numbers, or one row or column"
CLASS_NUMBER = "a class number must be 0 or more"

# compute/paste_answers.py


def already_read(name: object, line: object) -> str:
    return (
        f"{name} was already read in line {line} with other numbers; that array counts unless "
        "you choose this one"
    )


NO_LINE_KNOWN = "no line of the working has its numbers, and its name says none"
FURTHER_ARRAYS = "further arrays of lines already read are ignored"

# compute/tasks.py
POINTS = "points in a history"

# compute/trace_answer.py


def unknown_line(name: object) -> str:
    return f"unknown line {name!r}"


# compute/worker.py
NO_WORKER = "no worker has started; try again soon"
TOO_LONG = "The computation took too long and was stopped"
CRASHED_TWICE = "The worker crashed twice; try again"
STOPPING = "The server is stopping; try again soon"

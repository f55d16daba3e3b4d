"""Texts of ``compute``."""

from __future__ import annotations

# compute/check_requests.py
most_axes = "must have at most {} axes".format
ONLY_FINITE = "must contain only finite numbers"

# compute/program_tasks.py
no_program = "There is no program {!r}. Programs: {}.".format


# compute/export_tasks.py
GIVEN_WORKING = "Backprop Explorer, a working of given numbers."
BATCH = "the batch"
NO_SUCH_LINE = "the working has no such line"
training_sample = "training sample {}".format
experiment_title = (
    "Backprop Explorer, experiment {}: {}, a {} network, {}, {}; {} at step {}."
).format
picture_of = "{} · {} · step {} · cost {}".format

# compute/lesson_requests.py
most_characters = "must have at most {:,} characters".format
ANSWER = "must be a number, lists of numbers, or text"
CARD = "must be a card's position, counted from 0, or its name"
AT_LEAST_0 = "must be at least 0"


def hints_counted(count: object) -> str:
    return f"this question has {count} hint{'' if count == 1 else 's'}"


name_length = "must have 1 to {} characters".format

# compute/lesson_tasks.py
lesson_error = "{}, line {}: {}".format
NO_LESSON = "no lesson has this name; GET /api/v1/lessons lists all"

# compute/numbers.py
LIST = "must be a list of numbers"
ROWS = "must be a list of rows, each a list of numbers"
LIST_OR_ROWS = "must be a list of numbers, or of rows of them"
finite_numbers = "must hold finite numbers, at most {:g} in size".format
ONLY_NUMBERS = "must hold numbers only"
most_numbers_in_list = "must have 1 to {:,} numbers".format
in_row = "row {} {}".format
ONE_LIST = "must be one list of numbers, not a list of rows"
most_rows = "must have at most {:,} rows".format
most_numbers = "must have at most {:,} numbers".format
row_not_list = "row {} must be a list".format
row_length = "row {} has {} numbers, row 0 has {}".format
axes_given = "{}; a typed array of {} axes was given".format
most_rows_and_columns = "must have 1 to {:,} rows and columns".format
ONE_ROW_OR_COLUMN = "must be one list of numbers, or one row or column"
CLASS_NUMBER = "a class number must be 0 or more"

# compute/inferred_answers.py
NO_LINE_KNOWN = "no line of the working has its numbers, and its name says none"
already_read = (
    "{} was already read in line {} with other numbers; that array counts unless you choose this "
    "one"
).format
FURTHER_ARRAYS = "further arrays of lines already read are ignored"

# compute/tasks.py
POINTS = "points in a history"

# compute/trace_answer.py
unknown_line = "unknown line {!r}".format

# compute/worker.py
NO_WORKER = "no worker has started; try again soon"
TOO_LONG = "The computation took too long and was stopped"
CRASHED_TWICE = "The worker crashed twice; try again"
STOPPING = "The server is stopping; try again soon"

# compute/program_check_requests.py
numbers_of_shape = "an array of shape {} has other than {} numbers".format

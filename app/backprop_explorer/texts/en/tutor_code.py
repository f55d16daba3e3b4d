"""Texts of ``tutor_code``."""

from __future__ import annotations

# tutor/exercise/check.py


of_one_sample = "{} of one sample".format

# tutor/exercise/shapes.py
outer_broadcast = (
    "{} {} {} {} {} gives {}: NumPy combines every entry of one with every entry of the other. "
    "Give both the shape {}."
).format
or_both = "{} or both {}".format

# tutor/exercise/check.py
NO_PYTHON_LINE = "No line of Python source ran: is this a function of a library?"
ALL_CORRECT = "Correct: what the program computes on the way is right."
correct = "Correct: {}.".format


def incomplete(right: str, missing: str) -> str:
    found = f"Right: {right}. " if right else ""
    return f"Nothing is wrong, but not everything was checked. {found}Not checked: {missing}."


other_numbers = "Checked with other numbers, because the given ones hide mistakes: {}.".format
hidden_mistakes = "The given numbers hide mistakes: {}.".format


def at_line(number: object, file: str) -> str:
    return f"Line {number} of {file}: " if file else f"Line {number}: "


NO_LINES = "The results are no lines of this working: check layers, x and target."
line_differs = "This is something else than the working; wrong: {}.".format
exits = "it ends the program ({}), so the check was not finished".format
stopped = "The program was stopped after {}; what ran before counts.".format

# tutor/exercise/other_numbers.py
SAMPLES_ARE_EQUAL = "all samples are equal"
ONE_PART_OF_HUBER = "all errors are in the same part of the Huber loss"
are_zero = "{} = 0".format
symmetric = "{} is symmetric, or its rows or columns are equal".format
slopes_are_equal = "f'(z) is the same number for all units of layer {}".format

# tutor/exercise/observed.py
times_input = "{} times its input".format
PREDICTION_MINUS_TARGET = "prediction minus target"
TARGET_MINUS_PREDICTION = "target minus prediction"
first_factor = "∂C/∂a{} times a factor of f'(z)".format

# tutor/program/recording.py
most_seconds = "{:.3g} seconds".format

# tutor/program/shapes.py
not_computable = "{} {} {} cannot be computed: {}.".format
axes_differ = "the last axis of the first has {} entries and the first axis of the second {}".format
NOT_ELEMENTWISE = "these shapes cannot be combined entry by entry"

# tutor/exercise/shapes.py
slope_shape = "{} has the shape {}: ∂C/∂a times f'(z), entry by entry.".format
convention_shapes = "In this convention {} = {}{}, shapes {}.".format

# tutor/exercise/shapes.py
transposed_here = (
    "{} is transposed here: its shape is {}, and {} is needed, because the samples are {}."
).format

# tutor/program/words.py
THE_TARGET = "the target"
THE_COST = "the cost C"
COST_WITHOUT_PENALTY = "the cost without penalty"
A_NUMBER = "a number"
A_VALUE = "a value"
ROWS = "rows"
COLUMNS = "columns"

"""Texts of ``tutor_code``."""

from __future__ import annotations

# tutor/code/annotate.py


def of_one_sample(name: object) -> str:
    return f"{name} of one sample"


# tutor/code/broadcasts.py


def outer_broadcast(
    left: object,
    left_shape: object,
    sign: object,
    right: object,
    right_shape: object,
    shape: object,
    fits: object,
) -> str:
    return (
        f"{left} {left_shape} {sign} {right} {right_shape} gives {shape}: NumPy combines "
        f"every entry of one with every entry of the other. Give both the shape {fits}."
    )


def or_both(flat: object, column: object) -> str:
    return f"{flat} or both {column}"


# tutor/code/check_code.py
NO_PYTHON_LINE = "No line of Python source ran: is this a function of a library?"
ALL_CORRECT = "Correct: what the program computes on the way is right."


def correct(names: object) -> str:
    return f"Correct: {names}."


def incomplete(right: str, missing: str) -> str:
    found = f"Right: {right}. " if right else ""
    return f"Nothing is wrong, but not everything was checked. {found}Not checked: {missing}."


def other_numbers(why: str) -> str:
    return f"Checked with other numbers, because the given ones hide mistakes: {why}."


def hidden_mistakes(why: str) -> str:
    return f"The given numbers hide mistakes: {why}."


def at_line(number: object, file: str) -> str:
    return f"Line {number} of {file}: " if file else f"Line {number}: "


NO_LINES = "The results are no lines of this working: check layers, x and target."


def wrong(names: object) -> str:
    return f"Wrong: {names}."


def line_differs(names: object) -> str:
    return f"This is something else than the working; wrong: {names}."


def exits(error: object) -> str:
    return f"it ends the program ({error}), so the check was not finished"


def stopped(limit: object) -> str:
    return f"The program was stopped after {limit}; what ran before counts."


# tutor/code/other_numbers.py
SAMPLES_ARE_EQUAL = "all samples are equal"
ONE_PART_OF_HUBER = "all errors are in the same part of the Huber loss"


def are_zero(names: str) -> str:
    return f"{names} = 0"


def symmetric(name: str) -> str:
    return f"{name} is symmetric, or its rows or columns are equal"


def slopes_are_equal(layer: int) -> str:
    return f"f'(z) is the same number for all units of layer {layer}"


# tutor/code/quantities.py


def times_input(layer: object) -> str:
    return f"W{layer} times its input"


PREDICTION_MINUS_TARGET = "prediction minus target"
TARGET_MINUS_PREDICTION = "target minus prediction"
SQUARED_ERROR = "squared error"


def sum_of_exp(layer: object) -> str:
    return f"sum of exp(z{layer})"


# tutor/code/recorder.py


def most_lines(most: int) -> str:
    return f"{most:,} lines"


TRACING_ENDED = "it ended the tracing of its lines"


def most_seconds(most: float) -> str:
    return f"{most:.3g} seconds"


MEMORY = "the memory for values"

# tutor/code/shape_errors.py


def not_computable(left: object, operation: object, right: object, why: object) -> str:
    return f"{left} {operation} {right} cannot be computed: {why}."


def axes_differ(first: object, second: object) -> str:
    return (
        f"the last axis of the first has {first} entries and the first axis of the second {second}"
    )


NOT_ELEMENTWISE = "these shapes cannot be combined entry by entry"


def slope_shape(name: object, shape: object) -> str:
    return f"{name} has the shape {shape}: ∂C/∂a times f'(z), entry by entry."


def convention_shapes(name: object, written: object, bias: object, shapes: object) -> str:
    return f"In this convention {name} = {written}{bias}, shapes {shapes}."


# tutor/code/turned.py


def transposed_here(name: object, shape: object, needed: object, side: object) -> str:
    return (
        f"{name} is transposed here: its shape is {shape}, and {needed} is needed, because "
        f"the samples are {side}."
    )


# tutor/code/words.py
AFTER_UPDATE = " after the update"
THE_TARGET = "the target"
THE_COST = "the cost C"
COST_WITHOUT_PENALTY = "the cost without penalty"
A_NUMBER = "a number"
ROWS = "rows"
COLUMNS = "columns"

"""Texts of ``tutor_checker``."""

from __future__ import annotations

# tutor/checker/alternatives.py


def other_scaling(factor: object, theirs: object, ours: object) -> str:
    return (
        f"Yours is {factor} times the expected gradient. That is correct if the cost is {theirs}; "
        f"here it is {ours}."
    )


def with_article(title: object) -> str:
    return f"the {title}"


def weights_transposed(theirs: object, ours: object) -> str:
    return (
        f"Your weight gradients are correct for W of shape {theirs}. Here W has shape {ours}: "
        "transpose them."
    )


# tutor/checker/check.py
AGREE_WITHIN_GIVENS = (
    "Your numbers agree within the digits of the givens. With more digits of the givens, "
    "smaller differences would show too."
)
FEW_DIGITS = "The givens have few digits; with more digits the answer would be surer."
AGREE_WITH_EACH_OTHER = "Your lines agree with each other within the digits that you gave."
AGREE_WITHIN_PRINTED = "Your numbers agree within the printed digits of the givens."
FLOAT32 = "Your numbers agree to about seven digits, the precision of float32."


def samples_are_columns(names: object) -> str:
    return f"Your samples are columns, here they are rows: {names}."


def zeros(names: object) -> str:
    return (
        f"{names}: zeros are right to the decimals that you gave; more decimals would show "
        "whether the lines were computed."
    )


# tutor/checker/conventions.py
COST_OF_EACH_SAMPLE = (
    "Your ∂C/∂z belong to the cost of each sample alone: they are without 1/N, and your "
    "gradients of the weights divide by N. Here ∂C/∂z already has the 1/N of the cost."
)


ADDED_INSIDE = "added inside"
AS_A_BOUND = "as a bound of"


def cost_bound(epsilon: float, how: object) -> str:
    return f"Your cost has {epsilon:.0e} {how} its logarithm, which is no mistake."


# tutor/checker/naming.py
AFTER_UPDATE = " after the update"
THE_INPUT = "the input"
FROM_0 = "from 0"
FROM_INPUT = "from the input"
IN_ANOTHER_WAY = "in another way"


def layer_count(how: object, example: object, read_as: object) -> str:
    return f"You count the layers {how}: {example} was read as {read_as}."


def submitted_twice(line: object) -> str:
    return f"{line} is already submitted"


def read_by_numbers(name: object, line: object) -> str:
    return f"We read {name} as {line}, because it has its numbers."


def read_by_shape(name: object, line: object) -> str:
    return f"We read {name} as {line}, the only line of its shape."


def did_you_mean(name: object) -> str:
    return f"; did you mean {name}?"


CHOOSE_OPTIMIZER = "; choose an optimizer to check lines of an update"
GIVEN_LINE = "; it is given, and only computed lines are checked"


def add_layer(example: object) -> str:
    return f"; add the number of its layer, such as {example}"


def no_such_line(hint: object, end: object, names: object) -> str:
    return f"no such line in this working{hint}{end} Lines: {names}"


# tutor/checker/submission.py
SAMPLES_AS_COLUMNS = "samples as columns"


# tutor/checker/wording.py
def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def all_correct(count: int) -> str:
    return f"{_lines(count)} checked, all correct." if count > 1 else "Correct."


NOTHING_FILLED_IN = "Nothing is filled in yet."


def correct_so_far(blanks: int) -> str:
    return f"What is filled in is correct; {_lines(blanks)} not filled in yet."


NO_WRONG_LINE = "No line is wrong by itself."


def first_wrong_line(name: object) -> str:
    return f"The first wrong line is {name}."


def likely(title: object) -> str:
    return f"Likely: {title}."


NO_KNOWN_MISTAKE = "No known mistake gives these numbers; check this line again."


def likely_in(line: object, title: object) -> str:
    return f"Likely in {line}: {title}."


def lines_follow(count: int) -> str:
    verb = "is" if count == 1 else "are"
    return f"{_lines(count)} after it {verb} computed correctly from your own numbers."


ONLY_NAN = "only nan"
NUMBERS_OF_EMPTY = "numbers around 1e-310, as np.empty leaves them"
ONLY_ZEROS = "only zeros"


def blank_lines(names: object, count: int) -> str:
    verb = "is" if count == 1 else "are"
    return f"{names} {verb} empty or None: never filled in."


def unfilled(name: object, content: object) -> str:
    return f"{name} contains {content}: it was probably never filled in."


OR_OVERFLOW = " Or a number overflowed, or 0 was divided by 0."


def wrong_shape(name: object, given: object, expected: object) -> str:
    return f"{name} has shape {given}, expected {expected}."


def not_finite(name: object) -> str:
    return f"{name} contains nan or inf: a number overflowed, or 0 was divided by 0."


def few_entries(name: object, places: object) -> str:
    return f"In {name} only the entries {places} are wrong: check for a typing error."

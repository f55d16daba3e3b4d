"""Texts of ``tutor_checker``."""

from __future__ import annotations

# tutor/checker/conventions.py


other_scaling = (
    "Yours is {} times the expected gradient. That is correct if the cost is {}; here it is {}."
).format
with_article = "the {}".format
weights_transposed = (
    "Your weight gradients are correct for W of shape {}. Here W has shape {}: transpose them."
).format

# tutor/checker/check.py
AGREE_WITHIN_GIVENS = (
    "Your numbers agree within the digits of the givens. With more digits of the givens, "
    "smaller differences would show too."
)
FEW_DIGITS = "The givens have few digits; with more digits the answer would be surer."
AGREE_WITH_EACH_OTHER = "Your lines agree with each other within the digits that you gave."
AGREE_WITHIN_PRINTED = "Your numbers agree within the printed digits of the givens."
FLOAT32 = "Your numbers agree to about seven digits, the precision of float32."
samples_are_columns = "Your samples are columns, here they are rows: {}.".format
zeros = (
    "{}: zeros are right to the decimals that you gave; more decimals would show whether the "
    "lines were computed."
).format

# tutor/checker/conventions.py
COST_OF_EACH_SAMPLE = (
    "Your ∂C/∂z belong to the cost of each sample alone: they are without 1/N, and your "
    "gradients of the weights divide by N. Here ∂C/∂z already has the 1/N of the cost."
)
ADDED_INSIDE = "added inside"
AS_A_BOUND = "as a bound of"
cost_bound = "Your cost has {:.0e} {} its logarithm, which is no mistake.".format

# tutor/checker/naming.py
AFTER_UPDATE = " after the update"
THE_INPUT = "the input"
FROM_0 = "from 0"
FROM_INPUT = "from the input"
IN_ANOTHER_WAY = "in another way"
layer_count = "You count the layers {}: {} was read as {}.".format
submitted_twice = "{} is already submitted".format
read_by_numbers = "We read {} as {}, because it has its numbers.".format
read_by_shape = "We read {} as {}, the only line of its shape.".format
did_you_mean = "; did you mean {}?".format
CHOOSE_OPTIMIZER = "; choose an optimizer to check lines of an update"
GIVEN_LINE = "; it is given, and only computed lines are checked"
add_layer = "; add the number of its layer, such as {}".format
no_such_line = "no such line in this working{}{} Lines: {}".format

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
first_wrong_line = "The first wrong line is {}.".format
likely = "Likely: {}.".format
NO_KNOWN_MISTAKE = "No known mistake gives these numbers; check this line again."
likely_in = "Likely in {}: {}.".format


def lines_follow(count: int) -> str:
    verb = "is" if count == 1 else "are"
    return f"{_lines(count)} after it {verb} computed correctly from your own numbers."


ONLY_NAN = "only nan"
NUMBERS_OF_EMPTY = "numbers around 1e-310, as np.empty leaves them"
ONLY_ZEROS = "only zeros"


def blank_lines(names: object, count: int) -> str:
    verb = "is" if count == 1 else "are"
    return f"{names} {verb} empty or None: never filled in."


unfilled = "{} contains {}: it was probably never filled in.".format
OR_OVERFLOW = " Or a number overflowed, or 0 was divided by 0."
wrong_shape = "{} has shape {}, expected {}.".format
not_finite = "{} contains nan or inf: a number overflowed, or 0 was divided by 0.".format
few_entries = "In {} only the entries {} are wrong: check for a typing error.".format

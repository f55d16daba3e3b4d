"""Texts of ``tutor/program``."""

from __future__ import annotations

from collections.abc import Sequence

# tutor/program/check.py
NO_COST = (
    "No cost was found: the program computes no number from its arrays, and nowhere does a "
    "prediction meet a target. Pass upstream=, or the function that computes the forward pass as "
    "forward=."
)
NO_GRADIENT = (
    "No gradient was found: return the gradients, or update the parameters. Parameters that the "
    "function makes itself are not seen: pass them as arguments."
)


def correct(names: str) -> str:
    return f"Correct: {names}." if names else "Correct."


def incomplete(names: str, missing: Sequence[str]) -> str:
    right = f" Right: {names}." if names else ""
    return (
        f"Nothing is wrong, but not everything was checked.{right} "
        f"Not checked: {', '.join(missing)}."
    )


assumed = "The program computes no cost; its gradient is that of the {}.".format
HINGE = "hinge loss"
HUBER = "Huber loss"
POISSON = "negative log-likelihood of a Poisson distribution"
averaged = (
    "The gradients of the parameters are averages over {} samples, that of the input is not."
).format
common_factor = (
    "All gradients are {:.6g} times those of the cost that the program computes: a factor that "
    "the cost lacks, or another reduction."
).format
own_rule = (
    "The gradient of {} is right; its update has a rule of its own and was not checked."
).format
raised = "The program raised {}: {}".format
not_finite = (
    "The program returns the number {}, so there is no gradient to compare with. The first value "
    "that is not finite is that of {}."
).format
wrong = "Wrong: {}.".format


def inputs_right(result: str, of: str, difference: str, shape: str, wanted: str) -> str:
    text = f"What this line reads is right; its result is not. {result} is wrong"
    if shape != wanted:
        return f"{text}: its shape is {shape}, and ∂C/∂{of} has {wanted}."
    return f"{text}: it differs from ∂C/∂{of} by up to {difference} of its largest entry."


also = "It can be set right there, or in {}.".format
# The sentence of each mistake that is no mistake of a dense layer's line.
MISTAKES = {
    "broadcast_not_summed": (
        "A gradient has the shape of its value: what was repeated on the way forward is summed on "
        "the way back."
    ),
    "mean_for_sum": "The mean stands where the sum belongs, so the gradient is too small.",
    "gradient_transposed": "The gradient is transposed.",
    "operand_transposed": "A factor of this product is not transposed as it must be.",
    "activation_instead_of_derivative": (
        "The value of a function stands where its derivative belongs."
    ),
    "derivative_at_activation": (
        "The derivative is taken at the function's value, not at its input."
    ),
    "derivative_of_wrong_layer": "The derivative of another layer stands here.",
    "missing_activation_derivative": (
        "The derivative of the function between the two values is missing."
    ),
    "wrong_activation_derivative": "This is not the derivative of the function on the way forward.",
    "missing_path": (
        "The value is used in several places on the way forward. The gradient is the sum of what "
        "comes back from all of them, and one is missing."
    ),
    "gradient_overwritten": (
        "This assignment overwrites what was there: contributions of all rounds must be added (+=)."
    ),
    "gradient_missing": "Nothing is added to this gradient: it stays 0.",
    "wrong_axis": "The sum is taken along the wrong axis.",
    "ties_counted_twice": "Where several entries are the maximum, each of them gets the gradient.",
    "empty_slice_without_padding": "A slice such as [p:-p] is empty where p is 0.",
    "count_less_one": "A count is off by one: n − 1 where n belongs, or n for n − 1.",
    "mask_missing": "The mask of the way forward is missing on the way back.",
    "missing_factor": "A factor of the way forward is missing on the way back.",
    "extra_factor": "There is a factor too many.",
    "extra_term": "There is a term too many.",
    "gradient_scale": "A constant factor is wrong.",
    "gradient_sign": "The sign is wrong.",
    "wrong_operand": "Another value belongs here.",
    "dC_da_instead_of_dC_dz": (
        "The gradient of the function's value stands where that of its input belongs."
    ),
    "output_derivative_twice": "The derivative of the function is multiplied twice.",
    "activation_derivative_twice": "The derivative of the function is multiplied twice.",
    "z_instead_of_activation": (
        "The input of the function (z) stands where its value (the activation) belongs."
    ),
    "missing_weights_backward": (
        "On the way forward the value is multiplied by weights: the way back lacks them."
    ),
    "updated_weights_backward": (
        "The weights were already updated here: the way back uses those of the way forward."
    ),
    "gradient_ascent": "The update goes up the gradient: it must be subtracted.",
    "learning_rate_missing": "This update has another factor than the others: the learning rate.",
    "state_not_kept": (
        "The update uses nothing of earlier rounds: in each, it must read its state and store it."
    ),
    "gradient_not_reset": (
        "The next round adds its gradient to this one: it must be set to 0 in each round."
    ),
    "parameter_not_updated": "This parameter is not updated.",
    "step_instead_of_parameters": "The step alone is assigned: the parameter itself is lost.",
    "penalty_gradient_missing": "The gradient of the penalty is missing.",
    "penalty_gradient_scale": "The gradient of the penalty has a wrong factor.",
    "penalty_on_bias": "The penalty is one of the weights: the gradient of a bias has none of it.",
    "softmax_derivative_elementwise": (
        "Each output of softmax depends on all its inputs: p(1 − p) is only a part."
    ),
    "kernel_flipped": "The kernel is turned around on the way back, or is not where it must be.",
    "overflow": "With large numbers the result is not finite: subtract the maximum before exp.",
    "gradient_not_squared": "The average of squares is taken of the gradient itself.",
    "root_missing": "A root is missing: of an average of squares, of a variance or of a size.",
    "bias_correction_missing": (
        "This update lacks the correction of an average that began at 0, which others have."
    ),
}

# tutor/program/recording.py
CACHE_IGNORED = "The cache that was passed is ignored: that of the recorded forward pass is used."
OUTPUT_SUMMED = "No upstream gradient was passed: the output is summed."
NO_OUTPUT = "it returns no array of floating point numbers"
given_upstream = "Taken for the gradient of what has its shape: {}.".format
upstream_shape = "has the shape {}; the output of forward has {}".format

# tutor/program/report.py
FORWARD_LINE = "forward pass"
FIRST_ROUND = "The first round of the training loop was checked, not all."
not_recorded = "The program could not be recorded to its end: {}".format
lost = "A value leaves the recording: {}. What is made of it counts as a constant.".format
lost_at = "{} in line {}".format

# tutor/program/other_inputs.py
argument = "argument {}".format
REPEATED = "an index that occurs twice"
TIES = "equal entries"
LONGER = "height and width that differ"
ONE_SAMPLE = "one sample"
LARGE = "numbers 400 times as large"
OTHER_ORDER = "another order"
ONES = "upstream all 1"
other_number = "{} = {}".format
raises_when_recorded = (
    "it raises {} only under the recorder, which follows NumPy and Python's math"
).format

# tutor/program/cases.py
YOURS = "yours"
why_once = (
    "On your input line {} writes each entry at most once, where = and += are the same. Here it "
    "writes one entry {} times."
).format
WHY_NOT = {
    "ties": "Your input has no equal entries in one window, so a maximum has one place.",
    "repeated": "Your indices are all different, so each row is written once.",
    "pad": "With your padding no slice is empty.",
    "large": "Your numbers are small enough for exp.",
    "one": "With several samples the axis of the samples keeps its length.",
}
why_agrees = ("On your input every result equals the gradient. The mistake shows with {}.").format

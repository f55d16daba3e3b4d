"""Texts of ``tutor_mistakes``."""

from __future__ import annotations

ANOTHER_FUNCTION = "another function"
LAYER_ITSELF = "of the layer itself"
LAYER_AFTER_NEXT = "of the layer after the next"
HALF_OF_IT = "half of it"
SUBTRACTED = "subtracted"
TWICE_AS_LARGE = "twice as large, such as λ Σ W² in place of λ/2 Σ W²"
DIVIDED_BY_SAMPLES = "divided by the number of samples"
HALF_AS_LARGE = "half as large"
WITH_BIASES = "with the biases in it"
WITHOUT_BIASES = "without the biases"
HALF_AND_DIVIDED = "half as large and divided by the number of samples"
TWICE_AND_DIVIDED = "twice as large and divided by the number of samples"
MULTIPLIED_BY_SAMPLES = "multiplied by the number of samples"
clipped_entries = "entry by entry to ±{}".format
clipped_length = "to the length {}".format
clipped_with_weights = "together with those of the other W to the length {}".format
clipped_together = "together with all others to the length {}".format
times_and_sign = "it is {} times the correct one and has the opposite sign".format
times_correct = "it is {} times the correct one".format
TWO_LAYERS_BELOW = "of two layers below"
DIVIDED_TWICE = "divided once too often by"
NOT_DIVIDED = "too large by"
AVERAGED = "averaged over the samples"
ROW_PER_SAMPLE = "left as one row per sample"
FIRST_SAMPLE = "taken from the first sample alone"
LAST_SAMPLE = "taken from the last sample alone"
SUMMED_OVER_UNITS = "summed over the units instead of the samples"
SUMMED_N_TIMES = "summed over the samples once for each sample, so it is N times too large"
SUMMED_OVER_EVERYTHING = "summed over everything"
PRODUCT_OF_SUMS = "the product of two sums over the samples"
OUTER_PRODUCT = "the outer product of the whole batch, in which every sample meets every other"
one_sample = "that of the {} sample of the batch".format
MATRIX_PER_SAMPLE = "an array with one matrix for each sample, not summed over them"
TWICE_L2 = "with twice the term"
HALF_L2 = "with half the term"
OPPOSITE_SIGN = "with the opposite sign"
WITHOUT_LAMBDA = "without λ"


def for_the_penalty(number: str) -> str:
    """Return the words for a constant that stands for the penalty's gradient."""
    return f"{number} in place of the penalty's gradient"


PENALTY_ITSELF = "as the penalty itself instead of its derivative"
derivative_of = "the derivative of {}".format
ONLY_DIAGONAL = "its diagonal np.diag(f'(z)) only"
MATRIX_PRODUCT = "f'(z) as a matrix product"
EXP_Z = "exp(z)"
EXP_SHIFTED = "exp(z − max z)"
EXP_SHIFTED_BY_ALL = "exp(z − max z) with the largest z of the batch"
BELOW = "below"
ABOVE = "above"
BELOW_BY_OUTPUT = "below, by its output"
ABOVE_BY_OUTPUT = "above, by its output"

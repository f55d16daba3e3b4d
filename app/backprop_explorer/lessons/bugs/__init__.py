"""The lessons of this group, in order."""

from __future__ import annotations

from backprop_explorer.lessons.bugs import (
    activation_for_weight,
    diagonal_of_a_batch,
    gradient_of_another_cost,
    one_sample_formulas,
    output_for_input,
    slope_of_sigmoid,
    softmax_over_the_batch,
    weights_not_turned,
    wrong_sign,
)
from backprop_explorer.lessons.lesson import Lesson

LESSONS: tuple[Lesson, ...] = (
    slope_of_sigmoid.LESSON,
    activation_for_weight.LESSON,
    wrong_sign.LESSON,
    output_for_input.LESSON,
    weights_not_turned.LESSON,
    gradient_of_another_cost.LESSON,
    one_sample_formulas.LESSON,
    diagonal_of_a_batch.LESSON,
    softmax_over_the_batch.LESSON,
)

"""The lessons of this group, in order."""

from __future__ import annotations

from app.lessons.bugs import activation_for_weight, softmax_over_the_batch, wrong_sign
from app.lessons.lesson import Lesson

LESSONS: tuple[Lesson, ...] = (
    activation_for_weight.LESSON,
    wrong_sign.LESSON,
    softmax_over_the_batch.LESSON,
)

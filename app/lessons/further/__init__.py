"""The lessons of this group, in order."""

from __future__ import annotations

from app.lessons.further import (
    dead_relu,
    optimizers,
    softmax_cross_entropy,
    vanishing_gradients,
)
from app.lessons.lesson import Lesson

LESSONS: tuple[Lesson, ...] = (
    vanishing_gradients.LESSON,
    dead_relu.LESSON,
    optimizers.LESSON,
    softmax_cross_entropy.LESSON,
)

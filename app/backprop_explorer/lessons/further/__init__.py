"""The lessons of this group, in order."""

from __future__ import annotations

from backprop_explorer.lessons.further import (
    confusion_matrix,
    dead_relu,
    exploding_gradients,
    heat_map,
    initialization,
    learning_rate,
    optimizers,
    overfitting,
    regularisation,
    softmax_cross_entropy,
    vanishing_gradients,
)
from backprop_explorer.lessons.lesson import Lesson

LESSONS: tuple[Lesson, ...] = (
    softmax_cross_entropy.LESSON,
    vanishing_gradients.LESSON,
    exploding_gradients.LESSON,
    dead_relu.LESSON,
    initialization.LESSON,
    learning_rate.LESSON,
    optimizers.LESSON,
    regularisation.LESSON,
    overfitting.LESSON,
    heat_map.LESSON,
    confusion_matrix.LESSON,
)

"""The lessons of this group, in order."""

from __future__ import annotations

from backprop_explorer.lessons.lesson import Lesson
from backprop_explorer.lessons.week41 import (
    activations,
    any_depth,
    batches,
    first_layer,
    iris_trained,
    iris_untrained,
    second_layer,
)

LESSONS: tuple[Lesson, ...] = (
    first_layer.LESSON,
    second_layer.LESSON,
    any_depth.LESSON,
    activations.LESSON,
    batches.LESSON,
    iris_untrained.LESSON,
    iris_trained.LESSON,
)

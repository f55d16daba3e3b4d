"""The lessons of this group, in order."""

from __future__ import annotations

from backprop_explorer.lessons.lesson import Lesson
from backprop_explorer.lessons.week42 import (
    any_depth,
    batches,
    iris_own_gradients,
    network_class,
    one_layer_autograd,
    one_layer_by_hand,
    two_layers,
)

LESSONS: tuple[Lesson, ...] = (
    one_layer_autograd.LESSON,
    one_layer_by_hand.LESSON,
    two_layers.LESSON,
    any_depth.LESSON,
    batches.LESSON,
    iris_own_gradients.LESSON,
    network_class.LESSON,
)

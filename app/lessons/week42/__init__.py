"""The lessons of this group, in order."""

from __future__ import annotations

from app.lessons.lesson import Lesson
from app.lessons.week42 import one_layer_autograd, one_layer_by_hand

LESSONS: tuple[Lesson, ...] = (one_layer_autograd.LESSON, one_layer_by_hand.LESSON)

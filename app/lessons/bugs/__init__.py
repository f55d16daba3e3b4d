"""The lessons of this group, in order."""

from __future__ import annotations

from app.lessons.bugs import softmax_over_the_batch
from app.lessons.lesson import Lesson

LESSONS: tuple[Lesson, ...] = (softmax_over_the_batch.LESSON,)

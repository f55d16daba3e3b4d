"""The lessons of this group, in order."""

from __future__ import annotations

from app.lessons.further import vanishing_gradients
from app.lessons.lesson import Lesson

LESSONS: tuple[Lesson, ...] = (vanishing_gradients.LESSON,)

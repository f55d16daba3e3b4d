"""The lessons of this group, in order."""

from __future__ import annotations

from app.lessons.lesson import Lesson

LESSONS: tuple[Lesson, ...] = ()

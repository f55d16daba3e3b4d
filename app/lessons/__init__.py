"""Guided lessons on the explorer: one file each, in the folder of its group."""

from __future__ import annotations

from app.core.registry import Registry
from app.lessons import bugs, further, week41, week42
from app.lessons.lesson import GROUPS, Card, Draw, Lesson, Scene

__all__ = ["GROUPS", "LESSONS", "Card", "Draw", "Lesson", "Scene"]

LESSONS: Registry[Lesson] = Registry(
    "lesson", *week41.LESSONS, *week42.LESSONS, *further.LESSONS, *bugs.LESSONS
)

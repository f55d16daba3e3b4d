"""Guided lessons on the explorer: one file per lesson, in the folder of its group."""

from __future__ import annotations

from backprop_explorer.engine.registry import Registry
from backprop_explorer.lessons import bugs, further, week41, week42
from backprop_explorer.lessons.lesson import GROUPS, Card, Draw, Lesson, Scene

__all__ = ["GROUPS", "LESSONS", "Card", "Draw", "Lesson", "Scene"]

LESSONS: Registry[Lesson] = Registry(
    "lesson", *week41.LESSONS, *week42.LESSONS, *further.LESSONS, *bugs.LESSONS
)

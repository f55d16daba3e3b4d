"""Guided lessons on the explorer: Markdown files in ``content``, one folder for each group."""

from __future__ import annotations

from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.library import own_lessons

__all__ = ["LESSONS", "Card", "Draw", "Lesson", "Scene"]

LESSONS = own_lessons()

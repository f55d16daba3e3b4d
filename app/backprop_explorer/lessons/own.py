"""The lessons of the program."""

from __future__ import annotations

from backprop_explorer.lessons.library import own_lessons

LESSONS = own_lessons()

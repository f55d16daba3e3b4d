"""Bounds of lessons that requests check."""

from __future__ import annotations

import re

# Characters of the name of a lesson or a card.
MAX_NAME = 60
# The name of a lesson, for its address; with a letter, since a number is no name.
LESSON_NAME = re.compile(rf"(?=[0-9-]*[a-z])[a-z0-9-]{{1,{MAX_NAME}}}")

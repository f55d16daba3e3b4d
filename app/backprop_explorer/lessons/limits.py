"""Bounds of lessons that requests check."""

from __future__ import annotations

# Characters of the name of a lesson or a card.
MAX_NAME = 60

"""Folders with data and lessons that installed packages bring."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

# Groups of entry points. A package names a function without arguments that returns its folder.
DATASET_FOLDERS = "backprop_explorer.dataset_folders"
LESSON_FOLDERS = "backprop_explorer.lesson_folders"


def installed_folders(group: str) -> tuple[Path, ...]:
    """Return the folders that the entry points of ``group`` name."""
    points = importlib.metadata.entry_points(group=group)
    return tuple(Path(point.load()()) for point in points)


def installed_groups() -> frozenset[str]:
    """Return the names of all groups of entry points."""
    return frozenset(importlib.metadata.entry_points().groups)

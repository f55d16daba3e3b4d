"""What an explorer has done, and how much it holds in memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts since the explorer was created, and its current cache size."""

    frames: int
    steps: int
    evictions: int
    entries: int
    nbytes: int

"""The number of worker processes."""

from __future__ import annotations

from backprop_explorer.settings import Settings
from backprop_explorer.tape.processors import usable_processors


def worker_count(settings: Settings) -> int:
    """How many worker processes to start; 0: the web process computes."""
    # Processes cannot share a store in memory.
    if settings.store == ":memory:":
        return 0
    return usable_processors() if settings.workers is None else settings.workers

"""The processes of a server: itself, the nursery below it, the workers below that."""

from __future__ import annotations

from pathlib import Path


def children(pid: int) -> list[int]:
    """The processes that ``pid`` has started and that have not been waited for."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(each) for each in found.split()]


def workers(server: int) -> list[int]:
    """The processes that compute for ``server``."""
    return [worker for nursery in children(server) for worker in children(nursery)]


def family(server: int) -> list[int]:
    """``server`` and all below it."""
    return [server, *children(server), *workers(server)]

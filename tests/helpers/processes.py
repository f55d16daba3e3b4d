"""The processes of a server: itself, the nursery below it, the workers below that."""

from __future__ import annotations

import contextlib
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


def memory(server: int) -> int:
    """Resident bytes of ``server`` and all below it; what forks share is counted once."""
    total = 0
    for pid in family(server):
        with contextlib.suppress(OSError):  # it has ended
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += 1024 * int(rollup.split("Pss:")[1].split()[0])
    return total

"""The processes of a server: itself, the fork server below it, the workers below that."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx


def children(pid: int) -> list[int]:
    """The processes that ``pid`` has started and that have not been waited for."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(each) for each in found.split()]


def workers(server: int) -> list[int]:
    """The processes that compute for ``server``."""
    return [worker for child in children(server) for worker in children(child)]


def metric(url: str, name: str) -> float:
    """A number of the server's /metrics."""
    text = httpx.get(f"{url}/metrics", timeout=60).text
    found = re.search(rf"^{name} (\S+)", text, re.MULTILINE)
    assert found is not None
    return float(found[1])


def fork_server(server: int) -> int:
    """The process that the workers of ``server`` are forked from."""
    (found,) = (child for child in children(server) if children(child))
    return found


def alive(pid: int) -> bool:
    """Whether the process is there and has not ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "\nState:\tZ" not in status


def wait_until(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return when something has happened; fail after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"


def family(server: int) -> list[int]:
    """``server`` and all below it."""
    return [server, *children(server), *workers(server)]


def memory(server: int) -> int:
    """Resident bytes of ``server`` and all below it.

    The sum of their PSS: a page that several processes share counts once, divided among them.
    """
    total = 0
    for pid in family(server):
        with contextlib.suppress(OSError):  # it has ended
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += 1024 * int(rollup.split("Pss:")[1].split()[0])
    return total

"""The processes of a server: itself, the fork server below it, the workers below that."""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

PAUSE_SECONDS = 0.005


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
        # What is waited for needs the processor.
        time.sleep(PAUSE_SECONDS)


def family(server: int) -> list[int]:
    """``server`` and all below it."""
    return [server, *children(server), *workers(server)]


def memory(server: int) -> int:
    """Resident bytes of ``server`` and all below it; a page that several of them share counts once.

    Other programs that use the same files do not change the figure, as they change PSS. Of a file
    that several of the processes map, what the one with most has of it counts.
    """
    own, files = 0, Counter[tuple[str, ...]]()
    for pid in family(server):
        with contextlib.suppress(OSError):  # it has ended
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            own += sum(int(each) for each in re.findall(r"Pss_(?:Anon|Shmem): +(\d+)", rollup))
            for mapping, size in _files(Path(f"/proc/{pid}/smaps").read_text()):
                files[mapping] = max(files[mapping], size)
    return 1024 * (own + files.total())


def _files(smaps: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the mappings of files (path, offset, device) and their kB that are no private copy."""
    # 7f1c-7f2d r-xp 00001000 08:01 1234   /usr/lib/libm.so
    for head, entries in re.findall(r"^(\w+-\w+ .*)\n((?:\w+: .*\n)+)", smaps, re.MULTILINE):
        parts = head.split(maxsplit=5)
        if len(parts) == 6 and parts[5].startswith("/"):
            sizes = dict(re.findall(r"(Rss|Anonymous): +(\d+)", entries))
            yield (parts[5], parts[2], parts[3]), int(sizes["Rss"]) - int(sizes["Anonymous"])


def processor_seconds(*pids: int) -> float:
    """Seconds that processes have had of processors, with their threads that have ended."""
    found = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended
            found += time.clock_gettime((~pid << 3) | 2)  # Linux: the clock of a process
    return found

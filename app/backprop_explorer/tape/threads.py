"""Run functions in parallel, in as many threads as there are processors for this process.

The native runner releases the GIL, so its threads compute at the same time.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import cache
from pathlib import Path

# Where control groups are mounted; a container sees the limits of its own group there.
CONTROL_GROUPS = Path("/sys/fs/cgroup")


def affinity() -> int:
    """How many processors the scheduler gives to this process; at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def group_limit(folder: Path = CONTROL_GROUPS) -> int | None:
    """Processors that the control group allows, rounded up; None without a limit.

    Version 2 has quota and period in one file (µs in each period, or "max"), version 1 in two
    (a quota of -1 is no limit).
    """
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text().split()
        else:
            quota = (folder / "cpu" / "cpu.cfs_quota_us").read_text()
            period = (folder / "cpu" / "cpu.cfs_period_us").read_text()
        # Rounded up: half a processor needs a process too.
        limit = math.ceil(int(quota) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None  # no control groups, or "max"
    return limit if limit > 0 else None


def usable_processors(folder: Path = CONTROL_GROUPS) -> int:
    """How many processors the scheduler and the control group allow; at least 1."""
    count, limit = affinity(), group_limit(folder)
    return max(1, count if limit is None else min(count, limit))


# In multiplications. For less work, waking and joining another thread takes longer than it saves.
MIN_PARALLEL_WORK = 10_000_000


@cache
def _pool() -> ThreadPoolExecutor:
    """The shared thread pool. It starts a thread only when there is work for it."""
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="tape")


def run_parallel(works: Sequence[Callable[[], object]]) -> None:
    """Call all ``works``, in any order, and return when no thread runs one any more.

    The calling thread takes part. If a call raises, the calls not yet started are skipped, and one
    of the errors is raised.
    """
    left = iter(works)
    count = min(len(works), usable_processors()) - 1
    running: list[Future[None]] = []
    try:
        # np.errstate is part of the context.
        running.extend(_pool().submit(copy_context().run, _each, left) for _ in range(count))
    except RuntimeError:
        # The system refused a new thread: the running threads do all the work. Replace the pool,
        # because before Python 3.13 it now counts an idle thread that does not exist.
        _pool.cache_clear()
    # Each thread takes the next call when it is free, so a thread that starts late delays none.
    try:
        _each(left)
    finally:
        for _ in left:
            pass  # After an error, skip the remaining calls.
        # Cancel tasks that no thread has started: no calls are left for them.
        wait([each for each in running if not each.cancel()])
    for each in running:
        if not each.cancelled():
            each.result()


def _each(works: Iterator[Callable[[], object]]) -> None:
    for work in works:
        work()

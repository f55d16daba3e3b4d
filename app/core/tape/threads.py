"""Work that is done side by side, by as many threads as there are processors.

The runner of tapes lets go of Python's lock, so that threads compute at the same time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache

# In multiplications: up to here, waking another thread and waiting for it takes longer.
WORTH_THREADS = 10_000_000


def processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _others(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="lane")


def side_by_side(works: Sequence[Callable[[], object]], multiplications: float) -> None:
    """Do all of ``works``, in any order, and return when they are done."""
    left = iter(works)
    count = min(len(works), processors()) if multiplications >= WORTH_THREADS else 1
    if count <= 1:
        _each(left)
        return
    # Whoever has finished one takes the next, so that a thread that comes late delays nobody. What
    # NumPy is told to ignore is told in the context.
    pool = _others(processors() - 1)
    others = [pool.submit(copy_context().run, _each, left) for _ in range(count - 1)]
    try:
        _each(left)
    finally:
        for each in others:
            # Where all threads are busy, nothing is left for one that has not begun.
            if not each.cancel():
                each.result()


def _each(works: Iterator[Callable[[], object]]) -> None:
    for work in works:
        work()

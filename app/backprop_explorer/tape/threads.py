"""Work that is done side by side, by as many threads as there are processors.

The runner of tapes lets go of Python's lock, so that threads compute at the same time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import cache

# In multiplications: below that, waking another thread and waiting for it takes longer.
WORTH_THREADS = 10_000_000


def processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _others() -> ThreadPoolExecutor:
    """All there are beside the one that asks; a thread is started when there is work for it."""
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="lane")


def side_by_side(works: Sequence[Callable[[], object]]) -> None:
    """Do all of ``works``, in any order, and return when nobody works any more.

    Raises what one of them raised; not all are done then.
    """
    left = iter(works)
    count = min(len(works), processors()) - 1
    running: list[Future[None]] = []
    try:
        # What NumPy is told to ignore is told in the context.
        running.extend(_others().submit(copy_context().run, _each, left) for _ in range(count))
    except RuntimeError:
        # Where there is no thread to be had, those that there are do it. After that the pool counts
        # one that idles too many (before Python 3.13), and would always have one too few.
        _others.cache_clear()
    # Whoever has finished one takes the next, so that a thread that comes late delays nobody.
    try:
        _each(left)
    finally:
        for _ in left:
            pass  # after an error the rest is left undone
        # Where all threads are busy, nothing is left for one that has not begun.
        wait([each for each in running if not each.cancel()])
    for each in running:
        if not each.cancelled():
            each.result()


def _each(works: Iterator[Callable[[], object]]) -> None:
    for work in works:
        work()

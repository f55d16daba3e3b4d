"""Where an answer is computed: in the event loop's own thread where that takes no time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

T = TypeVar("T")

# Multiplications, roughly. Up to here, handing work to another thread and back takes longer.
QUICK_WORK = 1_000_000


async def computed(work: Callable[[], T], multiplications: float) -> T:
    """What ``work`` returns; whatever needs more than QUICK_WORK is done in another thread."""
    return work() if multiplications <= QUICK_WORK else await run_in_threadpool(work)

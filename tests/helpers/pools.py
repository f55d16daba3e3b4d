"""A pool of workers in an event loop of the test."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from backprop_explorer.compute.pool import Pool
from backprop_explorer.settings import Settings
from tests.helpers.processes import PAUSE_SECONDS

TIMEOUT = 60.0


async def until(happened: Callable[[], bool]) -> None:
    """Let the event loop run until something has happened; fail after TIMEOUT seconds."""
    deadline = time.monotonic() + TIMEOUT
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        # What is waited for needs the processor.
        await asyncio.sleep(PAUSE_SECONDS)


@contextlib.asynccontextmanager
async def started(settings: Settings, count: int) -> AsyncIterator[Pool]:
    """A pool of ``count`` workers that have started."""
    pool = Pool(settings.model_copy(update={"workers": count}))
    pool.start()
    try:
        await until(lambda: pool.ready_workers == count)
        yield pool
    finally:
        await pool.close()


def in_pool(settings: Settings, work: Callable[[Pool], Awaitable[Any]], count: int = 1) -> Any:
    """Run ``work`` with a pool of ``count`` started workers and return its result."""

    async def run() -> Any:
        async with started(settings, count) as pool:
            return await asyncio.wait_for(work(pool), TIMEOUT)

    return asyncio.run(run())

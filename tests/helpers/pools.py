"""A pool of workers in an event loop of the test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from backprop_explorer.compute.pool import Pool
from backprop_explorer.settings import Settings

TIMEOUT = 60.0


async def until(happened: Callable[[], bool]) -> None:
    """Let the event loop run until something has happened; fail after TIMEOUT seconds."""
    deadline = time.monotonic() + TIMEOUT
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0)


def in_pool(settings: Settings, work: Callable[[Pool], Awaitable[Any]], count: int = 1) -> Any:
    """Run ``work`` with a pool of ``count`` started workers and return its result."""

    async def run() -> Any:
        pool = Pool(settings.model_copy(update={"workers": count}))
        pool.start()
        try:
            await until(lambda: pool.ready_workers == count)
            return await asyncio.wait_for(work(pool), TIMEOUT)
        finally:
            await pool.close()

    return asyncio.run(run())

"""The longest pause of the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from backprop_explorer.api.metrics import LoopWatch


def longest(work: Callable[[], None]) -> list[float]:
    """What two readings say after ``work`` ran in the event loop."""

    async def measure() -> list[float]:
        watch = LoopWatch()
        task = asyncio.create_task(watch.run())
        await asyncio.sleep(0)
        work()
        await asyncio.sleep(0.06)
        found = [watch.take(), watch.take()]
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return found

    return asyncio.run(measure())


def compute() -> None:
    until = time.thread_time() + 0.2
    while time.thread_time() < until:
        pass


def test_a_computation_is_a_pause_until_it_is_read() -> None:
    first, second = longest(compute)
    assert first > 0.1
    assert second < first / 2


def test_waiting_for_the_processor_is_not_a_pause() -> None:
    first, _ = longest(lambda: time.sleep(0.2))
    assert first < 0.1

"""Measure how long the event loop stood still: while it does, no request is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

TICK_SECONDS = 0.05


class LoopWatch:
    """The longest pause of the event loop in seconds, since it was last read.

    A pause is what a callback computed without returning to the loop. Time in which other
    processes had the processor does not count, so that a busy machine is not reported as a defect.
    """

    def __init__(self) -> None:
        self._longest = 0.0

    def take(self) -> float:
        """The longest pause in seconds since the last call."""
        longest, self._longest = self._longest, 0.0
        return longest

    async def run(
        self,
        clock: Callable[[], float] = time.perf_counter,
        processor: Callable[[], float] = time.thread_time,
    ) -> None:
        """Measure until cancelled. ``processor`` is the processor time of the loop's thread."""
        while True:
            due, used = clock() + TICK_SECONDS, processor()
            await asyncio.sleep(TICK_SECONDS)
            self._longest = max(self._longest, min(clock() - due, processor() - used))

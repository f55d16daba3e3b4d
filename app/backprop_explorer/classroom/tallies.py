"""Tallies of rooms: counted once for all who ask at the same time, beside the store's thread.

The answers to a question may have 20 MB as JSON. So the store's thread only reads them, and a
thread of its own counts. A tally begins after all who get it have asked, so that nobody misses what
was kept before; who asks later waits for the next one, which begins after a pause.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from backprop_explorer.classroom.store import RoomStore
from backprop_explorer.classroom.store_thread import StoreThread

T = TypeVar("T")
# The pause after a tally, as a multiple of its processor time.
PAUSE = 3.0


class Tallies:
    """Reads with the store's thread and counts in a thread of its own."""

    def __init__(self, store: StoreThread) -> None:
        self._store = store
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="tally")
        # By what is counted: the tally that has not begun, and who is counting or pauses.
        self._next: dict[Hashable, asyncio.Task[Any]] = {}
        self._turns: dict[Hashable, asyncio.Lock] = {}

    async def shared(
        self, key: Hashable, read: Callable[[RoomStore], Any], count: Callable[[Any], T]
    ) -> T:
        """Return ``count(read(store))``, the same for all who ask for ``key`` before it begins.

        Raises what these raise; or Unavailable.
        """
        task = self._next.get(key)
        if task is None:
            task = self._next[key] = asyncio.ensure_future(self._turn(key, read, count))
            # Who asked may be gone.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        found: T = await asyncio.shield(task)
        return found

    async def _turn(self, key: Hashable, read: Any, count: Any) -> Any:
        turn = self._turns.setdefault(key, asyncio.Lock())
        await turn.acquire()
        del self._next[key]
        loop = asyncio.get_running_loop()
        seconds = 0.0
        try:
            content, took = await self._store.call(lambda store: _timed(read, store))
            seconds += took
            counted, took = await loop.run_in_executor(self._executor, _timed, count, content)
            seconds += took
        finally:
            loop.call_later(PAUSE * seconds, self._release, key)
        return counted

    def _release(self, key: Hashable) -> None:
        self._turns[key].release()
        if key not in self._next:
            del self._turns[key]

    def close(self) -> None:
        """End the thread."""
        self._executor.shutdown()


def _timed(work: Callable[[Any], T], given: Any) -> tuple[T, float]:
    """Return ``work(given)`` and its processor time in seconds."""
    began = time.thread_time()
    return work(given), time.thread_time() - began

"""Runs the calls of a store in one thread, all that wait in one transaction.

Waiting for the disk takes some milliseconds; with many answers at once they wait together.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from backprop_explorer.classroom.store import RoomStore
from backprop_explorer.engine.errors import ExplorerError, Unavailable
from backprop_explorer.settings import ConfigurationError
from backprop_explorer.texts import classroom as texts

T = TypeVar("T")

# Calls in one transaction, and calls that may wait.
MOST_TOGETHER = 100
MOST_WAITING = 5000


class _Call(NamedTuple):
    work: Callable[[RoomStore], Any]
    future: asyncio.Future[Any]


class StoreThread:
    """Opens the store at the first call. ``close`` waits for the running transaction."""

    def __init__(self, open_store: Callable[[], RoomStore]) -> None:
        self._open = open_store
        self._store: RoomStore | None = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="rooms")
        self._lock = threading.Lock()
        self._waiting: list[_Call] = []
        self._busy = False

    async def call(self, work: Callable[[RoomStore], T]) -> T:
        """Return ``work(store)``. When it returns, what it changed is on disk.

        Raises its exception, after which nothing that it changed is kept; or Unavailable.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                raise Unavailable(texts.TOO_MANY_MESSAGES)
            self._waiting.append(_Call(work, future))
            begin, self._busy = not self._busy, True
        if begin:
            self._executor.submit(self._work, loop)
        return await future

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            with self._lock:
                calls = self._waiting[:MOST_TOGETHER]
                del self._waiting[:MOST_TOGETHER]
                self._busy = bool(calls)
            if not calls:
                return
            outcomes = self._run([call.work for call in calls])
            futures = [call.future for call in calls]
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, futures, outcomes)

    def _run(self, works: list[Callable[[RoomStore], Any]]) -> list[tuple[Any, Exception | None]]:
        """Return (value, exception) of each; if the transaction fails, all have its exception."""
        try:
            if self._store is None:
                self._store = self._open()
            with self._store.transaction():
                outcomes = [_one(self._store, work) for work in works]
        except ConfigurationError as error:
            failure = Unavailable(texts.NOT_KEPT)
            failure.__cause__ = error
            return [(None, failure)] * len(works)
        except Exception as error:  # noqa: BLE001 - the callers raise it
            return [(None, error)] * len(works)
        return outcomes

    async def close(self) -> None:
        """Close the store."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _close(self) -> None:
        self._executor.shutdown()
        if self._store is not None:
            self._store.close()


def _one(store: RoomStore, work: Callable[[RoomStore], Any]) -> tuple[Any, Exception | None]:
    try:
        with store.part():
            return work(store), None
    except Unavailable:
        raise  # The others would wait for the same store, one after another.
    except ExplorerError as error:
        return None, error


def _settle(
    futures: list[asyncio.Future[Any]], outcomes: list[tuple[Any, Exception | None]]
) -> None:
    for future, (value, error) in zip(futures, outcomes, strict=True):
        if future.done():
            continue
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

"""The worker processes that compute: started, watched, replaced.

An experiment is always given to the same worker, where its checkpoints are. A worker that dies is
replaced; one that hangs is killed, and so dies. ``app.forward`` asks them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import socket
from collections.abc import AsyncIterator, Iterable
from dataclasses import astuple, replace

import orjson

from app.api.observing import Compute
from app.core.errors import Unavailable
from app.experiments.explorer import Statistics
from app.memory import give_back
from app.nursery import Nursery
from app.settings import Settings
from app.wire import Head, Link, Part, linked

logger = logging.getLogger(__name__)

SLICE_SECONDS = 0.05
# How long a request waits for a worker to start, and after what time one never will.
START_SECONDS = 20.0
BIRTH_SECONDS = 60.0
# A worker is looked at so often. It is killed when so many looks in a row find it silent (it was
# stopped, or its event loop hangs), or find the same piece of work in a thread, which says nothing
# either: what a request may compute is bounded far below that. Looks are counted and not seconds:
# where the whole program was stopped for a while, or the machine slept, nobody has been late.
WATCH_SECONDS = 1.0
MOST_SILENT = 10
MOST_STUCK = 45
# A worker that cannot even start is tried again after this, doubled each time.
PAUSE_SECONDS = 0.1
MOST_PAUSE_SECONDS = 5.0

EXPERIMENT = re.compile(r"/experiments/([0-9a-f]{8})")

NOTHING = Statistics(0, 0, 0, 0, 0)


def total(found: Iterable[Statistics]) -> Statistics:
    """The sum of each number."""
    return Statistics(*map(sum, zip(*map(astuple, [NOTHING, *found]), strict=True)))


class WorkerDiedError(Exception):
    """The worker went away before it had answered."""


class Worker:
    """One place in the pool: a process, and the next one when that has died."""

    def __init__(self, settings: bytes, nursery: Nursery) -> None:
        self._settings = settings
        self._nursery = nursery
        self._ready = asyncio.Event()
        self._waiting: dict[int, asyncio.Queue[Part | None]] = {}
        self._number = 0
        self._heard = 0
        self._stuck = 0
        self._found = self._past = NOTHING
        self.restarts = 0
        self._link: Link | None = None
        self.pid: int | None = None
        self.task = asyncio.create_task(self._keep_alive())

    @property
    def ready(self) -> bool:
        """Whether it can answer at once."""
        return self._ready.is_set()

    @property
    def load(self) -> int:
        """How many wait for it."""
        return len(self._waiting)

    async def ask(self, head: Head, body: bytes) -> AsyncIterator[Part]:
        """The parts of the answer. Raises WorkerDiedError, or Unavailable where none starts."""
        if not self.ready:
            try:
                await asyncio.wait_for(self._ready.wait(), START_SECONDS)
            except TimeoutError:
                text = "the server cannot compute at the moment; try again soon"
                raise Unavailable(text) from None
        assert self._link is not None
        link = self._link
        self._number += 1
        number = self._number
        queue = self._waiting[number] = asyncio.Queue()
        ended = False
        try:
            link.send({**head, "number": number}, body)
            while not ended:
                part = await queue.get()
                if part is None:
                    ended = True
                    raise WorkerDiedError
                ended = bool(part[0].get("end") or part[0].get("failed"))
                yield part
        finally:
            self._waiting.pop(number, None)
            if not ended:
                link.send({"number": number, "cancel": True})

    async def statistics(self) -> Statistics:
        """What this place has done, its former processes included, and what it holds."""
        if self.ready:
            with contextlib.suppress(WorkerDiedError):
                async for _, body in self.ask({"statistics": True}, b""):
                    self._found = Statistics(**orjson.loads(body))
        return total([self._past, self._found])

    async def _keep_alive(self) -> None:
        pause = PAUSE_SECONDS
        while True:
            try:
                await self._live()
            except (EOFError, OSError):
                pass
            finally:
                was_ready = self._ready.is_set()
                self._ready.clear()
                self._end()
            self.restarts += 1
            # Counters must not fall; what it held is gone.
            self._past = total([self._past, replace(self._found, entries=0, nbytes=0)])
            self._found = NOTHING
            logger.warning("A worker ended and is replaced", extra={"fields": {"pid": self.pid}})
            if was_ready:
                pause = PAUSE_SECONDS
            else:
                await asyncio.sleep(pause)
                pause = min(2 * pause, MOST_PAUSE_SECONDS)

    async def _live(self) -> None:
        """Start a process and pass on what it says, until it ends."""
        self.pid = None
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self.pid = await self._nursery.start(theirs)
            except BaseException:
                ours.close()
                raise
        link = self._link = await linked(ours)
        link.send({}, self._settings)
        await asyncio.wait_for(link.next(), BIRTH_SECONDS)
        self._ready.set()
        link.deliver(self._take)
        watch = asyncio.create_task(self._watch(link))
        try:
            await link.ended
        finally:
            watch.cancel()

    def _take(self, head: Head, body: bytes) -> None:
        """Pass a message on to whoever waits for it."""
        self._heard += 1
        self._stuck = head.get("stuck", self._stuck)
        queue = self._waiting.get(head["number"])
        if queue is not None:
            queue.put_nowait((head, body))

    async def _watch(self, link: Link) -> None:
        """Kill the process when it hangs, and close its socket, so that it is replaced."""
        silent = self._stuck = asked = 0
        while silent < MOST_SILENT and self._stuck < MOST_STUCK:
            heard = self._heard
            link.send({"number": 0, "alive": True})
            await asyncio.sleep(WATCH_SECONDS)
            silent = silent + 1 if self._heard == heard else 0
            if asked != self._number or self._waiting:
                # Answers went through this process too.
                asked = self._number
                give_back()
        logger.error("A worker hangs and is killed", extra={"fields": {"pid": self.pid}})
        link.abort()

    def _end(self) -> None:
        """Close what there is of the process; whoever waits for it hears of it."""
        if self._link is not None:
            self._link.close()
        if self.pid is not None:
            self._nursery.end(self.pid)
        for queue in self._waiting.values():
            queue.put_nowait(None)

    async def close(self) -> None:
        """End the process."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


def worker_count(settings: Settings) -> int:
    """How many processes compute beside this one; 0 where this one does."""
    # A store in memory is known to one process, and Windows cannot hand sockets on.
    if settings.store == ":memory:" or os.name != "posix":
        return 0
    return (os.cpu_count() or 1) if settings.workers is None else settings.workers


class Pool:
    """``settings.workers`` processes. ``start`` and ``close`` in the event loop that asks."""

    def __init__(self, settings: Settings, nursery: Nursery | None = None) -> None:
        count = worker_count(settings)
        limits = settings.limits
        own = limits.model_copy(
            update={
                "frame_budget_seconds": min(SLICE_SECONDS, limits.frame_budget_seconds),
                "cache_bytes": max(limits.cache_bytes // max(count, 1), 1024 * 1024),
            }
        )
        self.max_body_bytes = limits.max_body_bytes
        self.budget = limits.frame_budget_seconds
        self._settings = settings.model_copy(update={"limits": own, "workers": 0})
        self._count = count
        self._nursery = nursery or Nursery()
        self.workers: list[Worker] = []

    def start(self) -> None:
        """Start the processes, and return at once."""
        content = self._settings.model_dump_json().encode()
        self.workers = [Worker(content, self._nursery) for _ in range(self._count)]

    def hurry(self) -> None:
        """Let requests that go on computing answer with how far they are: the server stops."""
        self.budget = 0.0

    async def close(self) -> None:
        """End the processes."""
        await asyncio.gather(*(worker.close() for worker in self.workers))
        await self._nursery.close()

    @property
    def ready(self) -> bool:
        """Whether somebody can compute."""
        return any(worker.ready for worker in self.workers)

    def worker(self, path: str) -> Worker:
        """The worker of the path's experiment, or the one with the least to do."""
        found = EXPERIMENT.search(path)
        if found is not None:
            return self.workers[int(found[1], 16) % len(self.workers)]
        return min(self.workers, key=lambda each: (not each.ready, each.load))

    async def compute(self) -> Compute:
        """What the workers have done, hold and have to do."""
        queue = sum(worker.load for worker in self.workers)
        found = await asyncio.gather(*(worker.statistics() for worker in self.workers))
        return Compute(
            total(found),
            workers=sum(worker.ready for worker in self.workers),
            restarts=sum(worker.restarts for worker in self.workers),
            queue=queue,
            pids=[pid for pid in (self._nursery.pid, *(each.pid for each in self.workers)) if pid],
        )

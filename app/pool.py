"""The web process hands requests of the API to worker processes, and only passes bytes on.

An experiment is always given to the same worker, where its checkpoints are. Long computing is cut
into slices: a worker answers 202 after one, and is asked again behind the others who wait, until
the request's budget is used up. A worker that dies is replaced, and what it was asked is asked once
more: every request of the API may be sent twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import astuple
from types import SimpleNamespace
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import RETRY_SECONDS, problem
from app.core.errors import Unavailable
from app.experiments.explorer import Statistics
from app.logs import REQUEST_ID
from app.nursery import Nursery
from app.settings import Settings
from app.wire import Head, as_bytes, as_text, next_message, packed

logger = logging.getLogger(__name__)

SLICE_SECONDS = 0.05
# How long a request waits for a worker to start.
START_SECONDS = 20.0
# A worker that cannot even start is tried again after this, doubled each time.
PAUSE_SECONDS = 0.1
MOST_PAUSE_SECONDS = 5.0

EXPERIMENT = re.compile(r"/experiments/([0-9a-f]{8})")

Part = tuple[Head, bytes]


NOTHING = Statistics(0, 0, 0, 0, 0)


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
        self._writer: asyncio.StreamWriter | None = None
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
        try:
            await asyncio.wait_for(self._ready.wait(), START_SECONDS)
        except TimeoutError:
            raise Unavailable("the server cannot compute at the moment; try again soon") from None
        assert self._writer is not None
        writer = self._writer
        self._number += 1
        number = self._number
        queue = self._waiting[number] = asyncio.Queue()
        ended = False
        try:
            writer.write(packed({**head, "number": number}, body))
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
                writer.write(packed({"number": number, "cancel": True}))

    async def _keep_alive(self) -> None:
        pause = PAUSE_SECONDS
        while True:
            try:
                await self._live()
            except (EOFError, OSError, ValueError):
                pass
            finally:
                was_ready = self._ready.is_set()
                self._ready.clear()
                self._end()
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
        reader, self._writer = await asyncio.open_connection(sock=ours)
        self._writer.write(packed({}, self._settings))
        await next_message(reader)
        self._ready.set()
        while True:
            part = await next_message(reader)
            queue = self._waiting.get(part[0]["number"])
            if queue is not None:
                queue.put_nowait(part)

    def _end(self) -> None:
        """Close what there is of the process; whoever waits for it hears of it."""
        if self._writer is not None:
            self._writer.close()
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

    async def statistics(self) -> Statistics:
        """What the workers that are ready have done and hold."""
        asked = [self._statistics(worker) for worker in self.workers if worker.ready]
        found = await asyncio.gather(*asked)
        return Statistics(*map(sum, zip(*map(astuple, found), strict=True))) if found else NOTHING

    async def _statistics(self, worker: Worker) -> Statistics:
        with contextlib.suppress(WorkerDiedError):
            async for _, body in worker.ask({"statistics": True}, b""):
                return Statistics(**orjson.loads(body))
        return NOTHING


class Forward:
    """ASGI middleware: requests below ``prefix`` go to the pool, all others pass."""

    def __init__(self, app: ASGIApp, pool: Pool, prefix: str, besides: tuple[str, ...]) -> None:
        self.app = app
        self.pool = pool
        self.prefix = prefix
        self.besides = besides

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        ours = path.startswith(self.prefix) and path not in self.besides
        # Without a server's life there are no workers: the application answers itself.
        if scope["type"] != "http" or not ours or not self.pool.workers:
            await self.app(scope, receive, send)
            return
        body = await _body(receive, self.pool.max_body_bytes)
        if body is None:
            return
        head = {
            "method": scope["method"],
            "path": path,
            "query": scope["query_string"].decode("latin-1"),
            "headers": as_text(scope["headers"]),
            "request_id": REQUEST_ID.get(),
        }
        answer = asyncio.create_task(self._answer(scope, head, body, receive, send))
        gone = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Whoever stops asking stops the work.
            gone.cancel()
            answer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await answer

    async def _answer(
        self, scope: Scope, head: Head, body: bytes, receive: Receive, send: Send
    ) -> None:
        deadline = time.perf_counter() + self.pool.budget
        deaths = 0
        while True:
            started = False
            worker = self.pool.worker(head["path"])
            try:
                async with contextlib.aclosing(worker.ask(head, body)) as parts:  # type: ignore[type-var]
                    again = False
                    async for part, content in parts:
                        if "start" in part:
                            start = part["start"]
                            if start["status"] == 202 and time.perf_counter() < deadline:
                                again = True
                            else:
                                started = True
                                scope["route"] = SimpleNamespace(path=start["route"])
                                await send(_head(start))
                        elif part.get("failed"):
                            raise RuntimeError("the answer broke off")
                        elif not again:
                            more = not part["end"]
                            await send(
                                {"type": "http.response.body", "body": content, "more_body": more}
                            )
                if not again:
                    return
            except WorkerDiedError:
                deaths += 1
                deadline = time.perf_counter() + self.pool.budget
                if started:
                    raise
                if deaths > 1:
                    await _unavailable("what computes this has died twice")(scope, receive, send)
                    return
            except Unavailable as error:
                await _unavailable(str(error))(scope, receive, send)
                return


def _head(start: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "http.response.start",
        "status": start["status"],
        "headers": as_bytes(start["headers"]),
    }


async def _body(receive: Receive, most: int) -> bytes | None:
    """The request's body, cut a little beyond ``most`` bytes; None where the client goes away."""
    parts: list[bytes] = []
    while sum(map(len, parts)) <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(parts)


def _unavailable(reason: str) -> Response:
    return problem(
        503,
        reason,
        kind="urn:backprop-explorer:unavailable",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

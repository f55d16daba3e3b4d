"""ASGI middleware that hands requests to the pool of workers and passes their answers on.

Long computing is cut into slices: a worker answers 202 after one, and is asked again behind the
others who wait, until the request's budget is used up. What a worker that dies was asked is asked
once more: every request of the API may be sent twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from types import SimpleNamespace
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import RETRY_SECONDS, problem
from app.core.errors import Unavailable
from app.logs import REQUEST_ID
from app.pool import Pool, WorkerDiedError
from app.wire import Head, as_bytes, as_text

# Bodies that wait for a worker or are in one, all together: their clients may be slow or many.
MOST_HELD_BYTES = 64 * 1024 * 1024

# Most answers are there by then; only of the others is it asked whether somebody still waits.
PATIENCE_SECONDS = 0.02


class Forward:
    """ASGI middleware: requests below ``prefix`` go to the pool, all others pass."""

    def __init__(self, app: ASGIApp, pool: Pool, prefix: str, besides: tuple[str, ...]) -> None:
        self.app = app
        self.pool = pool
        self.prefix = prefix
        self.besides = besides
        self.held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        ours = path.startswith(self.prefix) and path not in self.besides
        # Without a server's life there are no workers: the application answers itself.
        if scope["type"] != "http" or not ours or not self.pool.workers:
            await self.app(scope, receive, send)
            return
        parts: list[bytes] = []
        try:
            if await self._read(receive, parts):
                await self._pass_on(scope, b"".join(parts), receive, send)
        except Unavailable as error:
            await _unavailable(str(error))(scope, receive, send)
        finally:
            self.held_bytes -= sum(map(len, parts))

    async def _read(self, receive: Receive, parts: list[bytes]) -> bool:
        """Put the body into ``parts``, cut a little beyond what a worker will refuse.

        False where the client goes away. Raises Unavailable where others' bodies fill the memory.
        """
        most = self.pool.max_body_bytes
        while sum(map(len, parts)) <= most:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            part = message.get("body", b"")
            if self.held_bytes + len(part) > max(MOST_HELD_BYTES, most):
                raise Unavailable("too much is being sent to this server at the moment")
            self.held_bytes += len(part)
            parts.append(part)
            if not message.get("more_body", False):
                break
        return True

    async def _pass_on(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        head = {
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "headers": as_text(scope["headers"]),
            "request_id": REQUEST_ID.get(),
        }
        loop, answering = asyncio.get_running_loop(), asyncio.current_task()
        assert answering is not None
        gone = False
        watch: asyncio.Task[None] | None = None

        async def leave() -> None:
            nonlocal gone
            await _disconnected(receive)
            gone = answering.cancel()

        def look() -> None:
            nonlocal watch
            watch = asyncio.create_task(leave())

        timer = loop.call_later(PATIENCE_SECONDS, look)
        try:
            await self._answer(scope, head, body, send)
        except asyncio.CancelledError:
            # Whoever stops asking stops the work; that is no reason to end anything else.
            if not gone:
                raise
            answering.uncancel()
        finally:
            timer.cancel()
            if watch is not None:
                watch.cancel()

    async def _answer(self, scope: Scope, head: Head, body: bytes, send: Send) -> None:
        began = time.perf_counter()
        deaths = 0
        while True:
            started = False
            worker = self.pool.worker(head["path"])
            try:
                async with contextlib.aclosing(worker.ask(head, body)) as parts:  # type: ignore[type-var]
                    again = False
                    async for part, content in parts:
                        if part.get("failed"):
                            raise RuntimeError("the answer broke off")
                        if "start" in part:
                            start = part["start"]
                            spent = time.perf_counter() - began
                            if start["status"] == 202 and spent < self.pool.budget:
                                again = True
                            else:
                                started = True
                                scope["route"] = SimpleNamespace(path=start["route"])
                                await send(_head(start))
                        if not again:
                            more = not part["end"]
                            await send(
                                {"type": "http.response.body", "body": content, "more_body": more}
                            )
                if not again:
                    return
            except WorkerDiedError:
                deaths += 1
                began = time.perf_counter()
                if started:
                    raise
                if deaths > 1:
                    raise Unavailable("what computes this has died twice") from None


def _head(start: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "http.response.start",
        "status": start["status"],
        "headers": as_bytes(start["headers"]),
    }


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

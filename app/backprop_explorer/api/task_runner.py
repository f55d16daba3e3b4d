"""How routes get their answers: tasks in the pool, until the client leaves or time is used up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from backprop_explorer.compute.pool import Pool
from backprop_explorer.compute.reply import Reply

# Most answers are there by then; only for the others the connection is watched.
PATIENCE_SECONDS = 0.02
# What nginx logs for a client that went away. Nobody receives it.
CLIENT_CLOSED_REQUEST = 499


class ClientGoneError(Exception):
    """The client closed its connection before there was an answer."""


class TaskRunner:
    """Runs tasks for requests."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def answer(
        self,
        request: Request,
        task: Callable[..., Reply],
        *args: Any,
        experiment: str | None = None,
    ) -> Response:
        """The answer of ``task``. While it is 202, the task is repeated for the budget's time.

        Between two slices of training the tasks of others have their turn.
        """
        began = time.perf_counter()
        try:
            while True:
                reply: Reply = await self.value(request, task, *args, experiment=experiment)
                if reply.status != 202 or time.perf_counter() - began >= self._pool.budget:
                    return response(reply)
        except ClientGoneError:
            return Response(status_code=CLIENT_CLOSED_REQUEST)

    async def value(
        self, request: Request, task: Callable[..., Any], *args: Any, experiment: str | None = None
    ) -> Any:
        """What one run of ``task`` returns. Raises ClientGoneError."""
        job = self._pool.submit(task, *args, experiment=experiment)
        try:
            await asyncio.wait([job], timeout=PATIENCE_SECONDS)
            if not job.done():
                await _unless_gone(request, job)
            return job.result()
        finally:
            # A task that has not begun is left out; one that runs is finished for nobody.
            job.cancel()

    async def parts(
        self, task: Callable[..., Any], *args: Any, first: Any, experiment: str
    ) -> AsyncIterator[bytes]:
        """The lines of ``first`` and of all parts after it, each a task of its own."""
        part = first
        while True:
            if part.lines:
                yield part.lines
            if part.next is None:
                return
            part = await self._pool.submit(task, *args, part.next, experiment=experiment)


async def _unless_gone(request: Request, job: asyncio.Future[Any]) -> None:
    """Return when ``job`` is done. Raises ClientGoneError where the client leaves before."""
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait([job, gone], return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
    if not job.done():
        raise ClientGoneError


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def response(reply: Reply) -> Response:
    """``reply`` as a response."""
    return Response(reply.body, reply.status, dict(reply.headers), reply.media_type)

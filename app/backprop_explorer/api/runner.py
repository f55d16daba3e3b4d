"""Run tasks in the application's pool for routes.

A task is cancelled when the client disconnects, and repeated until the time budget is used up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from backprop_explorer.compute.encoding import Reply
from backprop_explorer.engine.errors import NotReached

# Most tasks have finished after this time. For the others, a disconnect of the client is watched.
PATIENCE_SECONDS = 0.02


class ClientGoneError(Exception):
    """The client disconnected before the answer was ready."""


async def answer(
    request: Request, task: Callable[..., Reply], *args: Any, experiment: str | None = None
) -> Response:
    """Return the answer of ``task``, repeated within the time budget until it is reached.

    Each run trains for one slice of time, so that other requests' tasks run in between. Raises
    NotReached or ClientGoneError.
    """
    began = time.perf_counter()
    while True:
        try:
            return response(await value(request, task, *args, experiment=experiment))
        except NotReached:
            if time.perf_counter() - began >= request.app.state.pool.budget:
                raise


async def value(
    request: Request, task: Callable[..., Any], *args: Any, experiment: str | None = None
) -> Any:
    """Run ``task`` once and return its value. Raises ClientGoneError."""
    return await _result(request, request.app.state.pool.submit(task, *args, experiment=experiment))


async def until_done(request: Request, task: Callable[..., bool], *args: Any, about: str) -> None:
    """Repeat ``task`` in all workers until one returns True or the time budget is used up.

    Each run takes one slice of time. Raises ClientGoneError.
    """
    began = time.perf_counter()
    while True:
        jobs = request.app.state.pool.submit_to_all(task, *args, about=about)
        every = asyncio.gather(*jobs)
        # Retrieve its error also when no request waits any more; asyncio would log it.
        every.add_done_callback(lambda future: future.cancelled() or future.exception())
        done = await _result(request, every)
        if any(done) or time.perf_counter() - began >= request.app.state.pool.budget:
            return


async def _result(request: Request, job: asyncio.Future[Any]) -> Any:
    try:
        await asyncio.wait([job], timeout=PATIENCE_SECONDS)
        if not job.done():
            await _unless_gone(request, job)
        return job.result()
    finally:
        # Drops a task that has not begun. A running task finishes; its result is not used.
        job.cancel()


async def parts(
    request: Request, task: Callable[..., Any], *args: Any, first: Any, experiment: str
) -> AsyncIterator[bytes]:
    """Yield the lines of ``first`` and of all later parts. One task computes one part."""
    part = first
    while True:
        if part.lines:
            yield part.lines
        if part.next is None:
            return
        part = await request.app.state.pool.submit(task, *args, part.next, experiment=experiment)


async def _unless_gone(request: Request, job: asyncio.Future[Any]) -> None:
    """Wait until ``job`` is done. Raises ClientGoneError if the client disconnects first."""
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
    """Turn a task's reply into a response."""
    return Response(reply.body, reply.status, dict(reply.headers), reply.media_type)

"""Uvicorn with limits, deadlines and a quiet stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backprop_explorer.api.errors import RETRY_SECONDS, problem
from backprop_explorer.web.connections import (
    Connection,
    Connections,
    allow_connections,
    closing_response,
)

__all__ = ["Server", "allow_connections", "make_server"]

# Answers that no client has taken yet, of all connections together: many clients may be slow.
MOST_UNREAD_BYTES = 128 * 1024 * 1024
# What is still being answered so long after a stop began is ended.
STOP_SECONDS = 4


class Admission:
    """Refuses requests that the server has no room for, and those whose length is ambiguous."""

    def __init__(self, app: ASGIApp, connections: Connections) -> None:
        self.app = app
        self.connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app
        if scope["type"] == "http":
            names = {name for name, _ in scope["headers"]}
            if {b"content-length", b"transfer-encoding"} <= names:
                # A proxy may take the other length and see a second request where this one sees
                # the body of the first (RFC 9112, section 6.3).
                app = closing_response(
                    problem(400, "A request may not have Content-Length and Transfer-Encoding.")
                )
            elif self.connections.too_many() or self.connections.unread_bytes() > MOST_UNREAD_BYTES:
                app = unavailable("Too many people use this server at the moment; try again soon.")
        await app(scope, receive, send)


@dataclass
class _Answer:
    started: bool = False
    # Events have no end of their own: a stop need not wait for one.
    events: bool = False


class Answering:
    """The requests that are being answered, so that a stop can end them quietly.

    Uvicorn would log each that it has to cancel as an error, and answer 500.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._answers: dict[asyncio.Task[Any], _Answer] = {}
        self._stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self.app(scope, receive, send)
            return
        answer = self._answers[task] = _Answer()

        async def note_start(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.started = True
                answer.events = _is_event_stream(message)
                if answer.events and self._stopping:
                    task.cancel()
            await send(message)

        try:
            await self.app(scope, receive, note_start)
        except asyncio.CancelledError:
            # A second one comes where the client does not take the end of its events.
            with contextlib.suppress(asyncio.CancelledError):
                if answer.events:
                    await send({"type": "http.response.body", "body": b""})
                elif not answer.started:
                    refusal = unavailable("This server is stopping; try again soon.")
                    await refusal(scope, receive, send)
        finally:
            del self._answers[task]

    def end_event_streams(self) -> None:
        """End the event streams there are, and each that begins later."""
        self._stopping = True
        for task, answer in self._answers.items():
            if answer.events:
                task.cancel()

    def end_all(self) -> None:
        """End everything; what has not begun is answered with 503."""
        for task in self._answers:
            task.cancel()


def _is_event_stream(start: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in start["headers"]
    )


def unavailable(reason: str) -> ASGIApp:
    """Return an answer with status 503 that says when to try again."""
    return closing_response(
        problem(
            503,
            reason,
            kind="urn:backprop-explorer:overloaded",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    )


class Server(uvicorn.Server):
    """Calls ``on_ready`` once connections are accepted, and ``on_stop`` when no more are."""

    def __init__(
        self, app: ASGIApp, on_ready: Callable[[], None], on_stop: Callable[[], None]
    ) -> None:
        self.connections = Connections()
        self._answering = Answering(app)
        protocol: Any = partial(Connection, places=self.connections)
        config = uvicorn.Config(
            Admission(self._answering, self.connections),
            http=protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            # The application logs its requests itself, without their queries.
            access_log=False,
            server_header=False,
            # By then everything has ended that can be ended quietly.
            timeout_graceful_shutdown=STOP_SECONDS + 1,
        )
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: Any = None) -> None:
        self._on_stop()
        self._answering.end_event_streams()
        end = asyncio.get_running_loop().call_later(STOP_SECONDS, self._end_answers)
        try:
            await super().shutdown(sockets)
        finally:
            end.cancel()

    def _end_answers(self) -> None:
        self.connections.abort_started()
        self._answering.end_all()


def make_server(
    app: ASGIApp, on_ready: Callable[[], None], on_stop: Callable[[], None] = lambda: None
) -> Server:
    """Return a server for sockets that are already bound."""
    return Server(app, on_ready, on_stop)

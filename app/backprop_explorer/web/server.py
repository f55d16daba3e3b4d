"""Uvicorn with limits, deadlines, and a shutdown that answers or ends all requests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvicorn
from pydantic import IPvAnyNetwork
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backprop_explorer.api.errors import RETRY_SECONDS, problem
from backprop_explorer.texts import web as texts
from backprop_explorer.web.connections import Connection, Connections, closing_response

# Requests that are not answered this long after the stop began are ended.
STOP_SECONDS = 4


class Admission:
    """Refuses requests beyond the server's limits, and requests with two body lengths."""

    def __init__(self, app: ASGIApp, connections: Connections) -> None:
        self.app = app
        self.connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app
        if scope["type"] == "http":
            names = {name for name, _ in scope["headers"]}
            if {b"content-length", b"transfer-encoding"} <= names:
                # Request smuggling: a proxy may use the other length and take a part of the body
                # for a second request (RFC 9112, section 6.3).
                app = closing_response(problem(400, texts.LENGTH_OR_ENCODING))
            elif self.connections.too_many():
                app = unavailable(texts.TOO_MANY_REQUESTS)
        await app(scope, receive, send)


@dataclass
class _Answer:
    started: bool = False
    # An event stream does not end by itself, so a stop must end it.
    events: bool = False


class RequestTracker:
    """ASGI middleware that knows the running requests, so that a stop can end them.

    Uvicorn would cancel them with status 500 and log each as an error.
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
            # A second CancelledError comes if the client does not read the end of its stream.
            with contextlib.suppress(asyncio.CancelledError):
                if answer.events:
                    await send({"type": "http.response.body", "body": b""})
                elif not answer.started:
                    refusal = unavailable(texts.STOPPING)
                    await refusal(scope, receive, send)
        finally:
            del self._answers[task]

    def end_event_streams(self) -> None:
        """End all event streams, and those that begin later."""
        self._stopping = True
        for task, answer in self._answers.items():
            if answer.events:
                task.cancel()

    def end_all(self) -> None:
        """End all requests; those without an answer get status 503."""
        for task in self._answers:
            task.cancel()


def _is_event_stream(start: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in start["headers"]
    )


def unavailable(reason: str) -> ASGIApp:
    """Return an answer with status 503 and Retry-After."""
    return closing_response(
        problem(
            503,
            reason,
            kind="urn:backprop-explorer:overloaded",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    )


class Server(uvicorn.Server):
    """A server for sockets that are already bound.

    It calls ``on_ready`` when it begins to accept connections, and ``on_stop`` when it stops.

    ``proxies``: addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
    """

    def __init__(
        self,
        app: ASGIApp,
        on_ready: Callable[[], None],
        on_stop: Callable[[], None] = lambda: None,
        proxies: Sequence[IPvAnyNetwork] = (),
    ) -> None:
        self.connections = Connections()
        self._tracker = RequestTracker(app)
        protocol: Any = partial(Connection, places=self.connections)
        config = uvicorn.Config(
            Admission(self._tracker, self.connections),
            http=protocol,
            ws="none",
            lifespan="on",
            # By default uvicorn believes every program of this machine.
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(_hosts(proxies)),
            log_config=None,
            # The application logs requests itself, without query strings.
            access_log=False,
            server_header=False,
            # One second after ``end_all``, when all requests have ended.
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
        self._tracker.end_event_streams()
        end = asyncio.get_running_loop().call_later(STOP_SECONDS, self._end_answers)
        try:
            await super().shutdown(sockets)
        finally:
            end.cancel()

    def _end_answers(self) -> None:
        self.connections.abort_started()
        self._tracker.end_all()


def _hosts(proxies: Iterable[IPvAnyNetwork]) -> Iterator[str]:
    for each in proxies:
        yield str(each)
        if each.version == 4:  # as a socket that listens on :: has it
            yield f"::ffff:{each.network_address}/{96 + each.prefixlen}"

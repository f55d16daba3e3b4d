"""Uvicorn, with the deadlines that it lacks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection
from typing import Any

import h11
import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from app.api.errors import RETRY_SECONDS, problem
from app.api.response_headers import SECURITY_HEADERS

# Connections, idle ones included; beyond them the server answers 503, and beyond SPARE more not
# at all.
LIMIT_CONCURRENCY = 900
SPARE = 500
# A request must be complete this long after its first byte (or after connecting). Of an answer that
# waits to be taken, LEAST_TAKEN_BYTES at least must be within the other.
READ_SECONDS = 10.0
WRITE_SECONDS = 30.0
LEAST_TAKEN_BYTES = 256 * 1024
# Answers that are waiting to be taken, all together: their clients may be slow or many.
MOST_UNREAD_BYTES = 128 * 1024 * 1024
LOOK_SECONDS = 0.01
# A body up to this size goes out in one piece with its head; copying a larger one costs more than
# the second piece.
JOINED_BYTES = 64 * 1024
_SECURITY_HEADERS = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]


def allow_connections() -> None:
    """Let this process open as many files as LIMIT_CONCURRENCY needs: macOS starts it with 256."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    wanted = 2 * LIMIT_CONCURRENCY
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class JoinedConnection(h11.Connection):
    """Lets the head of an answer wait for its body, so that both go out in one piece.

    Uvicorn writes them one after the other, and each of that is a call of the system and a packet:
    of a small answer the larger part of what it costs. ``write`` takes the head of a large one.
    """

    def __init__(self, write: Callable[[bytes], None]) -> None:
        super().__init__(h11.SERVER)
        self._write = write
        self._head = b""

    def send(self, event: Any) -> Any:
        """The bytes that are to be written now for ``event``, None where the connection ends."""
        found = super().send(event)
        if type(event) is h11.Response:
            self._head, found = found or b"", b""
        elif self._head and found is not None:
            head, self._head = self._head, b""
            if len(found) <= JOINED_BYTES:
                return head + found
            self._write(head)
        return found


class DeadlineProtocol(H11Protocol):
    """Closes connections that send their request, or take their answer, too slowly.

    Uvicorn has a timer only for the time between two requests. Without this, a few hundred sockets
    that send a byte a minute take all the connections there are.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = JoinedConnection(self._write)
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None

    def _write(self, data: bytes) -> None:
        self.transport.write(data)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > LIMIT_CONCURRENCY + SPARE:
            transport.abort()
            return
        self._watch_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._reading, self._writing):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._watch_reading()
        super().data_received(data)
        if self.conn.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED):
            self._stop_reading_watch()

    def send_400_response(self, _message: str) -> None:
        """Answer what is not HTTP as every error is answered; what has begun is cut off.

        Uvicorn would answer in plain text, and then let the application answer too: a traceback in
        the log for every chunk of nonsense.
        """
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()
            return
        refusal = problem(400, "This is not a request that HTTP/1.1 knows.")
        close = (b"connection", b"close")
        head = [*refusal.raw_headers, *_SECURITY_HEADERS, close]
        for event in (
            h11.Response(status_code=400, headers=head, reason=b"Bad Request"),
            h11.Data(data=bytes(refusal.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def on_response_complete(self) -> None:
        self._stop_reading_watch()
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._writing is None:
            self._watch_writing()

    def _watch_writing(self) -> None:
        waiting = self.transport.get_write_buffer_size()

        def look() -> None:
            if self.transport.get_write_buffer_size() > waiting - LEAST_TAKEN_BYTES:
                self.transport.abort()
            else:
                self._watch_writing()

        self._writing = self.loop.call_later(WRITE_SECONDS, look)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def _watch_reading(self) -> None:
        if self._reading is None:
            self._reading = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def _stop_reading_watch(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None


class Overload:
    """Answers 503 with Retry-After while there are too many connections, or too much is unread."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.connections: Collection[Any] = ()
        self._unread = 0
        self._look_again = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self._is_too_much():
            await _refusal("Too many people use this server at the moment; try again soon.")(
                scope, receive, send
            )
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, note_start)
        except asyncio.CancelledError:
            # The server ends, and has waited long enough. Uvicorn would say 500, and log it.
            if not started:
                await _refusal("This server is stopping; try again soon.")(scope, receive, send)

    def _is_too_much(self) -> bool:
        now = time.monotonic()
        if now >= self._look_again:
            # Not at each request: to ask hundreds of connections takes longer than to answer one.
            self._look_again = now + LOOK_SECONDS
            self._unread = sum(each.transport.get_write_buffer_size() for each in self.connections)
        return len(self.connections) > LIMIT_CONCURRENCY or self._unread > MOST_UNREAD_BYTES


def _refusal(reason: str) -> Response:
    return problem(
        503,
        reason,
        kind="urn:backprop-explorer:overloaded",
        headers={"Retry-After": str(RETRY_SECONDS), "Connection": "close", **SECURITY_HEADERS},
    )


class Server(uvicorn.Server):
    """Calls ``on_ready`` once connections are accepted, and ``on_stop`` when no more are."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], None], on_stop: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: Any = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)


def make_server(
    app: ASGIApp, on_ready: Callable[[], None], on_stop: Callable[[], None] = lambda: None
) -> Server:
    """Return a server for sockets that are already bound."""
    overload = Overload(app)
    config = uvicorn.Config(
        overload,
        http=DeadlineProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        # The application logs its requests itself, without their queries.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=4,
    )
    server = Server(config, on_ready, on_stop)
    overload.connections = server.server_state.connections
    return server

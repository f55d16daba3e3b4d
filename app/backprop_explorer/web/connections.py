"""The connections of the server: how many there may be, and how long each may take.

Uvicorn has one deadline, for the time between two requests. ``Connection`` adds deadlines for
requests and answers; ``Connections`` closes idle connections when too many are open.

docs/decisions/0010-connections.md lists what this relies on in uvicorn.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterable
from typing import Any, cast

import h11
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from backprop_explorer.api.errors import problem
from backprop_explorer.api.response_headers import RAW_SECURITY_HEADERS
from backprop_explorer.classroom.rates import network_of
from backprop_explorer.texts import web as texts

# Open connections. Beyond LIMIT_CONCURRENCY, idle connections are closed and then requests are
# answered with 503; beyond SPARE more, connections are closed without an answer.
LIMIT_CONCURRENCY = 900
SPARE = 500
# A request must be complete this long after its first byte (the first one: after connecting).
READ_SECONDS = 10.0
# In each such interval a client must receive the whole waiting answer, or LEAST_TAKEN_BYTES of it.
WRITE_SECONDS = 30.0
LEAST_TAKEN_BYTES = 256 * 1024
# Limits of the bytes that clients have not received yet: of one connection (the largest answers
# have 76 MB), of all connections of one address, and of all connections.
MOST_UNREAD_OF_ONE = 96 * 1024 * 1024
MOST_UNREAD_OF_ADDRESS = 128 * 1024 * 1024
MOST_UNREAD = 256 * 1024 * 1024


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


class Connections:
    """The open connections of one server."""

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        # Connections that wait for a request, the longest idle first.
        self._idle: dict[Connection, None] = {}
        # Connections whose client has not received all of an answer.
        self._unread: set[Connection] = set()

    def __len__(self) -> int:
        return len(self._open)

    def too_many(self) -> bool:
        """Tell whether requests must be refused."""
        return len(self._open) > LIMIT_CONCURRENCY

    def add(self, connection: Connection) -> bool:
        """Add a new connection. Returns False if there are too many."""
        if len(self._open) >= LIMIT_CONCURRENCY and self._idle:
            longest = next(iter(self._idle))
            self.discard(longest)
            longest.transport.close()
        self._open.add(connection)
        self._idle[connection] = None
        return len(self._open) <= LIMIT_CONCURRENCY + SPARE

    def discard(self, connection: Connection) -> None:
        """Remove a closed connection."""
        self._open.discard(connection)
        self._idle.pop(connection, None)
        self._unread.discard(connection)

    def set_idle(self, connection: Connection, idle: bool) -> None:
        """Note that a connection begins or ends to wait for a request."""
        self._idle.pop(connection, None)
        if idle and connection in self._open:
            self._idle[connection] = None

    def set_unread(self, connection: Connection, unread: bool) -> None:
        """Note that a part of an answer waits for the client, or that none does."""
        if unread and connection in self._open:
            self._unread.add(connection)
            self._limit_unread()
        else:
            self._unread.discard(connection)

    def _limit_unread(self) -> None:
        """While a limit is exceeded, close the connection with most bytes of the address with most.

        So a client that reads, or is at another address, is neither closed nor refused.
        """
        sizes = {each: each.transport.get_write_buffer_size() for each in self._unread}
        while sizes:
            of_address: Counter[str] = Counter()
            for each, size in sizes.items():
                of_address[each.address] += size
            [(address, total)] = of_address.most_common(1)
            most = max(sizes, key=lambda each: (each.address == address, sizes[each]))
            if total <= MOST_UNREAD_OF_ADDRESS and of_address.total() <= MOST_UNREAD:
                return
            del sizes[most]
            self.discard(most)
            most.transport.abort()

    def abort_started(self) -> None:
        """Abort answers that have begun, so that clients notice that they are incomplete."""
        for each in list(self._open):
            if each.conn.our_state is h11.SEND_BODY:
                each.transport.abort()


class Connection(H11Protocol):
    """Closes connections that send requests or receive answers too slowly.

    Otherwise a few hundred sockets that send a byte a minute would use up all connections. A long
    answer is allowed: an event stream is closed only if its client does not read.
    """

    def __init__(self, *args: Any, places: Connections, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # So pause_writing and resume_writing mean "bytes wait for the client" and "none waits".
        transport.set_write_buffer_limits(high=0)
        if self._places.add(self):
            self._watch_reading()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._places.discard(self)
        self._stop_watching_reading()
        self._stop_watching_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._places.set_idle(self, False)
        self._watch_reading()
        super().data_received(data)
        if self.conn.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED):
            self._stop_watching_reading()

    def on_response_complete(self) -> None:
        self._stop_watching_reading()
        super().on_response_complete()
        self._note_idle()

    @property
    def address(self) -> str:
        """Where the client is, as the rate limits count it; behind a named proxy, its client."""
        scope = cast("dict[str, Any] | None", self.scope)
        client = self.client if scope is None else scope["client"]
        return network_of(client[0]) if client else ""

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.transport.get_write_buffer_size() > MOST_UNREAD_OF_ONE:
            self.transport.abort()
            return
        self._places.set_unread(self, True)
        if self._writing is None:
            self._watch_writing()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._places.set_unread(self, False)
        self._stop_watching_writing()
        self._note_idle()

    def send_400_response(self, _message: str) -> None:
        """Answer malformed HTTP with a problem document, or abort the answer that has begun.

        Uvicorn answers in plain text, raises an exception if an answer has begun, and lets the
        application answer once more.
        """
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(b"".join(self.conn.send(each) or b"" for each in _bad_request()))
            self.transport.close()
        else:
            self.transport.abort()
        # Now, not when the event loop calls it: until then the application might answer.
        super().connection_lost(None)

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing about ``Upgrade``, which HTTP lets a server ignore.

        Uvicorn logs two warnings a request and advises to install a WebSocket library.
        """

    def _note_idle(self) -> None:
        if self.conn.our_state is h11.IDLE and self._reading is None and self._writing is None:
            self._places.set_idle(self, True)

    def _watch_reading(self) -> None:
        if self._reading is None:
            self._reading = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def _stop_watching_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _watch_writing(self) -> None:
        waiting = self.transport.get_write_buffer_size()

        def look() -> None:
            if self.transport.get_write_buffer_size() > waiting - LEAST_TAKEN_BYTES:
                self.transport.abort()
            else:
                self._watch_writing()

        self._writing = self.loop.call_later(WRITE_SECONDS, look)

    def _stop_watching_writing(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None


def closing_response(response: Response) -> Response:
    """Close after the answer, and add the common headers, since no middleware sees it."""
    response.raw_headers += [*RAW_SECURITY_HEADERS, (b"connection", b"close")]
    return response


def _bad_request() -> Iterable[h11.Event]:
    refusal = closing_response(problem(400, texts.INVALID_HTTP))
    yield h11.Response(status_code=400, headers=refusal.raw_headers, reason=b"Bad Request")
    yield h11.Data(data=bytes(refusal.body))
    yield h11.EndOfMessage()

"""Event streams: deadlines of clients, and the end of the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from backprop_explorer.web import connections as connections_module
from backprop_explorer.web.server import Server
from tests.helpers.serving import serving
from tests.helpers.sockets import DEADLINE, connect, read_all, read_until

EVENTS = b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n"


def unread_bytes(server: Server) -> int:
    """Return what clients have not taken; the server's own count is not for other threads."""
    waiting = tuple(server.connections._unread)
    return sum(each.transport.get_write_buffer_size() for each in waiting)


@pytest.fixture
def events(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[int, Server, Callable[..., None]]]:
    """The application with an event stream, its port, and a function that sends an event."""
    monkeypatch.setattr(connections_module, "READ_SECONDS", DEADLINE)
    monkeypatch.setattr(connections_module, "WRITE_SECONDS", DEADLINE)
    app = create_app(settings.model_copy(update={"workers": 0}))
    loops: list[asyncio.AbstractEventLoop] = []
    wanted: asyncio.Queue[bytes] = asyncio.Queue()

    async def stream() -> AsyncIterator[bytes]:
        while True:
            yield await wanted.get()

    async def route(_request: Request) -> Response:
        loops.append(asyncio.get_running_loop())
        return StreamingResponse(stream(), media_type="text/event-stream")

    def send(data: bytes = b"1") -> None:
        loops[0].call_soon_threadsafe(wanted.put_nowait, b"data: " + data + b"\n\n")

    app.router.routes.append(Route("/events", route))
    with serving(app) as (port, server):
        yield port, server, send


def test_events_that_are_rare_pass_the_deadlines_at_once_and_unchanged(
    events: tuple[int, Server, Callable[..., None]],
) -> None:
    port, _, send = events
    with connect(port) as connection:
        connection.sendall(EVENTS)
        head = read_until(connection, b"\r\n\r\n").lower()
        assert b" 200 " in head
        assert b"content-encoding" not in head
        for _ in range(3):
            # Longer than each deadline.
            connection.settimeout(3 * DEADLINE)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            connection.settimeout(5)
            send()
            assert read_until(connection, b"data: 1\n\n\r\n") == b"9\r\ndata: 1\n\n\r\n"


def test_a_client_that_does_not_read_its_events_is_cut_off(
    events: tuple[int, Server, Callable[..., None]],
) -> None:
    port, server, send = events
    with connect(port) as connection:
        connection.sendall(EVENTS)
        read_until(connection, b"\r\n\r\n")
        deadline = time.monotonic() + 30
        # Until the buffers of the system are full.
        while not unread_bytes(server):
            for _ in range(10):
                send(b"1" * 10_000)
            assert time.monotonic() < deadline
        while len(server.connections):
            assert time.monotonic() < deadline, "the server still waits"


def test_a_stop_ends_event_streams_at_once_and_logs_nothing(
    events: tuple[int, Server, Callable[..., None]], caplog: pytest.LogCaptureFixture
) -> None:
    port, server, send = events
    with connect(port) as connection:
        connection.sendall(EVENTS)
        read_until(connection, b"\r\n\r\n")
        send()
        read_until(connection, b"data: 1\n\n\r\n")
        server.should_exit = True
        # The end of a chunked body; the browser connects again.
        assert read_all(connection) == b"0\r\n\r\n"
    assert [each.message for each in caplog.records if each.levelname != "INFO"] == []

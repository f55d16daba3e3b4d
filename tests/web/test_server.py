"""The server: refused requests, and a shutdown without errors in the log."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from backprop_explorer.settings import Settings
from backprop_explorer.web import connections as connections_module
from backprop_explorer.web import server as server_module
from backprop_explorer.web.server import Server
from tests.helpers.processes import wait_until
from tests.helpers.serving import serving
from tests.helpers.sockets import connect, read_all, read_until
from tests.web.test_connections import HALF_A_HEADER, LARGE, LARGE_BYTES, WHOLE

BOTH = (
    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"0\r\n\r\n"
)


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


async def large(_request: Request) -> Response:
    return Response(b"x" * LARGE_BYTES)


async def never(_request: Request) -> Response:
    await asyncio.Event().wait()
    return Response()


async def half(_request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.Event().wait()

    return StreamingResponse(parts())


@pytest.fixture
def running() -> Iterator[tuple[int, Server]]:
    """A server in a thread, and its port."""
    app = Starlette(
        routes=[
            Route("/echo", echo, methods=["GET", "POST"]),
            Route("/large", large),
            Route("/never", never),
            Route("/half", half),
        ]
    )
    with serving(app) as served:
        yield served


def test_a_request_with_two_lengths_is_refused_and_its_connection_closed(
    running: tuple[int, Server],
) -> None:
    port, _ = running
    with connect(port) as connection:
        # What follows is a request for those who go by one length, and a body for the others.
        connection.sendall(BOTH + WHOLE)
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close" in head.lower()
    assert b"content-security-policy: default-src 'none'" in head.lower()
    # One answer, and none to what follows.
    assert json.loads(body)["status"] == 400


def test_who_does_not_read_is_closed_and_others_are_answered(
    running: tuple[int, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections_module, "MOST_UNREAD_OF_ADDRESS", int(2.5 * LARGE_BYTES))
    port, server = running
    with contextlib.ExitStack() as stack:
        lazy = [stack.enter_context(connect(port)) for _ in range(3)]
        for count, each in enumerate(lazy):
            wait_until(lambda count=count: len(server.connections._unread) == count)
            each.sendall(LARGE)
            assert each.recv(1)
        wait_until(lambda: len(server.connections) == 2)
        statuses = [httpx.get(f"http://127.0.0.1:{port}/echo").status_code for _ in range(20)]
        assert statuses == [200] * 20
    monkeypatch.setattr(connections_module, "MOST_UNREAD_OF_ONE", LARGE_BYTES // 2)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port}/large")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        ("", "10.0.0.1", "127.0.0.1"),
        ("192.168.0.0/16, ::1", "10.0.0.1", "127.0.0.1"),
        # A proxy that only adds to the header: the client wrote what stands before.
        ("127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.2"),
        ("127.0.0.0/8,10.0.0.2", "10.0.0.9, 10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_only_a_named_proxy_says_where_a_client_is(
    proxies: str, forwarded: str, expected: str
) -> None:
    async def address(request: Request) -> Response:
        [connection] = server.connections._open
        return PlainTextResponse(f"{request.client and request.client.host} {connection.address}")

    app = Starlette(routes=[Route("/", address)])
    named = Settings(proxies=proxies).proxies  # type: ignore[arg-type]
    with serving(app, proxies=named) as (port, server):
        headers = {"X-Forwarded-For": forwarded}
        found = httpx.get(f"http://127.0.0.1:{port}/", headers=headers).text
    assert found == f"{expected} {expected}"


def test_too_many_connections_get_503(
    running: tuple[int, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections_module, "LIMIT_CONCURRENCY", 3)
    monkeypatch.setattr(connections_module, "SPARE", 3)
    # The half headers stay as long as the test needs them.
    monkeypatch.setattr(connections_module, "READ_SECONDS", 100.0)
    port, server = running
    connections = server.connections

    with contextlib.ExitStack() as stack:

        def hold(count: int) -> None:
            """Open a connection that stays; with it there are ``count``."""
            connection = stack.enter_context(connect(port))
            connection.sendall(HALF_A_HEADER)
            wait_until(lambda: len(connections) == count and not connections._idle)

        for count in range(1, 4):
            hold(count)
        refused = httpx.get(f"http://127.0.0.1:{port}/echo")
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["connection"] == "close"
        wait_until(lambda: len(connections) == 3)
        # Beyond the spare connections the server answers nothing.
        for count in range(4, 7):
            hold(count)
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/echo")
    wait_until(lambda: len(connections) == 0)
    assert httpx.get(f"http://127.0.0.1:{port}/echo").status_code == 200


def test_a_stop_ends_running_requests_and_logs_nothing(
    running: tuple[int, Server], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server_module, "STOP_SECONDS", 0.2)
    port, server = running
    answers: dict[str, bytes] = {}

    def ask(path: str, connection: socket.socket) -> None:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        answers[path] = read_all(connection)

    with contextlib.ExitStack() as stack:
        idle = stack.enter_context(connect(port))
        idle.sendall(WHOLE)
        assert b" 200 " in read_until(idle, b"\r\n\r\n")
        stack.enter_context(connect(port)).sendall(HALF_A_HEADER)
        threads = [
            threading.Thread(target=ask, args=(path, stack.enter_context(connect(port))))
            for path in ("/never", "/half")
        ]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(server._tracker._answers) >= 2)
        server.should_exit = True
        for thread in threads:
            thread.join()
        assert idle.recv(1) == b""
    assert answers["/never"].startswith(b"HTTP/1.1 503 ")
    # The connection is aborted: a regular end would mean that the answer is complete.
    assert answers["/half"].startswith(b"HTTP/1.1 200 ")
    assert not answers["/half"].endswith(b"0\r\n\r\n")
    assert [each.message for each in caplog.records if each.levelname != "INFO"] == []

"""Connections: deadlines of requests and answers, idle connections, malformed HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import select
import socket
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from backprop_explorer.web import connections as connections_module
from backprop_explorer.web.connections import allow_connections
from backprop_explorer.web.server import Server
from tests.helpers.processes import wait_until
from tests.helpers.serving import serving
from tests.helpers.sockets import DEADLINE, connect, read_all, read_until

NOTHING = b""
HALF_A_HEADER = b"GET /echo HTTP/1.1\r\nHost: 127"
HALF_A_BODY = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc"
WHOLE = b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
LARGE_BYTES = 50_000_000
IDLE = 950
# Idle connections in a test that lets the server allow ten fewer.
FEW = 100


async def echo(request: Request) -> Response:
    try:
        return PlainTextResponse(await request.body())
    except ClientDisconnect:
        return PlainTextResponse("for nobody")


async def large(_request: Request) -> Response:
    return Response(b"x" * LARGE_BYTES)


async def early(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"begun"
        with contextlib.suppress(ClientDisconnect):
            await request.body()
        yield b"over"

    return StreamingResponse(parts())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, Server]]:
    """A server in a thread with short deadlines."""
    monkeypatch.setattr(connections_module, "READ_SECONDS", DEADLINE)
    monkeypatch.setattr(connections_module, "WRITE_SECONDS", DEADLINE)
    app = Starlette(
        routes=[
            Route("/echo", echo, methods=["GET", "POST"]),
            Route("/early", early, methods=["POST"]),
            Route("/large", large),
        ]
    )
    with serving(app) as served:
        yield served


@pytest.fixture
def port(impatient: tuple[int, Server]) -> int:
    """The port of that server."""
    return impatient[0]


@pytest.mark.parametrize("sent", [NOTHING, HALF_A_HEADER, HALF_A_BODY])
def test_a_request_that_does_not_arrive_is_cut_off(port: int, sent: bytes) -> None:
    with connect(port) as connection:
        connection.sendall(sent)
        began = time.monotonic()
        assert b" 200 " not in read_all(connection)
        assert time.monotonic() - began > DEADLINE / 2


def test_bytes_that_trickle_in_do_not_move_the_deadline(port: int) -> None:
    with connect(port, DEADLINE / 10) as connection:
        late = time.monotonic() + 20
        received: bytes | None = None
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(HALF_A_HEADER)
            while received != b"":
                assert time.monotonic() < late, "it is open still"
                connection.sendall(b"1")
                with contextlib.suppress(TimeoutError):
                    received = connection.recv(100)


def test_half_of_a_second_request_is_cut_off_too(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(WHOLE)
        assert b" 200 " in read_until(connection, b"\r\n\r\n")
        connection.sendall(HALF_A_HEADER)
        # Uvicorn's own limit for idle connections is five seconds.
        began = time.monotonic()
        assert read_all(connection) == b""
        assert time.monotonic() - began < 4.5


def test_a_connection_may_be_idle_between_two_requests(port: int) -> None:
    with connect(port, 2 * DEADLINE) as connection:
        connection.sendall(WHOLE)
        assert b" 200 " in read_until(connection, b"\r\n\r\n")
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.sendall(WHOLE)
        assert b" 200 " in read_until(connection, b"\r\n\r\n")


def test_an_answer_that_is_not_read_is_cut_off(impatient: tuple[int, Server]) -> None:
    port, server = impatient
    with connect(port) as connection:
        connection.sendall(LARGE)
        assert connection.recv(1)
        wait_until(lambda: not server.connections)
        # What the system has buffered is all that is to come.
        assert len(read_all(connection)) < LARGE_BYTES
    assert httpx.get(f"http://127.0.0.1:{port}/large").content == b"x" * LARGE_BYTES


def test_a_short_unread_rest_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where less waits than what makes uvicorn pause writing (64 KiB)."""
    monkeypatch.setattr(connections_module, "WRITE_SECONDS", DEADLINE)

    async def short(_request: Request) -> Response:
        return Response(b"x" * 60_000)

    app = Starlette(routes=[Route("/short", short)])
    with serving(app, send_buffer=4096) as (port, server), socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET /short HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(1, socket.MSG_PEEK)
        wait_until(lambda: not server.connections)


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nx\r\n",
        WHOLE.replace(b"\r\n\r\n", b"\r\nX: " + b"x" * 70_000),
    ],
)
def test_malformed_http_gets_a_problem_document(
    port: int, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with connect(port) as connection:
        connection.sendall(sent)
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    assert b"content-security-policy: default-src 'none'" in head.lower()
    assert json.loads(body)["status"] == 400
    # The application, which had the request already, must not answer a second time.
    assert [each.message for each in caplog.records if each.levelname == "ERROR"] == []


def test_a_request_to_upgrade_is_answered_and_not_logged(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    upgrade = (
        b"Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with connect(port) as connection:
        connection.sendall(WHOLE.removesuffix(b"\r\n") + upgrade)
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")
    assert [each.message for each in caplog.records if each.levelname != "INFO"] == []


def test_malformed_http_after_an_answer_began_is_cut(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with connect(port) as connection:
        connection.sendall(LARGE + b"nonsense\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")
        chunked = b"POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connect(port) as connection:
        connection.sendall(chunked)
        # It answers before it has read the body, and goes on answering.
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"x\r\n")
        read_all(connection)
    assert [each.message for each in caplog.records if each.levelname == "ERROR"] == []


def test_hundreds_of_slow_clients_do_not_disturb_an_honest_one(server: str) -> None:
    allow_connections()  # this process needs as many as the server
    port = int(server.rpartition(":")[2])
    with contextlib.ExitStack() as stack:
        for index in range(500):
            connection = stack.enter_context(connect(port))
            connection.sendall((NOTHING, HALF_A_HEADER, HALF_A_BODY)[index % 3])
        for _ in range(20):
            assert httpx.get(f"{server}/healthz", timeout=5).status_code == 200


def test_idle_connections_are_closed_before_requests_are_refused(server: str) -> None:
    allow_connections()
    port = int(server.rpartition(":")[2])
    statuses: list[int] = []
    with contextlib.ExitStack() as stack:
        honest = stack.enter_context(httpx.Client(base_url=server, timeout=30))
        idle = []
        # Soon enough that none reaches uvicorn's own limit of five seconds before the end.
        for index in range(IDLE):
            idle.append(stack.enter_context(connect(port)))
            idle[-1].sendall(HEALTH)
            assert read_until(idle[-1], b"}").startswith(b"HTTP/1.1 200 ")
            if index % 10 == 0:
                statuses.append(honest.get("/healthz").status_code)
        statuses += [httpx.get(f"{server}/healthz").status_code for _ in range(5)]
        poll = select.poll()
        for each in idle:
            poll.register(each, select.POLLIN)
        descriptors = {descriptor for descriptor, _ in poll.poll(0)}
        closed = [each.fileno() in descriptors for each in idle]
    assert statuses == [200] * len(statuses)
    # The longest idle ones are closed: the first that were opened.
    assert sum(closed) >= IDLE - connections_module.LIMIT_CONCURRENCY
    assert closed == sorted(closed, reverse=True)


def test_a_client_that_reopens_idle_connections_costs_nobody_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One client keeps FEW connections open and idle, and opens each again that is closed."""
    monkeypatch.setattr(connections_module, "LIMIT_CONCURRENCY", FEW - 10)
    app = Starlette(routes=[Route("/echo", echo)])
    with serving(app) as (port, _):
        assert asyncio.run(asked_beside_idle(port)) == [200] * 30


async def asked_beside_idle(port: int) -> list[int]:
    """What an honest client is answered while another one keeps FEW connections idle."""

    async def keep_idle(opened: list[None], all_opened: asyncio.Event) -> None:
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.closing(writer), contextlib.suppress(ConnectionError):
                writer.write(WHOLE)
                opened.append(None)
                if len(opened) >= FEW:
                    all_opened.set()
                while await reader.read(4096):
                    pass

    opened: list[None] = []
    all_opened = asyncio.Event()
    found = []
    async with asyncio.TaskGroup() as group:
        idle = [group.create_task(keep_idle(opened, all_opened)) for _ in range(FEW)]
        await all_opened.wait()
        for _ in range(30):
            # A new connection for each request: it needs a place.
            async with httpx.AsyncClient(timeout=20) as honest:
                found.append((await honest.get(f"http://127.0.0.1:{port}/echo")).status_code)
        for each in idle:
            each.cancel()
    return found

"""Clients that are too slow: in what they send, and in what they take."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import h11
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from app import server as server_module
from app.server import Overload, Server, allow_connections
from tests.helpers.serving import serving

NOTHING = b""
HALF_A_HEADER = b"GET /echo HTTP/1.1\r\nHost: 127"
HALF_A_BODY = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc"
WHOLE = b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
DEADLINE = 0.3
LARGE_BYTES = 50_000_000


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
    """A server in a thread, with deadlines so short that a test can wait for them."""
    monkeypatch.setattr(server_module, "READ_SECONDS", DEADLINE)
    monkeypatch.setattr(server_module, "WRITE_SECONDS", DEADLINE)
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


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes; the socket's time-out fails the test if it does not."""
    received = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(1 << 20):
            received += part
    return bytes(received)


@pytest.mark.parametrize("sent", [NOTHING, HALF_A_HEADER, HALF_A_BODY])
def test_a_request_that_does_not_come_is_cut_off(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)
        began = time.monotonic()
        assert b" 200 " not in read_all(connection)
        assert time.monotonic() - began > DEADLINE / 2


def test_bytes_that_trickle_in_do_not_move_the_deadline(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE / 10) as connection:
        began = time.monotonic()
        received: bytes | None = None
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(HALF_A_HEADER)
            while received != b"" and time.monotonic() - began < 5:
                connection.sendall(b"1")
                with contextlib.suppress(TimeoutError):
                    received = connection.recv(100)
        assert time.monotonic() - began < 2


def test_half_of_a_second_request_is_cut_off_too(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(WHOLE)
        assert b" 200 " in connection.recv(4096)
        connection.sendall(HALF_A_HEADER)
        # Uvicorn's own limit for idle connections is five seconds.
        began = time.monotonic()
        assert read_all(connection) == b""
        assert time.monotonic() - began < 2


def test_a_connection_may_rest_between_two_requests(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=2 * DEADLINE) as connection:
        connection.sendall(WHOLE)
        assert b" 200 " in connection.recv(4096)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.sendall(WHOLE)
        assert b" 200 " in connection.recv(4096)


def test_an_answer_that_is_not_taken_is_cut_off(impatient: tuple[int, Server]) -> None:
    port, server = impatient
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(LARGE)
        assert connection.recv(1)
        deadline = time.monotonic() + 5
        while server.server_state.connections:
            assert time.monotonic() < deadline, "the server still waits"
        # What the system has buffered is all that is to come.
        assert len(read_all(connection)) < LARGE_BYTES
    assert httpx.get(f"http://127.0.0.1:{port}/large").content == b"x" * LARGE_BYTES


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nx\r\n",
        WHOLE.replace(b"\r\n\r\n", b"\r\nX: " + b"x" * 70_000),
    ],
)
def test_what_is_not_http_is_a_problem_document(
    port: int, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    assert b"content-security-policy: default-src 'none'" in head.lower()
    assert json.loads(body)["status"] == 400
    # The application, which had the request already, must not answer a second time.
    assert [each.message for each in caplog.records if each.levelname == "ERROR"] == []


def test_what_turns_into_nonsense_after_its_answer_began_is_cut(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(LARGE + b"nonsense\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")
        chunked = b"POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(chunked)
        # It answers before it has read the body, and goes on answering.
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"x\r\n")
        read_all(connection)
    assert [each.message for each in caplog.records if each.levelname == "ERROR"] == []


def test_hundreds_of_slow_clients_do_not_disturb_an_honest_one(server: str) -> None:
    allow_connections()  # this process needs as many as the server
    host, port = server.removeprefix("http://").split(":")
    with contextlib.ExitStack() as stack:
        for index in range(500):
            connection = stack.enter_context(socket.create_connection((host, int(port))))
            connection.sendall((NOTHING, HALF_A_HEADER, HALF_A_BODY)[index % 3])
        for _ in range(20):
            began = time.monotonic()
            assert httpx.get(f"{server}/healthz", timeout=5).status_code == 200
            assert time.monotonic() - began < 1


def test_answers_that_nobody_takes_do_not_fill_the_memory(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "MOST_UNREAD_BYTES", 1_000_000)
    monkeypatch.setattr(server_module, "WRITE_SECONDS", 30.0)
    monkeypatch.setattr(server_module, "LOOK_SECONDS", 0.0)
    url = f"http://127.0.0.1:{port}/echo"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(LARGE)
        assert connection.recv(1)
        refused = httpx.get(url)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
    deadline = time.monotonic() + 10
    while httpx.get(url).status_code == 503:
        assert time.monotonic() < deadline


def test_connections_are_not_asked_at_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, asked = [5.0], []
    monkeypatch.setattr(server_module, "time", SimpleNamespace(monotonic=lambda: clock[0]))

    class Connection:
        transport: Any

        def __init__(self) -> None:
            self.transport = self

        def get_write_buffer_size(self) -> int:
            asked.append(clock[0])
            return server_module.MOST_UNREAD_BYTES

    overload = Overload(Starlette())
    overload.connections = [Connection()]
    assert not overload._is_too_much()
    overload.connections = [Connection(), Connection()]
    assert not overload._is_too_much()
    assert len(asked) == 1
    clock[0] += server_module.LOOK_SECONDS
    assert overload._is_too_much()
    assert len(asked) == 3


def test_too_many_connections_are_told_to_come_again(
    impatient: tuple[int, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "READ_SECONDS", 30.0)
    monkeypatch.setattr(server_module, "LIMIT_CONCURRENCY", 3)
    monkeypatch.setattr(server_module, "SPARE", 3)
    port, server = impatient
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        deadline = time.monotonic() + 5
        while len(server.server_state.connections) < 3:
            assert time.monotonic() < deadline
        refused = httpx.get(f"http://127.0.0.1:{port}/echo")
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["connection"] == "close"
        # Beyond what is spare there is not even that.
        for _ in range(3):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        while len(server.server_state.connections) < 6:
            assert time.monotonic() < deadline
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/echo")
    while server.server_state.connections:
        assert time.monotonic() < deadline + 5
    assert httpx.get(f"http://127.0.0.1:{port}/echo").status_code == 200


@pytest.mark.parametrize("size", [0, 10, 60_000])
def test_a_small_answer_is_one_write(size: int) -> None:
    written: list[bytes] = []
    connection = server_module.JoinedConnection(written.append)
    connection.receive_data(WHOLE)
    while connection.their_state is not h11.DONE:
        connection.next_event()
    head = h11.Response(status_code=200, headers=[("Content-Length", str(size))])
    assert connection.send(head) == b""
    sent = connection.send(h11.Data(data=b"x" * size))
    assert sent.startswith(b"HTTP/1.1 200 ")
    assert sent.endswith(b"\r\n\r\n" + b"x" * size)
    assert connection.send(h11.EndOfMessage()) == b""
    assert written == []


def test_a_large_answer_is_not_copied_behind_its_head() -> None:
    written: list[bytes] = []
    connection = server_module.JoinedConnection(written.append)
    connection.receive_data(WHOLE)
    while connection.their_state is not h11.DONE:
        connection.next_event()
    body = b"x" * (server_module.JOINED_BYTES + 1)
    connection.send(h11.Response(status_code=200, headers=[("Content-Length", str(len(body)))]))
    assert connection.send(h11.Data(data=body)) is body
    [head] = written
    assert head.startswith(b"HTTP/1.1 200 ")
    assert head.endswith(b"\r\n\r\n")

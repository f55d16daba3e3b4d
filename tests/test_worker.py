"""A worker's own side of the watch that the pool keeps on it."""

from __future__ import annotations

import asyncio
import socket
import threading

import anyio.to_thread
import pytest
from starlette.types import Receive, Scope, Send

from app import worker as worker_module
from app.settings import Settings
from app.wire import Head, linked
from app.worker import Worker


def test_what_nobody_expected_is_a_problem_document(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("secret")

    async def ask() -> list[tuple[Head, bytes]]:
        ours, theirs = socket.socketpair()
        peer = await linked(ours)
        worker = Worker(settings, await linked(theirs))
        monkeypatch.setattr(worker.explorer, "setup", broken)
        running = asyncio.create_task(worker.run())
        path = f"/api/v1/experiments/{20 * '0'}"
        head = {"number": 1, "method": "GET", "path": path, "query": "", "headers": []}
        peer.send({**head, "request_id": "x"})
        found = [await peer.next(), await peer.next()]
        peer.close()
        with pytest.raises(EOFError):
            await running
        worker.link.close()
        worker.explorer.close()
        return found

    _, (answer, body) = asyncio.run(ask())
    assert answer["start"]["status"] == 500
    assert ["content-type", "application/problem+json"] in answer["start"]["headers"]
    assert answer["end"]
    assert b"log has the details under x" in body
    assert b"secret" not in body


def test_a_worker_counts_how_long_a_thread_is_held(settings: Settings) -> None:
    """Its own side, with an application that waits, says something, and waits again."""
    free = [threading.Event(), threading.Event()]

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.to_thread.run_sync(free[0].wait)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await anyio.to_thread.run_sync(free[1].wait)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def looks() -> list[int]:
        ours, theirs = socket.socketpair()
        peer = await linked(ours)
        worker = Worker(settings, await linked(theirs))
        worker.app = waiting  # type: ignore[assignment]
        running = asyncio.create_task(worker.run())
        found: list[int] = []

        async def look() -> None:
            peer.send({"number": 0, "alive": True})
            while "stuck" not in (head := (await peer.next())[0]):
                pass
            found.append(head["stuck"])

        await look()
        head = {"number": 1, "method": "GET", "path": "/", "query": "", "headers": []}
        peer.send({**head, "request_id": "x"})
        for _ in range(3):
            await look()
        free[0].set()
        while not (await peer.next())[0].get("start"):
            pass
        for _ in range(2):
            await look()
        free[1].set()
        while not (await peer.next())[0].get("end"):
            pass
        await look()
        peer.close()
        with pytest.raises(EOFError):
            await running
        worker.link.close()
        worker.explorer.close()
        return found

    found = asyncio.run(looks())
    # The first look may come before the thread has begun.
    assert found[0] == 0
    assert found[3] - found[1] == 2
    # What has said something begins anew.
    assert found[4] <= 1
    assert found[5] == found[4] + 1
    assert found[6] == 0


def test_memory_goes_back_after_answers_and_not_when_nothing_was_asked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[None] = []
    monkeypatch.setattr(worker_module, "give_back", lambda: given.append(None))

    async def counts() -> list[int]:
        ours, theirs = socket.socketpair()
        peer = await linked(ours)
        worker = Worker(settings, await linked(theirs))
        running = asyncio.create_task(worker.run())
        await peer.next()  # it is ready
        found: list[int] = []

        async def look() -> None:
            peer.send({"number": 0, "alive": True})
            assert "stuck" in (await peer.next())[0]
            found.append(len(given))

        await look()
        head = {"number": 1, "method": "GET", "path": "/api/v1/nothing", "query": "", "headers": []}
        peer.send({**head, "request_id": "x"})
        assert (await peer.next())[0]["start"]["status"] == 404
        await look()
        await look()
        peer.close()
        with pytest.raises(EOFError):
            await running
        worker.link.close()
        worker.explorer.close()
        return found

    assert asyncio.run(counts()) == [0, 1, 1]


def test_what_is_large_is_made_one_after_the_other_and_small_work_passes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a working that holds a thread: another, one that is given up, and something small."""
    large = f"/api/v1/experiments/{20 * '1'}"
    body = b"x" * (worker_module.LARGE_BODY_BYTES + 1)
    free = threading.Event()
    said: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["query_string"].decode()
        said.append(name)
        if name == "first":
            await anyio.to_thread.run_sync(free.wait)
        said.append(f"{name} ends")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask() -> None:
        ours, theirs = socket.socketpair()
        peer = await linked(ours)
        worker = Worker(settings, await linked(theirs))
        worker.app = application  # type: ignore[assignment]
        monkeypatch.setattr(worker.explorer, "is_large", lambda name: name == 20 * "1")
        running = asyncio.create_task(worker.run())
        await peer.next()
        asked = [
            (f"{large}/frames/1", "first", b""),
            (f"{large}/frames/1/trace", "second", b""),
            ("/api/v1/trace", "third", body),
            (f"{large}/frames/1/slice", "given up", b""),
            (f"{large}/history", "history", b""),
            (f"/api/v1/experiments/{20 * '2'}", "small", b""),
            ("/api/v1/trace", "small too", b"{}"),
        ]
        for number, (path, name, content) in enumerate(asked, start=1):
            head = {"number": number, "method": "GET", "path": path, "query": name, "headers": []}
            peer.send({**head, "request_id": "x"}, content)
        peer.send({"number": 4, "cancel": True})
        passed = [(await peer.next())[0]["number"] for _ in range(3)]
        assert sorted(passed) == [5, 6, 7]
        free.set()
        assert [(await peer.next())[0]["number"] for _ in range(3)] == [1, 2, 3]
        peer.send({"number": 8, "statistics": True})
        await peer.next()
        assert not worker.running
        peer.close()
        with pytest.raises(EOFError):
            await running
        worker.link.close()
        worker.explorer.close()

    asyncio.run(ask())
    order = [each for each in said if each.startswith(("first", "second", "third", "given"))]
    assert order == ["first", "first ends", "second", "second ends", "third", "third ends"]

"""The messages between the web process and a worker, however the socket cuts them."""

from __future__ import annotations

import asyncio
import socket

import pytest

from app.wire import Head, Link, linked, packed

MESSAGES: list[tuple[Head, bytes]] = [
    ({"number": 1}, b""),
    ({"number": 2, "text": "σ"}, b"a body"),
    ({"number": 3}, bytes(range(256)) * 10),
    ({}, b"x"),
]
STREAM = b"".join(packed(*message) for message in MESSAGES)


@pytest.mark.parametrize("size", [1, 3, 8, 9, 100, 2_600, len(STREAM)])
def test_messages_are_whole_however_they_arrive(size: int) -> None:
    async def receive() -> list[tuple[Head, bytes]]:
        link = Link()
        for at in range(0, len(STREAM), size):
            link.data_received(STREAM[at : at + size])
        return [await asyncio.wait_for(link.next(), 5) for _ in MESSAGES]

    assert asyncio.run(receive()) == MESSAGES


def test_what_waited_is_delivered_first() -> None:
    async def receive() -> list[Head]:
        link, found = Link(), []
        link.data_received(packed({"number": 1}))
        link.data_received(packed({"number": 2})[:-1])
        link.deliver(lambda head, _: found.append(head))
        link.data_received(packed({"number": 2})[-1:] + packed({"number": 3}))
        return found

    assert [head["number"] for head in asyncio.run(receive())] == [1, 2, 3]


def test_a_large_message_passes_and_the_end_is_heard_of() -> None:
    body = b"0123456789" * 1_000_000

    async def both() -> bytes:
        ours, theirs = socket.socketpair()
        one, other = await linked(ours), await linked(theirs)
        one.send({}, body)
        _, found = await other.next()
        await one.drained()
        one.close()
        with pytest.raises(EOFError):
            await other.next()
        await other.ended
        # Nobody is there to read it, and nobody minds.
        other.send({}, body)
        await other.drained()
        other.close()
        return found

    assert asyncio.run(both()) == body


def test_whoever_is_slow_to_take_is_waited_for() -> None:
    async def wait() -> bool:
        ours, theirs = socket.socketpair()
        link = await linked(ours)
        link.send({}, bytes(10_000_000))
        waiting = asyncio.create_task(link.drained())
        await asyncio.sleep(0.05)
        waited = not waiting.done()
        # And not for ever, where it goes away.
        theirs.close()
        await asyncio.wait_for(waiting, 5)
        link.abort()
        return waited

    assert asyncio.run(wait())


def test_what_is_no_message_ends_the_link() -> None:
    async def end() -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            link = await linked(ours)
            theirs.sendall(packed({}).replace(b"{}", b"{]"))
            await asyncio.wait_for(link.ended, 5)

    asyncio.run(end())

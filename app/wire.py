"""Messages between the web process and its workers: a small JSON head and bytes, over a socket."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, cast

import orjson

_LENGTHS = struct.Struct(">II")

Head = dict[str, Any]
Part = tuple[Head, bytes]
Take = Callable[[Head, bytes], None]


def packed(head: Head, body: bytes = b"") -> bytes:
    """A message."""
    text = orjson.dumps(head)
    return _LENGTHS.pack(len(text), len(body)) + text + body


class Link(asyncio.Protocol):
    """One end of the socket.

    A protocol and not a pair of streams: each message is handed on in the moment in which it is
    whole, while a stream wakes a task that asks it three times for its parts.
    """

    def __init__(self) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Queue[Part | None] = asyncio.Queue()
        self._take: Take | None = None
        self._rest = bytearray()
        self._needed = _LENGTHS.size
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        """Called by the event loop."""
        self._writable.set()
        self._waiting.put_nowait(None)
        if not self.ended.done():
            self.ended.set_result(None)

    def pause_writing(self) -> None:
        """Called by the event loop."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Called by the event loop."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        if self._rest:
            self._rest += data
            if len(self._rest) < self._needed:
                return
            data, self._rest = bytes(self._rest), bytearray()
        at, there = 0, len(data)
        while there - at >= _LENGTHS.size:
            head, body = _LENGTHS.unpack_from(data, at)
            begin = at + _LENGTHS.size
            end = begin + head + body
            if there < end:
                break
            try:
                found = orjson.loads(data[begin : begin + head])
            except ValueError:
                # Whatever this is, it is no worker of ours.
                self.abort()
                return
            self._give(found, data[begin + head : end])
            at = end
        else:
            end = at + _LENGTHS.size
        self._needed = end - at
        if at < there:
            self._rest += memoryview(data)[at:]

    def _give(self, head: Head, body: bytes) -> None:
        if self._take is None:
            self._waiting.put_nowait((head, body))
        else:
            self._take(head, body)

    async def next(self) -> Part:
        """The next message. Raises EOFError at the end."""
        found = await self._waiting.get()
        if found is None:
            raise EOFError
        return found

    def deliver(self, take: Take) -> None:
        """From now on messages are not waited for: each is handed to ``take``."""
        self._take = take
        while not self._waiting.empty():
            found = self._waiting.get_nowait()
            if found is not None:
                take(*found)

    def send(self, head: Head, body: bytes = b"") -> None:
        """Write a message; what cannot be sent any more is dropped."""
        if self._transport is not None:
            self._transport.write(packed(head, body))

    async def drained(self) -> None:
        """Wait while the other side is slow to take what was sent."""
        if not self._writable.is_set():
            await self._writable.wait()

    def close(self) -> None:
        """End, after what was sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End at once."""
        if self._transport is not None:
            self._transport.abort()


async def linked(connection: socket.socket) -> Link:
    """A link over ``connection``, which it owns from now on."""
    _, link = await asyncio.get_running_loop().create_connection(Link, sock=connection)
    return link


def as_text(headers: list[tuple[bytes, bytes]]) -> list[list[str]]:
    """ASGI's headers, for a head."""
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


def as_bytes(headers: list[list[str]]) -> list[tuple[bytes, bytes]]:
    """The reverse of ``as_text``."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]

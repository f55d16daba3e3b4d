"""Messages between the web process and its workers: a small JSON head and bytes, over a socket."""

from __future__ import annotations

import asyncio
import struct
from typing import Any

import orjson

# Of a reader: most messages fit in, so that reading one does not stop in its middle.
BUFFER_BYTES = 1024 * 1024

_LENGTHS = struct.Struct(">II")

Head = dict[str, Any]


def packed(head: Head, body: bytes = b"") -> bytes:
    """A message."""
    text = orjson.dumps(head)
    return _LENGTHS.pack(len(text), len(body)) + text + body


async def next_message(reader: asyncio.StreamReader) -> tuple[Head, bytes]:
    """The next message. Raises EOFError (IncompleteReadError is one) or OSError at the end."""
    head, body = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
    return orjson.loads(await reader.readexactly(head)), await reader.readexactly(body)


def as_text(headers: list[tuple[bytes, bytes]]) -> list[list[str]]:
    """ASGI's headers, for a head."""
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


def as_bytes(headers: list[list[str]]) -> list[tuple[bytes, bytes]]:
    """The reverse of ``as_text``."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]

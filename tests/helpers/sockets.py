"""Connections of clients that read bytes."""

from __future__ import annotations

import contextlib
import socket

# What the servers of the tests have as deadline, in seconds.
DEADLINE = 0.3


def connect(port: int, timeout: float = 5.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes; if it does not, the socket's timeout fails the test."""
    received = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(1 << 20):
            received += part
    return bytes(received)


def read_until(connection: socket.socket, end: bytes) -> bytes:
    received = b""
    while not received.endswith(end):
        part = connection.recv(1 << 20)
        assert part, received
        received += part
    return received

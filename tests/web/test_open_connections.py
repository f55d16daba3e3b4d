"""The bookkeeping of open, idle and unread connections."""

from __future__ import annotations

from typing import cast

import pytest

from backprop_explorer.web import connections as connections_module
from backprop_explorer.web.connections import Connection, Connections


class FakeConnection:
    """A connection with only what Connections uses."""

    def __init__(self, unread: int = 0, address: str = "") -> None:
        self.transport = self
        self.address = address
        self.unread = unread
        self.closed = False

    def close(self) -> None:
        self.closed = True

    abort = close

    def get_write_buffer_size(self) -> int:
        return self.unread


def test_the_longest_idle_connection_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections_module, "LIMIT_CONCURRENCY", 3)
    monkeypatch.setattr(connections_module, "SPARE", 1)
    connections = Connections()
    first, second, third, fourth, fifth, sixth, seventh = fakes = [
        FakeConnection() for _ in range(7)
    ]

    def closed() -> list[FakeConnection]:
        return [each for each in fakes if each.closed]

    for each in (first, second, third):
        assert connections.add(cast(Connection, each))
    connections.set_idle(cast(Connection, second), False)
    connections.set_idle(cast(Connection, first), False)
    connections.set_idle(cast(Connection, first), True)
    assert connections.add(cast(Connection, fourth))
    assert closed() == [third]
    assert connections.add(cast(Connection, fifth))
    assert closed() == [first, third]
    assert len(connections) == 3
    assert not connections.too_many()
    # What is busy is never closed: requests are refused, and then connections.
    connections.set_idle(cast(Connection, fourth), False)
    connections.set_idle(cast(Connection, fifth), False)
    assert connections.add(cast(Connection, sixth))
    assert connections.too_many()
    connections.set_idle(cast(Connection, sixth), False)
    assert not connections.add(cast(Connection, seventh))
    assert closed() == [first, third]


def test_who_has_most_unread_bytes_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections_module, "MOST_UNREAD_OF_ADDRESS", 100)
    monkeypatch.setattr(connections_module, "MOST_UNREAD", 150)
    connections = Connections()

    def unread(size: int, address: str) -> FakeConnection:
        connection = FakeConnection(size, address)
        connections.add(cast(Connection, connection))
        connections.set_unread(cast(Connection, connection), True)
        return connection

    first, small, read = unread(50, "a"), unread(10, "a"), unread(30, "a")
    connections.set_unread(cast(Connection, read), False)
    second = unread(40, "a")
    assert not [each for each in (first, small, read, second) if each.closed]
    # Of its address: the largest first, though it was there before.
    third = unread(45, "a")
    assert [first.closed, small.closed, second.closed, third.closed] == [True, False, False, False]
    # Of all: an address with less keeps its own.
    other = unread(60, "b")
    assert [third.closed, second.closed, other.closed] == [True, False, False]
    connections.set_unread(cast(Connection, other), False)
    connections.discard(cast(Connection, second))
    assert not unread(90, "a").closed

"""The bookkeeping of open, idle and unread connections."""

from __future__ import annotations

from typing import cast

import pytest

from backprop_explorer.web import connections as connections_module
from backprop_explorer.web.connections import Connection, Connections


class FakeConnection:
    """A connection with only what Connections uses."""

    def __init__(self, unread: int = 0) -> None:
        self.transport = self
        self.unread = unread
        self.closed = False

    def close(self) -> None:
        self.closed = True

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


def test_only_connections_with_unread_bytes_are_asked_for_them() -> None:
    connections = Connections()
    one, other = FakeConnection(5), FakeConnection(7)
    for each in (one, other):
        connections.add(cast(Connection, each))
    assert connections.unread_bytes() == 0
    connections.set_unread(cast(Connection, one), True)
    connections.set_unread(cast(Connection, other), True)
    assert connections.unread_bytes() == 12
    connections.set_unread(cast(Connection, one), False)
    assert connections.unread_bytes() == 7
    connections.discard(cast(Connection, other))
    assert connections.unread_bytes() == 0

"""Stores of rooms: an SQLite file beside the experiments', or their Redis server."""

from __future__ import annotations

from pathlib import Path

from backprop_explorer.classroom.store.base import RoomStore
from backprop_explorer.experiments.store import default_path

__all__ = ["RoomStore", "open_room_store"]


def open_room_store(address: str, seconds: float, most_bytes: int) -> RoomStore:
    """Open the store of rooms that belongs to the store of experiments at ``address``.

    Raises ConfigurationError, with a one-line reason, if it cannot be used.
    """
    if address.startswith(("redis://", "rediss://", "unix://")):
        from backprop_explorer.classroom.store.redis import RedisRoomStore

        return RedisRoomStore(address, seconds, most_bytes)
    from backprop_explorer.classroom.store.sqlite import SqliteRoomStore

    if address == ":memory:":
        return SqliteRoomStore(address, seconds, most_bytes)
    # A file of its own: answers of a class and experiments then do not wait for each other.
    path = Path(address.removeprefix("sqlite:///")) if address else default_path()
    return SqliteRoomStore(path.with_stem(f"{path.stem}-rooms"), seconds, most_bytes)

"""Stores of rooms: an SQLite file beside the experiments', or their Redis server."""

from __future__ import annotations

from backprop_explorer.classroom.store.base import RoomStore
from backprop_explorer.experiments.store import in_redis, path_of

__all__ = ["RoomStore", "open_room_store"]


def open_room_store(address: str, seconds: float, most_bytes: int) -> RoomStore:
    """Open the store of rooms that belongs to the store of experiments at ``address``.

    Raises ConfigurationError, with a one-line reason, if it cannot be used.
    """
    if in_redis(address):
        from backprop_explorer.classroom.store.redis import RedisRoomStore

        return RedisRoomStore(address, seconds, most_bytes)
    from backprop_explorer.classroom.store.sqlite import SqliteRoomStore

    # A file of its own: answers of a class and experiments then do not wait for each other.
    path = path_of(address)
    place = address if path is None else path.with_stem(f"{path.stem}-rooms")
    return SqliteRoomStore(place, seconds, most_bytes)

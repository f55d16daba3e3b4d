"""Stores of experiments: an SQLite file, or a Redis server shared by several servers."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from backprop_explorer.experiments.store.base import Bound, Store
from backprop_explorer.settings import ConfigurationError

__all__ = ["Bound", "Store", "default_path", "in_redis", "is_damaged", "open_store", "path_of"]


def default_path() -> Path:
    """Return the path of the default store in the user's data folder."""
    return platformdirs.user_data_path("backprop-explorer") / "experiments.sqlite3"


def open_store(address: str, bound: Bound | None = None) -> Store:
    """Open the store at ``address``: a path, sqlite:///path, redis://… or "" for the default.

    Raises ConfigurationError, with a one-line reason, if it cannot be used.
    """
    # Import the needed store only: the Redis client is an extra.
    if in_redis(address):
        from backprop_explorer.experiments.store.redis import RedisStore

        return RedisStore(address, bound or Bound())
    path = path_of(address)
    if path is None and address != ":memory:":
        raise ConfigurationError(
            "EXPLORER_STORE: must be the path of a file for SQLite, or redis://host:port/0"
        )
    from backprop_explorer.experiments.store.sqlite import SqliteStore

    return SqliteStore(path or address, bound)


def is_damaged(address: str) -> bool:
    """Tell whether the store at ``address`` is an SQLite file with damaged pages."""
    path = path_of(address)
    if path is None:
        return False
    from backprop_explorer.experiments.store import sqlite

    return sqlite.is_damaged(path)


def in_redis(address: str) -> bool:
    """Whether the store at ``address`` is a Redis server."""
    return address.startswith(("redis://", "rediss://", "unix://"))


def path_of(address: str) -> Path | None:
    """Return the path of the file at ``address``; None if the store is no file."""
    if address == ":memory:" or ("://" in address and not address.startswith("sqlite:///")):
        return None
    return Path(address.removeprefix("sqlite:///")) if address else default_path()

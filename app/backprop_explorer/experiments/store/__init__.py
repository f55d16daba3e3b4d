"""Where experiments are kept: in an SQLite file, or a Redis server that several servers share."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from backprop_explorer.experiments.store.base import Bound, Store
from backprop_explorer.settings import ConfigurationError

__all__ = ["Bound", "Store", "default_path", "open_store"]


def default_path() -> Path:
    """The store's file in the user's data folder."""
    return platformdirs.user_data_path("backprop-explorer") / "experiments.sqlite3"


def open_store(address: str, bound: Bound | None = None) -> Store:
    """The store at ``address``: a path, sqlite:///path, redis://… or "" for the default file.

    Raises ConfigurationError with one line that says why it cannot be used.
    """
    bound = bound or Bound()
    # Imported here: one is needed, and Redis's client is an extra.
    if address.startswith(("redis://", "rediss://", "unix://")):
        from backprop_explorer.experiments.store.redis import RedisStore

        return RedisStore(address, bound)
    if "://" in address and not address.startswith("sqlite:///"):
        raise ConfigurationError(
            "EXPLORER_STORE: must be the path of a file for SQLite, or redis://host:port/0"
        )
    from backprop_explorer.experiments.store.sqlite import SqliteStore

    if address == ":memory:":
        return SqliteStore(address, bound)
    path = Path(address.removeprefix("sqlite:///")) if address else default_path()
    return SqliteStore(path, bound)

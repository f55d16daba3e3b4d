"""Where experiments are kept: recipes by their id, in an SQLite file.

A recipe is small and immutable, so the store is a table of (id, canonical JSON). Nothing that is
computed is stored: frames are functions of the recipe.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import platformdirs

from app.experiments.recipe import Recipe

# Beyond it the experiments that were not used for longest are dropped; a page that still shows one
# puts it back by itself.
MAX_EXPERIMENTS = 100_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS experiments (
    id TEXT PRIMARY KEY, recipe BLOB NOT NULL, used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS experiments_by_use ON experiments (used);
"""


def default_path() -> Path:
    """The store's file in the user's data folder."""
    return platformdirs.user_data_path("backprop-explorer") / "experiments.sqlite3"


class SqliteStore:
    """Recipes in the SQLite file ``path`` (":memory:" for none). Safe to use from many threads.

    A put is committed and synchronised to disk before it returns. Rollback journal, since the
    write-ahead log of the SQLite in many distributions has had a bug that corrupts the file.
    """

    def __init__(self, path: Path | str, maximum: int = MAX_EXPERIMENTS) -> None:
        if isinstance(path, Path):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._maximum = maximum
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, check_same_thread=False, timeout=10.0, isolation_level=None
        )
        self._connection.executescript(
            "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;" + _SCHEMA
        )

    def put(self, recipe: Recipe) -> str:
        """Keep ``recipe``; return its id. Keeping it again changes nothing."""
        name = recipe.id
        with self._lock, self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            known = connection.execute("SELECT 1 FROM experiments WHERE id = ?", (name,))
            if known.fetchone() is None:
                connection.execute(
                    "INSERT INTO experiments VALUES (?, ?, "
                    "(SELECT IFNULL(MAX(used), 0) + 1 FROM experiments))",
                    (name, recipe.canonical()),
                )
                connection.execute(
                    "DELETE FROM experiments WHERE used <= (SELECT MAX(used) FROM experiments) - ?",
                    (self._maximum,),
                )
        return name

    def get(self, name: str) -> Recipe | None:
        """The recipe of that id, or None."""
        with self._lock:
            row = self._connection.execute(
                "SELECT recipe FROM experiments WHERE id = ?", (name,)
            ).fetchone()
        return None if row is None else Recipe.model_validate_json(row[0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

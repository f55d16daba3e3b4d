"""Where experiments are kept: recipes by their id, in an SQLite file.

A recipe is small and immutable, so the store is a table of (id, canonical JSON). Nothing that is
computed is stored: frames are functions of the recipe.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import platformdirs
from pydantic import ValidationError

from app.experiments.recipe import Recipe
from app.settings import ConfigurationError

# Beyond it the oldest are dropped; a page that still shows one puts it back by itself.
MAX_EXPERIMENTS = 100_000

# Setting the version writes, and so fails at once where the file or its folder is read-only.
_OPEN = """
PRAGMA journal_mode = DELETE;
PRAGMA synchronous = FULL;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS recipes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, recipe BLOB NOT NULL
);
PRAGMA user_version = 1;
COMMIT;
"""


def default_path() -> Path:
    """The store's file in the user's data folder."""
    return platformdirs.user_data_path("backprop-explorer") / "experiments.sqlite3"


class SqliteStore:
    """Recipes in the SQLite file ``path`` (":memory:" for none). Safe to use from many threads.

    A put is committed and synchronised to disk before it returns. Rollback journal, since the
    write-ahead log of the SQLite in many distributions has had a bug that corrupts the file.

    Raises ConfigurationError where the file cannot be opened, read as a store or written.
    """

    def __init__(self, path: Path | str, maximum: int = MAX_EXPERIMENTS) -> None:
        self._maximum = maximum
        self._lock = threading.Lock()
        try:
            if isinstance(path, Path):
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, check_same_thread=False, timeout=10.0, isolation_level=None
            )
        except (OSError, sqlite3.Error) as error:
            raise _unusable(path, error) from None
        try:
            self._connection.executescript(_OPEN)
        except sqlite3.Error as error:
            self._connection.close()
            raise _unusable(path, error) from None

    def put(self, recipe: Recipe) -> str:
        """Keep ``recipe``; return its id. Keeping it again changes nothing."""
        name = recipe.id
        with self._lock, self._connection as connection:
            known = connection.execute("SELECT 1 FROM recipes WHERE id = ?", (name,))
            if known.fetchone() is None:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(
                    "INSERT OR IGNORE INTO recipes (id, recipe) VALUES (?, ?)",
                    (name, recipe.canonical()),
                )
                connection.execute(
                    "DELETE FROM recipes WHERE number <= (SELECT MAX(number) FROM recipes) - ?",
                    (self._maximum,),
                )
        return name

    def get(self, name: str) -> Recipe | None:
        """The recipe of that id, or None: also where a version of long ago kept it otherwise."""
        with self._lock:
            row = self._connection.execute(
                "SELECT recipe FROM recipes WHERE id = ?", (name,)
            ).fetchone()
        try:
            return None if row is None else Recipe.model_validate_json(row[0])
        except ValidationError:
            return None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def _unusable(path: Path | str, error: Exception) -> ConfigurationError:
    reason = getattr(error, "strerror", None) or str(error)
    return ConfigurationError(f"EXPLORER_STORE: cannot keep experiments in {path}: {reason}")

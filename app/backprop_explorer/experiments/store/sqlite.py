"""A store in an SQLite file, for one machine."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from backprop_explorer.engine.errors import DamagedStore, Unavailable
from backprop_explorer.experiments.store.base import Bound, Store
from backprop_explorer.settings import ConfigurationError
from backprop_explorer.texts import experiments as texts

# A file of this size is checked in about 0.1 s.
MOST_CHECKED_BYTES = 64 * 1024**2

# Setting the version writes to the file, so a read-only file or folder fails at once. Triggers keep
# the counts, because counting 100,000 rows takes longer than a put.
_OPEN = """
PRAGMA journal_mode = DELETE;
PRAGMA synchronous = FULL;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL,
    used INTEGER NOT NULL, UNIQUE (kind, name)
);
CREATE INDEX IF NOT EXISTS entries_by_use ON entries (kind, used);
CREATE TABLE IF NOT EXISTS totals (
    kind TEXT PRIMARY KEY, entries INTEGER NOT NULL, bytes INTEGER NOT NULL
);
CREATE TRIGGER IF NOT EXISTS entry_added AFTER INSERT ON entries BEGIN
    INSERT INTO totals VALUES (new.kind, 1, length(new.content)) ON CONFLICT (kind)
    DO UPDATE SET entries = entries + 1, bytes = bytes + length(new.content);
END;
CREATE TRIGGER IF NOT EXISTS entry_dropped AFTER DELETE ON entries BEGIN
    UPDATE totals SET entries = entries - 1, bytes = bytes - length(old.content)
    WHERE kind = old.kind;
END;
PRAGMA user_version = 2;
COMMIT;
"""
_USE = """
UPDATE entries SET used = 1 + (SELECT MAX(used) FROM entries WHERE kind = ?1)
WHERE kind = ?1 AND name = ?2
"""
_INSERT = """
INSERT INTO entries (kind, name, content, used)
VALUES (?1, ?2, ?3, 1 + (SELECT COALESCE(MAX(used), 0) FROM entries WHERE kind = ?1))
ON CONFLICT (kind, name) DO NOTHING
"""
_DROP = """
DELETE FROM entries WHERE number =
    (SELECT number FROM entries WHERE kind = ?1 ORDER BY used LIMIT 1)
"""
_TOO_MUCH = "SELECT 1 FROM totals WHERE kind = ? AND entries > 1 AND (entries > ? OR bytes > ?)"


class SqliteStore(Store):
    """A store in the SQLite file ``path`` (":memory:" for none).

    A put is committed and synchronised to disk before it returns. Uses the rollback journal,
    because the write-ahead log of widely distributed SQLite versions has a bug that corrupts the
    file.

    Raises ConfigurationError if the file cannot be opened, is not a store or cannot be written.
    """

    def __init__(self, path: Path | str, bound: Bound | None = None) -> None:
        super().__init__(bound or Bound())
        self._lock = threading.Lock()
        try:
            self._connection = connect(path, _OPEN)
        except (OSError, sqlite3.Error) as error:
            raise _unusable(path, error) from None
        # Notebooks rarely close a store, and Python warns about files left open.
        self._closer = weakref.finalize(self, self._connection.close)

    def _write(
        self, kind: str, name: str, content: bytes, used: Collection[tuple[str, str]]
    ) -> None:
        with self._transaction() as connection:
            connection.executemany(_USE, used)
            connection.execute(_INSERT, (kind, name, content))
            bound = (kind, self.bound.entries, self.bound.content_bytes)
            while connection.execute(_TOO_MUCH, bound).fetchone():
                connection.execute(_DROP, (kind,))

    def _read(self, kind: str, name: str) -> bytes | None:
        with self._errors(), self._lock:
            row = self._connection.execute(
                "SELECT content FROM entries WHERE kind = ? AND name = ?", (kind, name)
            ).fetchone()
        if row is not None and not isinstance(row[0], bytes):
            raise DamagedStore(texts.DAMAGED)
        return None if row is None else row[0]

    def _note(self, used: Collection[tuple[str, str]]) -> None:
        with self._transaction() as connection:
            connection.executemany(_USE, used)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._closer()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._errors(), self._lock, self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @staticmethod
    @contextmanager
    def _errors() -> Iterator[None]:
        """Raise Unavailable for a full disk or a locked file; the request is not at fault."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise Unavailable(texts.not_kept(error)) from error
        except sqlite3.ProgrammingError:  # the file is closed
            raise
        except sqlite3.DatabaseError as error:
            raise DamagedStore(texts.DAMAGED) from error


def connect(path: Path | str, script: str) -> sqlite3.Connection:
    """Open a file for any thread, in a folder that may be missing, and run ``script``."""
    if isinstance(path, Path):
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False, timeout=10, isolation_level=None)
    try:
        connection.executescript(script)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def is_damaged(path: Path) -> bool:
    """Tell whether pages of a store's file are damaged. A large file is not read: False."""
    try:
        if path.stat().st_size > MOST_CHECKED_BYTES:
            return False
        address = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=0.1)) as connection:
            report = connection.execute("PRAGMA quick_check(1)").fetchone()
            return bool(report != ("ok",))
    except (OSError, sqlite3.OperationalError):  # no file yet; locked
        return False
    except sqlite3.DatabaseError:
        return True


def _unusable(path: Path | str, error: Exception) -> ConfigurationError:
    reason = getattr(error, "strerror", None) or str(error)
    return ConfigurationError(
        f"EXPLORER_STORE: cannot keep experiments in {path}: {reason}. Name a file in a folder "
        "where files can be written: EXPLORER_STORE=/path/to/experiments.sqlite3"
    )

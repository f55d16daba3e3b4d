"""Rooms in an SQLite file, for one server."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backprop_explorer.classroom.store.base import PLACE, Document, Kept, RoomStore, answers_to
from backprop_explorer.engine.errors import TooManyRequests, Unavailable
from backprop_explorer.experiments.store.sqlite import connect
from backprop_explorer.settings import ConfigurationError
from backprop_explorer.texts import classroom as texts

# The rollback journal, as for experiments: experiments/store/sqlite.py says why.
_OPEN = """
PRAGMA journal_mode = DELETE;
PRAGMA synchronous = FULL;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS rooms (
    code TEXT PRIMARY KEY, version INTEGER NOT NULL, content BLOB NOT NULL,
    question INTEGER, used REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (
    code TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    attempt INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (code, kind, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sizes (code TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS added AFTER INSERT ON entries BEGIN
    INSERT INTO sizes VALUES (NEW.code, LENGTH(NEW.content))
    ON CONFLICT (code) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER IF NOT EXISTS replaced AFTER UPDATE ON entries BEGIN
    UPDATE sizes SET bytes = bytes + LENGTH(NEW.content) - LENGTH(OLD.content)
    WHERE code = NEW.code;
END;
CREATE TRIGGER IF NOT EXISTS dropped AFTER DELETE ON entries BEGIN
    UPDATE sizes SET bytes = bytes - LENGTH(OLD.content) WHERE code = OLD.code;
END;
PRAGMA user_version = 1;
COMMIT;
"""
_PUT = """
INSERT INTO entries (code, kind, name, attempt, content) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (code, kind, name) DO UPDATE SET attempt = ?4, content = ?5
"""
_ENTRY = "SELECT attempt, content FROM entries WHERE code = ? AND kind = ? AND name = ?"


class SqliteRoomStore(RoomStore):
    """Rooms in the SQLite file ``path`` (":memory:" for none).

    Places are in memory. Raises ConfigurationError if the file cannot be opened or written.
    """

    def __init__(self, path: Path | str, seconds: float, most_bytes: int) -> None:
        super().__init__(seconds, most_bytes)
        try:
            self._connection = connect(path, _OPEN)
            self._places = connect(":memory:", _OPEN)
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(
                f"EXPLORER_STORE: cannot keep rooms in {path}: {error}"
            ) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction: one wait for the disk."""
        with self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    @contextmanager
    def part(self) -> Iterator[None]:
        """A savepoint."""
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO part")
            raise
        finally:
            self._connection.execute("RELEASE part")

    def create(self, code: str, content: bytes, most: int) -> bool:
        self._forget_ended()
        (count,) = self._one("SELECT COUNT(*) FROM rooms")
        if count >= most:
            raise TooManyRequests(texts.NO_PLACE, 60)
        added = self._connection.execute(
            "INSERT INTO rooms VALUES (?, 1, ?, NULL, ?) ON CONFLICT (code) DO NOTHING",
            (code, content, time.time()),
        )
        return added.rowcount == 1

    def read(self, code: str) -> Document | None:
        row = self._one(
            "SELECT version, content FROM rooms WHERE code = ? AND used > ?", code, self._oldest()
        )
        return None if row is None else Document(*row)

    def replace(self, code: str, version: int, content: bytes, question: int | None) -> bool:
        changed = self._connection.execute(
            "UPDATE rooms SET version = version + 1, content = ?, question = ? "
            "WHERE code = ? AND version = ?",
            (content, question, code, version),
        )
        return changed.rowcount == 1

    def end(self, code: str) -> None:
        for table in ("rooms", "entries", "sizes"):
            for connection in (self._connection, self._places):
                connection.execute(f"DELETE FROM {table} WHERE code = ?", (code,))  # noqa: S608

    def use(self, code: str) -> None:
        self._connection.execute("UPDATE rooms SET used = ? WHERE code = ?", (time.time(), code))

    def put(self, code: str, kind: str, name: str, content: bytes, most: int) -> bool:
        if self.get(code, kind, name) is None:
            counted = self._of(kind).execute(
                "SELECT COUNT(*) FROM entries WHERE code = ? AND kind = ?", (code, kind)
            )
            if counted.fetchone()[0] >= most:
                return False
        self._write(code, kind, name, 0, content)
        return True

    def get(self, code: str, kind: str, name: str) -> bytes | None:
        row = self._of(kind).execute(_ENTRY, (code, kind, name)).fetchone()
        return None if row is None else row[1]

    def entries(self, code: str, kind: str) -> dict[str, bytes]:
        rows = self._of(kind).execute(
            "SELECT name, content FROM entries WHERE code = ? AND kind = ?", (code, kind)
        )
        return dict(rows.fetchall())

    def names(self, code: str, kind: str) -> set[str]:
        rows = self._of(kind).execute(
            "SELECT name FROM entries WHERE code = ? AND kind = ?", (code, kind)
        )
        return {name for (name,) in rows}

    def drop(self, code: str, kind: str, names: Iterable[str]) -> None:
        self._of(kind).executemany(
            "DELETE FROM entries WHERE code = ? AND kind = ? AND name = ?",
            [(code, kind, name) for name in names],
        )

    def answer(self, code: str, question: int, student: str, attempt: int, content: bytes) -> Kept:
        kept = self._one(_ENTRY, code, answers_to(question), student)
        opened = self._one("SELECT question FROM rooms WHERE code = ?", code)
        if opened != (question,) or (kept is not None and kept[0] >= attempt):
            return Kept(None if kept is None else kept[1], fresh=False)
        self._write(code, answers_to(question), student, attempt, content)
        return Kept(content, fresh=True)

    def amend(self, code: str, question: int, student: str, attempt: int, content: bytes) -> None:
        self._connection.execute(
            "UPDATE entries SET content = ? WHERE code = ? AND kind = ? AND name = ? "
            "AND attempt = ?",
            (content, code, answers_to(question), student, attempt),
        )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
        self._places.close()

    def _write(self, code: str, kind: str, name: str, attempt: int, content: bytes) -> None:
        size = self._one("SELECT bytes FROM sizes WHERE code = ?", code)
        if size is not None and size[0] + len(content) > self.bytes_for(kind):
            raise self.too_large()
        self._of(kind).execute(_PUT, (code, kind, name, attempt, content))

    def _of(self, kind: str) -> sqlite3.Connection:
        """The file, or the database in memory that has the places."""
        return self._places if kind == PLACE else self._connection

    def _one(self, query: str, *values: str | float) -> Any:
        """Return the first row, or None."""
        return self._connection.execute(query, values).fetchone()

    def _oldest(self) -> float:
        return time.time() - self.seconds

    def _forget_ended(self) -> None:
        ended = self._connection.execute(
            "SELECT code FROM rooms WHERE used <= ?", (self._oldest(),)
        ).fetchall()
        for (code,) in ended:
            self.end(code)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise Unavailable(texts.NOT_SAVED) from error

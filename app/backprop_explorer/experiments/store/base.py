"""Base class of the stores: recipes and uploads by id.

A recipe is small and immutable, so a store is a table of (kind, name, content). Computed results
are not stored: frames are functions of the recipe.
"""

from __future__ import annotations

import hashlib
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

import orjson
from pydantic import ValidationError

from backprop_explorer.datasets import Rows
from backprop_explorer.engine.errors import DamagedStore, Unavailable
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.texts import experiments as texts

RECIPE = "recipe"
UPLOAD = "upload"
GRAPH = "graph"
PROGRAM_CHECK = "check"

# Uses are collected in memory and written with the next put, or after this many seconds.
NOTE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Bound:
    """The size limit of one kind. Least recently used entries are dropped first."""

    entries: int = 100_000
    content_bytes: int = 1024**3


def encoded_rows(rows: Rows) -> bytes:
    """Return uploaded rows as a store keeps them."""
    return orjson.dumps(asdict(rows), option=orjson.OPT_SORT_KEYS)


def rows_id(rows: Rows) -> str:
    """Return the id of uploaded rows."""
    return content_id(encoded_rows(rows))


def content_id(content: bytes) -> str:
    """Return the id of a content, the first 20 digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:20]


class Store(ABC):
    """Immutable contents by kind and name. Thread-safe and safe for several processes.

    When ``put`` or ``write`` returns, the content is on disk. Nothing is lost within ``bound``;
    beyond it the least recently used entries are dropped, and clients must put them again. Methods
    raise Unavailable if the store cannot be reached, DamagedStore if it cannot be read.
    """

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        # Tables that the server itself has: found without having been uploaded.
        self.provided: Mapping[str, Rows] = {}
        self._used: dict[tuple[str, str], None] = {}
        self._used_lock = threading.Lock()
        self._noted = time.monotonic()

    def put(self, recipe: Recipe) -> str:
        """Store ``recipe``; return its id. Storing it again changes nothing."""
        name = recipe.id
        self.write(RECIPE, name, recipe.canonical())
        return name

    def get(self, name: str) -> Recipe | None:
        """Return the recipe with that id; None if it is unknown or of an unreadable old version."""
        content = self._intact(RECIPE, name)
        try:
            return None if content is None else Recipe.model_validate_json(content)
        except ValidationError:
            return None

    def put_rows(self, rows: Rows) -> str:
        """Store uploaded rows; return their id."""
        name = rows_id(rows)
        self.write(UPLOAD, name, encoded_rows(rows))
        return name

    def get_rows(self, name: str) -> Rows | None:
        """Return the rows uploaded or provided under that id, or None."""
        if name in self.provided:
            return self.provided[name]
        content = self._intact(UPLOAD, name)
        return None if content is None else Rows(**orjson.loads(content))

    def put_content(self, kind: str, content: bytes) -> str:
        """Store a content of a kind, GRAPH or PROGRAM_CHECK; return its id."""
        name = content_id(content)
        self.write(kind, name, content)
        return name

    def get_content(self, kind: str, name: str) -> bytes | None:
        """Return the content of a kind with that id, or None."""
        return self._intact(kind, name)

    def _intact(self, kind: str, name: str) -> bytes | None:
        """Read a content whose name is its hash. Raises DamagedStore if that differs."""
        content = self.read(kind, name)
        if content is not None and content_id(content) != name:
            raise DamagedStore(texts.DAMAGED)
        return content

    def write(self, kind: str, name: str, content: bytes) -> None:
        """Store ``content``. Equal names mean equal contents."""
        if self.read(kind, name) is None:
            self._write(kind, name, content, self._take_used())

    def read(self, kind: str, name: str) -> bytes | None:
        """Return the content with that name, or None. Counts as a use."""
        content = self._read(kind, name)
        if content is not None:
            self.use(kind, name)
        return content

    def use(self, kind: str, name: str) -> None:
        """Mark the entry as used, so that others are dropped first. Cheap: memory only."""
        now = time.monotonic()
        with self._used_lock:
            self._used.pop((kind, name), None)
            self._used[kind, name] = None
            due = now - self._noted >= NOTE_SECONDS
        if due:
            # Losing the order of uses does not justify failing a request.
            with suppress(Unavailable):
                self._note(self._take_used())

    def _take_used(self) -> Collection[tuple[str, str]]:
        """Return the names used since the last call, in order of use."""
        with self._used_lock:
            taken, self._used = self._used, {}
            self._noted = time.monotonic()
        return taken

    @abstractmethod
    def _write(
        self, kind: str, name: str, content: bytes, used: Collection[tuple[str, str]]
    ) -> None:
        """Write ``used`` and ``content`` (as most recently used); drop what exceeds the bound."""

    @abstractmethod
    def _read(self, kind: str, name: str) -> bytes | None:
        """Return the content with that name, or None."""

    @abstractmethod
    def _note(self, used: Collection[tuple[str, str]]) -> None:
        """Write that these entries were used, in this order."""

    @abstractmethod
    def close(self) -> None:
        """Release the file or the connections."""

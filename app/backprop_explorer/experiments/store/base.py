"""What every store has in common: recipes and uploads by id.

A recipe is small and immutable, so a store is a table of (kind, name, content). Nothing that is
computed is stored: frames are functions of the recipe.
"""

from __future__ import annotations

import hashlib
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass

import orjson
from pydantic import ValidationError

from backprop_explorer.datasets import Rows
from backprop_explorer.engine.errors import Unavailable
from backprop_explorer.experiments.recipe import Recipe

RECIPE = "recipe"
UPLOAD = "upload"

# Uses are noted in memory and written together: with the next thing kept, or this long after.
NOTE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Bound:
    """How much is kept of a kind. Beyond it the least recently used goes first."""

    entries: int = 100_000
    content_bytes: int = 1024**3


class Store(ABC):
    """Immutable contents by kind and name. Safe to use from many threads and many processes.

    What has been put is there, on disk, when ``put`` or ``write`` returns. Within ``bound`` nothing
    is lost; beyond it what was neither put nor asked for longest is dropped, and whoever still
    needs it puts it back. Methods raise Unavailable where the store cannot be reached.
    """

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self._used: dict[tuple[str, str], None] = {}
        self._used_lock = threading.Lock()
        self._noted = time.monotonic()

    def put(self, recipe: Recipe) -> str:
        """Keep ``recipe``; return its id. Keeping it again changes nothing."""
        name = recipe.id
        self.write(RECIPE, name, recipe.canonical())
        return name

    def get(self, name: str) -> Recipe | None:
        """The recipe of that id, or None: also where a version of long ago kept it otherwise."""
        content = self.read(RECIPE, name)
        try:
            return None if content is None else Recipe.model_validate_json(content)
        except ValidationError:
            return None

    def put_rows(self, rows: Rows) -> str:
        """Keep uploaded rows; return their id, 20 digits of the SHA-256 of their content."""
        content = orjson.dumps(asdict(rows), option=orjson.OPT_SORT_KEYS)
        name = hashlib.sha256(content).hexdigest()[:20]
        self.write(UPLOAD, name, content)
        return name

    def get_rows(self, name: str) -> Rows | None:
        """The rows that were uploaded under that id, or None."""
        content = self.read(UPLOAD, name)
        return None if content is None else Rows(**orjson.loads(content))

    def write(self, kind: str, name: str, content: bytes) -> None:
        """Keep ``content``. The same name means the same content."""
        if self.read(kind, name) is None:
            self._write(kind, name, content, self._take_used())

    def read(self, kind: str, name: str) -> bytes | None:
        """What was kept under that name, or None. Counts as a use."""
        content = self._read(kind, name)
        if content is not None:
            self.use(kind, name)
        return content

    def use(self, kind: str, name: str) -> None:
        """Note that the entry is in use, so that others go before it. Costs next to nothing."""
        now = time.monotonic()
        with self._used_lock:
            self._used.pop((kind, name), None)
            self._used[kind, name] = None
            due = now - self._noted >= NOTE_SECONDS
        if due:
            # The order in which things go is not worth an answer.
            with suppress(Unavailable):
                self._note(self._take_used())

    def _take_used(self) -> Collection[tuple[str, str]]:
        """What was used since it was last noted, in order."""
        with self._used_lock:
            taken, self._used = self._used, {}
            self._noted = time.monotonic()
        return taken

    @abstractmethod
    def _write(
        self, kind: str, name: str, content: bytes, used: Collection[tuple[str, str]]
    ) -> None:
        """Note ``used``, keep ``content`` as the most recently used, drop what is too much."""

    @abstractmethod
    def _read(self, kind: str, name: str) -> bytes | None:
        """What was kept under that name, or None."""

    @abstractmethod
    def _note(self, used: Collection[tuple[str, str]]) -> None:
        """Note that these were used, in this order."""

    @abstractmethod
    def close(self) -> None:
        """Release the file or the connections."""

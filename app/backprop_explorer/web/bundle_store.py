"""Bundles of the files as they are now, each made once, and kept for later starts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import orjson

from backprop_explorer.web.bundles import Bundle, join
from backprop_explorer.web.file_cache import FileCache

# The modification times and sizes of a file's sources.
Signature = tuple[tuple[int, int], ...]


def signature(path: Path) -> tuple[int, int]:
    """Return the modification time and size of a file. Raises FileNotFoundError."""
    status = os.stat(path)  # noqa: PTH116  # twice as fast as Path.stat, and this runs per file
    return status.st_mtime_ns, status.st_size


class BundleStore:
    """Makes bundles by their entries.

    To bundle the explorer takes 0.14 s, which the first page after a start would wait for. The file
    cache has the bundle under the hash over all files.
    """

    def __init__(
        self, files: FileCache, path_of: Callable[[str], Path], version: Callable[[], str]
    ) -> None:
        """``version``: the hash over all files as they are now; ``path_of``: of a file's name."""
        self._files = files
        self._path_of = path_of
        self._version = version
        self._known: dict[str, tuple[Signature, Bundle]] = {}

    def get(self, entry: str) -> tuple[Signature, Bundle]:
        """Return the bundle, cached until a source changes. Raises BundleError."""
        known = self._known.get(entry)
        if known is None or known[0] != self._state_of(known[1].sources):
            known = self._kept(entry) or self._made(entry)
            self._known[entry] = known
        return known

    def _state_of(self, sources: tuple[str, ...]) -> Signature | None:
        """Return the signature of these files, or None if one is missing."""
        try:
            return tuple(signature(self._path_of(name)) for name in sources)
        except OSError:
            return None

    def _key(self, entry: str) -> str:
        return f"{self._version()}-{entry.replace('/', '_')}.bundle"

    def _kept(self, entry: str) -> tuple[Signature, Bundle] | None:
        key = self._key(entry)
        content = self._files.ready(key)
        if content is None:
            return None
        text, source_map, sources = orjson.loads(content)
        state = self._state_of(tuple(sources))
        # The hash was computed before the files' state was read.
        if state is None or key != self._key(entry):
            return None
        return state, Bundle(text, source_map.encode(), tuple(sources))

    def _made(self, entry: str) -> tuple[Signature, Bundle]:
        key = self._key(entry)
        # Take signatures before reading, so that a change in between is noticed next time.
        looked: dict[str, tuple[int, int]] = {}

        def read(name: str) -> str:
            path = self._path_of(name)
            looked[name] = signature(path)
            return path.read_text("utf-8")

        bundle = join(entry, read)
        if key == self._key(entry):  # no file has changed meanwhile
            content = (bundle.text, bundle.map.decode(), bundle.sources)
            self._files.get(key, lambda: orjson.dumps(content))
        return tuple(looked[name] for name in bundle.sources), bundle

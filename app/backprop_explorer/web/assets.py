"""The static files of the page: our own, and those of installed packages.

``/static/<version>/js/main.js`` may be cached for a year. The version is a hash over all files. It
is part of the path, so relative imports of modules and style sheets stay within one version.
``/static/js/main.js`` is the same file, revalidated at each request. ``js/main.joined.js`` is a
bundle of that module and all its imports: see ``web.bundles``.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import anyio.to_thread
import brotli
from platformdirs import user_cache_path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backprop_explorer.api.content_coding import IDENTITY, AcceptedCodings
from backprop_explorer.web.bundle_store import BundleStore, Signature, signature
from backprop_explorer.web.bundles import (
    BundleError,
    entry_of,
    joined_name,
    media_names,
    written_out,
)
from backprop_explorer.web.file_cache import FileCache
from backprop_explorer.web.vendored import FONT, PLOTLY, VENDORED

logger = logging.getLogger(__name__)

PREFIX = "/static"
VERSION = re.compile(r"[0-9a-f]{12}\Z")
IMMUTABLE = "public, max-age=31536000, immutable"

# Browsers refuse files without a type (nosniff). The module mimetypes depends on the system.
MEDIA_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
# The sheet that names sizes of the window, and what uses such a name.
TOKENS = "css/tokens.css"
NAMED_MEDIA = re.compile(rb"@media[^{;]*\(--")
COMPRESSED_ALREADY = frozenset({".ico", ".png", ".woff2"})
# In the server's order of preference.
CODINGS = ("br", "gzip")

# Brotli on plotly.js (1.50 MB): quality 5 gives 454 kB in 0.05 s, 9 gives 444 kB in 0.17 s,
# 10 gives 417 kB in 1.6 s, 11 gives 410 kB in 2.8 s.
BROTLI_QUICK = 9
BROTLI_BEST = 10
# Larger files are compressed quickly on demand, because a page waits for them: the best quality
# would take a second for js/main.joined.js (0.5 MB) and save 8 kB.
QUICK_ABOVE_BYTES = 100_000

# To look at every file takes 3 ms; pages within so many seconds share a look.
LOOK_SECONDS = 1.0

FIRST_PAGE = ("js/main.js", "css/explorer.css")


def package_folder(name: str) -> Path:
    """Find ``static`` or ``templates``: in the installed package, or in a checkout beside it."""
    package = Path(__file__).resolve().parents[1]
    for base in (package, package.parents[1]):
        if (base / name).is_dir():
            return base / name
    raise FileNotFoundError(f"the folder {name} is neither in {package} nor beside it")


def cache_folder() -> Path:
    """Return the folder of the file cache; ``XDG_CACHE_HOME`` changes it."""
    return user_cache_path("backprop-explorer", appauthor=False)


class Assets:
    """Finds, compresses and serves the files; caches compressed files in memory."""

    def __init__(self, cache: Path | None, static: Path | None = None) -> None:
        """``cache``: the folder of the file cache, or None to cache in memory only."""
        self.prepared = FileCache(cache)
        self._static = (static or package_folder("static")).resolve()
        self._vendor = {
            name: path
            for name, file in VENDORED.items()
            if (path := file.source(self._static)).is_file()
        }
        self._paths: dict[str, Path] = {}
        self._digests: dict[str, tuple[Signature, str]] = {}
        self._bundles = BundleStore(self.prepared, self._path, self.version)
        self._refused: set[str] = set()
        self._version = ""
        self._look_at = 0.0  # when a page looks at every file again

    def names(self) -> Iterator[str]:
        """Yield the name of every file, sorted."""
        found = (
            f"{below}/{file}".removeprefix("./")
            for folder, _, files in os.walk(self._static)
            for below in [Path(folder).relative_to(self._static).as_posix()]
            for file in files
        )
        yield from sorted([*filter(self._exists, found), *self._vendor])

    def version(self) -> str:
        """Return the hash over all files as they are now."""
        total = hashlib.sha256()
        for name in self.names():
            total.update(f"{name}\0{self._digest(name, self._state(name))}\n".encode())
        self._version = total.hexdigest()[:12]
        return self._version

    def urls(self, root: str = "/") -> Callable[[str], str]:
        """Return a function for a page's template: the URL of a file, or of a bundle, by its name.

        ``root`` is the address of the program's root, seen from the page. A change of a file is
        noticed after ``LOOK_SECONDS``.
        """
        if (now := time.monotonic()) >= self._look_at:
            self.version()
            self._look_at = now + LOOK_SECONDS
        prefix = f"{root}{PREFIX[1:]}/{self._version}"

        def url(name: str) -> str:
            if entry_of(name) is None:
                self._path(name)
            return f"{prefix}/{name}"

        return url

    def whole(self, entry: str) -> str:
        """Return the name of the bundle of a module, of a part of one, or of a style sheet.

        If it cannot be bundled, log one warning with the reason and return the entry's own name.
        The browser then loads the imports one by one, which is slower.
        """
        try:
            self._bundles.get(entry)
        except BundleError as error:
            if str(error) not in self._refused:
                self._refused.add(str(error))
                logger.warning("%s is served in separate files. %s", entry, error)
            module, part, _ = entry.partition("@")
            return f"{module}.js" if part else entry
        return joined_name(entry)

    def routes(self) -> list[Route]:
        """Return the route that serves the files."""
        return [Route(PREFIX + "/{path:path}", self._serve, name="static")]

    def prepare_in_background(self) -> None:
        """Start ``prepare`` in a thread, so that the first pages need not wait for it."""

        def prepare() -> None:
            try:
                self.prepare()
            except Exception:  # files are also made on demand
                logger.exception("Preparing the page's files failed")

        threading.Thread(target=prepare, name="prepare-assets", daemon=True).start()

    def prepare(self) -> None:
        """Make the files that the first page would wait for."""
        self._encode(FONT, "identity")
        for entry in FIRST_PAGE:
            self._encode(self.whole(entry), "br")
        self._encode(PLOTLY, "br")

    def _state(self, name: str) -> Signature:
        """Return the signature of a file's sources. Raises FileNotFoundError."""
        entry = entry_of(name)
        if entry is None:
            return (signature(self._path(name)),)
        try:
            return self._bundles.get(entry)[0]
        except BundleError as error:
            raise FileNotFoundError(name) from error

    def _path(self, name: str) -> Path:
        """Return the path of a file by its name. Raises FileNotFoundError."""
        if name in self._vendor:
            return self._vendor[name]
        known = self._paths.get(name)
        if known is not None:
            return known
        path = (self._static / name).resolve()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if hidden or path.suffix not in MEDIA_TYPES or not path.is_relative_to(self._static):
            raise FileNotFoundError(name)
        if not path.is_file():
            raise FileNotFoundError(name)
        # A page looks up a thousand names; to resolve them took 50 ms. Only one name for each file
        # is remembered: requests can have any number of others.
        if path == self._static / name and name == path.relative_to(self._static).as_posix():
            self._paths[name] = path
        return path

    def _exists(self, name: str) -> bool:
        try:
            self._path(name)
        except FileNotFoundError:
            return False
        return True

    def _digest(self, name: str, signature: Signature) -> str:
        known = self._digests.get(name)
        if known is None or known[0] != signature:
            recipe = VENDORED[name].recipe if name in VENDORED else ""
            digest = hashlib.sha256(self._source(name) + recipe.encode())
            known = (signature, digest.hexdigest()[:16])
            self._digests[name] = known
        return known[1]

    def _source(self, name: str) -> bytes:
        entry = entry_of(name)
        if entry is None:
            source = self._path(name).read_bytes()
            if name.endswith(".css") and NAMED_MEDIA.search(source):
                names = media_names(self._path(TOKENS).read_text("utf-8"))
                return written_out(source.decode(), names).encode()
            return source
        joined = self._bundles.get(entry)[1]
        return joined.map if name.endswith(".map") else joined.text.encode()

    def _content(self, name: str) -> bytes:
        source = self._source(name)
        make = VENDORED[name].make if name in VENDORED else None
        if make is None:
            return source
        key = f"{self._digest(name, self._state(name))}-{Path(name).name}"
        return self.prepared.get(key, lambda: make(source))

    def _encode(self, name: str, encoding: str) -> tuple[bytes, str]:
        """Return the file in an encoding, cached until its sources change, and its ETag."""
        digest = self._digest(name, self._state(name))
        key = f"{digest}-{name.replace('/', '_')}.{encoding}"
        body = self.prepared.ready(key)
        if body is None:
            content = self._content(name)
            large = len(content) > QUICK_ABOVE_BYTES
            body = self.prepared.get(
                key,
                lambda: _compressed(content, encoding, large),
                on_disk=large and encoding == "br",
            )
        return body, f'"{digest}-{encoding}"'

    async def _serve(self, request: Request) -> Response:
        path: str = request.path_params["path"]
        first, _, rest = path.partition("/")
        versioned = VERSION.match(first) is not None
        name = rest if versioned else path
        try:
            suffix = Path(name).suffix
            offered = () if suffix in COMPRESSED_ALREADY else CODINGS
            encoding = AcceptedCodings(request.headers).choose(offered)
            # In a thread: compressing takes up to half a second.
            body, etag = await anyio.to_thread.run_sync(self._encode, name, encoding)
        except (OSError, ValueError):  # ValueError: a zero byte in the path
            raise HTTPException(404, "No such file.") from None
        # A page of an older version gets the current file, which it must not cache.
        current = versioned and first == (self._version or self.version())
        headers = {
            "Cache-Control": IMMUTABLE if current else "no-cache",
            "ETag": etag,
            "Vary": "Accept-Encoding",
        }
        if matches(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        if encoding != IDENTITY:
            headers["Content-Encoding"] = encoding
        return Response(body, media_type=MEDIA_TYPES[suffix], headers=headers)


def _compressed(content: bytes, encoding: str, large: bool) -> bytes:
    if encoding == "gzip":
        return gzip.compress(content, 9, mtime=0)
    if encoding != "br":
        return content
    quality = BROTLI_QUICK if large else BROTLI_BEST
    made: bytes = brotli.compress(content, mode=brotli.MODE_TEXT, quality=quality)
    return made


def matches(if_none_match: str, etag: str) -> bool:
    """Tell whether an If-None-Match header names this tag."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags


if __name__ == "__main__":
    # The Dockerfile fills the file cache when the image is built.
    Assets(cache_folder()).prepare()

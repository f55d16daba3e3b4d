"""A cache of files that take long to make, in memory and in a folder for later starts."""

from __future__ import annotations

import hashlib
import io
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Lock

logger = logging.getLogger(__name__)

DIGEST_BYTES = 32

# The characters of formulas; STIX Two Math has 4,500 glyphs. MathML sets single letters in the
# italic of the mathematical alphabets, so those are included.
MATH_CHARACTERS: tuple[tuple[int, int], ...] = (
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x00FF),  # · × ± ¬
    (0x0302, 0x0308),  # accents
    (0x0391, 0x03D6),  # Greek
    (0x2010, 0x2044),  # dashes, dots, primes, ‖
    (0x2070, 0x209F),  # superscripts and subscripts
    (0x2102, 0x2134),  # ℓ ℒ ℝ
    (0x2190, 0x2194),  # arrows
    (0x21A6, 0x21A6),
    (0x21D0, 0x21D4),
    (0x2200, 0x22FF),  # operators
    (0x2308, 0x230B),  # ⌈ ⌊
    (0x239B, 0x23B3),  # pieces of tall brackets
    (0x23DC, 0x23E1),  # braces above and below
    (0x27E6, 0x27EB),  # ⟦ ⟨
    (0x1D400, 0x1D4B5),  # bold, italic, bold italic, script capitals
    (0x1D6A8, 0x1D755),  # Greek in bold, italic, bold italic
)

# Superscript forms, dotless letters, flat accents, accent positions; no stylistic sets.
MATH_FEATURES = ["ccmp", "dtls", "flac", "mark", "mkmk", "ssty"]
# Part of the cache key: changes when the result for the same source changes.
FONT_RECIPE = repr((MATH_CHARACTERS, MATH_FEATURES))


class FileCache:
    """Makes each file once. Safe for several threads, and on disk for several processes.

    A key is the hash of all that a file is made of, a hyphen, and the file's name. Only the newest
    version of a file is kept.

    ``folder`` may be None, missing, full or read-only: then each process makes the files itself.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._made: dict[str, bytes] = {}
        self._locks: dict[str, Lock] = {}
        self._guard = Lock()

    def ready(self, key: str) -> bytes | None:
        """Return the cached file, or None."""
        if key not in self._made and (found := self._load(key)) is not None:
            self._made[key] = found
        return self._made.get(key)

    def get(self, key: str, make: Callable[[], bytes], *, on_disk: bool = True) -> bytes:
        """Return the cached file, or make and cache it. ``key`` identifies source and method."""
        with self._guard:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            content = self.ready(key)
            if content is None:
                content = make()
                name = key.partition("-")[2]
                for old in [each for each in list(self._made) if each.partition("-")[2] == name]:
                    self._made.pop(old, None)
                self._made[key] = content
                if on_disk:
                    self._save(key, content)
            return content

    def _load(self, key: str) -> bytes | None:
        if self._folder is None:
            return None
        try:
            stored = (self._folder / key).read_bytes()
        except OSError:
            return None
        digest, content = stored[:DIGEST_BYTES], stored[DIGEST_BYTES:]
        return content if hashlib.sha256(content).digest() == digest else None

    def _save(self, key: str, content: bytes) -> None:
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
                file.write(hashlib.sha256(content).digest() + content)
            Path(file.name).replace(self._folder / key)
            for old in self._folder.glob(f"*-{key.partition('-')[2]}"):
                if old.name != key:
                    old.unlink(missing_ok=True)
        except OSError as error:
            logger.info("Cannot store %s in the file cache: %s", key, error)


def subset_math_font(ttf: bytes) -> bytes:
    """Reduce STIX Two Math to MATH_CHARACTERS and return it as WOFF2: 1.5 MB become 0.12 MB.

    Stretched brackets and small-script forms are kept, since the MATH and GSUB tables refer to
    them. The licence (SIL OFL 1.1, no reserved names) allows it. Takes about a second.
    """
    # A slow import that only the first start needs.
    from fontTools import subset

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = subset.Options(flavor="woff2", layout_features=MATH_FEATURES, hinting=False)
    font = subset.load_font(io.BytesIO(ttf), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(
        unicodes=[code for first, last in MATH_CHARACTERS for code in range(first, last + 1)]
    )
    subsetter.subset(font)
    result = io.BytesIO()
    subset.save_font(font, result, options)
    return result.getvalue()

"""Names and seeds of lessons. A seed is a number, or any text such as a student's name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any

from backprop_explorer.texts import lessons as texts

# Characters of the name of a lesson or a card.
MAX_NAME = 60
# The name of a lesson, for its address; with a letter, since a number is no name.
LESSON_NAME = re.compile(rf"(?=[0-9-]*[a-z])[a-z0-9-]{{1,{MAX_NAME}}}")

# Whole numbers up to this are used as they are; other text is hashed to such a number.
MAX_SEED = 2**31 - 1
DEFAULT_SEED = 1
MAX_CHARACTERS = 100
# Longer text is refused before the normalisation.
_MAX_RAW = 10 * MAX_CHARACTERS
# Removed from the ends of a seed: blanks, line ends, control and format characters.
_UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf"}
_DECIMAL = re.compile(r"[0-9]+")

Seed = int | str


def read_seed(value: Any) -> Seed:
    """Return the normalised seed: an int from 0 to MAX_SEED, or text.

    Text is converted to Unicode's form NFC without blanks at its ends. If the result is a decimal
    number up to MAX_SEED, the seed is that number: "007" is 7. ``static/js/lessons/seed.js`` does
    the same.

    Raises ValueError if the value is neither a whole number nor text, and for text that is empty,
    longer than MAX_CHARACTERS or not valid Unicode.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(texts.SEED_KIND)
    if isinstance(value, int):
        if abs(value) >= 10**MAX_CHARACTERS:
            raise ValueError(_too_long())
        value = str(value)
    if len(value) > _MAX_RAW:
        raise ValueError(_too_long())
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError(texts.SEED_UNICODE)
    text = _trimmed(unicodedata.normalize("NFC", value))
    if not text:
        raise ValueError(texts.SEED_EMPTY)
    if len(text) > MAX_CHARACTERS:
        raise ValueError(_too_long())
    if _DECIMAL.fullmatch(text) and int(text) <= MAX_SEED:
        return int(text)
    return text


def number_of(seed: Seed) -> int:
    """Return the number from 0 to MAX_SEED of a seed: an int itself, text by its SHA-256."""
    if isinstance(seed, int):
        return seed
    digest = hashlib.sha256(seed.encode()).digest()
    return int.from_bytes(digest[:4], "big") & MAX_SEED


def _trimmed(text: str) -> str:
    seen = [k for k, c in enumerate(text) if unicodedata.category(c) not in _UNSEEN]
    return text[seen[0] : seen[-1] + 1] if seen else ""


def _too_long() -> str:
    return texts.seed_length(MAX_CHARACTERS)

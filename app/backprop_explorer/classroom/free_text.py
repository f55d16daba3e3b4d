"""Answers in words, collected by likeness."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

# Texts are alike if they share so much of their letters in threes (Dice's coefficient).
LIKE = 0.55
# Beyond so many groups a text that is like none of them is counted with the rest.
MOST_GROUPS = 40
# How many other spellings of a group are told.
MOST_SPELLINGS = 3
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028-\u202e\u2066-\u2069]+")


def collected(answers: Iterable[str]) -> list[dict[str, Any]]:
    """Return groups of texts that are alike: text, count, other spellings; the largest first.

    The text of a group is its most frequent one.
    """
    number = Counter(_CONTROL.sub(" ", text).strip() for text in answers)
    groups: list[tuple[frozenset[str], Counter[str]]] = []
    rest = 0
    for text, count in number.most_common():
        letters = _threes(text)
        best = max(groups, key=lambda each: _alike(each[0], letters), default=None)
        if best is not None and _alike(best[0], letters) >= LIKE:
            best[1][text] += count
        elif len(groups) < MOST_GROUPS:
            groups.append((letters, Counter({text: count})))
        else:
            rest += count
    found: list[dict[str, Any]] = [
        {"text": first, "count": spelled.total(), "others": others[:MOST_SPELLINGS]}
        for spelled in (each for _, each in groups)
        for first, *others in [[text for text, _ in spelled.most_common()]]
    ]
    found.sort(key=lambda each: -each["count"])
    return [*found, {"text": None, "count": rest, "others": []}] if rest else found


@lru_cache(maxsize=4096)
def _threes(text: str) -> frozenset[str]:
    """The letters in threes, without case, accents and signs; words in any order are alike."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    words = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    padded = [f" {word} " for word in words.split()] or [text]
    return frozenset(word[k : k + 3] for word in padded for k in range(max(1, len(word) - 2)))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))

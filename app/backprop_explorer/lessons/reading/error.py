"""The error of a lesson's file, with the file and the line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from backprop_explorer.texts import lessons_reading as texts


class LessonError(Exception):
    """What an author has to change. ``str(problem)`` is ``file:line: message``.

    line: counted from 1; 0 if the problem belongs to the whole file.
    """

    def __init__(self, path: Path, line: int, message: str) -> None:
        self.path, self.line, self.message = path, line, message
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {message}")


def one_of(names: Iterable[str], given: str) -> str:
    """Return "did you mean …?" if a name is similar to ``given``, otherwise all the names."""
    known = sorted(names)
    nearest = difflib.get_close_matches(given, known, n=1)
    if nearest:
        return texts.did_you_mean(nearest[0])
    return texts.known(", ".join(known)) if known else texts.NONE_KNOWN

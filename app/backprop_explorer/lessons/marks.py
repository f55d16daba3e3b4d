"""Marks of saved progress: every kept answer is marked again, and written as a table.

A file is what the list of lessons saves (``static/js/lessons/progress.js``). It is a student's own
word on hints and tries; whether an answer is right is found out here. docs/lecturers.md shows the
formats of Moodle (docs.moodle.org/en/Grade_import) and Canvas (its gradebook's CSV).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.lessons.lesson import Card, Lesson, deal
from backprop_explorer.lessons.open_cards import is_right
from backprop_explorer.lessons.reading.error import LessonError
from backprop_explorer.lessons.seed import Seed, read_seed
from backprop_explorer.texts import lessons as texts

Format = Literal["plain", "moodle", "canvas"]
MOST_BYTES = 5_000_000
# What identifies a student in a gradebook; no spreadsheet takes it for a formula.
_STUDENT = re.compile(r"\w[\w.@ -]{0,59}")


class _KeptCard(BaseModel):
    result: str | None = None
    answer: Any = None


class _Place(BaseModel):
    cards: dict[str, _KeptCard] = {}
    digest: str = ""


class _Progress(BaseModel):
    version: Annotated[int, Field(ge=1, le=3)]
    student: Annotated[str, BeforeValidator(lambda text: str(text or "").strip())] = ""
    lessons: dict[str, dict[str, _Place]]


@dataclass(frozen=True, slots=True)
class Points:
    """The points for a right answer after a hint, and after the answer was shown; 1 for others."""

    hint: float = 1.0
    shown: float = 0.0

    def of(self, result: str | None) -> float:
        """Return the points of a right answer with this result."""
        return {"hint": self.hint, "shown": self.shown}.get(result or "", 1.0)


@dataclass(slots=True)
class Marks:
    """The points of a student by (lesson, card), and what a lecturer should look at."""

    student: str
    points: dict[tuple[str, str], float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        """All points."""
        return sum(self.points.values())


def marks_of(path: Path, lessons: Mapping[str, Lesson], points: Points) -> Marks:
    """Mark the answers in a file again. Of several seeds of a lesson the best one counts.

    Raises InvalidInput naming the file if it holds no progress.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(str(path), texts.NO_PROGRESS)
        kept = _Progress.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError, ValidationError):
        raise InvalidInput(str(path), texts.NO_PROGRESS) from None
    marks = Marks(kept.student or path.stem)
    if not _STUDENT.fullmatch(marks.student):
        marks.notes.append(texts.STUDENT_UNREADABLE)
        marks.student = path.stem
    for name, seeds in kept.lessons.items():
        if (lesson := lessons.get(name)) is None:
            marks.notes.append(texts.unknown_lesson(name))
            continue
        best: dict[str, float] = {}
        for key, place in seeds.items():
            found = _of_place(lesson, key, place, points)
            if any(found.values()) and place.digest not in ("", lesson.digest):
                marks.notes.append(texts.other_version(lesson.name))
            best = max(best, found, key=lambda each: sum(each.values()))
        marks.points |= {(lesson.name, card): value for card, value in best.items()}
    return marks


def _of_place(lesson: Lesson, key: str, place: _Place, points: Points) -> dict[str, float]:
    """Return the points of each card for the seed of ``key``; empty if it is no seed."""
    try:
        cards = _cards(lesson, read_seed(key.removeprefix("text:")))
    except (ValueError, LessonError):
        return {}
    found: dict[str, float] = {}
    for at, card in enumerate(cards):
        kept = place.cards.get(card.name) or place.cards.get(str(at))
        if card.question is not None and kept is not None:
            right = kept.answer is not None and is_right(card.question, kept.answer)
            found[card.name] = points.of(kept.result) if right else 0.0
    return found


# Most students of a class have the same seed, or one each.
@lru_cache(maxsize=64)
def _cards(lesson: Lesson, seed: Seed) -> Sequence[Card]:
    return deal(lesson, seed)


def joined(marks: Iterable[Marks]) -> list[Marks]:
    """Join the files of a student: of each card the most points count."""
    students: dict[str, Marks] = {}
    for each in marks:
        if (own := students.setdefault(each.student, each)) is each:
            continue
        own.notes += [note for note in (texts.SEVERAL_FILES, *each.notes) if note not in own.notes]
        for card, value in each.points.items():
            own.points[card] = max(value, own.points.get(card, 0.0))
    return [*students.values()]


def columns(lessons: Iterable[Lesson]) -> list[tuple[str, str]]:
    """Return (lesson, card) of all questions of lessons, in order."""
    return [
        (lesson.name, card.name)
        for lesson in lessons
        for card in _cards(lesson, 1)
        if card.question is not None
    ]


def table(marks: Iterable[Marks], cards: Sequence[tuple[str, str]], form: Format) -> str:
    """Return the marks as CSV: a row for each student, a column for each card, and the total.

    Canvas adds up itself, and would count a column of totals like a card. It finds a student by
    the SIS user ID or else by the login, so the student's number is in both columns.
    """
    totals = form != "canvas"
    titles = [*(f"{lesson} / {card}" for lesson, card in cards), *([texts.TOTAL] * totals)]
    before: Mapping[str, Sequence[str]] = {
        "plain": (texts.STUDENT,),
        "moodle": ("ID number",),
        "canvas": ("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
    }
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow([*before[form], *titles, *([texts.NOTES] if form == "plain" else [])])
    if form == "canvas":
        rows.writerow(["    Points Possible", "", "", "", "", *(["1"] * len(cards))])
    for each in marks:
        canvas = [each.student, "", each.student, each.student, ""]
        own = canvas if form == "canvas" else [each.student]
        values = [f"{each.points.get(card, 0.0):g}" for card in cards]
        notes = ["; ".join(each.notes)] if form == "plain" else []
        rows.writerow([*own, *values, *([f"{each.total:g}"] * totals), *notes])
    return written.getvalue()

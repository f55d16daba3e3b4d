"""The sentences of an answer that are not a misconception's own. None gives a number away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.result import Diagnosis, LineMark, Note
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.misconceptions import MISCONCEPTIONS

MAX_LISTED = 5
_UNFILLED = "{name} holds {value}: it looks as if it was never filled in."


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def right_summary(marks: Mapping[str, LineMark], notes: Sequence[Note]) -> str:
    """For a submission without a mistake."""
    count = sum(mark.verdict == "correct" for mark in marks.values())
    start = f"{_lines(count)} checked, all right." if count > 1 else "Right."
    return " ".join([start, *(note.message for note in notes)])


def incomplete_summary(filled: int, blanks: int) -> str:
    """For a submission in which nothing is wrong and something is missing."""
    if not filled:
        return "Nothing is filled in yet."
    return f"What is filled in is right; {_lines(blanks)} not filled in yet."


def wrong_summary(
    first: str | None,
    marks: Mapping[str, LineMark],
    found: Sequence[Diagnosis],
    notes: Sequence[Note],
) -> str:
    """Where the first mistake is and what it is likely to be."""
    general = [note.message for note in notes if note.line is None]
    if first is None:
        return " ".join(["No line is wrong by itself.", *general])
    sentences = [*general, f"The first wrong line is {first}."]
    told = [note.message for note in notes if note.line == first]
    order = list(marks)
    # A mistake in a later line is none that made the first one wrong.
    before = [d for d in found if order.index(d.lines[0]) <= order.index(first)]
    if before:
        sentences.append(f"Likely: {_title(before[0])}.")
    elif not told:
        sentences.append("No mistake known here gives these numbers; go through this line again.")
    sentences += told
    if found and not before:
        sentences.append(f"In {found[0].lines[0]} likely: {_title(found[0])}.")
    follows = sum(mark.verdict == "follows" for mark in marks.values())
    if follows:
        sentences.append(f"{_lines(follows)} after it: worked on rightly from your own numbers.")
    return " ".join(sentences)


def _title(diagnosis: Diagnosis) -> str:
    return MISCONCEPTIONS[diagnosis.misconception].title


def _held(given: SubmittedLine) -> str:
    """What an unfilled array holds."""
    values = given.printed.values
    if np.any(values):
        return "only numbers around 1e-310, the leftovers of np.empty"
    return "only zeros" if values.size > 1 else "0"


def finding_notes(
    reference: ReferenceWorking,
    submitted: Mapping[str, SubmittedLine],
    marks: Mapping[str, LineMark],
) -> tuple[Note, ...]:
    """What a wrong line shows without a mistake known: unfilled, shape, NaN, single entries."""
    notes: list[Note] = []
    for name, mark in marks.items():
        if mark.verdict != "wrong":
            continue
        given = submitted[name]
        if given.unfilled and mark.misconception is None:
            message = _UNFILLED.format(name=name, value=_held(given))
            notes.append(Note("unfilled", message, name))
        elif (
            given.shape != given.expected_shape
            and given.reading_shaped_like(reference.truth[name]) is None
        ):
            message = f"{name} has shape {given.shape}, {given.expected_shape} is expected."
            notes.append(Note("shape", message, name))
        elif not np.isfinite(given.printed.values).all():
            message = f"{name} holds nan or inf: something overflowed, or 0 was divided by 0."
            notes.append(Note("not_finite", message, name))
        elif mark.entries is not None and mark.misconception is None:
            wrong = np.argwhere(~np.atleast_1d(mark.entries))
            if len(wrong) <= min(MAX_LISTED, mark.entries.size // 2):
                places = ", ".join(str([int(i) for i in place]) for place in wrong)
                message = f"In {name} only the entries {places} are off: a slip of the pen?"
                notes.append(Note("entries", message, name))
    return tuple(notes)

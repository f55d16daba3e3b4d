"""Sentences of an answer, except those of misconceptions. They reveal no number of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from backprop_explorer.texts import tutor_checker as texts
from backprop_explorer.tutor.checker.check_result import Diagnosis, LineMark, Note
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS
from backprop_explorer.tutor.spellings import MAX_NAME

MAX_LISTED = 5


def right_summary(marks: Mapping[str, LineMark], notes: Sequence[Note]) -> str:
    """Return the summary of a submission without a mistake."""
    count = sum(mark.verdict == "correct" for mark in marks.values())
    return " ".join([texts.all_correct(count), *(note.message for note in notes)])


def incomplete_summary(filled: int, blanks: int) -> str:
    """Return the summary of a submission without a mistake but with blank lines."""
    return texts.correct_so_far(blanks) if filled else texts.NOTHING_FILLED_IN


def wrong_summary(
    first: str | None,
    marks: Mapping[str, LineMark],
    diagnoses: Sequence[Diagnosis],
    notes: Sequence[Note],
) -> str:
    """Return the summary of a wrong submission: the first wrong line and the likely mistake."""
    general = [note.message for note in notes if note.line is None]
    if first is None:
        return " ".join([texts.NO_WRONG_LINE, *general])
    sentences = [*general, texts.first_wrong_line(first)]
    line_messages = [note.message for note in notes if note.line == first]
    order = list(marks)
    # A mistake in a later line cannot make the first one wrong.
    before = [d for d in diagnoses if order.index(d.lines[0]) <= order.index(first)]
    if before:
        sentences.append(texts.likely(MISCONCEPTIONS[before[0].misconception].title))
    elif not line_messages:
        sentences.append(texts.NO_KNOWN_MISTAKE)
    sentences += line_messages
    if diagnoses and not before:
        title = MISCONCEPTIONS[diagnoses[0].misconception].title
        sentences.append(texts.likely_in(diagnoses[0].lines[0], title))
    follows = sum(mark.verdict == "follows" for mark in marks.values())
    if follows:
        sentences.append(texts.lines_follow(follows))
    return " ".join(sentences)


def blank_note(names: Sequence[str]) -> Note:
    """Return the note on lines that are empty or None; the first names of many."""
    listed = ", ".join(name[:MAX_NAME] for name in names[:MAX_LISTED])
    more = ", …" if len(names) > MAX_LISTED else ""
    return Note("unfilled", texts.blank_lines(listed + more, len(names)))


def finding_notes(
    reference: ReferenceWorking,
    submitted: Mapping[str, SubmittedLine],
    marks: Mapping[str, LineMark],
) -> tuple[Note, ...]:
    """Return notes on wrong lines: unfilled, wrong shape, not finite, or a few wrong entries."""
    notes: list[Note] = []
    for name, mark in marks.items():
        if mark.verdict != "wrong":
            continue
        given = submitted[name]
        values = given.printed.values
        wrong = [] if mark.entries is None else np.argwhere(~np.atleast_1d(mark.entries)).tolist()
        if given.unfilled and mark.misconception is None:
            only_nan = bool(np.isnan(values).all())
            content = texts.ONLY_ZEROS if values.size > 1 else "0"
            if np.any(values):
                content = texts.ONLY_NAN if only_nan else texts.NUMBERS_OF_EMPTY
            message = texts.unfilled(name, content)
            notes.append(Note("unfilled", message + (texts.OR_OVERFLOW if only_nan else ""), name))
        elif (
            given.shape != given.expected_shape
            and given.reading_shaped_like(reference.truth[name]) is None
        ):
            message = texts.wrong_shape(name, given.shape, given.expected_shape)
            notes.append(Note("shape", message, name))
        elif not np.isfinite(values).all():
            notes.append(Note("not_finite", texts.not_finite(name), name))
        elif (
            mark.misconception is None
            and mark.entries is not None
            and len(wrong) <= min(MAX_LISTED, mark.entries.size // 2)
        ):
            message = texts.few_entries(name, ", ".join(map(str, wrong)))
            notes.append(Note("entries", message, name))
    return tuple(notes)

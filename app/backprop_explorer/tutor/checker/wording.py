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
    start = texts.all_correct(count)
    return " ".join([start, *(note.message for note in notes)])


def incomplete_summary(filled: int, blanks: int) -> str:
    """Return the summary of a submission without a mistake but with blank lines."""
    if not filled:
        return texts.NOTHING_FILLED_IN
    return texts.correct_so_far(blanks)


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
        sentences.append(texts.likely(_title(before[0])))
    elif not line_messages:
        sentences.append(texts.NO_KNOWN_MISTAKE)
    sentences += line_messages
    if diagnoses and not before:
        sentences.append(texts.likely_in(diagnoses[0].lines[0], _title(diagnoses[0])))
    follows = sum(mark.verdict == "follows" for mark in marks.values())
    if follows:
        sentences.append(texts.lines_follow(follows))
    return " ".join(sentences)


def _title(diagnosis: Diagnosis) -> str:
    return MISCONCEPTIONS[diagnosis.misconception].title


def _unfilled_content(given: SubmittedLine) -> str:
    """Describe the content of an unfilled array."""
    values = given.printed.values
    if np.isnan(values).all():
        return texts.ONLY_NAN
    if np.any(values):
        return texts.NUMBERS_OF_EMPTY
    return texts.ONLY_ZEROS if values.size > 1 else "0"


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
        if given.unfilled and mark.misconception is None:
            message = texts.unfilled(name, _unfilled_content(given))
            if np.isnan(given.printed.values).all():
                message += texts.OR_OVERFLOW
            notes.append(Note("unfilled", message, name))
        elif (
            given.shape != given.expected_shape
            and given.reading_shaped_like(reference.truth[name]) is None
        ):
            message = texts.wrong_shape(name, given.shape, given.expected_shape)
            notes.append(Note("shape", message, name))
        elif not np.isfinite(given.printed.values).all():
            message = texts.not_finite(name)
            notes.append(Note("not_finite", message, name))
        elif mark.entries is not None and mark.misconception is None:
            wrong = np.argwhere(~np.atleast_1d(mark.entries))
            if len(wrong) <= min(MAX_LISTED, mark.entries.size // 2):
                places = ", ".join(str([int(i) for i in place]) for place in wrong)
                message = texts.few_entries(name, places)
                notes.append(Note("entries", message, name))
    return tuple(notes)

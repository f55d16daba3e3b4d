"""Questions that are answered with numbers: values the lesson computes, lines of a working."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backprop_explorer.engine.names import named
from backprop_explorer.lessons.functions import AskedFunction, is_code, shown_function
from backprop_explorer.lessons.given import (
    ANSWER,
    exactly,
    is_transposed,
    near,
    other_shape,
    read,
    rounded_too_far,
    what_is_right,
)
from backprop_explorer.lessons.questions import Mark
from backprop_explorer.lessons.scale import rows_and_columns, scale_of, what_was_done
from backprop_explorer.texts import lessons as texts
from backprop_explorer.tutor.checker import check
from backprop_explorer.tutor.checker.search import SEARCH_SECONDS
from backprop_explorer.tutor.checker.tolerance import TIGHT, close_entries
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.problem import Problem
from backprop_explorer.tutor.reading.printed_array import PrintedArray, from_array, from_nested

# Notes of the checker about the precision of the comparison.
AS_GOOD_AS_RIGHT = ("single_precision", "rounded_lines")
Compare = Callable[[PrintedArray, NDArray[np.float64]], NDArray[np.bool_]]


def _as_written(given: PrintedArray, value: NDArray[np.float64]) -> NDArray[np.bool_]:
    return close_entries(given.values, given.quantum, value, None, TIGHT)


@dataclass(frozen=True, slots=True)
class Slip:
    """The numbers that a known mistake gives, and the feedback for them."""

    value: ArrayLike
    why: str


def _slip(slips: Sequence[Slip], given: PrintedArray, same: Compare, exact: bool) -> Slip | None:
    """Return the slip with these numbers; a rounded right answer may look like one: ``exact``."""
    for slip in slips:
        value = np.asarray(slip.value, dtype=np.float64)
        fits = value.shape == given.values.shape and same(given, value).all()
        if fits and (not exact or exactly(given, value)):
            return slip
    return None


@dataclass(frozen=True, slots=True)
class Values:
    """Give a number, vector or matrix that is not a line of a working.

    The answer is nested lists, or text as NumPy prints it. An entry is right if it is ``right``
    rounded to at least three significant digits, or differs by at most 0.05 %, or differs by at
    most ``within`` if that is set (for estimates).
    """

    kind: ClassVar[str] = "values"
    prompt: str
    right: ArrayLike
    why: str = ""
    slips: Sequence[Slip] = ()
    within: float | None = None
    hint: str = ""
    second_hint: str = ""
    # What sign and size come from, for an answer that differs only in them.
    scale: str = ""
    function: AskedFunction | None = None

    def public(self) -> dict[str, Any]:
        """The shape of the answer, and the cell that checks the function asked for."""
        return {"shape": list(np.shape(self.right)), **shown_function(self.function)}

    def mark(self, answer: Any) -> Mark:
        """Compare entry by entry; the code of a right function is right, too."""
        if self.function is not None and is_code(answer):
            return self.function.mark(answer, self.why)
        expected = np.asarray(self.right, dtype=np.float64)
        given = read(answer, expected.shape)
        if given.values.shape != expected.shape:
            return Mark(False, other_shape(given.values.shape, expected.shape))
        entries = self._near(given, expected)
        if entries.all():
            return Mark(True, self.why, entries.tolist())
        close = self.within is None and rounded_too_far(given, expected)
        if (slip := _slip(self.slips, given, self._near, exact=close)) is not None:
            return Mark(False, slip.why, entries.tolist())
        if close:
            return Mark(False, texts.CLOSE, close=True)
        said = what_is_right(given, expected, scale=self.scale)
        return Mark(False, said, entries.tolist())

    def with_distinct_slips(self) -> Values:
        """Leave out slips whose numbers would be marked right, and repetitions of earlier ones."""
        kept: list[Slip] = []
        for slip in self.slips:
            value = from_nested(np.asarray(slip.value, dtype=np.float64).tolist(), ANSWER)
            known = (self.right, *(each.value for each in kept))
            if not any(self._near(value, np.asarray(each, dtype=float)).all() for each in known):
                kept.append(slip)
        return replace(self, slips=tuple(kept))

    def _near(self, given: PrintedArray, expected: NDArray[np.float64]) -> NDArray[np.bool_]:
        if given.values.shape != expected.shape:
            return np.zeros(given.values.shape, dtype=bool)
        if self.within is not None:
            return np.abs(given.values - expected) <= self.within
        return near(given, expected)

    def solution(self) -> Any:
        """The right numbers."""
        return np.asarray(self.right, dtype=np.float64).tolist()


@dataclass(frozen=True, slots=True)
class LineValue:
    """Give the value of a line of a working, in its convention.

    The tutor's checker marks the answer and names the mistake, unless ``slips`` has its numbers.
    """

    kind: ClassVar[str] = "line"
    prompt: str
    working: Problem
    line: str
    why: str = ""
    hint: str = ""
    slips: Sequence[Slip] = ()
    # Of the checker: less where many answers come at once.
    search_seconds: float = SEARCH_SECONDS
    second_hint: str = ""
    function: AskedFunction | None = None

    def public(self) -> dict[str, Any]:
        """The line's id and shape, and the cell that checks the function asked for."""
        shape = list(np.shape(self.working[self.line]))
        return {"line": self.line, "shape": shape, **shown_function(self.function)}

    def mark(self, answer: Any) -> Mark:
        """Mark with the tutor's checker; the code of a right function is right, too."""
        if self.function is not None and is_code(answer):
            return self.function.mark(answer, self.why)
        expected = np.asarray(self.working[self.line])
        given = read(answer, expected.shape)
        if given.values.shape != expected.shape:
            axes = rows_and_columns(self.working, self.line)
            return Mark(False, other_shape(given.values.shape, expected.shape, axes))
        entries = near(given, expected)
        close = not entries.all() and rounded_too_far(given, expected)
        slip = _slip(self.slips, given, near, exact=close)
        if slip is not None and not entries.all():
            return Mark(False, slip.why, entries.tolist())
        if close:
            return Mark(False, texts.CLOSE, close=True)
        other = None if entries.all() else self._line_with(given, _as_written)
        if other is not None:
            # All digits show whether a mistake always gives this line, or only with these numbers.
            given = from_array(np.asarray(self.working[other]))
        result = check(
            self.working.trace,
            self.working.notation,
            {self.line: given},
            search_seconds=self.search_seconds,
            exact_givens=True,
        )
        marked = result.lines[self.line]
        marks = None if marked.entries is None else marked.entries.tolist()
        noted = [note for note in result.notes if note.kind not in AS_GOOD_AS_RIGHT]
        if result.verdict == "correct" and not noted:
            return Mark(True, self.why, marks)
        # With three digits, a smaller difference cannot identify a mistake.
        told = result.diagnoses and given.digits > 3
        if result.verdict != "correct" and not told and entries.all():
            return Mark(True, self.why, np.ones(expected.shape, dtype=bool).tolist())
        made = [each for each in result.diagnoses if not each.alternative]
        if made and (other is None or len(made) == 1):
            first = made[0]
            if first.misconception == ids.COST_GRADIENT_SCALE:
                # The cost was asked before: a mistake in the asked line is likelier.
                own = (each for each in result.diagnoses if each.lines == (self.line,))
                first = next(own, first)
            return Mark(False, first.message, marks, first.misconception)
        if result.verdict == "correct":
            return Mark(False, noted[0].message, marks)
        # Too few digits to exclude a known slip: ask for three.
        if rounded_too_far(given, expected):
            return Mark(False, texts.CLOSE, close=True)
        return Mark(False, self.remark(given, expected), marks)

    def remark(self, given: PrintedArray, expected: NDArray[np.float64]) -> str:
        """Return the message for numbers that no known mistake gives."""
        if (other := self._line_with(given, near)) is not None:
            return texts.numbers_of(named(other).latex, named(self.line).latex)
        if is_transposed(given, expected):
            return f"{texts.NUMBERS_TRANSPOSED} {rows_and_columns(self.working, self.line)}"
        if said := what_was_done(self.working, self.line, given, expected):
            return said
        # The numbers of samples and outputs, over which a mean may be taken.
        sizes = self.working.target.shape
        return what_is_right(given, expected, sizes, scale_of(self.working, self.line))

    def _line_with(self, given: PrintedArray, compare: Compare) -> str | None:
        """Return the first other line or given that has these numbers."""
        for name in (*self.working.trace.line_values, *self.working.trace.givens):
            value = np.asarray(self.working[name])
            same_shape = value.ndim > 0 and value.shape == given.values.shape
            if name != self.line and same_shape and value.any() and compare(given, value).all():
                return name
        return None

    def solution(self) -> Any:
        """The line's value."""
        return np.asarray(self.working[self.line], dtype=np.float64).tolist()

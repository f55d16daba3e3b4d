"""The kinds of questions, and how an answer is marked.

Each kind has ``public`` (what the page may see, never the answer), ``mark`` and ``solution``. All
texts are markup (``text.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.lessons.given import (
    ANSWER,
    TOO_FEW_DIGITS,
    exactly,
    near,
    other_shape,
    read,
    rounded_too_far,
)
from backprop_explorer.lessons.progress import what_is_right
from backprop_explorer.lessons.working import LessonWorking
from backprop_explorer.texts import lessons as texts
from backprop_explorer.tutor.checker import check
from backprop_explorer.tutor.checker.budget import SEARCH_SECONDS
from backprop_explorer.tutor.reading.printed_array import PrintedArray, from_nested

_SIZE = re.compile(r"[0-9]{1,10}")
_BETWEEN = re.compile(r"[\s,x×]+")
# Notes of the checker about the precision of the comparison.
AS_GOOD_AS_RIGHT = ("single_precision", "rounded_givens", "rounded_lines")


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of an answer.

    ``entries`` tells for each number whether it is right, as nested lists in the answer's shape;
    None if the question has no entries, the shape is wrong, or only digits are missing.
    ``misconception`` is the name of the mistake if the checker identifies it.
    """

    right: bool
    message: str
    entries: Any = None
    misconception: str | None = None
    # Right to the digits written, which are too few: neither right nor a mistake.
    close: bool = False


class Question(Protocol):
    """The question of a card."""

    kind: ClassVar[str]

    @property
    def prompt(self) -> str:
        """The question's text (markup)."""
        ...

    @property
    def hint(self) -> str:
        """A hint that does not reveal the answer (markup); may be empty."""
        ...

    @property
    def second_hint(self) -> str:
        """A hint that says more, for those whom the first did not help; may be empty."""
        ...

    def public(self) -> dict[str, Any]:
        """What the page needs beside kind, prompt and hint; keys of markup end in "_text"."""
        ...

    def mark(self, answer: Any) -> Mark:
        """Mark an answer given as JSON. Raises InvalidInput naming "answer" if it is unreadable."""
        ...

    def solution(self) -> Any:
        """A right answer as JSON: ``mark(solution())`` is right."""
        ...


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice, and the feedback for choosing it."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice with one right option."""

    kind: ClassVar[str] = "choice"
    prompt: str
    options: Sequence[Option]
    hint: str = ""
    second_hint: str = ""

    def public(self) -> dict[str, Any]:
        """The options' texts."""
        return {"options_text": [option.text for option in self.options]}

    def mark(self, answer: Any) -> Mark:
        """``answer`` is the index of the option."""
        at = _position(answer, len(self.options))
        return Mark(self.options[at].right, self.options[at].why)

    def solution(self) -> int:
        """The index of the right option."""
        return next(k for k, option in enumerate(self.options) if option.right)


@dataclass(frozen=True, slots=True)
class CodeRepair:
    """``fault`` occurs in this line of code; ``fix`` belongs in its place, None if not told."""

    line: int
    fault: str
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class CodeLine:
    """Find the wrong line of ``code``. Lines count from 0; ``why`` explains the wrong line.

    ``others`` explains for right lines why they are right. ``repairs`` are for the wrong lines.
    """

    kind: ClassVar[str] = "code_line"
    prompt: str
    code: str
    wrong: frozenset[int]
    why: str
    others: Mapping[int, str] = field(default_factory=dict)
    hint: str = ""
    repairs: Sequence[CodeRepair] = ()
    second_hint: str = ""

    @property
    def fixed(self) -> str:
        """The code with its repairs."""
        lines = self.code.split("\n")
        for repair in self.repairs:
            if repair.fix is not None:
                lines[repair.line] = lines[repair.line].replace(repair.fault, repair.fix)
        return "\n".join(lines)

    def public(self) -> dict[str, Any]:
        """The lines of code."""
        return {"code": self.code.split("\n")}

    def mark(self, answer: Any) -> Mark:
        """``answer`` is the line's index."""
        at = _position(answer, len(self.code.split("\n")))
        if at in self.wrong:
            return Mark(True, self.why)
        return Mark(False, self.others.get(at, texts.LINE_IS_RIGHT))

    def solution(self) -> int:
        """The index of the first wrong line."""
        return min(self.wrong)


@dataclass(frozen=True, slots=True)
class Shape:
    """Give a shape, as a list of numbers or as text such as "(3, 2)"."""

    kind: ClassVar[str] = "shape"
    prompt: str
    right: tuple[int, ...]
    why: str = ""
    slips: Mapping[tuple[int, ...], str] = field(default_factory=dict)
    hint: str = ""
    second_hint: str = ""

    def public(self) -> dict[str, Any]:
        """Nothing: the number of axes is part of the question."""
        return {}

    def mark(self, answer: Any) -> Mark:
        """Compare with the right shape; give feedback for a known slip."""
        shape = _shape(answer)
        if shape == self.right:
            return Mark(True, self.why)
        if shape in self.slips:
            return Mark(False, self.slips[shape])
        if len(shape) != len(self.right):
            wanted = {0: texts.NUMBER, 1: texts.VECTOR, 2: texts.MATRIX}
            asked = wanted.get(len(self.right), texts.numbers(len(self.right)))
            return Mark(False, texts.axes_given(len(shape), asked))
        if shape == self.right[::-1]:
            return Mark(False, texts.OTHER_ORDER)
        return Mark(False, texts.COUNT_AXES)

    def solution(self) -> list[int]:
        """The shape."""
        return list(self.right)


@dataclass(frozen=True, slots=True)
class Signs:
    """Tell for each entry whether it is positive (1), negative (−1) or zero (0).

    ``names`` labels the entries.
    """

    kind: ClassVar[str] = "signs"
    prompt: str
    value: ArrayLike
    names: Sequence[str] = ()
    why: str = ""
    wrong: str = texts.MARKED_ENTRIES
    hint: str = ""
    second_hint: str = ""

    def public(self) -> dict[str, Any]:
        """The shape, and the entries' names (markup)."""
        return {"shape": list(np.shape(self.value)), "names_text": list(self.names)}

    def mark(self, answer: Any) -> Mark:
        """Compare sign by sign."""
        expected = np.sign(np.asarray(self.value, dtype=np.float64))
        given = from_nested(answer, ANSWER)
        if given.blank or given.values.shape != expected.shape:
            raise InvalidInput(ANSWER, texts.SIGN_FOR_EACH)
        entries = given.values == expected
        right = bool(entries.all())
        return Mark(right, self.why if right else self.wrong, entries.tolist())

    def solution(self) -> Any:
        """The signs."""
        return np.sign(np.asarray(self.value, dtype=np.float64)).astype(int).tolist()


@dataclass(frozen=True, slots=True)
class Slip:
    """The numbers that a known mistake gives, and the feedback for them."""

    value: ArrayLike
    why: str


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

    def public(self) -> dict[str, Any]:
        """The shape of the answer."""
        return {"shape": list(np.shape(self.right))}

    def mark(self, answer: Any) -> Mark:
        """Compare entry by entry."""
        expected = np.asarray(self.right, dtype=np.float64)
        given = read(answer, expected.shape)
        if given.values.shape != expected.shape:
            return Mark(False, other_shape(given.values.shape, expected.shape))
        entries = self._near(given, expected)
        if entries.all():
            return Mark(True, self.why, entries.tolist())
        close = self.within is None and rounded_too_far(given, expected)
        for slip in self.slips:
            value = np.asarray(slip.value, dtype=np.float64)
            # A rounded right answer may look like a slip; an exact slip is one.
            if self._near(given, value).all() and (not close or exactly(given, value)):
                return Mark(False, slip.why, entries.tolist())
        if close:
            return Mark(False, TOO_FEW_DIGITS, close=True)
        return Mark(False, what_is_right(given, expected), entries.tolist())

    def with_distinct_slips(self) -> Values:
        """Leave out slips whose numbers would be marked right, and repetitions of earlier ones."""
        kept: list[Slip] = []
        for slip in self.slips:
            value = from_nested(np.asarray(slip.value, dtype=np.float64).tolist(), ANSWER)
            known = (self.right, *(each.value for each in kept))
            if not any(
                value.values.shape == np.shape(each)
                and self._near(value, np.asarray(each, dtype=np.float64)).all()
                for each in known
            ):
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
    working: LessonWorking
    line: str
    why: str = ""
    hint: str = ""
    slips: Sequence[Slip] = ()
    # Of the checker: less where many answers come at once.
    search_seconds: float = SEARCH_SECONDS
    second_hint: str = ""

    def public(self) -> dict[str, Any]:
        """The line's id and shape."""
        return {"line": self.line, "shape": list(np.shape(self.working.shown(self.line)))}

    def mark(self, answer: Any) -> Mark:
        """Mark with the tutor's checker."""
        expected = np.asarray(self.working.shown(self.line))
        given = read(answer, expected.shape)
        if given.values.shape != expected.shape:
            return Mark(False, other_shape(given.values.shape, expected.shape))
        entries = near(given, expected)
        close = not entries.all() and rounded_too_far(given, expected)
        if close:
            return Mark(False, TOO_FEW_DIGITS, close=True)
        for slip in self.slips:
            value = np.asarray(slip.value, dtype=np.float64)
            same_shape = value.shape == expected.shape
            if same_shape and not entries.all() and near(given, value).all():
                return Mark(False, slip.why, entries.tolist())
        result = check(
            self.working.trace,
            self.working.notation,
            {self.line: given},
            search_seconds=self.search_seconds,
        )
        marked = result.lines[self.line]
        marks = None if marked.entries is None else marked.entries.tolist()
        other = [note for note in result.notes if note.kind not in AS_GOOD_AS_RIGHT]
        # A lesson gives its numbers exactly, so that an error within the rounding of givens is one.
        guessed = any(note.kind == "rounded_givens" for note in result.notes)
        if result.verdict == "correct" and guessed and not entries.all():
            return Mark(False, what_is_right(given, expected, self._sizes), entries.tolist())
        if result.verdict == "correct" and not other:
            return Mark(True, self.why, marks)
        # With three digits, a smaller difference cannot identify a mistake.
        told = result.diagnoses and given.digits > 3
        if result.verdict != "correct" and not told and entries.all():
            return Mark(True, self.why, np.ones(expected.shape, dtype=bool).tolist())
        if result.diagnoses:
            first = result.diagnoses[0]
            return Mark(False, first.message, marks, first.misconception)
        if result.verdict == "correct":
            return Mark(False, other[0].message, marks)
        # Too few digits to exclude a known slip: ask for three.
        if rounded_too_far(given, expected):
            return Mark(False, TOO_FEW_DIGITS, close=True)
        return Mark(False, what_is_right(given, expected, self._sizes), marks)

    @property
    def _sizes(self) -> tuple[int, ...]:
        """The numbers of samples and outputs, over which a mean may be taken."""
        return np.atleast_2d(np.asarray(self.working.target)).shape

    def solution(self) -> Any:
        """The line's value."""
        return np.asarray(self.working.shown(self.line), dtype=np.float64).tolist()


def _position(answer: Any, count: int) -> int:
    if isinstance(answer, bool) or not isinstance(answer, int) or not 0 <= answer < count:
        raise InvalidInput(ANSWER, texts.option_number(count - 1))
    return answer


def _shape(answer: Any) -> tuple[int, ...]:
    if isinstance(answer, str):
        parts = _BETWEEN.split(answer.strip().strip("()[]"), 9)
        answer = [int(part) if _SIZE.fullmatch(part) else part for part in parts if part]
    if isinstance(answer, int) and not isinstance(answer, bool):
        answer = [answer]
    if not isinstance(answer, list) or len(answer) > 8:
        raise InvalidInput(ANSWER, texts.SHAPE)
    for size in answer:
        if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= 10**9:
            raise InvalidInput(ANSWER, texts.SHAPE)
    return tuple(answer)

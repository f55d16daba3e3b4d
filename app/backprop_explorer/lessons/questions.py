"""The kinds of questions, and how an answer is marked.

Each kind has ``public`` (what the page may see, never the answer), ``mark`` and ``solution``. All
texts are markup (``text.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.lessons.given import ANSWER
from backprop_explorer.texts import lessons as texts
from backprop_explorer.tutor.reading.printed_array import from_nested

_SIZE = re.compile(r"[0-9]{1,10}")
_BETWEEN = re.compile(r"[\s,x×]+")


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
    """``fault`` occurs in this line of code; ``fix`` belongs in its place, None if not told.

    ``why`` explains this line; "" if the question's reason explains all.
    """

    line: int
    fault: str
    fix: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class CodeLine:
    """Find a wrong line of ``code``. Lines count from 0; ``why`` explains the first wrong line.

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
        lines = self.code.split("\n")
        at = _position(answer, len(lines))
        if at in self.wrong:
            whys = (repair.why for repair in self.repairs if repair.line == at)
            return Mark(True, next(whys, "") or self.why)
        parts = (why for begin, why in texts.PARTS_OF_CODE if lines[at].strip().startswith(begin))
        return Mark(False, self.others.get(at) or next(parts, texts.LINE_IS_RIGHT))

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
        if sorted(shape) == sorted(self.right):
            return Mark(False, texts.OTHER_ORDER)
        good = [str(size) for size, whys in zip(self.right, shape, strict=True) if size == whys]
        return Mark(False, texts.sizes_right(" and ".join(good)) if good else texts.COUNT_AXES)

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

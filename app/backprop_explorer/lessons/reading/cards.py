"""Make the cards of a lesson from its source and the values of a draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from backprop_explorer.lessons.lesson import Card
from backprop_explorer.lessons.number_questions import LineValue, Slip, Values
from backprop_explorer.lessons.questions import (
    Choice,
    CodeLine,
    CodeRepair,
    Option,
    Question,
    Shape,
    Signs,
)
from backprop_explorer.lessons.reading import templates
from backprop_explorer.lessons.reading.error import LessonError, one_of
from backprop_explorer.lessons.reading.scene import check_names, read_scene
from backprop_explorer.lessons.reading.source import (
    SECOND_HINT,
    AnswerSource,
    Asked,
    LessonSource,
    Page,
    Text,
)
from backprop_explorer.lessons.working import LessonWorking
from backprop_explorer.texts import lessons_reading as texts

# The attributes of the kinds of questions; the others have none.
ATTRIBUTES: Mapping[str, Sequence[str]] = {"line": ("of",), "values": ("within",)}


def make_cards(source: LessonSource, values: Mapping[str, Any]) -> tuple[Card, ...]:
    """Return the cards. Raises LessonError with the line of what cannot be used."""
    return tuple(_Maker(source.path, values).card(page) for page in source.pages)


def check_source(source: LessonSource) -> None:
    """Check what does not depend on the values. Raises LessonError."""
    maker = _Maker(source.path, {})
    for page in source.pages:
        maker.at(page.line, partial(check_names, page.attributes))
        if page.asked is not None:
            maker.check(page.asked)


@dataclass(frozen=True, slots=True)
class _Maker:
    path: Path
    values: Mapping[str, Any]

    def at(self, line: int, work: Callable[[], Any]) -> Any:
        """Return what ``work`` returns; its TextError gets the file and line."""
        try:
            return work()
        except templates.MissingValueError as error:
            hint = one_of(self.values, error.name)
            raise LessonError(self.path, line + error.line, f"{error}; {hint}") from None
        except (templates.TextError, ValueError) as error:
            below = error.line if isinstance(error, templates.TextError) else 0
            raise LessonError(self.path, line + below, str(error)) from None

    def text(self, text: Text | None) -> str:
        if text is None:
            return ""
        return str(self.at(text.line, lambda: templates.text(text.source)(self.values)))

    def value(self, text: Text) -> Any:
        return self.at(text.line, lambda: templates.expression(text.source)(self.values))

    def numbers(self, text: Text) -> np.ndarray[Any, np.dtype[np.float64]]:
        found = self.value(text)
        try:
            numbers = np.asarray(found, dtype=np.float64)
        except (TypeError, ValueError):
            message = texts.must_be_numbers(text.source, type(found).__name__)
            raise LessonError(self.path, text.line, message) from None
        if not np.isfinite(numbers).all():
            raise LessonError(self.path, text.line, texts.not_finite(text.source))
        return numbers

    def card(self, page: Page) -> Card:
        self.at(page.line, lambda: check_names(page.attributes))
        if page.asked is not None:
            self.check(page.asked)
        scene = self.at(page.line, lambda: read_scene(page.attributes, self.values))
        question = None if page.asked is None else self.question(page.asked)
        made = partial(Card, page.title, self.text(page.text), scene, question)
        after, name = self.text(page.after), page.attributes.get("name", "")
        transfer = "transfer" in page.attributes
        return self.at(  # type: ignore[no-any-return]
            page.line, lambda: made(after, name=name, transfer=transfer)
        )

    def question(self, asked: Asked) -> Question:
        made: Any = _MAKERS[asked.kind](self, asked)
        if second := self.text(asked.parts.get(SECOND_HINT)):
            made = replace(made, second_hint=second)
        return made  # type: ignore[no-any-return]

    def check(self, asked: Asked) -> None:
        """Check the kind of a question, and the parts that one of this kind must have."""
        if asked.kind not in _MAKERS:
            message = texts.unknown_kind(asked.kind, one_of(_MAKERS, asked.kind))
            raise LessonError(self.path, asked.line, message)
        right = [each for each in asked.answers if each.right]
        if not right:
            raise LessonError(self.path, asked.line, texts.NO_RIGHT_ANSWER)
        if len(right) > 1 and asked.kind != "code_line":
            raise LessonError(self.path, right[1].answer.line, texts.SECOND_RIGHT_ANSWER)
        if "hint" not in asked.parts:
            raise LessonError(self.path, asked.line, texts.HINT_NEEDED)
        if asked.kind == "choice" and len(asked.answers) < 2:
            raise LessonError(self.path, asked.line, texts.TWO_ANSWERS)
        if asked.kind == "signs" and len(asked.answers) > 1:
            wrong = next(each for each in asked.answers if not each.right)
            raise LessonError(self.path, wrong.answer.line, texts.ONLY_RIGHT_SIGNS)
        for name in asked.attributes:
            known = ATTRIBUTES.get(asked.kind, ())
            if name not in known:
                message = texts.unknown_attribute_of(name, asked.kind, one_of(known, name))
                raise LessonError(self.path, asked.line, message)
        for name, part in asked.parts.items():
            if name not in ("hint", SECOND_HINT) and asked.kind != "signs":
                raise LessonError(self.path, part.line, texts.only_signs_have(name))

    def choice(self, asked: Asked) -> Question:
        options = [
            Option(self.text(each.answer), self.text(each.reason), each.right)
            for each in asked.answers
        ]
        return Choice(self.text(asked.prompt), options, self.text(asked.parts["hint"]))

    def code_line(self, asked: Asked) -> Question:
        code = self.text(asked.code)
        wrong: list[CodeRepair] = []
        others: dict[int, str] = {}
        for each in asked.answers:
            fragment, fix = self._fragments(each)
            at = self._line_of(fragment, code, each.answer.line)
            if each.right:
                wrong.append(CodeRepair(at, fragment, fix, self.text(each.reason)))
            else:
                others[at] = self.text(each.reason)
        why = self.text(next(each.reason for each in asked.answers if each.right))
        lines = frozenset(repair.line for repair in wrong)
        hint = self.text(asked.parts["hint"])
        prompt = self.text(asked.prompt)
        return CodeLine(prompt, code, lines, why, others, hint, tuple(wrong))

    def _fragments(self, answer: AnswerSource) -> tuple[str, str | None]:
        fragment, arrow, fix = self.text(answer.answer).partition(" -> ")
        parts = [part.strip() for part in (fragment, fix)]
        for part in parts if arrow else parts[:1]:
            if not (len(part) > 2 and part[0] == part[-1] == "`"):
                raise LessonError(
                    self.path,
                    answer.answer.line,
                    texts.PART_OF_A_LINE,
                )
        return parts[0][1:-1], parts[1][1:-1] if arrow else None

    def _line_of(self, fragment: str, code: str, line: int) -> int:
        """Return the only line of ``code`` that is ``fragment``, or else that has it."""
        lines = code.split("\n")
        found = [k for k, each in enumerate(lines) if each.strip() == fragment]
        found = found or [k for k, each in enumerate(lines) if fragment in each]
        if len(found) != 1:
            raise LessonError(self.path, line, texts.lines_with(len(found), fragment))
        return found[0]

    def shape(self, asked: Asked) -> Question:
        def sizes(text: Text) -> tuple[int, ...]:
            found = self.value(text)
            found = found if isinstance(found, tuple | list) else (found,)
            if not all(isinstance(each, int | np.integer) for each in found):
                raise LessonError(self.path, text.line, texts.shape_wanted(text.source))
            return tuple(int(each) for each in found)

        right = next(each for each in asked.answers if each.right)
        slips = {
            sizes(each.answer): self.text(each.reason) for each in asked.answers if not each.right
        }
        return Shape(
            self.text(asked.prompt),
            sizes(right.answer),
            self.text(right.reason),
            slips,
            self.text(asked.parts["hint"]),
        )

    def signs(self, asked: Asked) -> Question:
        (right,) = asked.answers
        numbers = self.numbers(right.answer)
        names = [name.strip() for name in self.text(asked.parts.get("names")).split(",")]
        if names != [""] and len(names) != numbers.size:
            line = asked.parts["names"].line
            raise LessonError(self.path, line, texts.name_count(len(names), numbers.size))
        wrong = {"wrong": self.text(asked.parts["wrong"])} if "wrong" in asked.parts else {}
        return Signs(
            self.text(asked.prompt),
            numbers,
            tuple(name for name in names if name),
            self.text(right.reason),
            hint=self.text(asked.parts["hint"]),
            **wrong,
        )

    def numeric(self, asked: Asked) -> Question:
        right = next(each for each in asked.answers if each.right)
        within = None
        if "within" in asked.attributes:
            within = float(self.numbers(Text(asked.attributes["within"], asked.line)))
        question = Values(
            self.text(asked.prompt),
            self.numbers(right.answer),
            self.text(right.reason),
            self.slips(asked),
            within,
            self.text(asked.parts["hint"]),
        )
        return question.with_distinct_slips()

    def slips(self, asked: Asked) -> tuple[Slip, ...]:
        return tuple(
            Slip(self.numbers(each.answer), self.text(each.reason))
            for each in asked.answers
            if not each.right
        )

    def line(self, asked: Asked) -> Question:
        right = next(each for each in asked.answers if each.right)
        working = self.value(Text(asked.attributes.get("of", "working"), asked.line))
        line = right.answer.source
        if not isinstance(working, LessonWorking):
            raise LessonError(self.path, asked.line, texts.needs_working(type(working).__name__))
        ids = [each.id for each in working.trace.lines]
        if line not in ids:
            message = texts.no_line_in_working(line, one_of(ids, line))
            raise LessonError(self.path, right.answer.line, message)
        return LineValue(
            self.text(asked.prompt),
            working,
            line,
            self.text(right.reason),
            self.text(asked.parts["hint"]),
            self.slips(asked),
            second_hint=working.explained(line),
        )


_MAKERS: Mapping[str, Callable[[_Maker, Asked], Question]] = {
    "choice": _Maker.choice,
    "code_line": _Maker.code_line,
    "line": _Maker.line,
    "shape": _Maker.shape,
    "signs": _Maker.signs,
    "values": _Maker.numeric,
}

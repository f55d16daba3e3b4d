"""Make the cards of a lesson from its source and the values of a draw."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from backprop_explorer.lessons.functions import (
    AskedFunction,
    FunctionCall,
    WrittenFunction,
    provided,
)
from backprop_explorer.lessons.lesson import Card, name_of
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
from backprop_explorer.lessons.reading.declared import WORKING, LessonValues
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
from backprop_explorer.lessons.scale import scale_of
from backprop_explorer.lessons.working import explained
from backprop_explorer.texts import lessons_reading as texts
from backprop_explorer.tutor.problem import Problem

# A line of a working, or an entry of it: ``dC_da1[0]``, ``plain.W1_next``.
_LINE_ENTRY = re.compile(r"(?:(\w+)\.)?(\w+)(?:\[.*\])?")
# The attributes of the kinds of questions; the others have none.
ATTRIBUTES: Mapping[str, Sequence[str]] = {
    "function": ("of",),
    "line": ("of",),
    "values": ("of", "within"),
}
# Kinds that have the right answer only.
ONE_ANSWER = {"signs": texts.ONLY_RIGHT_SIGNS, "function": texts.ONLY_RIGHT_FUNCTION}
# What a function returns for ``-> gradients``.
GRADIENTS = "[(dC_dW1, dC_db1), (dC_dW2, dC_db2), …]"
# Parts that only some kinds of questions have.
PARTS_OF: Mapping[str, Sequence[str]] = {
    "names": ("signs",),
    "wrong": ("signs",),
    "code": ("line", "values"),
    "scale": ("values",),
}


def make_cards(
    source: LessonSource, values: LessonValues, lesson: str = "", seed: int = 0
) -> tuple[Card, ...]:
    """Return the cards. Raises LessonError with the line of what cannot be used.

    lesson, seed: for the cells and codes of functions.
    """
    maker = _Maker(source.path, values, lesson, seed)
    return tuple(maker.card(page) for page in source.pages)


def check_source(source: LessonSource) -> None:
    """Check what does not depend on the values. Raises LessonError."""
    maker = _Maker(source.path, LessonValues({}))
    for page in source.pages:
        maker.at(page.line, partial(check_names, page.attributes))
        if page.asked is not None:
            maker.check(page.asked)


@dataclass(frozen=True, slots=True)
class _Maker:
    path: Path
    values: LessonValues
    lesson: str = ""
    seed: int = 0
    page: str = ""  # the name of the card

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
        named = replace(self, page=page.attributes.get("name", "") or name_of(page.title))
        question = None if page.asked is None else named.question(page.asked)
        maker = partial(Card, page.title, self.text(page.text), scene, question)
        after, name = self.text(page.after), page.attributes.get("name", "")
        transfer = "transfer" in page.attributes
        return self.at(  # type: ignore[no-any-return]
            page.line, lambda: maker(after, name=name, transfer=transfer)
        )

    def question(self, asked: Asked) -> Question:
        fields: Any = _MAKERS[asked.kind](self, asked)
        if (code := asked.parts.get("code")) is not None:
            fields = replace(fields, function=self.function(code, asked))
        if second := self.text(asked.parts.get(SECOND_HINT)):
            fields = replace(fields, second_hint=second)
        return fields  # type: ignore[no-any-return]

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
        if asked.kind in ONE_ANSWER and len(asked.answers) > 1:
            wrong = next(each for each in asked.answers if not each.right)
            raise LessonError(self.path, wrong.answer.line, ONE_ANSWER[asked.kind])
        for name in asked.attributes:
            known = ATTRIBUTES.get(asked.kind, ())
            if name not in known:
                message = texts.unknown_attribute_of(name, asked.kind, one_of(known, name))
                raise LessonError(self.path, asked.line, message)
        for name, part in asked.parts.items():
            kinds = PARTS_OF.get(name, (asked.kind,))
            if asked.kind not in kinds:
                message = texts.only_some_have(" or ".join(kinds), name)
                raise LessonError(self.path, part.line, message)

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
            at = self._lines_of(fragment, code, each.answer.line, most=1 if each.right else None)
            if each.right:
                wrong.append(CodeRepair(at[0], fragment, fix, self.text(each.reason)))
            else:
                others |= dict.fromkeys(at, self.text(each.reason))
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
                raise LessonError(self.path, answer.answer.line, texts.PART_OF_A_LINE)
        return parts[0][1:-1], parts[1][1:-1] if arrow else None

    def _lines_of(self, fragment: str, code: str, line: int, most: int | None) -> list[int]:
        """Return the lines of ``code`` that are ``fragment``, or else the only one that has it."""
        lines = code.split("\n")
        numbers = [k for k, each in enumerate(lines) if each.strip() == fragment]
        if not numbers:
            numbers, most = [k for k, each in enumerate(lines) if fragment in each], 1
        if not numbers or len(numbers) > (most or len(numbers)):
            raise LessonError(self.path, line, texts.lines_with(len(numbers), fragment))
        return numbers

    def written(self, asked: Asked) -> Question:
        (right,) = asked.answers
        function = self.function(right.answer, asked)
        texts = (self.text(right.reason), self.text(asked.parts["hint"]))
        return WrittenFunction(self.text(asked.prompt), function, *texts)

    def function(self, code: Text, asked: Asked) -> AskedFunction:
        """Read ``name(parameters) -> results``; results are lists of values of the lesson."""
        source, _, results = map(str.strip, code.source.partition(" -> "))
        try:
            call = ast.parse(source, mode="eval").body
            tree = ast.parse(results, mode="eval").body
        except SyntaxError:
            raise LessonError(self.path, code.line, texts.FUNCTION) from None
        if not isinstance(call, ast.Call):
            raise LessonError(self.path, code.line, texts.FUNCTION)
        given = [(ast.unparse(each), each) for each in call.args]
        given += [(str(each.arg), each.value) for each in call.keywords]
        calls = []
        for name in asked.attributes.get("of", WORKING).split(","):
            working = self.working(name, asked)
            known = {**self.values.numbers, WORKING: working, **provided(working)}
            maker = replace(self, values=LessonValues(known))
            arguments = tuple(maker.nested(each, code.line) for _, each in given)
            jacobians = None
            if working.notation.single and "activation_ders" in source:
                known |= provided(working, jacobians=True)
                jacobians = tuple(maker.nested(each, code.line) for _, each in given)
            expected = maker.nested(tree, code.line)
            calls.append(FunctionCall(arguments, jacobians, expected, working))
        parameters = tuple(name for name, _ in given)
        place = (self.lesson, self.page, self.seed, ast.unparse(call.func))
        told = GRADIENTS if results == "gradients" else results if "[" in results else ""
        return AskedFunction(*place, parameters, told, tuple(calls))

    def nested(self, tree: ast.expr, line: int) -> Any:
        """Return the values of an expression, with lists and tuples of expressions."""
        if isinstance(tree, ast.List):
            return [self.nested(each, line) for each in tree.elts]
        if isinstance(tree, ast.Tuple):
            return tuple(self.nested(each, line) for each in tree.elts)
        if isinstance(tree, ast.Name) and tree.id in self.values:
            return self.values[tree.id]
        return self.value(Text(ast.unparse(tree), line))

    def working(self, name: str, asked: Asked) -> Problem:
        value = self.value(Text(name, asked.line))
        if not isinstance(value, Problem):
            raise LessonError(self.path, asked.line, texts.needs_working(type(value).__name__))
        return value

    def shape(self, asked: Asked) -> Question:
        def sizes(text: Text) -> tuple[int, ...]:
            value = self.value(text)
            value = value if isinstance(value, tuple | list) else (value,)
            if not all(isinstance(each, int | np.integer) for each in value):
                raise LessonError(self.path, text.line, texts.shape_wanted(text.source))
            return tuple(int(each) for each in value)

        right = next(each for each in asked.answers if each.right)
        slips = {
            sizes(each.answer): self.text(each.reason) for each in asked.answers if not each.right
        }
        why, hint = self.text(right.reason), self.text(asked.parts["hint"])
        return Shape(self.text(asked.prompt), sizes(right.answer), why, slips, hint)

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
            scale=self.text(asked.parts.get("scale")) or self.scale(right.answer.source),
        )
        return question.with_distinct_slips()

    def scale(self, right: str) -> str:
        """Return what the sign and the size of a line's entry come from; "" for other answers."""
        match = _LINE_ENTRY.fullmatch(right)
        if match is None:
            return ""
        known = [self.values.get(name or "") for name in (match[1], WORKING)]
        workings = [each for each in known if isinstance(each, Problem)]
        of = (scale_of(each, match[2]) for each in workings if match[2] in each.trace.graph.by_id)
        return next(of, "")

    def slips(self, asked: Asked) -> tuple[Slip, ...]:
        return tuple(
            Slip(self.numbers(each.answer), self.text(each.reason))
            for each in asked.answers
            if not each.right
        )

    def line(self, asked: Asked) -> Question:
        right = next(each for each in asked.answers if each.right)
        working = self.working(asked.attributes.get("of", WORKING), asked)
        line = right.answer.source
        known = working.trace.graph.by_id
        if line not in known:
            message = texts.no_line_in_working(line, one_of(known, line))
            raise LessonError(self.path, right.answer.line, message)
        why, hint = self.text(right.reason), self.text(asked.parts["hint"])
        told = (self.text(asked.prompt), working, line, why, hint, self.slips(asked))
        return LineValue(*told, second_hint=explained(working, line))


_MAKERS: Mapping[str, Callable[[_Maker, Asked], Question]] = {
    "choice": _Maker.choice,
    "code_line": _Maker.code_line,
    "function": _Maker.written,
    "line": _Maker.line,
    "shape": _Maker.shape,
    "signs": _Maker.signs,
    "values": _Maker.numeric,
}

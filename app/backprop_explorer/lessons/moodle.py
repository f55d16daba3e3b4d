"""Export a lesson's questions for Moodle: its XML format, docs.moodle.org/en/Moodle_XML_format.

A choice or a line of code becomes a multiple choice question, a number a numerical one with
tolerance and the feedback of known mistakes, and several numbers, shapes and signs a cloze
question, whose numbers have such feedback too. Formulas are written between \\( and \\), for
Moodle's MathJax filter. Scenes of the explorer and the checker's diagnoses have no place in a quiz.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from backprop_explorer.lessons.functions import WrittenFunction
from backprop_explorer.lessons.lesson import Card, Lesson, deal
from backprop_explorer.lessons.number_questions import LineValue, Slip, Values
from backprop_explorer.lessons.questions import Choice, CodeLine, Question, Shape, Signs
from backprop_explorer.lessons.seed import Seed
from backprop_explorer.lessons.text import TextPiece, paragraphs

Element = ET.Element

# Moodle takes off this share of the grade for each wrong try.
PENALTY = "0.3333333"
SIGNS = {1: "positive", -1: "negative", 0: "zero"}


def quiz(lessons: Iterable[Lesson], seed: Seed, variants: int = 0) -> bytes:
    """Return the questions of lessons for a seed as Moodle XML, in UTF-8; a category for each.

    With ``variants`` each card has a category with its question for so many seeds, from which a
    random question of a quiz draws one: seed / 1, seed / 2, …
    """
    root = ET.Element("quiz")
    for lesson in lessons:
        title = _literal(lesson.title)
        if variants:
            dealt = [deal(lesson, f"{seed}/{k}") for k in range(1, variants + 1)]
            each = enumerate(zip(*dealt, strict=True), 1)
            groups = [(f"{title}/{k}. {_literal(cards[0].title)}", cards) for k, cards in each]
        else:
            groups = [(f"{title} (seed {_literal(str(seed))})", deal(lesson, seed))]
        for category, cards in groups:
            asked = [(card, card.question) for card in cards if card.question is not None]
            if asked:
                _category(root, category)
                root.extend(_question(card, question) for card, question in asked)
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _category(root: Element, name: str) -> None:
    _text(_child(_child(root, "question", type="category"), "category"), f"$course$/{name}")


def _literal(title: str) -> str:
    """Return a title as one name of a category's path, in which "/" separates names."""
    return title.replace("/", "//")


def html(markup: str) -> str:
    """Return a text of a lesson as HTML."""
    return "".join(
        f"<pre>{escape(pieces[0].content)}</pre>"
        if pieces[0].kind == "block"
        else f"<p>{''.join(map(_piece, pieces))}</p>"
        for pieces in paragraphs(markup)
    )


def _piece(piece: TextPiece) -> str:
    content = escape(piece.content, quote=False)
    match piece.kind:
        case "math":
            return f"\\({content}\\)"
        case "code":
            return f"<code>{content}</code>"
        case "strong":
            return f"<strong>{content}</strong>"
        case _:
            return content


def tolerance(value: float) -> float:
    """Return the tolerance that accepts ``value`` rounded to three significant digits."""
    if value == 0.0 or value == round(value):
        return 0.0 if value else 1e-5
    return 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - 2)


def _question(card: Card, question: Question) -> Element:
    match question:
        case Choice():
            element = _multichoice(card, question)
        case CodeLine():
            element = _code_line(card, question)
        case WrittenFunction():
            cell = f"<pre>{escape(question.function.cell)}</pre>"
            element = _begun("shortanswer", card, html(card.text) + html(question.prompt) + cell)
            _text(_child(element, "usecase"), "0", wrapped=False)
            _answer(element, True, question.solution(), html(question.why), plain=True)
        case Values() if np.ndim(question.right) == 0:
            element = _numerical(card, question, float(np.asarray(question.right)), question.slips)
        case _:
            element = _cloze(card, question)
    why = question.mark(question.solution()).message
    general = _child(element, "generalfeedback", format="html")
    _text(general, html(why) + html(card.after))
    _text(_child(element, "penalty"), PENALTY, wrapped=False)
    _text(_child(element, "hidden"), "0", wrapped=False)
    if element.get("type") != "cloze":
        _text(_child(element, "defaultgrade"), "1", wrapped=False)
    for hint in filter(None, (question.hint, question.second_hint)):
        _text(_child(element, "hint", format="html"), html(hint))
    return element


def _begun(kind: str, card: Card, text: str) -> Element:
    element = ET.Element("question", type=kind)
    _text(_child(element, "name"), card.title)
    _text(_child(element, "questiontext", format="html"), text)
    return element


def _multichoice(card: Card, question: Choice) -> Element:
    element = _begun("multichoice", card, html(card.text) + html(question.prompt))
    _single(element)
    for option in question.options:
        _answer(element, option.right, html(option.text), html(option.why))
    return element


def _code_line(card: Card, question: CodeLine) -> Element:
    code = f"<pre>{escape(question.code)}</pre>"
    element = _begun("multichoice", card, html(card.text) + html(question.prompt) + code)
    _single(element, shuffle=False)
    for k, line in enumerate(question.code.split("\n")):
        if line.strip():
            mark = question.mark(k)
            _answer(element, mark.right, f"<code>{escape(line)}</code>", html(mark.message))
    return element


def _single(element: Element, *, shuffle: bool = True) -> None:
    _text(_child(element, "single"), "true", wrapped=False)
    _text(_child(element, "shuffleanswers"), "true" if shuffle else "false", wrapped=False)
    _text(_child(element, "answernumbering"), "none", wrapped=False)


def _numerical(card: Card, question: Values, right: float, slips: Sequence[Slip]) -> Element:
    element = _begun("numerical", card, html(card.text) + html(question.prompt))
    answers = [(right, True, question.why)]
    answers += [(float(np.asarray(slip.value)), False, slip.why) for slip in slips]
    for value, is_right, why in answers:
        answer = _answer(element, is_right, repr(value + 0), html(why), plain=True)
        allowed = question.within if question.within is not None else tolerance(value)
        _text(_child(answer, "tolerance"), repr(float(allowed)), wrapped=False)
    return element


def _cloze(card: Card, question: Question) -> Element:
    fields = _fields(question)
    return _begun("cloze", card, html(card.text) + html(question.prompt) + fields)


def _fields(question: Question) -> str:
    solution = question.solution()
    if isinstance(question, Shape):
        shapes = [each for each in question.slips.items() if len(each[0]) == len(solution)]
        sizes = (
            _number(size, known=[(shape[k], why) for shape, why in shapes])
            for k, size in enumerate(solution)
        )
        return f"<p>({', '.join(sizes)})</p>"
    if isinstance(question, Signs):
        names = [html(name).removeprefix("<p>").removesuffix("</p>") for name in question.names]
        entries = np.ravel(solution).tolist()
        names += [str(k) for k in range(len(names), len(entries))]
        rows = [f"<li>{n}: {_sign(int(e))}</li>" for n, e in zip(names, entries, strict=True)]
        return f"<ul>{''.join(rows)}</ul>"
    assert isinstance(question, Values | LineValue)
    within = question.within if isinstance(question, Values) else None
    right, *wrong = (
        np.atleast_2d(np.asarray(each, dtype=np.float64))
        for each in (solution, *(slip.value for slip in question.slips))
    )
    slips = zip(wrong, question.slips, strict=True)
    known = [(value, slip.why) for value, slip in slips if value.shape == right.shape]

    def cell(*at: int) -> str:
        here = [(float(value[at]), why) for value, why in known]
        return f"<td>{_number(float(right[at]), within, here)}</td>"

    height, width = right.shape
    table = (f"<tr>{''.join(cell(i, j) for j in range(width))}</tr>" for i in range(height))
    return f"<table>{''.join(table)}</table>"


def _number(
    value: float, within: float | None = None, known: Sequence[tuple[float, str]] = ()
) -> str:
    """Return a field for ``value``; ``known`` are what mistakes give there, with their feedback."""
    allowed = tolerance(value) if within is None else within
    field, told = f"={value + 0!r}:{allowed!r}", [value]
    for wrong, why in known:
        margin = tolerance(wrong)
        if all(abs(wrong - each) > allowed + margin for each in told):
            field += f"~%0%{wrong + 0!r}:{margin!r}#{_feedback(why)}"
            told.append(wrong)
    return f"{{1:NUMERICAL:{field}}}"


def _feedback(markup: str) -> str:
    """Return a text as HTML within a field, where ~ and } have a meaning."""
    text = "".join(_piece(piece) for pieces in paragraphs(markup) for piece in pieces)
    return re.sub(r"[~}]", r"\\\g<0>", text)


def _sign(sign: int) -> str:
    options = (f"={name}" if key == sign else name for key, name in SIGNS.items())
    return f"{{1:MULTICHOICE:{'~'.join(options)}}}"


def _answer(element: Element, right: bool, text: str, why: str, *, plain: bool = False) -> Element:
    kind = {} if plain else {"format": "html"}
    answer = _child(element, "answer", fraction="100" if right else "0", **kind)
    _text(answer, text)
    _text(_child(answer, "feedback", format="html"), why)
    return answer


def _child(parent: Element, name: str, **attributes: Any) -> Element:
    return ET.SubElement(parent, name, attributes)


def _text(parent: Element, content: str, *, wrapped: bool = True) -> None:
    """Write ``content``; most elements of the format have it in an element ``text``."""
    target = _child(parent, "text") if wrapped else parent
    target.text = content

"""Answers of lessons. Markup becomes pieces with MathML; solutions are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from backprop_explorer.compute.encoding import picked
from backprop_explorer.compute.formulas import formula
from backprop_explorer.lessons.lesson import Card, Lesson, Scene
from backprop_explorer.lessons.open_cards import AskedLine
from backprop_explorer.lessons.questions import Choice, Mark, Question
from backprop_explorer.lessons.text import TextPiece, paragraphs

MARKUP = "_text"


def listed(lesson: Lesson) -> dict[str, Any]:
    """A lesson as an item of the list of lessons."""
    shown = picked(
        lesson,
        *("name", "title", "group", "group_title", "exercise", "summary", "minutes", "was"),
        *("picture", "digest"),
    )
    return {**shown, "builds_on": list(lesson.builds_on), "questions": lesson.questions()}


def rich(markup: str) -> list[list[dict[str, Any]]]:
    """Paragraphs of pieces: ``{"kind", "text" | "code" | "formula"}``."""
    return [[_piece(piece) for piece in paragraph] for paragraph in paragraphs(markup)]


def _piece(piece: TextPiece) -> dict[str, Any]:
    if piece.kind == "math":
        return {"kind": "math", "formula": formula(piece.content)}
    name = "code" if piece.kind in ("code", "block") else "text"
    return {"kind": piece.kind, name: piece.content}


def card_shown(card: Card) -> dict[str, Any]:
    """A card without hints, reasons and solution."""
    return {
        **picked(card, "name", "title"),
        "text": rich(card.text),
        "scene": None if card.scene is None else scene_shown(card.scene),
        "question": None if card.question is None else _question(card.question),
    }


def card_in_lesson(card: Card, later: Sequence[AskedLine]) -> dict[str, Any]:
    """A card of a lesson, with what ``later`` cards ask."""
    return {**card_shown(card), "later": [asdict(line) for line in later]}


def card_on_paper(card: Card) -> dict[str, Any]:
    """A card without what belongs to the explorer."""
    shown = card_shown(card)
    del shown["scene"]
    return shown


def outlined(cards: Sequence[Card]) -> list[dict[str, Any]]:
    """Names and titles of all cards, and which ask a question."""
    return [{**picked(card, "name", "title"), "asks": card.question is not None} for card in cards]


def scene_shown(scene: Scene) -> dict[str, Any]:
    """What a scene sets; what it leaves as it was is left out."""
    fields = {name: getattr(scene, name) for name in Scene.__dataclass_fields__}
    return {name: value for name, value in fields.items() if value is not None}


def _question(question: Question) -> dict[str, Any]:
    public = {
        name.removesuffix(MARKUP): _markup(value) if name.endswith(MARKUP) else value
        for name, value in question.public().items()
    }
    return {
        "kind": question.kind,
        "prompt": rich(question.prompt),
        "hints": len(hints_of(question)),
        **public,
    }


def hints_of(question: Question) -> list[str]:
    """The hints of a question, markup, in the order in which they are given."""
    return [hint for hint in (question.hint, question.second_hint) if hint]


def _markup(value: Any) -> Any:
    return rich(value) if isinstance(value, str) else [rich(each) for each in value]


def _reasons(question: Question | None) -> list[Any] | None:
    """The reasons of all options of a choice, None for other questions."""
    options = question.options if isinstance(question, Choice) else None
    return None if options is None else [rich(option.why) for option in options]


def marked(mark: Mark, card: Card) -> dict[str, Any]:
    """The mark of an answer; what explains the question as a whole only if the answer is right."""
    return {
        "right": mark.right,
        "message": rich(mark.message),
        **picked(mark, "entries", "misconception", "close"),
        "after": rich(card.after) if mark.right else None,
        "reasons": _reasons(card.question) if mark.right else None,
    }


def solved(card: Card, question: Question) -> dict[str, Any]:
    """A right answer and why it is right."""
    answer = question.solution()
    return {
        "answer": answer,
        "message": rich(question.mark(answer).message),
        "after": rich(card.after),
        "reasons": _reasons(question),
    }

"""Requests and answers of lessons. Markup becomes pieces with MathML; solutions are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema

from backprop_explorer.compute.formulas import formula
from backprop_explorer.experiments.recipe_fields import RecipePart
from backprop_explorer.lessons.lesson import MAX_NAME, Card, Lesson, Scene
from backprop_explorer.lessons.questions import Mark, Question
from backprop_explorer.lessons.seed import DEFAULT_SEED, MAX_CHARACTERS, read_seed
from backprop_explorer.lessons.text import TextPiece, paragraphs
from backprop_explorer.texts import compute as texts
from backprop_explorer.tutor.reading.arrays import MAX_TEXT

MARKUP = "_text"
ANSWER_EXAMPLE: dict[str, Any] = {"seed": 1, "card": 0, "answer": 0}
SOLUTION_EXAMPLE: dict[str, Any] = {"seed": 1, "card": 0, "tried": 0}


def _bounded(value: Any) -> Any:
    """Check the type and length of an answer; its question parses it."""
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise ValueError(texts.most_characters(MAX_TEXT))
    if isinstance(value, Mapping):
        raise ValueError(texts.ANSWER)
    return value


Answer = Annotated[
    Any,
    PlainValidator(_bounded),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number"},
                {"type": "string", "maxLength": MAX_TEXT},
                {"type": "array", "items": {}},
            ]
        }
    ),
]


def _card(value: Any) -> int | str:
    """Check a card's position or name. Whether the lesson has the card is checked later."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(texts.CARD)
    if isinstance(value, int) and value < 0:
        raise ValueError(texts.AT_LEAST_0)
    if isinstance(value, str) and not 0 < len(value) <= MAX_NAME:
        raise ValueError(texts.name_length(MAX_NAME))
    return value


SeedField = Annotated[
    int | str,
    PlainValidator(read_seed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer"},
                {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS},
            ]
        }
    ),
]
CardField = Annotated[
    int | str,
    PlainValidator(_card),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
            ]
        }
    ),
]


class CardRequest(RecipePart):
    """The card of a lesson, and the seed of the lesson's numbers."""

    seed: Annotated[SeedField, Field(description="A number or any text")] = DEFAULT_SEED
    card: Annotated[CardField, Field(description="Its position, counted from 0, or its name")]


class AnswerRequest(CardRequest):
    """An answer to a card's question."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWER_EXAMPLE]})

    answer: Answer


class SolutionRequest(CardRequest):
    """A request for the solution of a card's question."""

    model_config = ConfigDict(json_schema_extra={"examples": [SOLUTION_EXAMPLE]})

    tried: Annotated[Answer | None, Field(description="An answer that was tried")] = None


def listed(lesson: Lesson) -> dict[str, Any]:
    """A lesson as an item of the list of lessons."""
    return {
        "name": lesson.name,
        "title": lesson.title,
        "group": lesson.group,
        "group_title": lesson.group_title,
        "exercise": lesson.exercise,
        "summary": lesson.summary,
        "minutes": lesson.minutes,
        "questions": lesson.questions(),
    }


def rich(markup: str) -> list[list[dict[str, Any]]]:
    """Paragraphs of pieces: ``{"kind", "text" | "code" | "formula"}``."""
    return [[_piece(piece) for piece in paragraph] for paragraph in paragraphs(markup)]


def _piece(piece: TextPiece) -> dict[str, Any]:
    if piece.kind == "math":
        return {"kind": "math", "formula": formula(piece.content)}
    name = "code" if piece.kind in ("code", "block") else "text"
    return {"kind": piece.kind, name: piece.content}


def card_shown(card: Card) -> dict[str, Any]:
    """A card without its solution."""
    return {
        "name": card.name,
        "title": card.title,
        "text": rich(card.text),
        "scene": None if card.scene is None else scene_shown(card.scene),
        "question": None if card.question is None else _question(card.question),
    }


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
        "hint": rich(question.hint),
        "second_hint": rich(question.second_hint),
        **public,
    }


def _markup(value: Any) -> Any:
    return rich(value) if isinstance(value, str) else [rich(each) for each in value]


def marked(mark: Mark, card: Card) -> dict[str, Any]:
    """The mark of an answer; the text after the question only if the answer is right."""
    return {
        "right": mark.right,
        "message": rich(mark.message),
        "entries": mark.entries,
        "misconception": mark.misconception,
        "close": mark.close,
        "after": rich(card.after) if mark.right else None,
    }


def solved(card: Card, question: Question) -> dict[str, Any]:
    """A right answer and why it is right."""
    answer = question.solution()
    return {
        "answer": answer,
        "message": rich(question.mark(answer).message),
        "after": rich(card.after),
    }

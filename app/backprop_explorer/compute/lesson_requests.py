"""The requests of lessons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema

from backprop_explorer.experiments.recipe_fields import RecipePart
from backprop_explorer.lessons.seed import DEFAULT_SEED, MAX_CHARACTERS, MAX_NAME, read_seed
from backprop_explorer.texts import compute as texts
from backprop_explorer.tutor.reading import MAX_TEXT

ANSWER_EXAMPLE: dict[str, Any] = {"seed": 1, "card": 0, "answer": 0}
SOLUTION_EXAMPLE: dict[str, Any] = {"seed": 1, "card": 0, "tried": 0}
HINT_EXAMPLE: dict[str, Any] = {"seed": 1, "card": 0, "number": 1}
CARDS_EXAMPLE: dict[str, Any] = {"seed": 1, "answers": {"one-layer-one-sample": 0}}
MAX_ANSWERS = 100
MAX_HINTS = 2


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


class SeedRequest(RecipePart):
    """The seed of a lesson's numbers."""

    seed: Annotated[SeedField, Field(description="A number or any text")] = DEFAULT_SEED


class CardsRequest(SeedRequest):
    """A request for the cards of a lesson that answers open."""

    model_config = ConfigDict(json_schema_extra={"examples": [CARDS_EXAMPLE]})

    answers: Annotated[
        dict[Annotated[str, Field(max_length=MAX_NAME)], Answer],
        Field(
            max_length=MAX_ANSWERS,
            description="Answers that were given, by the name of the card or its position",
        ),
    ]


class CardRequest(SeedRequest):
    """The card of a lesson, and the seed of the lesson's numbers."""

    card: Annotated[CardField, Field(description="Its position, counted from 0, or its name")]


class AnswerRequest(CardRequest):
    """An answer to a card's question."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWER_EXAMPLE]})

    answer: Answer


class HintRequest(CardRequest):
    """A request for a hint to a card's question."""

    model_config = ConfigDict(json_schema_extra={"examples": [HINT_EXAMPLE]})

    number: Annotated[int, Field(ge=1, le=MAX_HINTS, description="Which: 1 is the first")] = 1


class SolutionRequest(CardRequest):
    """A request for the solution of a card's question."""

    model_config = ConfigDict(json_schema_extra={"examples": [SOLUTION_EXAMPLE]})

    tried: Annotated[Answer | None, Field(description="An answer that was tried")] = None

"""What the tests of lessons share: the cards of a seed, and what the explorer shows beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from backprop_explorer.lessons.functions import WrittenFunction
from backprop_explorer.lessons.lesson import Card, Scene, deal
from backprop_explorer.lessons.library import own_lessons
from backprop_explorer.lessons.number_questions import Values
from backprop_explorer.lessons.questions import Choice, CodeLine, Question, Shape, Signs
from backprop_explorer.lessons.seed import Seed

LESSONS = own_lessons()
# The lesson that tests of one lesson are about.
ONE = "one-layer-by-hand"
VIEW: dict[str, Any] = {
    "recipe": None,
    "step": 0,
    "sample": 0,
    "line": "z1",
    "convention": "column",
    "reduction": None,
    "jacobians": False,
    "fused": True,
}


@cache
def made(name: str, seed: int) -> tuple[Card, ...]:
    """The cards as the lesson makes them, once for all tests of a process: some train networks."""
    return tuple(LESSONS[name].cards(LESSONS[name].draw(seed)))


@cache
def cards(name: str, seed: Seed) -> tuple[Card, ...]:
    """The cards as they are handed out."""
    return deal(replace(LESSONS[name], cards=lambda draw: made(name, draw.seed)), seed)


def views(name: str, seed: Seed) -> Iterator[tuple[int, Card, dict[str, Any]]]:
    """What the explorer shows at each card: what a scene leaves out stays as it was."""
    view = dict(VIEW)
    for number, card in enumerate(cards(name, seed)):
        scene = card.scene or Scene()
        if scene.recipe is not None:
            view |= {"recipe": scene.recipe, "step": 0, "reduction": None}
        given = {key: getattr(scene, key) for key in VIEW}
        view |= {key: value for key, value in given.items() if value is not None}
        yield number, card, view


def right_answers(name: str, seed: Seed, before: int | None = None) -> dict[str, Any]:
    """The right answers of a lesson, by card: of all questions, or of those before a card."""
    return {
        card.name: card.question.solution()
        for card in cards(name, seed)[:before]
        if card.question is not None
    }


def wrong_answer(question: Question) -> Any:
    """An answer that can be read and is not right."""
    right = question.solution()
    if isinstance(question, Choice):
        return (right + 1) % len(question.options)
    if isinstance(question, CodeLine):
        lines = enumerate(question.code.split("\n"))
        return next(k for k, line in lines if k not in question.wrong and line.strip())
    if isinstance(question, Shape):
        return [*right, 7]
    if isinstance(question, Signs):
        signs = np.array(right)
        signs.flat[0] = -1 if signs.flat[0] == 1 else 1
        return signs.tolist()
    if isinstance(question, WrittenFunction):
        return "bcd-fgh"
    off = 1.1 * np.asarray(right) + 0.05
    if isinstance(question, Values) and question.within is not None:
        off = np.asarray(right) + 2 * question.within
    return off.tolist()


def place(kind: type[Any], line: str | None = None, *, name: str = ONE, seed: int = 1) -> int:
    """The first card of a lesson that asks such a question (about ``line``), counted from 0."""
    return next(
        number
        for number, card in enumerate(cards(name, seed))
        if isinstance(card.question, kind) and line in (None, getattr(card.question, "line", None))
    )

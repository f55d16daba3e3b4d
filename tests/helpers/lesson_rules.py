"""The rules for the cards of every lesson; ``lessons/test_lesson_rules.py`` applies them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from latex2mathml.converter import convert

from backprop_explorer.engine.trace import trace
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.lessons import Card, Draw, Lesson
from backprop_explorer.lessons.questions import (
    Choice,
    CodeLine,
    LineValue,
    Mark,
    Shape,
    Signs,
    Values,
)
from backprop_explorer.lessons.text import paragraphs
from backprop_explorer.settings import Limits

FORBIDDEN = re.compile(r"\bsimply\b|!(?!=)", re.IGNORECASE)


def cards_of(lesson: Lesson, seed: int) -> Sequence[Card]:
    return lesson.cards(Draw.of(lesson.name, seed))


def card(lesson: Lesson, title: str, seed: int = 0) -> Card:
    """The card with this title."""
    (found,) = [each for each in cards_of(lesson, seed) if each.title == title]
    return found


def mark(lesson: Lesson, title: str, answer: Any, seed: int = 0) -> Mark:
    """What is said of ``answer`` on the card with this title."""
    question = card(lesson, title, seed).question
    assert question is not None
    if isinstance(answer, (np.ndarray, np.floating)):
        answer = answer.tolist()
    return question.mark(answer)


def written(formula: str) -> float:
    """A number as a formula in a text has it: ``2.5 \\cdot 10^{-7}``."""
    return float(re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", formula))


def texts(lesson: Lesson, cards: Sequence[Card]) -> Iterator[str]:
    """Everything that a reader of the lesson may see."""
    yield from (lesson.title, lesson.summary)
    for each in cards:
        yield from (each.title, each.text, each.after)
        question = each.question
        if question is None:
            continue
        yield from (question.prompt, question.hint)
        match question:
            case Choice():
                for option in question.options:
                    yield from (option.text, option.why)
            case CodeLine():
                yield from (question.why, *question.others.values())
            case Shape():
                yield from (question.why, *question.slips.values())
            case Signs():
                yield from (question.why, question.wrong, *question.names)
            case Values():
                yield from (question.why, *(slip.why for slip in question.slips))
            case LineValue():
                yield question.why


def check_words(lesson: Lesson, cards: Sequence[Card]) -> None:
    """Texts parse, formulas become MathML, words are plain."""
    for text in texts(lesson, cards):
        for pieces in paragraphs(text):
            for piece in pieces:
                if piece.kind == "math":
                    assert convert(piece.content).startswith("<math"), piece.content
                elif piece.kind in ("text", "strong"):
                    assert not FORBIDDEN.search(piece.content), piece.content
                    assert "$" not in piece.content, piece.content
                    assert "**" not in piece.content, piece.content


def check_length(cards: Sequence[Card]) -> None:
    assert 5 <= len(cards) <= 10
    titles = [each.title for each in cards]
    assert len(set(titles)) == len(titles)
    assert len({each.name for each in cards}) == len(cards)
    assert cards[0].scene is not None
    assert cards[0].scene.recipe is not None
    assert sum(each.question is not None for each in cards) >= 4


def check_questions(cards: Sequence[Card]) -> None:
    """Solutions are right, every other option and every slip is wrong and says why.

    What the checker says of a wrong line takes long to find: ``test_lessons`` asks it.
    """
    for each in cards:
        question = each.question
        if question is None:
            continue
        assert question.hint, each.title
        answer = question.solution()
        right = question.mark(answer)
        assert right.right, (each.title, right.message)
        assert right.message, each.title
        match question:
            case Choice():
                assert sum(option.right for option in question.options) == 1, each.title
                words = [option.text for option in question.options]
                assert len(set(words)) == len(words), each.title
                for k, option in enumerate(question.options):
                    assert question.mark(k).right == option.right
                    assert option.why, each.title
            case CodeLine():
                count = len(question.public()["code"])
                assert all(0 <= k < count for k in question.wrong)
                assert not set(question.others) & question.wrong, each.title
                assert set(question.others) <= set(range(count))
            case Shape():
                assert question.right not in question.slips
                for slip, why in question.slips.items():
                    assert question.mark(list(slip)).message == why
            case Values():
                expected = np.asarray(question.right, dtype=np.float64)
                assert np.isfinite(expected).all(), each.title
                for slip in question.slips:
                    given = np.asarray(slip.value, dtype=np.float64).tolist()
                    marked = question.mark(given)
                    assert not marked.right, (each.title, slip.why)
                    assert marked.message == slip.why, (each.title, slip.why)
                rounded = np.vectorize(lambda v: float(f"{v:.4g}"))(expected)
                assert question.mark(rounded.tolist()).right, each.title


def check_scenes(cards: Sequence[Card]) -> None:
    """Recipes can be used, and the lines that are pointed at are there."""
    ids: list[str] = []
    initial_state: InitialState | None = None
    fused, jacobians, line = True, False, None
    for each in cards:
        scene = each.scene
        if scene is None:
            continue
        for recipe in (scene.recipe, scene.reference):
            if recipe is not None:
                InitialState(Recipe.model_validate(recipe), Limits()).prepare()
        fused = fused if scene.fused is None else scene.fused
        jacobians = jacobians if scene.jacobians is None else scene.jacobians
        if scene.recipe is not None:
            initial_state = InitialState(Recipe.model_validate(scene.recipe), Limits())
        assert initial_state is not None
        assert scene.figure in (None, "flow", "health", "data")
        if isinstance(scene.sample, int):
            assert scene.sample < len(initial_state.train[0])
        objective = type(initial_state.objective)(
            initial_state.objective.cost,
            initial_state.objective.reduction,
            initial_state.objective.l1,
            initial_state.objective.l2,
            fused,
        )
        made = trace(
            initial_state.network,
            initial_state.parameters,
            objective,
            initial_state.train[0][:1],
            initial_state.train[1][:1],
            update=initial_state.segments[0].update,
            jacobians=jacobians,
        )
        ids = [each_line.id for each_line in made.lines]
        for name in (scene.line, scene.hide):
            assert name is None or name in ids, (each.title, name)
        line = scene.line or line
        if scene.entry is not None:
            assert line is not None
            shape = np.shape(made[line])
            assert len(scene.entry) <= len(shape)
    assert ids


def same(one: Any, other: Any) -> bool:
    """Whether two cards, questions or workings have the same content, arrays compared as such."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(np.asarray(one), np.asarray(other))
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return type(one) is type(other) and all(
            same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one)
        )
    return bool(one == other)


def check_seeds(lesson: Lesson) -> None:
    """The same seed gives the same numbers, another one others."""
    assert same(cards_of(lesson, 3), cards_of(lesson, 3))
    assert not same(cards_of(lesson, 3), cards_of(lesson, 4))


def content(lesson: Lesson, cards: Sequence[Card]) -> str:
    """All that a lesson says and asks, as one text."""
    asked = [str(card.question.solution()) for card in cards if card.question]
    return "\n".join([*texts(lesson, cards), *asked])

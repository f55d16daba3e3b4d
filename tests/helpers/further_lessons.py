"""What the tests of the lessons on why networks learn or fail share."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np

from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.lessons.lesson import Lesson
from backprop_explorer.lessons.number_questions import LineValue
from backprop_explorer.limits import Limits
from backprop_explorer.tutor.checker import check
from backprop_explorer.tutor.reading.arrays import parse_array
from tests.helpers.lesson_rules import card, cards_of


def training_data(recipe: dict[str, Any]) -> tuple[Any, Any]:
    """(x, target) as the network receives them."""
    return InitialState(Recipe.model_validate(recipe), Limits()).train


def given(lesson: Lesson, seed: int, title: str = "") -> dict[str, Any]:
    """Return the numbers in a card's code block; the first card by default."""
    cards = cards_of(lesson, seed)
    text = cards[0].text if not title else card(lesson, title, seed).text
    names: dict[str, Any] = {"np": np}
    exec(text.split("```")[1], names)
    return names


def named(lesson: Lesson, title: str, wrong: Any, seed: int = 0) -> str | None:
    """Return the misconception that checker and card name for ``wrong``."""
    question = card(lesson, title, seed).question
    assert isinstance(question, LineValue)
    printed = str(np.asarray(wrong))
    working = question.working
    result = check(working.trace, working.notation, {question.line: parse_array(printed)})
    first = result.diagnoses[0].misconception if result.diagnoses else None
    marked = question.mark(printed)
    assert not marked.right
    assert marked.misconception == first
    return first


def tanh_cost(layers: Any, x: Any, target: Any) -> Any:
    (W1, b1), (W2, b2) = layers
    return anp.mean((anp.tanh(x @ W1 + b1) @ W2 + b2 - target) ** 2)

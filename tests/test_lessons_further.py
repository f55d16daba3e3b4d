"""The lessons on why a network learns or does not: their numbers, recomputed in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.core.initializers import initialize
from app.core.network import Layer, Network
from app.experiments.recipe import Recipe
from app.experiments.setup import Setup
from app.lessons import LESSONS, Lesson
from app.settings import Limits
from tests.helpers.lessons import (
    cards_of,
    check_length,
    check_questions,
    check_scenes,
    check_seeds,
    check_words,
    mark,
)

FURTHER = [lesson for lesson in LESSONS.values() if lesson.group == "further"]
NAMES = [lesson.name for lesson in FURTHER]


@pytest.mark.parametrize("lesson", FURTHER, ids=NAMES)
def test_lessons_keep_the_rules(lesson: Lesson) -> None:
    check_seeds(lesson)
    for seed in range(3):
        cards = cards_of(lesson, seed)
        check_length(cards)
        check_words(lesson, cards)
        check_scenes(cards)


@pytest.mark.parametrize("lesson", FURTHER, ids=NAMES)
def test_no_draw_is_degenerate(lesson: Lesson) -> None:
    for seed in range(50):
        check_questions(cards_of(lesson, seed))


def slope(z: float) -> float:
    e = np.exp(-z)
    return float(e / (1.0 + e) ** 2)


def training_data(recipe: dict[str, Any]) -> tuple[Any, Any]:
    """(x, target) as the network sees them."""
    return Setup(Recipe.model_validate(recipe), Limits()).train


def test_vanishing_gradients_by_hand() -> None:
    lesson = LESSONS["vanishing-gradients"]
    for seed in range(5):
        recipe = cards_of(lesson, seed)[0].scene.recipe
        a, z = recipe["dataset"]["x"][0][0], []
        chain = [(each["W"][0][0], each["b"][0]) for each in recipe["network"]["weights"]]
        for w, b in chain:
            z.append(w * a + b)
            a = 1 / (1 + np.exp(-z[-1]))
        step = chain[3][0] * slope(z[2])
        assert mark(lesson, "One layer down", step, seed).right
        whole = step * chain[2][0] * slope(z[1]) * chain[1][0] * slope(z[0])
        assert mark(lesson, "All the way down", whole, seed).right
        forgotten = mark(lesson, "One layer down", chain[3][0], seed)
        assert not forgotten.right
        assert "derivative is missing" in forgotten.message
    assert mark(lesson, "The slope of a sigmoid", 0.25).right
    assert mark(lesson, "The most that can arrive", 1 / 64).right


def forward_and_back(
    recipe: dict[str, Any], x: Any, target: Any, activation: Any, derivative: Any
) -> list[float]:
    """‖∂C/∂z‖ of each layer for sigmoid outputs with the mean binary cross-entropy."""
    layers = recipe["network"]["layers"]
    network = Network(x.shape[1], tuple(Layer(d["units"], d["activation"]) for d in layers))
    first = initialize(
        network, recipe["network"]["initializer"], np.random.default_rng(recipe["network"]["seed"])
    )
    zs, a = [], x
    for W, b in zip(first.W, first.b, strict=True):
        zs.append(a @ W + b)
        a = activation(zs[-1])
    delta = (1 / (1 + np.exp(-zs[-1])) - target) / len(x)
    norms = [np.linalg.norm(delta)]
    for W, z in zip(first.W[:0:-1], zs[-2::-1], strict=True):
        delta = (delta @ W.T) * derivative(z)
        norms.insert(0, np.linalg.norm(delta))
    return norms


def test_the_share_that_vanishes_is_that_of_the_run() -> None:
    lesson = LESSONS["vanishing-gradients"]
    for seed in range(3):
        recipe = next(c for c in cards_of(lesson, seed) if c.title == "A real network").scene.recipe
        x, target = training_data(recipe)
        norms = forward_and_back(
            recipe, x, target, lambda z: 1 / (1 + np.exp(-z)), np.vectorize(slope)
        )
        share = norms[0] / norms[-1]
        assert mark(lesson, "In numbers", share, seed).right
        assert mark(lesson, "What one layer does", share ** (1 / 6), seed).right
        assert "other way round" in mark(lesson, "In numbers", 1 / share, seed).message

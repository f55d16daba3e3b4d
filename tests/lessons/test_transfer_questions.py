"""The transfer questions at the end of the lessons: the right answers, and what they say of runs.

What they say of mathematics and of NumPy is not computed again here.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.lessons.questions import Choice
from backprop_explorer.lessons.runs import points
from backprop_explorer.limits import Limits
from tests.helpers.lesson_rules import card
from tests.helpers.lessons import LESSONS
from tests.helpers.weeks import assert_right, cards_of, chosen, question, text_of


@pytest.mark.parametrize(
    ("lesson", "title", "option"),
    [
        ("second-layer", "A third layer", "`b2[5]` and column 5"),
        ("initialization", "Zeros in the last layer only", "the others from the second"),
        ("optimizers", "A rare word", "Adagrad"),
    ],
)
def test_the_right_option(lesson: str, title: str, option: str) -> None:
    assert chosen(cards_of(lesson, 1), title, option).right


@pytest.mark.parametrize(
    ("lesson", "title", "right"),
    [
        ("first-layer", "A picture as input", f"(100, {28 * 28})"),
        ("any-number-of-layers", "One activation among three layers", "2"),
        ("a-batch-of-samples", "Sequences", "(32, 50, 16)"),
        ("iris-with-autograd", "A mean in place of the sum", "0.15"),
        ("softmax-with-cross-entropy", "A label that is not certain", "[-0.2 0 0.2]"),
        ("vanishing-gradients", "The same layer fifty times", f"{0.9**50:.4g}"),
        ("an-activation-for-each-layer", "Sigmoid inside, ReLU at the end", "(0, 0, 0)"),
        ("any-depth", "The same weights twice", "0.2"),
        ("two-layers", "Two outputs", "0.2, 0.2"),
        ("one-layer-by-hand", "A layer without a matrix", "[0.6, -2]"),
        ("bug-wrong-size", "The same character in tanh", f"{1 - 2 * np.tanh(1):.5g}"),
        ("bug-right-biases", "Other sizes", "(2, 2)"),
        ("bug-runs-and-disagrees", "The Jacobian of softmax", "(9, 9)"),
    ],
)
def test_the_right_number(lesson: str, title: str, right: str) -> None:
    assert_right(cards_of(lesson, 1), title, right)


def test_half_of_all_transfer_questions_ask_for_more_than_a_choice() -> None:
    asked = [cards_of(name, 1)[-1].question for name in LESSONS]
    assert 2 * sum(isinstance(each, Choice) for each in asked) <= len(asked)


def test_a_lower_cost_may_come_with_a_lower_accuracy() -> None:
    text = text_of(cards_of("iris-with-own-gradients", 1), "A lower cost and")
    costs, accuracies = zip(*re.findall(r"(\d+\.\d)\s+and\D+?(0\.\d+)", text), strict=True)
    assert float(costs[0]) < float(costs[1])
    assert float(accuracies[0]) < float(accuracies[1])


def test_the_listing_stops_at_layers_of_other_sizes() -> None:
    names: dict[str, Any] = {"np": np}
    exec(question(cards_of("bug-right-in-the-last-layer", 1), "Find the line").code, names)
    layers = [(np.ones((m, n)), np.ones(m)) for n, m in pairwise([5, 3, 3, 2])]
    with pytest.raises(ValueError, match="size 2 is different from 3"):
        names["backpropagation"](layers, np.ones(5), np.ones(2))


def test_the_exploded_run_has_a_layer_that_is_off() -> None:
    """What "Side by side" says of the first run of exploding-gradients."""
    lesson = LESSONS["exploding-gradients"]
    for seed in range(3):
        recipe = card(lesson, "One step", seed).scene.recipe
        (point,) = points(recipe, 50)
        assert abs(point.cost - np.log(2)) < 1e-3
        a, _ = InitialState(Recipe.model_validate(recipe), Limits()).train
        off = []
        for W, b in point.layers[:-1]:
            a = np.maximum(0, a @ W + b)
            off.append(not a.any())
        assert any(off)
        stayed = card(lesson, "Side by side", seed).text.replace("\n", " ")
        assert f"cost ${point.cost:.3g}$, which is" in stayed

"""The lessons of week 41, against plain NumPy as a student would write it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.lessons import LESSONS, Draw
from app.lessons.week41.numbers import SHEET_SEED, given
from tests.helpers.weeks import (
    assert_right,
    assert_wrong,
    cards_of,
    check_many_seeds,
    chosen,
    marked,
)

Array = np.ndarray[Any, Any]
WEEK = [lesson.name for lesson in LESSONS.values() if lesson.group == "week41"]
SOME = [0, 1, 2, 17, SHEET_SEED]


def relu(z: Array) -> Array:
    return np.where(z > 0, z, 0)


@pytest.mark.parametrize("name", WEEK)
def test_what_holds_for_every_lesson(name: str) -> None:
    check_many_seeds(name)


def test_the_numbers_of_the_exercise_sheet() -> None:
    """Exercise 1 prints them, with np.random.seed(2024)."""
    cards = cards_of("first-layer", 2024)
    a1 = [0.60610368, 4.0076268, 0.0, 0.56469864]
    assert_right(cards, "The activation", "[0.60610368 4.0076268  0.         0.56469864]")
    state = np.random.RandomState(2024)
    x, W1, b1 = state.randn(2), state.randn(4, 2), state.randn(4)
    W2, b2 = state.randn(8, 4), state.randn(8)
    np.testing.assert_allclose(relu(W1 @ x + b1), a1, rtol=0, atol=1e-7)
    np.testing.assert_allclose(given(2024).a1, a1, rtol=0, atol=1e-7)
    assert_right(cards, "The pre-activation", W1 @ x + b1)
    # Who goes on with the printed digits is off in the last of them.
    cards = cards_of("second-layer", 2024)
    assert_right(cards, "The second pre-activation", W2 @ np.array(a1) + b2)


@pytest.mark.parametrize("seed", SOME)
def test_the_first_layer(seed: int) -> None:
    g, cards = given(seed), cards_of("first-layer", seed)
    z1 = np.array([sum(w * v for w, v in zip(row, g.x, strict=True)) for row in g.W1]) + g.b1
    off = int(np.flatnonzero(z1 < 0)[0])
    assert_right(cards, "A bias for each output", "(4,)")
    assert_right(cards, "One entry by hand", f"{z1[off]:.4f}")
    assert_right(cards, "The pre-activation", z1)
    assert_right(cards, "Before the activation acts", np.sign(relu(z1)).tolist())
    assert_right(cards, "The activation", relu(z1))
    assert chosen(cards, "What goes in and what comes out", "2 go in").right
    assert chosen(cards, "All four at once", "W1 @ x + b1").right
    assert_wrong(cards, "The pre-activation", g.W1 @ g.x, "missing_bias")
    assert_wrong(cards, "The activation", z1, "missing_activation")
    assert_wrong(cards, "The activation", 1 / (1 + np.exp(-z1)), "wrong_activation")
    assert_wrong(cards, "A bias for each output", "(2,)", "belongs to an output")


@pytest.mark.parametrize("seed", SOME)
def test_the_second_layer(seed: int) -> None:
    g, cards = given(seed), cards_of("second-layer", seed)
    a1 = relu(g.W1 @ g.x + g.b1)
    z2 = g.W2 @ a1 + g.b2
    assert_right(cards, "Its weights", "(8, 4)")
    assert_right(cards, "How many numbers it has to learn", "40")
    silent = int(np.flatnonzero(a1 == 0)[0])
    assert_right(cards, "A zero on the way", str(silent))
    assert_wrong(cards, "A zero on the way", str(silent + 1), "counted from 1")
    assert_right(cards, "The second pre-activation", z2)
    assert_wrong(
        cards, "The second pre-activation", g.W2 @ (g.W1 @ g.x + g.b1) + g.b2, "missing_activation"
    )
    assert_right(cards, "Which neurons speak", [int(v > 0) for v in z2])
    assert_right(cards, "The output of the network", relu(z2))
    without = g.W2 @ (g.W1 @ g.x + g.b1) + g.b2
    assert_right(cards, "If the activation between were left out", f"{without[0]:.5f}")


def test_both_layers_of_a_seed_share_their_first_numbers() -> None:
    one, two = cards_of("first-layer", 3), cards_of("second-layer", 3)
    assert given(3).code_first in one[0].text
    assert given(3).code_first in two[0].text
    assert marked(one, "The activation", given(3).a1).right
    assert Draw.of("first-layer", 3).seed == 3

"""The lessons of week 41, compared with plain NumPy as students write it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.lessons.content.week41.shared import given
from backprop_explorer.lessons.lesson import Draw
from tests.helpers.cases import every_nth
from tests.helpers.week41 import SOME, Array, batch_layers, softmax
from tests.helpers.weeks import (
    arrays_in,
    assert_right,
    assert_wrong,
    cards_of,
    chosen,
    marked,
    question,
    seed_in,
)


def relu(z: Array) -> Array:
    return np.where(z > 0, z, 0)


def test_the_numbers_of_the_exercise_sheet() -> None:
    """Exercise 1 prints these with np.random.seed(2024)."""
    cards = cards_of("first-layer", 2024)
    a1 = [0.60610368, 4.0076268, 0.0, 0.56469864]
    assert_right(cards, "The activation", "[0.60610368 4.0076268  0.         0.56469864]")
    state = np.random.RandomState(2024)
    x, W1, b1 = state.randn(2), state.randn(4, 2), state.randn(4)
    W2, b2 = state.randn(8, 4), state.randn(8)
    np.testing.assert_allclose(relu(W1 @ x + b1), a1, rtol=0, atol=1e-7)
    np.testing.assert_allclose(given(2024).a1, a1, rtol=0, atol=1e-7)
    assert_right(cards, "The pre-activation", W1 @ x + b1)
    # A result computed from the printed digits differs in its last digit.
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
    assert_right(cards, "Before the activation acts", np.sign(relu(-z1)).tolist())
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
    assert_right(cards, "An entry that is 0", str(silent))
    assert_wrong(cards, "An entry that is 0", str(silent + 1), "counted from 1")
    assert_right(cards, "The second pre-activation", z2)
    assert_wrong(
        cards, "The second pre-activation", g.W2 @ (g.W1 @ g.x + g.b1) + g.b2, "missing_activation"
    )
    assert_right(cards, "Which outputs are positive", [int(v > 0) for v in z2])
    assert_right(cards, "The output of the network", relu(z2))
    without = g.W2 @ (g.W1 @ g.x + g.b1) + g.b2
    assert_right(cards, "If the activation between were left out", f"{without[0]:.5f}")


def test_both_layers_of_a_seed_share_their_first_numbers() -> None:
    one, two = cards_of("first-layer", 3), cards_of("second-layer", 3)
    assert given(3).code_first in one[0].text
    assert given(3).code_first in two[0].text
    assert marked(one, "The activation", given(3).a1).right
    assert Draw.of("first-layer", 3).seed == 3


def rounds(layers: list[tuple[Array, Array]], x: Array) -> list[Array]:
    found = [x]
    for W, b in layers:
        found.append(relu(W @ found[-1] + b))
    return found


@pytest.mark.parametrize("seed", SOME)
def test_any_number_of_layers(seed: int) -> None:
    cards = cards_of("any-number-of-layers", seed)
    (text,) = [card.text for card in cards if card.title == "Run your own"]
    state = np.random.RandomState(seed_in(text))
    x = state.rand(8)
    layers = []
    before = 8
    for size in [10, 16, 6, 2]:
        W = state.randn(size, before)
        layers.append((W, state.randn(size)))
        before = size
    outputs = rounds(layers, x)
    assert_right(cards, "Four layers", "(6, 16)")
    assert_right(cards, "How many parameters", str(sum(W.size + b.size for W, b in layers)))
    assert_right(cards, "Run your own", outputs[-1])
    assert_right(cards, "Neurons that give 0", str(int(np.sum(outputs[2] == 0))))
    recipe = cards[0].scene.recipe
    np.testing.assert_array_equal(recipe["network"]["weights"][2]["W"], layers[2][0].T)
    np.testing.assert_array_equal(recipe["dataset"]["x"], [x])

    state = np.random.RandomState(seed_in(text))
    state.rand(8)
    turned = []
    for n_in, n_out in ((8, 10), (10, 16), (16, 6), (6, 2)):
        W = state.randn(n_in, n_out).T
        turned.append((W, state.randn(n_out)))
    assert_wrong(cards, "Run your own", rounds(turned, x)[-1], "transposes it")
    W, b = layers[-1]
    assert_wrong(cards, "Run your own", W @ outputs[-2] + b, "last layer has no ReLU")

    (text,) = [card.text for card in cards if card.title == "The same with numbers"]
    a = arrays_in(text)
    any_x = np.array([0.3, -1.2])
    twice = a["W2"] @ (a["W1"] @ any_x + a["b1"]) + a["b2"]
    b = a["W2"] @ a["b1"] + a["b2"]
    np.testing.assert_allclose(a["W2"] @ a["W1"] @ any_x + b, twice)
    assert_right(cards, "The same with numbers", b)
    assert_wrong(cards, "The same with numbers", a["b1"] + a["b2"], "go through the second layer")


def test_the_fault_in_the_forward_pass_is_one() -> None:
    """The line marked as wrong breaks the code; with that line fixed, the code runs."""
    cards = cards_of("any-number-of-layers", 0)
    code = next(c.question.code for c in cards if c.title == "A forward pass with a fault")
    layers = [(np.ones((3, 2)), np.zeros(3)), (np.ones((4, 3)), np.zeros(4))]
    spaces: dict[str, Any] = {"ReLU": relu}
    exec(code, spaces)
    with pytest.raises(ValueError, match="matmul"):
        spaces["feed_forward_all_relu"](layers, np.ones(2))
    lines = code.split("\n")
    (wrong,) = question(cards, "A forward pass with a fault").wrong
    lines[wrong] = lines[wrong].replace("input", "a")
    exec("\n".join(lines), spaces)
    result = spaces["feed_forward_all_relu"](layers, np.ones(2))
    np.testing.assert_array_equal(result, rounds(layers, np.ones(2))[-1])


@pytest.mark.parametrize("seed", SOME)
def test_an_activation_for_each_layer(seed: int) -> None:
    cards = cards_of("an-activation-for-each-layer", seed)
    (text,) = [card.text for card in cards if card.title == "Through the two ReLU layers"]
    g = arrays_in(text)
    a1 = relu(g["W1"] @ g["x"] + g["b1"])
    a2 = relu(g["W2"] @ a1 + g["b2"])
    z3 = g["W3"] @ a2 + g["b3"]
    assert 0 < (a2 == 0).sum() < 4
    assert 0 < (z3 < 0).sum() < 3
    assert_right(cards, "Through the two ReLU layers", a2)
    assert_right(cards, "The last pre-activation", z3)
    assert_right(cards, "Above or below one half", np.sign(z3).tolist())
    assert_right(cards, "The output", 1 / (1 + np.exp(-z3)))
    assert_wrong(cards, "The output", relu(z3), "wrong_activation")
    assert_wrong(cards, "The output", z3, "missing_activation")
    assert_right(cards, "The same z, another output", relu(z3))
    assert_wrong(cards, "The same z, another output", 1 / (1 + np.exp(-z3)), "sigmoid")
    assert chosen(cards, "What it suits", "rain of a day").right
    assert "below 0" in chosen(cards, "What it suits", "temperature").message


@pytest.mark.parametrize("seed", SOME)
def test_a_batch_of_samples(seed: int) -> None:
    cards = cards_of("a-batch-of-samples", seed)
    (text,) = [card.text for card in cards if card.title == "Run your own"]
    state = np.random.RandomState(seed_in(text))
    inputs = state.rand(1000, 4)
    a = inputs
    *hidden, (W, b) = batch_layers(state, 4, [12, 10, 3])
    for V, c in hidden:
        a = relu(a @ V + c)
    p = softmax(a @ W + b)
    assert_right(cards, "Samples are rows", "(4, 12)")
    assert_right(cards, "What comes out of the first layer", "(1000, 12)")
    assert_right(cards, "A check that costs nothing", f"{p.sum():.6f}")
    wrong = softmax(a @ W + b, axis=0)
    assert_wrong(cards, "A check that costs nothing", f"{wrong.sum():.6f}", "over the samples")
    assert_right(cards, "Run your own", p[0])
    assert_wrong(cards, "Run your own", wrong[0], "over the samples")
    assert_wrong(cards, "Run your own", (a @ W + b)[0], "Softmax comes after")
    assert_right(cards, "A batch of five", p[:5])
    alone = softmax((a @ W + b)[:5], axis=0)
    assert_wrong(cards, "A batch of five", alone, "softmax_wrong_axis")
    assert_right(cards, "Classes", np.bincount(p.argmax(axis=1), minlength=3))


@pytest.mark.parametrize("seed", every_nth(5, range(50)))
def test_no_draw_is_degenerate(seed: int) -> None:
    """ReLU zeroes some outputs but not all; no probability rounds to 0."""
    g = given(seed)
    z1 = g.W1 @ g.x + g.b1
    assert (z1 < 0).sum() == 1
    assert np.abs(z1).min() > 0.03
    assert 2 <= (g.W2 @ relu(z1) + g.b2 < 0).sum() <= 6
    cards = cards_of("any-number-of-layers", seed)
    output = sorted(question(cards, "Run your own").solution())
    assert output[0] == 0 < 0.5 < output[1]
    assert 1 <= question(cards, "Neurons that give 0").solution() <= 13
    batch = cards_of("a-batch-of-samples", seed)
    assert np.min(question(batch, "A batch of five").solution()) > 1e-3
    assert min(question(batch, "Classes").solution()) > 0
    five = question(cards_of("iris-before-training", seed), "Five random networks").solution()
    assert len(set(five)) >= 3

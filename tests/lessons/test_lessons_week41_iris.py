"""The lessons of week 41 on iris flowers, compared with plain NumPy."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.helpers.week41 import SOME, Array, batch_layers, softmax
from tests.helpers.weeks import (
    arrays_in,
    assert_right,
    assert_wrong,
    cards_of,
    chosen,
    marked,
    seed_in,
)


def iris() -> tuple[Array, Array]:
    from sklearn.datasets import load_iris

    x, classes = load_iris(return_X_y=True)
    return x, classes


def predict(W1: Array, b1: Array, W2: Array, b2: Array, x: Array) -> Array:
    return softmax(1 / (1 + np.exp(-(x @ W1 + b1))) @ W2 + b2)


def drawn_weights(text: str) -> dict[str, Array]:
    """Run the code of a card that draws the explorer's first weights."""
    block = text.split("```")[1]
    spaces: dict[str, Any] = {"np": np}
    exec(block, spaces)
    return {name: spaces[name] for name in ("W1", "b1", "W2", "b2")}


@pytest.mark.parametrize("seed", SOME)
def test_iris_before_training(seed: int) -> None:
    x, classes = iris()
    cards = cards_of("iris-before-training", seed)
    (text,) = [card.text for card in cards if card.title == "One flower, untrained"]
    (found,) = re.findall(r"Flower (\d+) is", text)
    flower = int(found)
    p = predict(**drawn_weights(text), x=x[[flower]])
    assert_right(cards, "One flower, untrained", p[0])
    assert_right(cards, "Flowers", "(8, 3)")
    assert_right(cards, "One-hot targets", "(150, 3)")
    assert_right(cards, "The same species for all", "0.333")
    (text,) = [card.text for card in cards if card.title == "Five random networks"]
    state = np.random.RandomState(seed_in(text))
    found = []
    for _ in range(5):
        (W1, b1), (W2, b2) = batch_layers(state, 4, [8, 3])
        found.append(float(np.mean(predict(W1, b1, W2, b2, x).argmax(axis=1) == classes)))
    assert_right(cards, "Five random networks", "\n".join(str(a) for a in found))
    assert chosen(cards, "Why so many are alike", "same species").right


def test_nearly_all_flowers_get_one_species_where_the_accuracy_is_a_third() -> None:
    """What the last card of exercise 6 says."""
    x, classes = iris()
    shares = []
    for seed in range(100):
        (W1, b1), (W2, b2) = batch_layers(np.random.RandomState(seed), 4, [8, 3])
        said = predict(W1, b1, W2, b2, x).argmax(axis=1)
        if abs(np.mean(said == classes) - 1 / 3) < 0.01:
            shares.append(np.bincount(said, minlength=3).max() / 150)
    assert len(shares) > 60
    assert np.mean(np.array(shares) > 0.9) > 0.9


@pytest.mark.parametrize("seed", SOME)
def test_training_on_iris(seed: int) -> None:
    """The student's own run, with autograd."""
    from autograd import grad
    from autograd import numpy as anp

    x, classes = iris()
    target = np.eye(3)[classes]
    cards = cards_of("iris-with-autograd", seed)
    (text,) = [card.text for card in cards if card.title == "Train"]
    w = drawn_weights(text)
    layers = [(w["W1"], w["b1"]), (w["W2"], w["b2"])]

    def cost(layers: Any) -> Any:
        (W1, b1), (W2, b2) = layers
        z = 1 / (1 + anp.exp(-(x @ W1 + b1))) @ W2 + b2
        e = anp.exp(z)
        return anp.sum(-target * anp.log(e / anp.sum(e, axis=1, keepdims=True)))

    begin = cost(layers)
    gradient = grad(cost)
    for _ in range(100):
        for (W, b), (W_g, b_g) in zip(layers, gradient(layers), strict=True):
            W -= 0.001 * W_g
            b -= 0.001 * b_g
    said = predict(*layers[0], *layers[1], x).argmax(axis=1)
    accuracy = float(np.mean(said == classes))
    assert_right(cards, "Train", str(accuracy))
    message = marked(cards, "Train", str(accuracy)).message
    assert f"from {begin:.1f} to {cost(layers):.1f}" in re.sub(r"\s+", " ", message)

    g = arrays_in(cards[1].text)
    costs = -np.sum(g["targets"] * np.log(g["predictions"]), axis=1)
    np.testing.assert_allclose(g["predictions"].sum(axis=1), 1)
    assert_right(cards, "The cost of one flower", f"{costs[0]:.5f}")
    assert_wrong(cards, "The cost of one flower", f"{-costs[0]:.5f}", "minus sign")
    assert_right(cards, "The cost of three flowers", f"{costs.sum():.5f}")
    assert_wrong(cards, "The cost of three flowers", f"{costs.mean():.5f}", "mean over the flowers")
    assert_right(cards, "Before the first step", f"{150 * np.log(3):.3f}")
    assert_right(cards, "What autograd gives", "(4, 8)")
    assert chosen(cards, "The name of the method", "full batch").right


def test_what_accuracy_can_be_reached() -> None:
    """97 to 99 % in 2,000 epochs, for most first weights."""
    x, classes = iris()
    target = np.eye(3)[classes]
    best = []
    for seed in range(5):
        (W1, b1), (W2, b2) = batch_layers(np.random.RandomState(seed), 4, [8, 3])
        for _ in range(2000):
            a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
            d2 = softmax(a1 @ W2 + b2) - target
            d1 = (d2 @ W2.T) * a1 * (1 - a1)
            W2, b2 = W2 - 0.001 * a1.T @ d2, b2 - 0.001 * d2.sum(axis=0)
            W1, b1 = W1 - 0.001 * x.T @ d1, b1 - 0.001 * d1.sum(axis=0)
        best.append(np.mean(predict(W1, b1, W2, b2, x).argmax(axis=1) == classes))
    assert sorted(best)[1] >= 0.97
    assert max(best) <= 0.99

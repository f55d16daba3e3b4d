"""The transfer questions at the end of the lessons: what they say is so."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.lessons.questions import Choice
from backprop_explorer.lessons.runs import points
from backprop_explorer.limits import Limits
from tests.helpers.lesson_rules import card
from tests.helpers.lessons import LESSONS
from tests.helpers.weeks import assert_right, cards_of, chosen, question, text_of


def sigmoid(z: Any) -> Any:
    return 1 / (1 + anp.exp(-z))


def mse(a: Any, y: Any) -> Any:
    return anp.mean((a - y) ** 2)


def test_week_41() -> None:
    """What the last cards say is so."""
    assert_right(cards_of("first-layer", 1), "A picture as input", f"(100, {28 * 28})")
    rng = np.random.default_rng(1)
    x, W2, b2, W3 = (rng.standard_normal(s) for s in (4, (8, 4), 8, (3, 8)))
    b2[5] -= (W2 @ x + b2)[5] + 2.1
    before = W3 @ np.maximum(0, W2 @ x + b2)
    W2[5] += 0.01
    b2[5] -= 0.01
    W3[:, 5] += 0.01
    np.testing.assert_array_equal(W3 @ np.maximum(0, W2 @ x + b2), before)
    assert chosen(cards_of("second-layer", 1), "A third layer", "`b2[5]` and column 5").right

    layers = [(rng.standard_normal((3, 3)), rng.standard_normal(3)) for _ in range(3)]
    (A1, c1), (A2, c2), (A3, c3) = layers
    three = A3 @ np.tanh(A2 @ (A1 @ x[:3] + c1) + c2) + c3
    merged = A3 @ np.tanh(A2 @ A1 @ x[:3] + A2 @ c1 + c2) + c3
    np.testing.assert_allclose(merged, three)
    assert_right(cards_of("any-number-of-layers", 1), "One activation among three layers", "2")

    inside = 1 / (1 + np.exp(-rng.standard_normal(8)))
    assert not np.maximum(0, -np.abs(W3) @ inside - np.abs(b2[:3])).any()
    activation = cards_of("an-activation-for-each-layer", 1)
    assert_right(activation, "Sigmoid inside, ReLU at the end", "(0, 0, 0)")

    z = np.ones((32, 50, 8)) @ np.ones((8, 16)) + np.ones(16)
    assert_right(cards_of("a-batch-of-samples", 1), "Sequences", str(z.shape))
    assert_right(cards_of("iris-with-autograd", 1), "A mean in place of the sum", f"{0.001 * 150}")


def test_week_42() -> None:
    """What the last cards say is so."""
    rng = np.random.default_rng(1)
    W, V = rng.standard_normal((3, 3)), rng.standard_normal((2, 3))
    x, y = rng.random(3), rng.random(3)

    def twice(W: Any) -> Any:
        return mse(sigmoid(W @ sigmoid(W @ x)), y)

    both = grad(lambda W1, W2: mse(sigmoid(W2 @ sigmoid(W1 @ x)), y), (0, 1))(W, W)
    np.testing.assert_allclose(grad(twice)(W), both[0] + both[1], rtol=1e-10)
    assert_right(cards_of("any-depth", 1), "The same weights twice", "0.2")

    def two_outputs(a: Any) -> Any:
        return mse(W @ a, y) + mse(V @ a, y[:2])

    parts = W.T @ (2 / 3 * (W @ x - y)) + V.T @ (V @ x - y[:2])
    np.testing.assert_allclose(grad(two_outputs)(x), parts, rtol=1e-10)
    assert_right(cards_of("two-layers", 1), "Two outputs", "0.2, 0.2")

    dC_dz = 2 / 3 * (W[0] * x - y)
    np.testing.assert_allclose(grad(lambda g: mse(g * x, y))(W[0]), dC_dz * x, rtol=1e-10)
    given = np.array([0.2, -0.5]) * np.array([3.0, 4.0])
    assert_right(cards_of("one-layer-by-hand", 1), "A layer without a matrix", str(given))

    text = text_of(cards_of("iris-with-own-gradients", 1), "A lower cost and")
    costs, accuracies = zip(*re.findall(r"(\d+\.\d)\s+and\D+?(0\.\d+)", text), strict=True)
    assert float(costs[0]) < float(costs[1])
    assert float(accuracies[0]) < float(accuracies[1])


def test_further_lessons() -> None:
    p = np.array([0.5, 0.3, 0.2])
    t = np.array([0.7, 0.3, 0.0])

    def entropy(z: Any) -> Any:
        return -anp.sum(t * anp.log(anp.exp(z) / anp.sum(anp.exp(z))))

    softmax = cards_of("softmax-with-cross-entropy", 1)
    assert_right(softmax, "A label that is not certain", grad(entropy)(np.log(p)))
    vanishing = cards_of("vanishing-gradients", 1)
    assert_right(vanishing, "The same layer fifty times", f"{0.9**50:.4g}")

    rng = np.random.default_rng(2)
    x, y = rng.standard_normal(3), rng.standard_normal(2)

    def cost(layers: Any) -> Any:
        (W1, b1), (W2, b2) = layers
        return mse(W2 @ anp.tanh(W1 @ x + b1) + b2, y)

    layers = [
        (rng.standard_normal((4, 3)), rng.standard_normal(4)),
        (np.zeros((2, 4)), np.zeros(2)),
    ]
    moved = []
    for _ in range(2):
        grads = grad(cost)(layers)
        moved.append([bool(np.any(dW)) for dW, _ in grads])
        layers = [
            (W - 0.1 * dW, b - 0.1 * db) for (W, b), (dW, db) in zip(layers, grads, strict=True)
        ]
    assert moved == [[False, True], [True, True]]
    first = cards_of("initialization", 1)
    assert chosen(first, "Zeros in the last layer only", "the others from the second").right

    # Adagrad: the weight of the rare word moves by the learning rate, that of a frequent one less.
    s = np.zeros(2)
    for step in range(1001):
        g = np.array([1.0 if step == 1000 else 0.0, 0.3])
        s += g**2
        moves = 0.1 * g / (np.sqrt(s) + 1e-10)
    assert abs(moves[0] - 0.1) < 1e-9
    assert moves[1] < 0.01
    assert chosen(cards_of("optimizers", 1), "A rare word", "Adagrad").right


def test_a_check_with_dropout_needs_the_same_random_numbers() -> None:
    w, h = np.random.default_rng(1).standard_normal(20), 1e-5

    def cost(w: Any, seed: int) -> Any:
        kept = np.random.default_rng(seed).integers(0, 2, 20)
        return (anp.sum(anp.tanh(w) * kept) - 1) ** 2

    gradient, step = grad(cost)(w, 7), h * np.eye(20)[0]
    same = (cost(w + step, 7) - cost(w - step, 7)) / (2 * h)
    other = (cost(w + step, 8) - cost(w - step, 9)) / (2 * h)
    assert abs(same - gradient[0]) <= 1e-6 * max(abs(same), 1e-3)
    assert abs(other - gradient[0]) > 100 * abs(gradient[0])


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


def test_half_of_all_transfer_questions_ask_for_more_than_a_choice() -> None:
    asked = [cards_of(name, 1)[-1].question for name in LESSONS]
    assert 2 * sum(isinstance(each, Choice) for each in asked) <= len(asked)


def test_bugs() -> None:
    faulty = 1 - np.tanh(np.array([0.0, 1.0])) * 2
    assert faulty[0] == 1 - np.tanh(0.0) ** 2
    assert faulty[1] < 0
    tanh = cards_of("bug-slope-of-sigmoid", 1)
    assert_right(tanh, "The same character in tanh", f"{faulty[1]:.5g}")

    sizes = [4, 4, 4, 2]
    fits = [(n_out, n_out) == (n_out, n_in) for n_in, n_out in pairwise(sizes)]
    assert fits == [True, True, False]
    assert_right(cards_of("bug-output-for-input", 1), "Other sizes", "(2, 2)")

    code = question(cards_of("bug-weights-not-turned", 1), "Find the line").code
    names: dict[str, Any] = {"np": np}
    exec(code, names)
    layers = [(np.ones((m, n)), np.ones(m)) for n, m in pairwise([5, 3, 3, 2])]
    with pytest.raises(ValueError, match="size 2 is different from 3"):
        names["backpropagation"](layers, np.ones(5), np.ones(2))

    p = np.full((3, 3), 1 / 3)
    diagonal = cards_of("bug-diagonal-of-a-batch", 1)
    assert_right(diagonal, "The Jacobian of softmax", str(np.outer(p, p).shape))
    with pytest.raises(ValueError, match=r"\(3,\) \(9,9\)"):
        np.diag(p) - np.outer(p, p)
    rows = np.random.default_rng(1).standard_normal((5, 3))
    lengths = np.linalg.norm(rows / np.linalg.norm(rows, axis=1, keepdims=True), axis=1)
    np.testing.assert_allclose(lengths, 1)
    with pytest.raises(ValueError, match="broadcast"):
        rows / np.linalg.norm(rows, axis=1)
    assert not (rows[:1] - rows[:1].mean(axis=0)).any()

    labels = np.arange(100) % 2
    predicted = labels[:, np.newaxis].copy()
    predicted[:2] = 1 - predicted[:2]
    assert np.mean(predicted[:, 0] == labels) == 0.98
    assert abs(np.mean(predicted == labels) - 0.5) < 0.02

    x = 0.7
    weights = np.array([0.4, -1.1, 0.9])

    def chain(w: Any) -> Any:
        a = x
        for each in (w, *weights[1:]):
            a = sigmoid(each * a)
        return (a - 0.2) ** 2 / 2

    a, slopes = x, []
    for w in weights:
        a = sigmoid(w * a)
        slopes.append(a * (1 - a))
    product = (a - 0.2) * np.prod(slopes) * weights[2] * weights[1] * x
    assert abs(grad(chain)(weights[0]) - product) < 1e-12

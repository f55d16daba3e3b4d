"""The transfer questions at the end of the lessons: what they say is so."""

from __future__ import annotations

import re
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import grad

from tests.helpers.weeks import assert_right, cards_of, chosen, text_of


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
    assert chosen(activation, "Sigmoid inside, ReLU at the end", "0 for every input").right

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
    assert chosen(cards_of("any-depth", 1), "The same weights twice", "[0][0] + layer").right

    def two_outputs(a: Any) -> Any:
        return mse(W @ a, y) + mse(V @ a, y[:2])

    parts = W.T @ (2 / 3 * (W @ x - y)) + V.T @ (V @ x - y[:2])
    np.testing.assert_allclose(grad(two_outputs)(x), parts, rtol=1e-10)
    assert chosen(cards_of("two-layers", 1), "Two outputs", "A + W_B.T").right

    dC_dz = 2 / 3 * (W[0] * x - y)
    np.testing.assert_allclose(grad(lambda g: mse(g * x, y))(W[0]), dC_dz * x, rtol=1e-10)
    assert chosen(cards_of("one-layer-by-hand", 1), "A layer without a matrix", "`dC_dz * x`").right

    text = text_of(cards_of("iris-with-own-gradients", 1), "A lower cost and")
    costs, accuracies = zip(*re.findall(r"(\d+\.\d)\s+and\D+?(0\.\d+)", text), strict=True)
    assert float(costs[0]) < float(costs[1])
    assert float(accuracies[0]) < float(accuracies[1])

"""The lessons of week 42, against NumPy and autograd as a student would write it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from app.lessons import LESSONS
from app.lessons.week42 import one_layer_autograd, one_layer_by_hand
from app.lessons.working import Working
from tests.helpers.weeks import (
    arrays_in,
    assert_right,
    assert_wrong,
    cards_of,
    check_many_seeds,
    chosen,
    marked,
    text_of,
)

Array = np.ndarray[Any, Any]
Layers = Sequence[tuple[Array, Array]]
WEEK = [lesson.name for lesson in LESSONS.values() if lesson.group == "week42"]
SOME = [0, 1, 2, 17, 2024]


def sigmoid(z: Array) -> Any:
    return 1 / (1 + anp.exp(-z))


def relu(z: Array) -> Any:
    return anp.where(z > 0, z, 0)


def mse(predict: Array, target: Array) -> Any:
    return anp.mean((predict - target) ** 2)


def column_cost(activations: Sequence[Callable[[Array], Any]], x: Array, target: Array) -> Any:
    """The cost of one sample as a function of [(W (n_out, n_in), b), …]."""

    def cost(layers: Layers) -> Any:
        a = x
        for (W, b), f in zip(layers, activations, strict=True):
            a = f(W @ a + b)
        return mse(a, target)

    return cost


def logit(a: Array) -> Array:
    return np.log(a / (1 - a))


@pytest.mark.parametrize("name", WEEK)
def test_what_holds_for_every_lesson(name: str) -> None:
    check_many_seeds(name)


# What the exercises' solution notebook printed for one layer, and what it was computed from.
X = np.array([0.01706205, 0.9856773])
A = np.array([0.7601415, 0.8275892, 0.6507131])
TARGET = np.array([0.4131828, 0.0895804, 0.4486095])
W_PRINTED = "[[0.00071956 0.04156912]\n [0.00119779 0.06919653]\n [0.0005225  0.03018487]]"
B_PRINTED = "[0.04217315 0.07020202 0.03062348]"


@pytest.mark.parametrize("seed", [0, 1])
def test_the_numbers_of_the_notebook_for_one_layer(seed: int) -> None:
    """Any W, with b = logit(a) − W x."""
    W = np.random.default_rng(seed).standard_normal((3, 2))
    working = Working([(W.T, logit(A) - W @ X, "sigmoid")], X, TARGET, jacobians=True)
    by_autograd = list(one_layer_autograd.pages(working))
    assert_right(by_autograd, "The gradient of the weights", W_PRINTED)
    assert_right(by_autograd, "The gradient of the biases", B_PRINTED)
    by_hand = list(one_layer_by_hand.pages(working))
    assert_right(by_hand, "The numbers of it", "[0.23130578 0.49200586 0.13473569]")
    assert_right(by_hand, "The slope of the sigmoid", "[0.1823264  0.14268532 0.22728557]")
    assert_right(by_hand, "Through the activation", B_PRINTED)
    assert_right(by_hand, "All the weights at once", W_PRINTED)
    assert_right(by_hand, "And the biases", B_PRINTED)
    printed = {
        "dC_da1": [0.23130578, 0.49200586, 0.13473569],
        "dC_db1": [0.04217315, 0.07020202, 0.03062348],
        "dC_dW1": [[0.00071956, 0.04156912], [0.00119779, 0.06919653], [0.0005225, 0.03018487]],
    }
    for line, values in printed.items():
        np.testing.assert_allclose(working.shown(line), values, rtol=0, atol=1e-7)


@pytest.mark.parametrize("seed", SOME)
def test_one_layer_by_autograd(seed: int) -> None:
    cards = cards_of("one-layer-autograd", seed)
    g = arrays_in(text_of(cards, "A layer with a cost"))
    W, b, x, target = g["W"], g["b"], g["x"], g["target"]

    def cost(W: Array, b: Array) -> Any:
        return mse(sigmoid(W @ x + b), target)

    W_g, b_g = grad(cost, [0, 1])(W, b)
    assert_right(cards, "A number that depends on a matrix", "(10, 4)")
    assert_right(cards, "And for the biases", "(10,)")
    assert_right(cards, "A layer with a cost", f"{cost(W, b):.8f}")
    assert_wrong(cards, "A layer with a cost", f"{3 * cost(W, b):.8f}", "sum of the squares")
    assert_right(cards, "The gradient of the weights", W_g)
    assert_right(cards, "The gradient of the biases", b_g)
    assert_wrong(cards, "The gradient of the weights", 1.5 * W_g, "mean")
    row, column = np.unravel_index(np.abs(W_g).argmax(), W_g.shape)
    nudged = W.copy()
    nudged[row, column] += 0.01
    change = cost(nudged, b) - cost(W, b)
    assert_right(cards, "What a derivative promises", f"{change:.3g}")
    assert_right(cards, "What a derivative promises", f"{0.01 * W_g[row, column]:.3g}")
    assert_wrong(cards, "What a derivative promises", f"{W_g[row, column]:.4g}", "a step of 1")
    assert chosen(cards, "Asking autograd", "[0, 1])(W, b").right
    assert chosen(cards, "A number, not a vector", "stops with an error").right


def test_grad_wants_one_number() -> None:
    """What the lesson says happens, happens."""
    with pytest.raises(TypeError, match="scalar-output"):
        grad(sigmoid)(np.ones(2))


@pytest.mark.parametrize("seed", SOME)
def test_one_layer_by_hand(seed: int) -> None:
    cards = cards_of("one-layer-by-hand", seed)
    g = arrays_in(cards[0].text)
    assert g.keys() == arrays_in(text_of(cards_of("one-layer-autograd", seed), "A layer")).keys()
    W, b, x, target = g["W"], g["b"], g["x"], g["target"]
    z = W @ x + b
    a = 1 / (1 + np.exp(-z))
    slope = np.exp(-z) / (1 + np.exp(-z)) ** 2
    dC_da = 2 / 3 * (a - target)
    dC_dz = dC_da @ np.diag(slope)
    dC_dW = dC_dz @ np.tensordot(np.eye(3), x, axes=0)
    W_g = grad(lambda W: mse(sigmoid(W @ x + b), target))(W)
    np.testing.assert_allclose(dC_dW, W_g, rtol=1e-12)
    assert_right(cards, "The cost, first", np.sign(a - target).tolist())
    assert_right(cards, "The numbers of it", dC_da)
    assert_wrong(cards, "The numbers of it", -dC_da, "cost_gradient_sign")
    assert_wrong(cards, "The numbers of it", dC_da * 1.5, "half the sum")
    assert_right(cards, "The slope of the sigmoid", slope)
    printed = np.exp(-z) / (1 + np.exp(-z)) * 2
    assert_wrong(cards, "The slope of the sigmoid", printed, "not `* 2`")
    assert_right(cards, "Through the activation", dC_dz)
    assert_wrong(cards, "Through the activation", dC_da, "missing_activation_derivative")
    assert_wrong(cards, "Through the activation", dC_da * a, "activation_instead_of_derivative")
    assert_wrong(cards, "Through the activation", dC_da * printed, "wrong_activation_derivative")
    assert_right(cards, "A tensor that is mostly zeros", "(3, 3, 2)")
    assert_right(cards, "All the weights at once", dC_dW)
    assert_wrong(cards, "All the weights at once", np.outer(dC_da, x), "∂C/∂a")
    assert_wrong(cards, "All the weights at once", dC_dW.T, "transposed")
    assert_right(cards, "And the biases", dC_dz)
    assert chosen(cards, "The same for the bias", "identity").right
    assert not chosen(cards, "The same for the bias", "matrix of ones").right
    assert chosen(cards, "Does autograd agree", "the two agree").right
    assert marked(cards, "All the weights at once", W_g).right

"""The printed results of the exercises' solution notebook, checked with the week 42 lessons."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.lessons.working import LessonWorking
from tests.helpers.lesson_rules import cards_with
from tests.helpers.weeks import assert_right

Array = np.ndarray[Any, Any]


def logit(a: Array) -> Array:
    return np.log(a / (1 - a))


# Results that the solution notebook printed for one layer, and its inputs.
X = np.array([0.01706205, 0.9856773])
A = np.array([0.7601415, 0.8275892, 0.6507131])
TARGET = np.array([0.4131828, 0.0895804, 0.4486095])
W_PRINTED = "[[0.00071956 0.04156912]\n [0.00119779 0.06919653]\n [0.0005225  0.03018487]]"
B_PRINTED = "[0.04217315 0.07020202 0.03062348]"


@pytest.mark.parametrize("seed", [0, 1])
def test_the_numbers_of_the_notebook_for_one_layer(seed: int) -> None:
    """Return a layer with any W and b = logit(a) − W x."""
    W = np.random.default_rng(seed).standard_normal((3, 2))
    working = LessonWorking([(W.T, logit(A) - W @ X, "sigmoid")], X, TARGET, jacobians=True)
    by_autograd = cards_with("one-layer-autograd", working)
    assert_right(by_autograd, "The gradient of the weights", W_PRINTED)
    assert_right(by_autograd, "The gradient of the biases", B_PRINTED)
    by_hand = cards_with("one-layer-by-hand", working)
    assert_right(by_hand, "The values of the gradient", "[0.23130578 0.49200586 0.13473569]")
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


def ratio(W_g: Any, b_g: Any) -> Array:
    """Return the input of a layer: each row of ∂C/∂W is ∂C/∂b times it."""
    found: Array = np.mean(np.array(W_g)[np.array(b_g) != 0].T / np.array(b_g)[b_g != 0], axis=1)
    return found


def recovered(
    first: tuple[Any, Any], last: tuple[Any, Any], last_activation: str, a2: Array, z2: Array
) -> LessonWorking:
    """Return a network 2 → 3 → 4 with the printed gradients.

    ``a2`` and ``z2`` of the last layer are free. The target then follows from ∂C/∂z2, and any W2
    with W2ᵀ ∂C/∂z2 = ∂C/∂a1 fits.
    """
    (W1_g, b1_g), (W2_g, b2_g) = [tuple(map(np.array, pair)) for pair in (first, last)]
    x, a1 = ratio(W1_g, b1_g), ratio(W2_g, b2_g)
    slope = a2 * (1 - a2) if last_activation == "sigmoid" else (z2 > 0).astype(float)
    target = a2 - 4 / 2 * np.divide(b2_g, slope, out=np.zeros(4), where=slope > 0)
    W2 = np.outer(b2_g, b1_g / (a1 * (1 - a1))) / (b2_g @ b2_g)
    W1 = np.random.default_rng(0).standard_normal((3, 2))
    layers = [
        (W1.T, logit(a1) - W1 @ x, "sigmoid"),
        (W2.T, z2 - W2 @ a1, last_activation),
    ]
    return LessonWorking(layers, x, target, jacobians=True)


TWO_LAYERS = (
    (
        [[0.00186133, 0.00228897], [0.00066551, 0.00081841], [0.00173739, 0.00213655]],
        [0.00319644, 0.00114287, 0.00298359],
    ),
    (
        [
            [0.01307715, 0.01134609, 0.00998665],
            [0.00605096, 0.00524998, 0.00462095],
            [0.00256883, 0.00222878, 0.00196174],
            [0.00504424, 0.00437652, 0.00385215],
        ],
        [0.0160403, 0.00742205, 0.00315089, 0.00618721],
    ),
)
SIGMOID_RELU = (
    (
        [[0.09724526, 0.15364005], [0.0366406, 0.05788934], [-0.15925263, -0.25160695]],
        [0.16196256, 0.06102514, -0.26523622],
    ),
    (
        [
            [0.0, 0.0, 0.0],
            [0.06314564, 0.05086566, 0.05101922],
            [0.41967321, 0.33805906, 0.33907962],
            [0.02285746, 0.01841236, 0.01846794],
        ],
        [0.0, 0.084113, 0.55902472, 0.03044723],
    ),
)


def test_the_numbers_of_the_notebook_for_two_layers() -> None:
    a2 = np.array([0.8, 0.75, 0.7, 0.85])
    working = recovered(*TWO_LAYERS, "sigmoid", a2, logit(a2))
    for k, pair in enumerate(TWO_LAYERS, start=1):
        for name, printed in zip((f"dC_dW{k}", f"dC_db{k}"), pair, strict=True):
            np.testing.assert_allclose(working.shown(name), printed, rtol=0, atol=1e-7)
    cards = cards_with("two-layers", working)
    assert_right(cards, "Down to the last pre-activation", np.array(TWO_LAYERS[1][1]))
    assert_right(cards, "The weights of the last layer", np.array(TWO_LAYERS[1][0]))
    assert_right(cards, "The values of the gradient", np.array(TWO_LAYERS[0][1]))
    assert_right(cards, "The weights of the first layer", np.array(TWO_LAYERS[0][0]))


def test_the_numbers_of_the_notebook_for_sigmoid_and_relu() -> None:
    a2 = np.array([0.0, 0.9, 1.4, 0.6])
    working = recovered(*SIGMOID_RELU, "relu", a2, np.where(a2 > 0, a2, -0.5))
    for k, pair in enumerate(SIGMOID_RELU, start=1):
        for name, printed in zip((f"dC_dW{k}", f"dC_db{k}"), pair, strict=True):
            np.testing.assert_allclose(working.shown(name), printed, rtol=0, atol=1e-7)
    cards = cards_with("any-depth", working)
    assert_right(cards, "Which outputs learn", [0, 1, 1, 1])
    assert_right(cards, "The gradients of the last layer", np.array(SIGMOID_RELU[1][0]))
    assert_right(cards, "And of the first", np.array(SIGMOID_RELU[0][0]))


def test_the_notebooks_error_is_named() -> None:
    """Its single-sample formulas on a batch of ten."""
    with pytest.raises(ValueError, match="size 3 is different from 10"):
        np.zeros((4, 10)) @ np.zeros((3, 4))

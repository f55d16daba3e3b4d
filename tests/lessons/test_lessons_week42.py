"""The lessons of week 42, compared with NumPy and autograd as students write it."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import numpy as np
import pytest
from autograd import elementwise_grad, grad, jacobian

from tests.helpers.cases import every_nth
from tests.helpers.week42 import SOME, Array, column_cost, mse, relu, sigmoid
from tests.helpers.weeks import (
    arrays_in,
    assert_right,
    assert_wrong,
    cards_of,
    chosen,
    marked,
    question,
    seed_in,
    text_of,
)


@pytest.mark.parametrize("seed", SOME)
def test_a_chain_of_two_units(seed: int) -> None:
    """The numbers are those of autograd, with the values that the first card prints."""
    cards = cards_of("a-chain-of-two-units", seed)
    lines = re.search(r"w1, b1, w2, b2 = (.*)\nx, y = (.*)", cards[0].text)
    assert lines is not None
    w1, b1, w2, b2, x, y = (float(each) for each in f"{lines[1]}, {lines[2]}".split(","))

    def cost(w1: Any, w2: Any) -> Any:
        return (sigmoid(w2 * sigmoid(w1 * x + b1) + b2) - y) ** 2

    by_w1, by_w2 = grad(cost, [0, 1])(w1, w2)
    assert_right(cards, "A weight of the last unit", f"{by_w2:.8f}")
    assert_right(cards, "The whole chain", f"{by_w1:.8f}")
    change = cost(w1 + 0.01, w2) - cost(w1, w2)
    for given in (change, 0.01 * by_w1):
        assert_right(cards, "What the number says", f"{given:.3g}")


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
    assert_right(cards, "Was the derivative right?", f"{change:.3g}")
    assert_right(cards, "Was the derivative right?", f"{0.01 * W_g[row, column]:.3g}")
    assert_wrong(cards, "Was the derivative right?", f"{W_g[row, column]:.4g}", "a step of 1")
    state = np.random.RandomState(seed_in(text_of(cards, "Arrays of your own")))
    x, target = state.rand(2), state.rand(3)
    W, b = state.randn(len(target), len(x)), state.randn(len(target))
    assert_right(cards, "Arrays of your own", f"{cost(W, b):.8f}")
    assert_wrong(cards, "Arrays of your own", f"{3 * cost(W, b):.8f}", "sum of the squares")
    assert chosen(cards, "Asking autograd", "[0, 1])(W, b").right
    assert chosen(cards, "A number, not a vector", "stops with an error").right


@pytest.mark.parametrize("seed", SOME)
def test_one_layer_by_hand(seed: int) -> None:
    cards = cards_of("one-layer-by-hand", seed)
    g = arrays_in(cards[0].text)
    W, b, x, target = g["W"], g["b"], g["x"], g["target"]
    earlier = arrays_in(text_of(cards_of("one-layer-autograd", seed), "A layer"))
    assert not np.allclose(earlier["W"], W), "the gradients of exercise 2 are no answers here"
    z = W @ x + b
    a = 1 / (1 + np.exp(-z))
    slope = np.exp(-z) / (1 + np.exp(-z)) ** 2
    dC_da = 2 / 3 * (a - target)
    dC_dz = dC_da @ np.diag(slope)
    dC_dW = dC_dz @ np.tensordot(np.eye(3), x, axes=0)
    W_g = grad(lambda W: mse(sigmoid(W @ x + b), target))(W)
    np.testing.assert_allclose(dC_dW, W_g, rtol=1e-12)
    assert_right(cards, "The cost, first", np.sign(a - target).tolist())
    assert_right(cards, "The values of the gradient", dC_da)
    assert_wrong(cards, "The values of the gradient", -dC_da, "cost_gradient_sign")
    assert_wrong(cards, "The values of the gradient", dC_da * 1.5, "half the sum")
    assert_right(cards, "The other argument", grad(mse, 1)(a, target))
    assert_wrong(cards, "The other argument", grad(mse, 0)(a, target), "count from 0")
    assert_right(cards, "The slope of the sigmoid", elementwise_grad(sigmoid)(z))
    assert_right(cards, "The whole Jacobian", jacobian(sigmoid)(z))
    sizes = [each.size for each in (dC_da, np.diag(slope), dC_dz)]
    assert_right(cards, "The sizes of the three factors", str(sizes))
    tensor = np.tensordot(np.eye(3), x, axes=0)
    assert_right(cards, "The tensor, built", tensor[1])
    assert_wrong(cards, "The tensor, built", tensor[0], "count from 0")
    assert_right(cards, "All the weights at once", np.tensordot(dC_dz, tensor, axes=1))
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


@pytest.mark.parametrize("seed", SOME)
def test_two_layers(seed: int) -> None:
    cards = cards_of("two-layers", seed)
    g = arrays_in(cards[0].text)
    layers = [(g["W1"], g["b1"]), (g["W2"], g["b2"])]
    (W1_g, b1_g), (W2_g, b2_g) = grad(column_cost([sigmoid] * 2, g["x"], g["target"]))(layers)
    a1 = sigmoid(g["W1"] @ g["x"] + g["b1"])
    dC_da1 = g["W2"].T @ b2_g
    np.testing.assert_allclose(dC_da1 * a1 * (1 - a1), b1_g, rtol=1e-10)
    assert_right(cards, "Down to the last pre-activation", b2_g)
    assert_right(cards, "The weights of the last layer", W2_g)
    assert_right(cards, "Through the weights", dC_da1)
    assert_right(cards, "Through the first activation", np.sign(b1_g).tolist())
    assert_right(cards, "The values of the gradient", b1_g)
    assert_wrong(cards, "The values of the gradient", dC_da1, "slope of the first activation")
    assert_right(cards, "The weights of the first layer", W1_g)
    assert_right(cards, "What autograd returns", "(4, 3)")
    assert_right(cards, "The biases of the last layer", b2_g)
    assert_right(cards, "The biases of the first layer", b1_g)
    z1 = g["W1"] @ g["x"] + g["b1"]
    said = re.findall(r"(dC_\w+): (\S+)", text_of(cards, "All four arrays"))
    right = {"dC_dW2": W2_g, "dC_db2": b2_g, "dC_dW1": W1_g, "dC_db1": b1_g}
    off = [name for name, shown in said if not np.isclose(float(shown), right[name].sum(), 1e-3)]
    assert off == ["dC_dW2"]
    assert chosen(cards, "All four arrays", off[0]).right
    assert f"dC_dW2: {np.outer(b2_g, z1).sum():.5g}\n" in text_of(cards, "All four arrays")
    assert_right(cards, "In your own words", "1, 5, 4")
    assert_wrong(
        cards, "The weights of the last layer", np.outer(b2_g, z1), "z of the previous layer"
    )
    assert_wrong(cards, "The weights of the first layer", np.outer(dC_da1, g["x"]), "∂C/∂a")
    message = chosen(cards, "From one layer to the one before", "sum of each row").message
    assert "nothing is summed" in message
    assert chosen(cards, "From one layer to the one before", "shape (4, 3)").right


def test_the_fault_in_the_loop_is_one() -> None:
    """The fixed loop agrees with autograd; the faulty one does not, or raises an error."""
    code = question(cards_of("any-depth", 0), "One loop, with a fault").code
    (wrong,) = question(cards_of("any-depth", 0), "One loop, with a fault").wrong
    lines = code.split("\n")
    lines[wrong] = lines[wrong].replace("layers[i]", "layers[i + 1]")
    rng = np.random.default_rng(3)
    layers = [(rng.standard_normal((3, 3)), rng.standard_normal(3)) for _ in range(3)]
    x, target = rng.random(3), rng.random(3)
    inputs, zs, a = [], [], x
    for W, b in layers:
        inputs.append(a)
        zs.append(W @ a + b)
        a = sigmoid(zs[-1])
    found = {}
    for name, text in (("wrong", code), ("mended", "\n".join(lines))):
        spaces = {
            "np": np,
            "layers": layers,
            "layer_inputs": inputs,
            "zs": zs,
            "predict": a,
            "target": target,
            "activation_ders": [lambda z: sigmoid(z) * (1 - sigmoid(z))] * 3,
            "cost_der": lambda p, t: 2 / len(p) * (p - t),
        }
        exec(text, spaces)
        found[name] = spaces["layer_grads"]
    right = grad(column_cost([sigmoid] * 3, x, target))(layers)
    for (W_g, b_g), (W_r, b_r) in zip(found["mended"], right, strict=True):
        np.testing.assert_allclose(W_g, W_r, rtol=1e-10)
        np.testing.assert_allclose(b_g, b_r, rtol=1e-10)
    assert not np.allclose(found["wrong"][0][0], right[0][0])


@pytest.mark.parametrize("seed", SOME)
def test_any_depth(seed: int) -> None:
    cards = cards_of("any-depth", seed)
    g = arrays_in(cards[0].text)
    layers = [(g["W1"], g["b1"]), (g["W2"], g["b2"])]
    (W1_g, _), (W2_g, b2_g) = grad(column_cost([sigmoid, relu], g["x"], g["target"]))(layers)
    assert 0 < (b2_g == 0).sum() < 4
    a1 = sigmoid(g["W1"] @ g["x"] + g["b1"])
    dC_da2 = 2 / 4 * (relu(g["W2"] @ a1 + g["b2"]) - g["target"])
    assert_right(cards, "The first round of your loop", dC_da2)
    assert_right(cards, "The slope of ReLU", elementwise_grad(relu)(g["W2"] @ a1 + g["b2"]))
    assert_right(cards, "From round to round", g["W2"].T @ b2_g)
    own = g["W1"] @ b2_g[:2]
    assert not marked(cards, "From round to round", own).right
    assert_right(cards, "Which outputs learn", np.sign(b2_g).tolist())
    assert_right(cards, "The gradients of the last layer", W2_g)
    assert_right(cards, "And of the first", W1_g)
    state = np.random.RandomState(seed_in(text_of(cards, "Four layers")))
    deep, before = [], 3
    for size in (5, 4, 3, 2):
        W = state.randn(size, before)
        deep.append((W, state.randn(size)))
        before = size
    x, target = state.rand(3), state.rand(2)
    right = grad(column_cost([sigmoid, relu, sigmoid, sigmoid], x, target))(deep)
    assert_right(cards, "Four layers, the same code", right[0][1])
    assert_right(cards, "Its first weights", right[0][0])


def test_the_update_that_does_half_does_half() -> None:
    asked = question(cards_of("a-network-as-a-class", 0), "An update that does half")
    spaces: dict[str, Any] = {}
    exec(asked.code, spaces)

    class Network:
        layers: ClassVar[list[Any]] = [(np.ones((2, 2)), np.ones(2))]

    spaces["update_weights"](Network, [(np.ones((2, 2)), np.ones(2))], 0.5)
    ((W, b),) = Network.layers
    np.testing.assert_array_equal(W, np.ones((2, 2)))
    np.testing.assert_array_equal(b, np.full(2, 0.5))
    assert asked.wrong == {2}


def arrays_of_networks(name: str, seed: int) -> dict[str, Array]:
    text = next(card.text for card in cards_of(name, seed) if arrays_in(card.text))
    return arrays_in(text)


@pytest.mark.parametrize("seed", every_nth(6, range(50)))
def test_no_draw_is_degenerate(seed: int) -> None:
    """No sigmoid is saturated, no prediction is already right, no ReLU layer is all on or off."""
    g = arrays_of_networks("one-layer-autograd", seed)
    z = g["W"] @ g["x"] + g["b"]
    errors = sigmoid(z) - g["target"]
    assert np.abs(z).max() <= 3
    assert errors.min() < -0.03
    assert errors.max() > 0.03

    g = arrays_of_networks("two-layers", seed)
    z1 = g["W1"] @ g["x"] + g["b1"]
    z2 = g["W2"] @ sigmoid(z1) + g["b2"]
    assert max(np.abs(z1).max(), np.abs(z2).max()) <= 3

    g = arrays_of_networks("any-depth", seed)
    z2 = g["W2"] @ sigmoid(g["W1"] @ g["x"] + g["b1"]) + g["b2"]
    assert 2 <= (z2 > 0).sum() <= 3

    g = arrays_of_networks("backprop-in-batches", seed)
    z1 = g["x"] @ g["W1"] + g["b1"]
    z2 = sigmoid(z1) @ g["W2"] + g["b2"]
    assert max(np.abs(z1).max(), np.abs(z2).max()) <= 3
    assert np.abs(sigmoid(z2) - g["target"]).min() > 0.03

"""The lessons of week 42, compared with NumPy and autograd as students write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from tests.helpers.cases import every_nth, examples
from tests.helpers.weeks import (
    arrays_in,
    assert_right,
    assert_wrong,
    cards_of,
    chosen,
    marked,
    question,
    run_code,
    seed_in,
    text_of,
)

Array = np.ndarray[Any, Any]
Layers = Sequence[tuple[Array, Array]]
SOME = [0, 1, 2, 17, 2024]


def sigmoid(z: Array) -> Any:
    return 1 / (1 + anp.exp(-z))


def relu(z: Array) -> Any:
    return anp.where(z > 0, z, 0)


def mse(predict: Array, target: Array) -> Any:
    return anp.mean((predict - target) ** 2)


def column_cost(activations: Sequence[Callable[[Array], Any]], x: Array, target: Array) -> Any:
    """Return the cost of one sample as a function of [(W (n_out, n_in), b), …]."""

    def cost(layers: Layers) -> Any:
        a = x
        for (W, b), f in zip(layers, activations, strict=True):
            a = f(W @ a + b)
        return mse(a, target)

    return cost


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
    assert chosen(cards, "Asking autograd", "[0, 1])(W, b").right
    assert chosen(cards, "A number, not a vector", "stops with an error").right


def test_grad_wants_one_number() -> None:
    """The effect that the lesson describes occurs."""
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
    assert_right(cards, "The values of the gradient", dC_da)
    assert_wrong(cards, "The values of the gradient", -dC_da, "cost_gradient_sign")
    assert_wrong(cards, "The values of the gradient", dC_da * 1.5, "half the sum")
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
    z1 = g["W1"] @ g["x"] + g["b1"]
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


@pytest.mark.parametrize("seed", SOME)
def test_backprop_in_batches(seed: int) -> None:
    cards = cards_of("backprop-in-batches", seed)
    g = arrays_in(cards[0].text)
    x, target = g["x"], g["target"]
    assert x.shape == (4, 2)

    def cost(layers: Layers) -> Any:
        a = x
        for W, b in layers:
            a = sigmoid(a @ W + b)
        return mse(a, target)

    layers = [(g["W1"], g["b1"]), (g["W2"], g["b2"])]
    (W1_g, b1_g), (W2_g, b2_g) = grad(cost)(layers)
    a1 = sigmoid(x @ g["W1"] + g["b1"])
    a2 = sigmoid(a1 @ g["W2"] + g["b2"])
    dC_da2 = 2 / 8 * (a2 - target)
    dC_dz2 = dC_da2 * a2 * (1 - a2)
    assert_right(cards, "The cost of a batch", dC_da2)
    by_rows = 2 / len(a2) * (a2 - target)
    assert not marked(cards, "The cost of a batch", by_rows).right
    assert_right(cards, "Slopes of a batch", dC_dz2)
    assert_wrong(cards, "Slopes of a batch", dC_da2, "missing_activation_derivative")
    assert_right(cards, "The weights of layer 2", W2_g)
    assert_wrong(cards, "The weights of layer 2", x.T @ dC_dz2, "(2, 2)")
    assert_right(cards, "The biases of layer 2", b2_g)
    assert_wrong(cards, "The biases of layer 2", dC_dz2.mean(axis=0), "bias_gradient_not_summed")
    assert_right(cards, "The weights of layer 1", W1_g)
    assert_right(cards, "Try it", b1_g)
    assert chosen(cards, "Adding up over the samples", "`a1.T @ dC_dz2`").right
    assert chosen(cards, "Back to layer 1", "`dC_dz2 @ W2.T`").right
    assert chosen(cards, "Another way to look at it", "mean").right
    ones = []
    for row, wanted in zip(x, target, strict=True):
        alone = column_cost([sigmoid] * 2, row, wanted)
        turned = [(W.T, b) for W, b in layers]
        ones.append(grad(alone)(turned)[0][1])
    np.testing.assert_allclose(np.mean(ones, axis=0), b1_g, rtol=1e-10)


def softmax(z: Array, axis: int = 1) -> Any:
    e = anp.exp(z - anp.max(z, axis=axis, keepdims=True))
    return e / anp.sum(e, axis=axis, keepdims=True)


def batch_cost(x: Array, target: Array) -> Any:
    """Cross-entropy of sigmoid and softmax as a function of [(W (n_in, n_out), b), …]."""

    def cost(layers: Layers) -> Any:
        (W1, b1), (W2, b2) = layers
        p = softmax(sigmoid(x @ W1 + b1) @ W2 + b2)
        return anp.sum(-target * anp.log(p))

    return cost


def iris() -> tuple[Array, Array]:
    from sklearn.datasets import load_iris

    x, classes = load_iris(return_X_y=True)
    return x, np.eye(3)[classes]


@pytest.mark.parametrize("seed", SOME)
def test_iris_with_own_gradients(seed: int) -> None:
    inputs, targets = iris()
    cards = cards_of("iris-with-own-gradients", seed)
    w = run_code(text_of(cards, "Three flowers"), inputs=inputs, targets=targets)
    x, target = w["x"], w["target"]
    assert [list(row) for row in target] == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    start = [(w["W1"], w["b1"]), (w["W2"], w["b2"])]
    p = softmax(sigmoid(x @ w["W1"] + w["b1"]) @ w["W2"] + w["b2"])
    assert_right(cards, "Three flowers", p - target)
    assert_wrong(cards, "Three flowers", target - p, "cost_gradient_sign")
    assert_right(cards, "A check", (p - target).sum(axis=1))
    gradient = grad(batch_cost(x, target))
    assert_right(cards, "Back through both layers", gradient(start)[0][0])
    assert_right(cards, "Stochastic gradient descent", str(len(range(0, 150, 16))))

    layers = [[W.copy(), b.copy()] for W, b in start]
    velocity = [[np.zeros_like(W), np.zeros_like(b)] for W, b in start]
    for _ in range(2):
        for layer, speed, pair in zip(layers, velocity, gradient(layers), strict=True):
            for k, g in enumerate(pair):
                speed[k] = 0.9 * speed[k] + 0.002 * g
                layer[k] = layer[k] - speed[k]
    assert_right(cards, "Two steps", layers[1][1] - w["b2"])
    assert_wrong(cards, "Two steps", layers[1][1], "Subtract the old ones")
    wrong = -0.002 * (0.9 + 2) * gradient(start)[1][1]
    assert_wrong(cards, "Two steps", wrong, "gradient of the first step twice")
    one = -0.002 * gradient(start)[1][1]
    assert_wrong(cards, "Two steps", one, "one step")

    (found,) = re.findall(r"default_rng\(\[(\d+), e\]\)", text_of(cards, "Ten epochs"))
    layers = [[W.copy(), b.copy()] for W, b in start]
    velocity = [[np.zeros_like(W), np.zeros_like(b)] for W, b in start]
    for epoch in range(10):
        order = np.random.default_rng([int(found), epoch]).permutation(150)
        for at in range(0, 150, 16):
            rows = order[at : at + 16]
            grads = grad(batch_cost(inputs[rows], targets[rows]))(layers)
            for layer, speed, pair in zip(layers, velocity, grads, strict=True):
                for k, g in enumerate(pair):
                    speed[k] = 0.9 * speed[k] + 0.002 * g
                    layer[k] = layer[k] - speed[k]
    (W1, b1), (W2, b2) = layers
    said = (sigmoid(inputs @ W1 + b1) @ W2 + b2).argmax(axis=1)
    accuracy = float(np.mean(said == targets.argmax(axis=1)))
    assert_right(cards, "Ten epochs", str(accuracy))
    final = batch_cost(inputs, targets)(layers)
    assert f"to {final:.1f}" in marked(cards, "Ten epochs", str(accuracy)).message


def test_small_batches_and_momentum_have_the_stated_effect() -> None:
    """Full and small batches end with similar costs; momentum is better than both."""
    for seed in range(examples(20)):
        text = text_of(cards_of("iris-with-own-gradients", seed), "What made the difference")
        full, plain, momentum = (float(c) for c in re.findall(r"(\d+\.\d) with", text))
        assert plain == pytest.approx(full, rel=0.03)
        assert momentum < 0.92 * min(full, plain)


@pytest.mark.parametrize("seed", SOME)
def test_a_network_as_a_class(seed: int) -> None:
    cards = cards_of("a-network-as-a-class", seed)
    state = np.random.RandomState(seed_in(text_of(cards, "What it must predict")))
    layers, before = [], 4
    for size in (5, 3):
        W = state.randn(size, before).T
        layers.append((W, state.randn(size)))
        before = size
    x = state.rand(6, 4)
    target = np.eye(3)[[0, 1, 2, 0, 1, 2]]
    cost = batch_cost(x, target)
    (W1, b1), (W2, b2) = layers
    p = softmax(sigmoid(x @ W1 + b1) @ W2 + b2)
    assert_right(cards, "What it must predict", p)
    wrong = softmax(sigmoid(x @ W1 + b1) @ W2 + b2, axis=0)
    assert_wrong(cards, "What it must predict", wrong, "softmax_wrong_axis")
    assert_right(cards, "Its cost", f"{cost(layers):.6f}")
    assert_wrong(cards, "Its cost", f"{cost(layers) / 6:.6f}", "mean over the six")
    grads = grad(cost)(layers)
    assert_right(cards, "Its gradient", grads[0][0])
    after = [(W - 0.1 * g, b - 0.1 * h) for (W, b), (g, h) in zip(layers, grads, strict=True)]
    assert_right(cards, "After one update", f"{cost(after):.6f}")
    assert_wrong(cards, "After one update", f"{cost(layers):.6f}", "self.layers")
    up = [(W + 0.1 * g, b + 0.1 * h) for (W, b), (g, h) in zip(layers, grads, strict=True)]
    assert_wrong(cards, "After one update", f"{cost(up):.6f}", "The cost grew")


@pytest.mark.parametrize("seed", SOME)
def test_arrays_drawn_in_another_order_are_named(seed: int) -> None:
    for drawn, says in (
        ("x target layers", "before the layers"),
        ("layers target x", "`target` before `x`"),
    ):
        cards = cards_of("any-depth", seed)
        state = np.random.RandomState(seed_in(text_of(cards, "Four layers")))
        made: dict[str, Any] = {}
        for name in drawn.split():
            if name == "layers":
                made[name] = []
                for n_in, n_out in ((3, 5), (5, 4), (4, 3), (3, 2)):
                    made[name].append((state.randn(n_out, n_in), state.randn(n_out)))
            else:
                made[name] = state.rand(3 if name == "x" else 2)
        functions = [sigmoid, relu, sigmoid, sigmoid]
        wrong = grad(column_cost(functions, made["x"], made["target"]))(made["layers"])
        assert_wrong(cards, "Four layers, the same code", wrong[0][1], says)
    cards = cards_of("a-network-as-a-class", seed)
    state = np.random.RandomState(seed_in(text_of(cards, "What it must predict")))
    W1, b1, W2, b2 = state.randn(4, 5), state.randn(5), state.randn(5, 3), state.randn(3)
    p = softmax(sigmoid(state.rand(6, 4) @ W1 + b1) @ W2 + b2)
    assert_wrong(cards, "What it must predict", p, "and transpose")


def test_the_code_of_one_sample_stops_with_the_quoted_message() -> None:
    text = cards_of("backprop-in-batches", 1)[0].text
    given, code, message = text.split("```")[1::2]
    spaces: dict[str, Any] = {"np": np}
    exec(given, spaces)
    W1, b1, W2, b2 = (spaces[name] for name in ("W1", "b1", "W2", "b2"))
    z1 = spaces["x"] @ W1 + b1
    a1 = sigmoid(z1)
    z2 = a1 @ W2 + b2
    spaces |= {
        "layers": [(W1, b1), (W2, b2)],
        "layer_inputs": [spaces["x"], a1],
        "zs": [z1, z2],
        "predict": sigmoid(z2),
        "sigmoid_der": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    }
    with pytest.raises(ValueError, match="matmul") as error:
        exec(code, spaces)
    assert " ".join(message.split()) == f"ValueError: {error.value}"


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

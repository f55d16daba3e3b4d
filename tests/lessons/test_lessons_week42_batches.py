"""The lessons of week 42 on batches, compared with NumPy as students write it."""

from __future__ import annotations

import re
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from backprop_explorer.lessons.functions import WrittenFunction
from tests.helpers.cases import examples
from tests.helpers.week42 import SOME, Array, Layers, column_cost, mse, relu, sigmoid
from tests.helpers.weeks import (
    arrays_in,
    assert_right,
    assert_wrong,
    cards_of,
    chosen,
    marked,
    run_code,
    seed_in,
    text_of,
)


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
    question = next(each.question for each in cards if each.name == "try-it")
    assert isinstance(question, WrittenFunction)
    expected = question.function.calls[0].expected
    for mine, right in zip(expected, [(W1_g, b1_g), (W2_g, b2_g)], strict=True):
        for one, other in zip(mine, right, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10)
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

    state = np.random.RandomState(seed_in(text_of(cards, "Ten epochs")))
    layers = [[W.copy(), b.copy()] for W, b in start]
    velocity = [[np.zeros_like(W), np.zeros_like(b)] for W, b in start]
    for _ in range(10):
        order = state.permutation(150)
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
    final = str(batch_cost(inputs, targets)(layers))
    assert_right(cards, "Ten epochs", final)
    assert f"gets {accuracy:.3f} of" in marked(cards, "Ten epochs", final).message
    told = text_of(cards, "What made the difference")
    (page,) = re.findall(r"(\d+\.\d) with momentum", told)
    assert not marked(cards, "Ten epochs", page).right, "the explorer shows another run"


def test_small_batches_and_momentum_have_the_stated_effect() -> None:
    """Full and small batches end with similar costs; momentum is better than both."""
    for seed in range(examples(20)):
        text = text_of(cards_of("iris-with-own-gradients", seed), "What made the difference")
        full, plain, momentum = (float(c) for c in re.findall(r"(\d+\.\d) with", text))
        risen = text_of(cards_of("iris-with-own-gradients", seed), "A step that raises the cost")
        (steps,) = re.findall(r"rises in (\d+) of the 100 steps", risen)
        assert 2 <= int(steps) <= 60
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

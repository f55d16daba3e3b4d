"""Lessons on gradients in deep networks: their numbers, recomputed in plain NumPy."""

from __future__ import annotations

import re
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from backprop_explorer.engine.initializers import initialize
from backprop_explorer.engine.network import Layer, Network
from backprop_explorer.lessons.questions import Choice
from tests.helpers.cases import examples
from tests.helpers.further_lessons import given, tanh_cost, training_data
from tests.helpers.lesson_rules import card, cards_of, mark, written
from tests.helpers.lessons import LESSONS


def slope(z: float) -> float:
    e = np.exp(-z)
    return float(e / (1.0 + e) ** 2)


def test_vanishing_gradients_by_hand() -> None:
    lesson = LESSONS["vanishing-gradients"]
    for seed in range(5):
        recipe = cards_of(lesson, seed)[0].scene.recipe
        a, z = recipe["dataset"]["x"][0][0], []
        chain = [(each["W"][0][0], each["b"][0]) for each in recipe["network"]["weights"]]
        for w, b in chain:
            z.append(w * a + b)
            a = 1 / (1 + np.exp(-z[-1]))
        step = chain[3][0] * slope(z[2])
        assert mark(lesson, "One layer down", step, seed).right
        whole = step * chain[2][0] * slope(z[1]) * chain[1][0] * slope(z[0])
        assert mark(lesson, "All the way down", whole, seed).right
        forgotten = mark(lesson, "One layer down", chain[3][0], seed)
        assert not forgotten.right
        assert "derivative is missing" in forgotten.message
    assert mark(lesson, "The slope of a sigmoid", 0.25).right
    assert mark(lesson, "The most that can arrive", 1 / 64).right


def forward_and_back(
    recipe: dict[str, Any], x: Any, target: Any, activation: Any, derivative: Any
) -> list[float]:
    """‖∂C/∂z‖ of each layer for sigmoid outputs with the mean binary cross-entropy."""
    layers = recipe["network"]["layers"]
    network = Network(x.shape[1], tuple(Layer(d["units"], d["activation"]) for d in layers))
    first = initialize(
        network, recipe["network"]["initializer"], np.random.default_rng(recipe["network"]["seed"])
    )
    zs, a = [], x
    for W, b in zip(first.W, first.b, strict=True):
        zs.append(a @ W + b)
        a = activation(zs[-1])
    delta = (1 / (1 + np.exp(-zs[-1])) - target) / len(x)
    norms = [np.linalg.norm(delta)]
    for W, z in zip(first.W[:0:-1], zs[-2::-1], strict=True):
        delta = (delta @ W.T) * derivative(z)
        norms.insert(0, np.linalg.norm(delta))
    return norms


def test_the_share_that_vanishes_is_that_of_the_run() -> None:
    lesson = LESSONS["vanishing-gradients"]
    for seed in range(3):
        recipe = next(c for c in cards_of(lesson, seed) if c.title == "A real network").scene.recipe
        x, target = training_data(recipe)
        norms = forward_and_back(
            recipe, x, target, lambda z: 1 / (1 + np.exp(-z)), np.vectorize(slope)
        )
        share = norms[0] / norms[-1]
        assert mark(lesson, "In numbers", share, seed).right
        assert mark(lesson, "What one layer does", share ** (1 / 6), seed).right
        assert "other way round" in mark(lesson, "In numbers", 1 / share, seed).message


def test_the_relu_share_is_stated_correctly() -> None:
    """The share is between 0.01 and 4, and far more than in the sigmoid network."""
    lesson = LESSONS["vanishing-gradients"]
    for seed in range(examples(10)):
        told = card(lesson, "The same with ReLU", seed)
        recipe = next(c for c in cards_of(lesson, seed) if c.title == "A real network").scene.recipe
        shares = []
        for each, activation, derivative in (
            (recipe, lambda z: 1 / (1 + np.exp(-z)), np.vectorize(slope)),
            (told.scene.reference, lambda z: np.maximum(z, 0), lambda z: z > 0),
        ):
            x, target = training_data(each)
            norms = forward_and_back(each, x, target, activation, derivative)
            shares.append(norms[0] / norms[-1])
        sigmoid, relu = shares
        (shown,) = re.findall(r"is \$(.*?)\$ times", told.text)
        assert written(shown) == pytest.approx(relu, rel=0.01)
        question = card(lesson, "Does it matter?", seed).question
        (why,) = (option.why for option in question.options if "diverge" in option.text)
        (shown,) = re.findall(r"is \$(.*?)\$ times", why)
        assert written(shown) == pytest.approx(relu / sigmoid, rel=0.01)
        assert relu > 50 * sigmoid


# A dead ReLU -----------------------------------------------------------------------------------


def relu_cost(b1: Any, n: dict[str, Any], slope: float) -> Any:
    z = n["x"] @ n["W1"] + b1
    a = anp.where(z > 0, z, slope * z)
    return anp.mean((a @ n["W2"] + n["b2"] - n["target"]) ** 2)


def test_dead_relu() -> None:
    lesson = LESSONS["dead-relu"]
    for seed in range(5):
        n = given(lesson, seed)
        (dead,) = np.flatnonzero((n["x"] @ n["W1"] + n["b1"] < 0).all(axis=0)).tolist()
        units = card(lesson, "Three units", seed).question
        assert isinstance(units, Choice)
        right = [option.text for option in units.options if option.right]
        assert right == [f"Unit {dead}."]
        error = np.maximum(n["x"] @ n["W1"] + n["b1"], 0) @ n["W2"] + n["b2"] - n["target"]
        signs = np.sign(error[:, 0] * n["W2"][dead, 0]).tolist()
        assert mark(lesson, "What an output would change", signs, seed).right
        db = grad(relu_cost)(n["b1"], n, 0.0)
        assert db[dead] == 0.0
        assert mark(lesson, "The gradient of its bias", str(db), seed).right
        # A hundred steps of gradient descent in plain NumPy.
        p = {name: n[name].copy() for name in ("W1", "b1", "W2", "b2")}
        for _ in range(100):
            z = n["x"] @ p["W1"] + p["b1"]
            a = np.maximum(z, 0)
            d2 = 2 / 4 * (a @ p["W2"] + p["b2"] - n["target"])
            d1 = d2 @ p["W2"].T * (z > 0)
            steps = {"W1": n["x"].T @ d1, "b1": d1.sum(0), "W2": a.T @ d2, "b2": d2.sum(0)}
            p = {name: p[name] - 0.05 * steps[name] for name in p}
        assert p["b1"][dead] == n["b1"][dead]
        assert mark(lesson, "A hundred steps later", float(p["b1"][dead]), seed).right
        assert "not the bias" in mark(lesson, "A hundred steps later", 0.0, seed).message
        leaky = grad(relu_cost)(n["b1"], n, 0.01)
        assert leaky[dead] != 0.0
        assert mark(lesson, "Leaky ReLU", str(leaky), seed).right
        # The same steps with leaky ReLU: the bias moves to the value on the card.
        p = {name: n[name].copy() for name in ("W1", "b1", "W2", "b2")}
        for _ in range(100):
            z = n["x"] @ p["W1"] + p["b1"]
            a = np.where(z > 0, z, 0.01 * z)
            d2 = 2 / 4 * (a @ p["W2"] + p["b2"] - n["target"])
            d1 = d2 @ p["W2"].T * np.where(z > 0, 1.0, 0.01)
            steps = {"W1": n["x"].T @ d1, "b1": d1.sum(0), "W2": a.T @ d2, "b2": d2.sum(0)}
            p = {name: p[name] - 0.05 * steps[name] for name in p}
        moved = p["b1"][dead] - n["b1"][dead]
        said = card(lesson, "It moves", seed).text.split("$")[1]
        assert written(said) == pytest.approx(moved, rel=1e-3)
        distance = -(n["x"] @ n["W1"] + n["b1"])[:, dead].max()
        assert mark(lesson, "Switch it on", float(distance), seed).right
        assert mark(lesson, "It moves", round(100 * distance / written(said)), seed).right


# Exploding gradients ---------------------------------------------------------------------------


def given_layers(recipe: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [(np.array(w["W"]), np.array(w["b"])) for w in recipe["network"]["weights"]]


def relu_ratio(layers: list[tuple[Any, Any]], x: Any) -> float:
    """‖∂C/∂z¹‖ / ‖∂C/∂z⁷‖ of one sample; the size of the last cancels."""
    zs, a = [], x
    for W, b in layers:
        zs.append(a @ W + b)
        a = np.maximum(zs[-1], 0)
    delta = np.ones(1)
    for (W, _), z in zip(layers[:0:-1], zs[-2::-1], strict=True):
        delta = (W @ delta) * (z > 0)
    return float(np.linalg.norm(delta))


def test_exploding_gradients() -> None:
    lesson = LESSONS["exploding-gradients"]
    for seed in range(3):
        w = [W.item() for W, _ in given_layers(cards_of(lesson, seed)[0].scene.recipe)]
        assert mark(lesson, "Nothing shrinks", w[1] * w[2] * w[3], seed).right
        recipe = card(lesson, "Six hidden layers", seed).scene.recipe
        layers, x = given_layers(recipe), np.array(recipe["dataset"]["x"][0])
        ratio = relu_ratio(layers, x)
        assert ratio > 20
        assert mark(lesson, "Six hidden layers", ratio, seed).right
        # The answer does not appear in the text.
        for shown in re.findall(r"= (.*?)\$", card(lesson, "Six hidden layers", seed).text):
            assert not mark(lesson, "Six hidden layers", written(shown), seed).right
        half = relu_ratio([(W / 2, b) for W, b in layers], x)
        assert mark(lesson, "Half the weights", half, seed).right
        assert not mark(lesson, "Half the weights", ratio / 2, seed).right
        # One step on moons, in plain NumPy.
        recipe = card(lesson, "One step", seed).scene.recipe
        inputs, target = training_data(recipe)
        costs = [moons_cost(layers, inputs, target)]
        gradient = grad(moons_cost)(layers, inputs, target)
        moved = [
            (W - 0.5 * dW, b - 0.5 * db) for (W, b), (dW, db) in zip(layers, gradient, strict=True)
        ]
        costs.append(moons_cost(moved, inputs, target))
        assert costs[1] > 1.5 * costs[0]
        assert f"{costs[0]:.4g}"[:4] in card(lesson, "One step", seed).text
    assert mark(lesson, "He's rule", np.sqrt(2 / 8)).right


def moons_cost(layers: Any, x: Any, target: Any) -> Any:
    """Binary cross-entropy of ReLU layers and a sigmoid, from its z so that nothing overflows."""
    a = x
    for W, b in layers[:-1]:
        a = anp.maximum(a @ W + b, 0.0)
    z = a @ layers[-1][0] + layers[-1][1]
    return anp.mean(anp.logaddexp(0.0, z) - target * z)


# Initialization --------------------------------------------------------------------------------


def test_initialization() -> None:
    lesson = LESSONS["initialization"]
    for seed in range(3):
        n_in = int(card(lesson, "A sum of many", seed).text.split("= ")[1].split("$")[0])
        n_out = int(card(lesson, "Xavier", seed).question.prompt.split(" and ")[1].split()[0])
        sums = np.random.default_rng(seed).standard_normal((20_000, n_in)).sum(axis=1)
        estimate = card(lesson, "A sum of many", seed).question.right
        assert estimate == pytest.approx(sums.std(), rel=0.03)
        assert mark(lesson, "A sum of many", np.sqrt(n_in), seed).right
        assert mark(lesson, "Xavier", 2 / (n_in + n_out), seed).right
        assert "He's rule" in mark(lesson, "Xavier", 2 / n_in, seed).message
        assert mark(lesson, "He", np.sqrt(2 / n_in), seed).right
        assert "the variance" in mark(lesson, "He", 2 / n_in, seed).message

        n = given(lesson, seed, "All alike")
        c = card(lesson, "All alike", seed).scene.recipe["network"]["weights"][0]["b"][0]
        p = [(np.full((2, 3), c), np.full(3, c)), (np.full((3, 1), c), np.full(1, c))]
        first = grad(tanh_cost)(p, n["x"], n["target"])
        assert mark(lesson, "All alike", str(first[0][0]), seed).right
        for _ in range(100):
            gradient = grad(tanh_cost)(p, n["x"], n["target"])
            p = [(W - 0.1 * dW, b - 0.1 * db) for (W, b), (dW, db) in zip(p, gradient, strict=True)]
        different = len({tuple(column) for column in p[0][0].T.round(12)})
        assert mark(lesson, "And later", different, seed).right
    assert mark(lesson, "Too small", (4 * 0.05) ** 5).right
    zeros = [(np.zeros((2, 3)), np.zeros(3)), (np.zeros((3, 1)), np.zeros(1))]
    (dW1, db1), (dW2, db2) = grad(tanh_cost)(zeros, n["x"], n["target"])
    assert not any(each.any() for each in (dW1, db1, dW2))
    assert db2.all()

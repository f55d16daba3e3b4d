"""Lessons on why networks learn or fail: their numbers, recomputed in plain NumPy."""

from __future__ import annotations

import re
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, jacobian

from backprop_explorer.engine.initializers import initialize
from backprop_explorer.engine.network import Layer, Network
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.lessons.content.further import heat_map, overfitting, regularisation
from backprop_explorer.lessons.frames import frames
from backprop_explorer.lessons.lesson import Lesson
from backprop_explorer.lessons.maps import map_of
from backprop_explorer.lessons.number_questions import LineValue
from backprop_explorer.lessons.own import LESSONS
from backprop_explorer.lessons.questions import Choice
from backprop_explorer.limits import Limits
from backprop_explorer.tutor.checker import check
from backprop_explorer.tutor.reading.arrays import parse_array
from tests.helpers.cases import every_nth, examples
from tests.helpers.lesson_rules import (
    card,
    cards_of,
    mark,
    written,
)


def slope(z: float) -> float:
    e = np.exp(-z)
    return float(e / (1.0 + e) ** 2)


def training_data(recipe: dict[str, Any]) -> tuple[Any, Any]:
    """(x, target) as the network receives them."""
    return InitialState(Recipe.model_validate(recipe), Limits()).train


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


def given(lesson: Lesson, seed: int, title: str = "") -> dict[str, Any]:
    """Return the numbers in a card's code block; the first card by default."""
    cards = cards_of(lesson, seed)
    text = cards[0].text if not title else card(lesson, title, seed).text
    names: dict[str, Any] = {"np": np}
    exec(text.split("```")[1], names)
    return names


def named(lesson: Lesson, title: str, wrong: Any, seed: int = 0) -> str | None:
    """Return the misconception that checker and card name for ``wrong``."""
    question = card(lesson, title, seed).question
    assert isinstance(question, LineValue)
    printed = str(np.asarray(wrong))
    working = question.working
    result = check(working.trace, working.notation, {question.line: parse_array(printed)})
    first = result.diagnoses[0].misconception if result.diagnoses else None
    marked = question.mark(printed)
    assert not marked.right
    assert marked.misconception == first
    return first


# Optimizers ------------------------------------------------------------------------------------


def unit_cost(W: Any, b: Any, x: Any, target: Any) -> Any:
    return anp.mean((W @ x + b - target) ** 2)


def test_optimizers_by_hand() -> None:
    lesson = LESSONS["optimizers"]
    for seed in range(5):
        n = given(lesson, seed)
        W, b, x, target = (n[name] for name in ("W", "b", "x", "target"))
        g, g_b = grad(unit_cost, (0, 1))(W, b, x, target)
        assert mark(lesson, "Gradient descent", str(W - 0.1 * g), seed).right
        assert named(lesson, "Gradient descent", W + 0.1 * g, seed) == "gradient_ascent"
        assert named(lesson, "Gradient descent", W - g, seed) == "learning_rate_missing"

        v = 0.1 * g
        second = grad(unit_cost)(W - v, b - 0.1 * g_b, x, target)
        momentum = "Momentum"
        assert mark(lesson, momentum, 0.9 * v + 0.1 * second, seed).right
        assert "new step alone" in mark(lesson, momentum, 0.1 * second, seed).message
        assert "running mean" in mark(lesson, momentum, 0.9 * v + 0.01 * second, seed).message

        assert mark(lesson, "Adagrad", str(W - 0.1 * np.sign(g)), seed).right
        assert named(lesson, "Adagrad", W - 0.1 * g / (g**2 + 1e-10), seed) == "root_missing"

        m, v2 = 0.1 * g, 0.001 * g**2
        assert mark(lesson, "Adam, before its correction", str(m), seed).right
        assert mark(lesson, "The bias correction", str(m / 0.1), seed).right
        assert named(lesson, "The bias correction", m, seed) == "bias_correction_missing"
        step = 0.1 * (m / 0.1) / (np.sqrt(v2 / 0.001) + 1e-8)
        assert mark(lesson, "Adam's first step", str(W - step), seed).right
        raw = W - 0.1 * m / (np.sqrt(v2) + 1e-8)
        assert named(lesson, "Adam's first step", raw, seed) == "bias_correction_missing"
    assert mark(lesson, "RMSProp", 10**0.5).right
    assert "root of $s$ is missing" in mark(lesson, "RMSProp", 10.0).message


def test_the_second_step_of_momentum_is_that_of_the_page() -> None:
    """The scene shows step 1 of a run; its velocity is the card's answer."""
    shown = card(LESSONS["optimizers"], "Momentum")
    initial_state = InitialState(Recipe.model_validate(shown.scene.recipe), Limits())
    explored = TrainingRun(initial_state, 1_000_000).state(2, float("inf"))
    velocity = dict(explored.optimizer_state)["velocity"]
    np.testing.assert_allclose(velocity[:2], np.ravel(shown.question.right), rtol=1e-12)


# Softmax with cross-entropy --------------------------------------------------------------------


def test_softmax_with_cross_entropy() -> None:
    lesson = LESSONS["softmax-with-cross-entropy"]

    def softmax(z: Any) -> Any:
        return anp.exp(z) / anp.sum(anp.exp(z))

    for seed in range(5):
        n = given(lesson, seed)
        W, x, target = n["W"], n["x"], n["target"]
        z = W @ x + n["b"]
        p = softmax(z)
        assert mark(lesson, "Probabilities", str(p), seed).right
        assert named(lesson, "Probabilities", np.exp(z), seed) == "softmax_not_normalised"
        assert mark(lesson, "The cost of one sample", -np.log(p @ target), seed).right
        assert (
            "`np.log`"
            in mark(lesson, "The cost of one sample", -np.log10(p @ target), seed).message
        )
        long_way = "The long way: from C to p"
        assert mark(lesson, long_way, str(-target / p), seed).right
        assert named(lesson, long_way, p - target, seed) is not None
        J = jacobian(softmax)(z)
        assert mark(lesson, "A full Jacobian", J[0], seed).right
        alone = [p[0] * (1 - p[0]), 0.0, 0.0]
        assert (
            "as if each output were alone" in mark(lesson, "A full Jacobian", alone, seed).message
        )
        dC_dz = J.T @ (-target / p)
        np.testing.assert_allclose(dC_dz, p - target, atol=1e-12)
        assert mark(lesson, "From p to z", str(dC_dz), seed).right
        elementwise = -target / p * p * (1 - p)
        name = named(lesson, "From p to z", elementwise, seed)
        assert name == "softmax_derivative_elementwise"
        assert mark(lesson, "The direction of a step", np.sign(target - p), seed).right
        assert mark(lesson, "One weight", str(np.outer(p - target, x)), seed).right


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
        said = card(lesson, "It moves", seed).text.rsplit("$", 2)[1]
        assert float(said) == pytest.approx(p["b1"][dead], rel=1e-5)


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


def tanh_cost(layers: Any, x: Any, target: Any) -> Any:
    (W1, b1), (W2, b2) = layers
    return anp.mean((anp.tanh(x @ W1 + b1) @ W2 + b2 - target) ** 2)


# Learning rate ---------------------------------------------------------------------------------


def test_learning_rate_by_hand() -> None:
    lesson = LESSONS["learning-rate"]
    for seed in range(5):
        n = given(lesson, seed)
        W, b, x, target = (n[name] for name in ("W", "b", "x", "target"))
        rate = float(cards_of(lesson, seed)[0].text.rsplit("is ", 1)[1].rstrip("."))

        def misses(eta: float, steps: int, n: Any = (W, b, x, target)) -> list[float]:
            W, b, x, target = n
            found = [(W @ x + b - target).item()]
            for _ in range(steps):
                dW, db = grad(unit_cost, (0, 1))(W, b, x, target)
                W, b = W - eta * dW, b - eta * db
                found.append((W @ x + b - target).item())
            return found

        dW = grad(unit_cost)(W, b, x, target)
        assert mark(lesson, "One step", str(W - rate * dW), seed).right
        assert named(lesson, "One step", W + rate * dW, seed) == "gradient_ascent"
        before, after = misses(rate, 1)
        assert mark(lesson, "What becomes of the error", after / before, seed).right
        best = card(lesson, "The best rate", seed).question.right
        assert misses(best, 1)[1] == pytest.approx(0.0, abs=1e-12)
        border = card(lesson, "The largest rate", seed).question.right
        sizes = np.abs(misses(1.02 * border, 10))
        assert np.all(np.diff(sizes) > 0)
        sizes = np.abs(misses(0.98 * border, 10))
        assert np.all(np.diff(sizes) < 0)
        assert mark(lesson, "Beyond", misses(2 * border, 3)[3], seed).right
        assert not mark(lesson, "Beyond", -misses(2 * border, 3)[3], seed).right
        # with the rate and the miss as the card says them
        said = re.findall(r"\$(?:\\eta = )?(-?[0-9.]+)\$", card(lesson, "Beyond", seed).text)
        eta, miss = map(float, said)
        after = miss * (1 - 2 * eta * (x[0] ** 2 + 1)) ** 3
        assert mark(lesson, "Beyond", after, seed).right, seed


def test_learning_rates_have_the_stated_effect() -> None:
    lesson = LESSONS["learning-rate"]
    text = card(lesson, "A real network").text
    found = {}
    for title in ("A real network", "Too far"):
        recipe = card(lesson, title).scene.recipe
        x, target = training_data(recipe)
        initial_state = InitialState(Recipe.model_validate(recipe), Limits())
        layers = list(zip(initial_state.parameters.W, initial_state.parameters.b, strict=True))
        for _ in range(200):
            gradient = grad(tanh_cost)(layers, x, target)
            rate = recipe["optimizer"]["learning_rate"]
            layers = [
                (W - rate * dW, b - rate * db)
                for (W, b), (dW, db) in zip(layers, gradient, strict=True)
            ]
            if np.abs(layers[0][0]).max() > 100:
                break
        found[title] = float(np.abs(tanh_cost(layers, x, target)))
    assert f"{found['A real network']:.3g}" in text
    assert found["Too far"] > 1e3


# Regularisation --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", every_nth(6, regularisation.SEEDS))
def test_regularisation_has_the_stated_effect_for_every_seed(seed: int) -> None:
    assert regularisation.tells(seed)


def test_the_penalty_is_excluded_where_stated() -> None:
    """The cross-entropies of the two runs, from gradient descent in plain NumPy."""
    lesson = LESSONS["regularisation"]
    shown = card(lesson, "Two runs")
    for recipe, l2 in ((shown.scene.recipe, 0.0), (shown.scene.reference, 0.05)):
        (x, target), layers = training_data(recipe), first_layers(recipe)
        for _ in range(500):
            gradient = grad(tanh_entropy)(layers, x, target)
            layers = [
                (W - 0.5 * (dW + l2 * W), b - 0.5 * db)
                for (W, b), (dW, db) in zip(layers, gradient, strict=True)
            ]
        said = next(option.why for option in shown.question.options if option.right)
        assert f"${tanh_entropy(layers, x, target):.3g}$" in said
        assert f"${sum((W**2).sum() for W, _ in layers):.3g}$" in shown.text


def test_regularisation() -> None:
    lesson = LESSONS["regularisation"]
    for seed in range(3):
        first = cards_of(lesson, seed)[0]
        l2 = first.scene.recipe["penalty"]["l2"]
        n = given(lesson, seed)
        W, b = n["W1"], n["b1"]
        assert mark(lesson, "The penalty", l2 / 2 * (W**2).sum(), seed).right
        counted = l2 / 2 * ((W**2).sum() + (b**2).sum())
        assert "biases" in mark(lesson, "The penalty", counted, seed).message

        def cost(W: Any, b: Any, n: Any = n, l2: float = l2) -> Any:
            layers = [(W, b), (n["W2"], n["b2"])]
            return tanh_cost(layers, n["x"], n["target"]) + l2 / 2 * anp.sum(W**2)

        dW, db = grad(cost, (0, 1))(W, b)
        gradient = "In the gradient"
        assert mark(lesson, gradient, str(dW), seed).right
        assert named(lesson, gradient, dW - l2 * W, seed) == "penalty_gradient_missing"
        assert named(lesson, gradient, dW + l2 * W, seed) == "penalty_gradient_scale"
        assert mark(lesson, "And the bias", str(db), seed).right
        assert named(lesson, "And the bias", db + l2 * b, seed) == "penalty_on_bias"
        assert mark(lesson, "Weight decay", 1 - 0.1 * l2, seed).right
        l1 = float(card(lesson, "L1", seed).text.split("lambda_1 = ")[1].split("$")[0])
        assert mark(lesson, "L1", l1 * np.sign(W), seed).right
        assert "would be L2" in mark(lesson, "L1", l1 * W, seed).message


# Overfitting, heat map, confusion matrix -------------------------------------------------------


def first_layers(recipe: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The first weights of a recipe whose weights are drawn."""
    initial = InitialState(Recipe.model_validate(recipe), Limits()).parameters
    return [(W.copy(), b.copy()) for W, b in zip(initial.W, initial.b, strict=True)]


@pytest.mark.parametrize("seed", every_nth(6, overfitting.SEEDS))
def test_every_seed_of_overfitting_overfits(seed: int) -> None:
    """The test cost falls, then rises again, and the training cost falls throughout."""
    train, test = overfitting.costs(seed)
    at = int(np.argmin(test))
    assert at in (1, 2, 3)
    assert test[-1] > 1.3 * test[at]
    assert sorted(test)[1] > 1.05 * test[at]
    assert np.all(np.diff(train) < 0)


def test_overfitting() -> None:
    lesson = LESSONS["overfitting"]
    recipe = cards_of(lesson, 0)[0].scene.recipe
    (x, target), test = (
        training_data(recipe),
        InitialState(Recipe.model_validate(recipe), Limits()).test,
    )
    layers = first_layers(recipe)
    assert mark(
        lesson, "More parameters than points", sum(W.size + b.size for W, b in layers)
    ).right
    # Adam in plain NumPy, up to the second row of the table.
    flat = [p for layer in layers for p in layer]
    m, v = [np.zeros_like(p) for p in flat], [np.zeros_like(p) for p in flat]
    for t in range(1, 31):
        pairs = [(flat[0], flat[1]), (flat[2], flat[3])]
        gradient = [g for layer in grad(tanh_cost)(pairs, x, target) for g in layer]
        for k, g in enumerate(gradient):
            m[k] = 0.9 * m[k] + 0.1 * g
            v[k] = 0.999 * v[k] + 0.001 * g**2
            step = m[k] / (1 - 0.9**t) / (np.sqrt(v[k] / (1 - 0.999**t)) + 1e-8)
            flat[k] = flat[k] - 0.03 * step
    pairs = [(flat[0], flat[1]), (flat[2], flat[3])]
    row = [f"{tanh_cost(pairs, *part):.4f}" for part in ((x, target), test)]
    table = [line.split() for line in card(lesson, "When to stop").text.split("\n")]
    assert ["30", *row] in table
    rows = [line for line in table if len(line) == 3 and line[0].isdigit()]
    best = min(rows, key=lambda line: float(line[2]))
    assert mark(lesson, "When to stop", int(best[0])).right
    assert not mark(lesson, "When to stop", 1000).right


@pytest.mark.parametrize("seed", every_nth(15, heat_map.SEEDS))
def test_every_map_has_one_best_cell(seed: int) -> None:
    """One cell is clearly the best, away from the smallest rate, and the corner is bad."""
    values = heat_map.cross_entropies(seed)
    smallest = np.sort(values, axis=None)
    assert np.isfinite(values).all()
    assert np.unravel_index(np.argmin(values), values.shape)[0] in (1, 2)
    assert smallest[1] > 1.01 * smallest[0]
    assert values[3, 2] > 1.5 * smallest[0]
    assert values[0].min() > 1.1 * smallest[0]


@pytest.mark.parametrize("seed", every_nth(15, heat_map.SEEDS))
def test_every_map_of_runges_function_has_a_border(seed: int) -> None:
    """All runs with a rate of 1 and more diverge, no others; the best rate is just below."""
    values, diverged = map_of(heat_map.runge_map(seed, len(heat_map.RUNGE_PENALTIES)))
    died = np.array(heat_map.RUNGE_RATES) >= 1
    assert (np.isfinite(diverged) == died).all()
    best = heat_map.runge_numbers(seed, 3)
    assert best["runge_rate"] in (0.1, 0.3)
    assert best["runge_best"] > 0.7
    assert np.nanmax(values[:, 0]) < 0.2


def test_the_map_of_runges_function_counts_the_runs_of_the_page() -> None:
    lesson = LESSONS["heat-map"]
    sweep = card(lesson, "Runge's function").scene.map
    penalties, rates = (axis["values"] for axis in sweep["axes"])
    seed = sweep["recipe"]["dataset"]["seed"]
    dead = 0
    for l2 in penalties:
        for rate in rates:
            (frame,) = frames(heat_map.runge(rate, l2, seed), heat_map.RUNGE_STEPS)
            dead += frame["diverged"] is not None
    assert mark(lesson, "Runge's function", dead).right
    assert not mark(lesson, "Runge's function", len(rates)).right


def test_heat_map() -> None:
    lesson = LESSONS["heat-map"]
    lines = card(lesson, "Read the map").text.split("```")[1].strip().split("\n")[1:]
    numbers = [[float(n) for n in line.split()[3:]] for line in lines]
    row, column = np.unravel_index(np.argmin(numbers), (4, 3))
    assert mark(lesson, "Read the map", heat_map.RATES[row]).right
    assert not mark(lesson, "Read the map", heat_map.RATES[3 - row]).right
    # The best cell, in plain NumPy.
    recipe = cards_of(lesson, 0)[0].scene.recipe
    rate, l2 = recipe["optimizer"]["learning_rate"], recipe["penalty"]["l2"]
    assert (rate, l2) == (heat_map.RATES[row], heat_map.PENALTIES[column])
    (x, target), layers = training_data(recipe), first_layers(recipe)
    for _ in range(heat_map.STEPS):
        gradient = grad(tanh_entropy)(layers, x, target)
        layers = [
            (W - rate * (dW + l2 * W), b - rate * db)
            for (W, b), (dW, db) in zip(layers, gradient, strict=True)
        ]
    test = InitialState(Recipe.model_validate(recipe), Limits()).test
    assert tanh_entropy(layers, *test) == pytest.approx(numbers[row][column], abs=6e-5)


def tanh_entropy(layers: Any, x: Any, target: Any) -> Any:
    (W1, b1), (W2, b2) = layers
    z = anp.tanh(x @ W1 + b1) @ W2 + b2
    return anp.mean(anp.logaddexp(0.0, z) - target * z)


def test_confusion_matrix() -> None:
    lesson = LESSONS["confusion-matrix"]
    for seed in range(3):
        recipe = cards_of(lesson, seed)[0].scene.recipe
        (x, target), layers = training_data(recipe), first_layers(recipe)
        for _ in range(60):
            (W1, b1), (W2, b2) = layers
            a = np.tanh(x @ W1 + b1)
            z = a @ W2 + b2
            p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
            d2 = (p - target) / len(x)
            d1 = d2 @ W2.T * (1 - a**2)
            layers = [
                (W1 - 0.1 * x.T @ d1, b1 - 0.1 * d1.sum(axis=0)),
                (W2 - 0.1 * a.T @ d2, b2 - 0.1 * d2.sum(axis=0)),
            ]
        (W1, b1), (W2, b2) = layers
        said, true = (np.tanh(x @ W1 + b1) @ W2 + b2).argmax(axis=1), target.argmax(axis=1)
        both = int(((true == 1) & (said == 1)).sum())
        assert mark(lesson, "Rows and columns", int(((true == 1) & (said == 2)).sum()), seed).right
        swapped = mark(lesson, "Rows and columns", int(((true == 2) & (said == 1)).sum()), seed)
        assert "swapped" in swapped.message
        assert mark(lesson, "Accuracy", float((true == said).mean()), seed).right
        assert mark(lesson, "Recall", both / int((true == 1).sum()), seed).right
        assert mark(lesson, "Precision", both / int((said == 1).sum()), seed).right
        largest = float(np.bincount(true).max() / len(true))
        assert mark(lesson, "The accuracy to compare with", largest, seed).right

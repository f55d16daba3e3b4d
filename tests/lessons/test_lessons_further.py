"""Lessons on optimizers, rates and softmax: their numbers, recomputed in plain NumPy."""

from __future__ import annotations

import re
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, jacobian

from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.limits import Limits
from tests.helpers.further_lessons import given, named, tanh_cost, training_data
from tests.helpers.lesson_rules import card, cards_of, mark
from tests.helpers.lessons import LESSONS

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
        twice = (0.9 * m + 0.1 * 2 * g) / (1 - 0.9**2) / g
        assert mark(lesson, "The bias correction", float(twice.flat[0]), seed).right
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

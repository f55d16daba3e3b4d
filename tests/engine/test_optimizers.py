"""Optimizers: each against its textbook recursion."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pytest

from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.updates import InPlaceUpdate, Update, zero_state
from tests.helpers.networks import build

GRADIENTS = [0.5, -0.25, 0.125, 0.0, -2.0, 1e-6]


def sgd(w: float, eta: float) -> Iterator[float]:
    for g in GRADIENTS:
        w -= eta * g
        yield w


def momentum(w: float, eta: float, mu: float = 0.9) -> Iterator[float]:
    v = 0.0
    for g in GRADIENTS:
        v = mu * v + eta * g
        w -= v
        yield w


def nesterov(w: float, eta: float, mu: float = 0.9) -> Iterator[float]:
    """The look-ahead form θ_{t+1} = φ_t − η ∇, φ_{t+1} = θ_{t+1} + μ (θ_{t+1} − θ_t), seen at φ."""
    theta = phi = w
    for g in GRADIENTS:
        new = phi - eta * g
        phi = new + mu * (new - theta)
        theta = new
        yield phi


def adagrad(w: float, eta: float, eps: float = 1e-10) -> Iterator[float]:
    total = 0.0
    for g in GRADIENTS:
        total += g * g
        w -= eta * g / (math.sqrt(total) + eps)
        yield w


def rmsprop(w: float, eta: float, rho: float = 0.9, eps: float = 1e-8) -> Iterator[float]:
    mean = 0.0
    for g in GRADIENTS:
        mean = rho * mean + (1 - rho) * g * g
        w -= eta * g / (math.sqrt(mean) + eps)
        yield w


def adam(w: float, eta: float, b1: float = 0.9, b2: float = 0.999) -> Iterator[float]:
    """Closed sums instead of recursions: m_t = (1 − β₁) Σ β₁^(t−k) g_k."""
    for t in range(1, len(GRADIENTS) + 1):
        m = (1 - b1) * math.fsum(b1 ** (t - k) * GRADIENTS[k - 1] for k in range(1, t + 1))
        v = (1 - b2) * math.fsum(b2 ** (t - k) * GRADIENTS[k - 1] ** 2 for k in range(1, t + 1))
        w -= eta * (m / (1 - b1**t)) / (math.sqrt(v / (1 - b2**t)) + 1e-8)
        yield w


TEXTBOOK: dict[str, Callable[[float, float], Iterator[float]]] = {
    each.__name__: each for each in (sgd, momentum, nesterov, adagrad, rmsprop, adam)
}


ONE = build(1, (1, "identity"))


def train(update: Update, gradients: list[float], start: float = 1.0) -> list[float]:
    """W of a 1–1 network after each update with these gradients."""
    parameters, gradient = Parameters(ONE), Parameters(ONE)
    parameters.flat[0] = start
    bound = InPlaceUpdate(update, parameters, gradient, zero_state(ONE, update))
    path = []
    for step, g in enumerate(gradients):
        gradient.flat[...] = [g, 0.0]
        bound(step, step + 1)
        path.append(float(parameters.flat[0]))
    return path


def test_every_optimizer_has_a_textbook() -> None:
    assert set(TEXTBOOK) == set(OPTIMIZERS)


@pytest.mark.parametrize("name", TEXTBOOK)
def test_path_of_one_weight(name: str) -> None:
    path = train(Update(name, learning_rate=0.3), GRADIENTS)
    assert path == pytest.approx(list(TEXTBOOK[name](1.0, 0.3)), rel=1e-13)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_no_gradient_no_movement(name: str) -> None:
    assert train(Update(name), [0.0, 0.0]) == [1.0, 1.0]


@pytest.mark.parametrize("name", ["rmsprop", "adam", "adagrad"])
def test_the_step_does_not_depend_on_the_gradients_size(name: str) -> None:
    """The first step of these optimizers is about η for large and for tiny gradients."""
    paths = [train(Update(name, 0.1, {"epsilon": 1e-300}), [g]) for g in (1e-8, 1.0, 1e8)]
    assert paths[0] == pytest.approx(paths[1])
    assert paths[2] == pytest.approx(paths[1])


def test_adams_first_step_is_the_learning_rate() -> None:
    """m̂ = g and √v̂ = |g| at t = 1, whatever β₁ and β₂ are."""
    update = Update("adam", 0.01, {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-300})
    assert train(update, [-3.0], start=0.0) == pytest.approx([0.01], rel=1e-14)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_find_a_minimum(name: str) -> None:
    """Minimise ½ (w − 3)² from w = 1 with the default parameters."""
    update = Update(name, OPTIMIZERS[name].default_learning_rate)
    parameters, gradient = Parameters(ONE), Parameters(ONE)
    parameters.flat[0] = 1.0
    bound = InPlaceUpdate(update, parameters, gradient, zero_state(ONE, update))
    for step in range(3000):
        gradient.flat[0] = parameters.flat[0] - 3.0
        bound(step, step + 1)
    assert parameters.flat[0] == pytest.approx(3.0, abs=0.02)


def test_training_follows_the_schedule() -> None:
    update = Update("sgd", 1.0, schedule="step", schedule_parameters={"every": 2, "factor": 0.5})
    assert train(update, [1.0] * 6, start=0.0) == [-1.0, -2.0, -2.5, -3.0, -3.25, -3.5]

"""Optimizers, schedules and updates: each against its textbook recursion, number by number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.engine.updates import (
    InPlaceUpdate,
    Update,
    state_values,
    update_givens,
    update_steps,
    zero_state,
)

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
    """The very first step of these is about η whether gradients are large or tiny."""
    paths = [train(Update(name, 0.1, {"epsilon": 1e-300}), [g]) for g in (1e-8, 1.0, 1e8)]
    assert paths[0] == pytest.approx(paths[1])
    assert paths[2] == pytest.approx(paths[1])


def test_adams_first_step_is_the_learning_rate() -> None:
    """m̂ = g and √v̂ = |g| at t = 1, whatever β₁ and β₂ are."""
    update = Update("adam", 0.01, {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-300})
    assert train(update, [-3.0], start=0.0) == pytest.approx([0.01], rel=1e-14)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_find_a_minimum(name: str) -> None:
    """On ½ (w − 3)² from w = 1, with the default numbers."""
    update = Update(name, OPTIMIZERS[name].default_learning_rate)
    parameters, gradient = Parameters(ONE), Parameters(ONE)
    parameters.flat[0] = 1.0
    bound = InPlaceUpdate(update, parameters, gradient, zero_state(ONE, update))
    for step in range(3000):
        gradient.flat[0] = parameters.flat[0] - 3.0
        bound(step, step + 1)
    assert parameters.flat[0] == pytest.approx(3.0, abs=0.02)


# ---------------------------------------------------------------------------------------- schedules


@pytest.mark.parametrize(
    ("schedule", "parameters", "rates"),
    [
        ("constant", {}, {0: 0.8, 10_000: 0.8}),
        ("step", {"every": 10, "factor": 0.5}, {0: 0.8, 9: 0.8, 10: 0.4, 29: 0.2, 30: 0.1}),
        ("step", {"every": 1, "factor": 1e-6}, {0: 0.8, 1: 8e-7, 1_000_000: 0.0}),
        ("cosine", {"steps": 100, "floor": 0.0}, {0: 0.8, 50: 0.4, 100: 0.0, 500: 0.0}),
        ("cosine", {"steps": 90, "floor": 0.5}, {0: 0.8, 30: 0.7, 45: 0.6, 90: 0.4, 91: 0.4}),
    ],
)
def test_schedules(schedule: str, parameters: dict[str, float], rates: dict[int, float]) -> None:
    update = Update("sgd", 0.8, schedule=schedule, schedule_parameters=parameters)
    for step, rate in rates.items():
        assert update.rate(step) == pytest.approx(rate, rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_never_raises_the_rate(schedule: str) -> None:
    update = Update("sgd", 0.3, schedule=schedule)
    rates = [update.rate(step) for step in range(0, 5000, 50)]
    assert rates[0] == 0.3
    assert rates == sorted(rates, reverse=True)


def test_training_follows_the_schedule() -> None:
    update = Update("sgd", 1.0, schedule="step", schedule_parameters={"every": 2, "factor": 0.5})
    assert train(update, [1.0] * 6, start=0.0) == [-1.0, -2.0, -2.5, -3.0, -3.25, -3.5]


# ------------------------------------------------------------------------------------------ updates


def test_defaults_are_filled_in() -> None:
    update = Update("adam", parameters={"beta1": 0.5})
    assert update.parameters == {"beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8}
    assert update.optimizer is OPTIMIZERS["adam"]
    assert update.schedule_entry is SCHEDULES["constant"]
    assert Update(schedule="cosine").schedule_parameters == {"steps": 2000, "floor": 0.0}


@pytest.mark.parametrize(
    ("arguments", "error", "field"),
    [
        ({"name": "sdg"}, UnknownName, "optimizer.name"),
        ({"schedule": "steps"}, UnknownName, "optimizer.schedule.name"),
        ({"parameters": {"momentum": 0.9}}, InvalidInput, "optimizer.momentum"),
        ({"name": "momentum", "parameters": {"momentum": 1.5}}, InvalidInput, "optimizer.momentum"),
        ({"name": "adam", "parameters": {"beta1": 1.0}}, InvalidInput, "optimizer.beta1"),
        ({"name": "adam", "parameters": {"epsilon": 0.0}}, InvalidInput, "optimizer.epsilon"),
        (
            {"schedule": "step", "schedule_parameters": {"every": 0.5}},
            InvalidInput,
            "optimizer.schedule.every",
        ),
        (
            {"schedule": "cosine", "schedule_parameters": {"every": 5}},
            InvalidInput,
            "optimizer.schedule.every",
        ),
    ],
)
def test_what_is_wrong_is_named(
    arguments: dict[str, object], error: type[InvalidInput], field: str
) -> None:
    with pytest.raises(error) as caught:
        Update(**arguments)  # type: ignore[arg-type]
    assert caught.value.field == field


def test_what_an_update_reads() -> None:
    assert update_givens(Update("sgd", 0.1), step=7, count=3) == {"learning_rate": 0.1}
    given = update_givens(Update("adam", 0.1, schedule="cosine"), step=7, count=3)
    assert given == {
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
        "update_count": 3,
        "base_learning_rate": 0.1,
        "step": 7,
        "steps": 2000,
        "floor": 0.0,
    }


def test_lines_of_an_update() -> None:
    network = build(2, (3, "tanh"), (1, "sigmoid"))
    steps = update_steps(network, Update("momentum", schedule="step"))
    assert [step.id for step in steps] == [
        "learning_rate",
        *(name for p in ("W1", "b1", "W2", "b2") for name in (f"velocity_{p}_next", f"{p}_next")),
    ]
    assert {step.phase for step in steps} == {"update"}
    assert [step.axes for step in steps] == ["", "ij", "ij", "j", "j", "ij", "ij", "j", "j"]
    assert steps[1].inputs == ("velocity_W1", "dC_dW1", "momentum", "learning_rate")


def test_state_starts_at_zero_and_has_the_parameters_shapes() -> None:
    network = build(2, (3, "tanh"))
    state = zero_state(network, Update("adam"))
    assert list(state) == ["m", "v"]
    values = state_values(state)
    assert {name: array.shape for name, array in values.items()} == {
        "m_W1": (2, 3),
        "m_b1": (3,),
        "v_W1": (2, 3),
        "v_b1": (3,),
    }
    assert not any(array.any() for array in values.values())
    assert zero_state(network, Update("sgd")) == {}
    # Views: what training writes into the state, the trace reads.
    state["m"].flat[...] = 1.0
    assert np.all(values["m_W1"] == 1.0)

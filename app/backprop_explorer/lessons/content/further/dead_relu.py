"""A dead ReLU: a unit that is off for every sample, and stays so."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import points
from backprop_explorer.lessons.working import lesson_problem, recipe_of
from backprop_explorer.tutor.problem import Problem

N, STEPS, ETA = 4, 100, 0.05


def _batch(draw: Draw) -> tuple[Problem, int]:
    """Four samples through 2 → 3 (ReLU) → 1, and which of the three units is dead."""
    dead = int(draw.rng.integers(3))

    def make() -> Problem:
        W1, x = draw.normal(2, 3), draw.normal(N, 2)
        b1 = draw.normal(3, scale=0.3)
        b1[dead] = -np.ceil(10 * (np.max(x @ W1[:, dead]) + 0.4)) / 10
        layers = [(W1, b1, "relu"), (draw.normal(3, 1), draw.normal(1, scale=0.3), "identity")]
        return lesson_problem(
            layers, x, draw.normal(N, 1), convention="row", single=False, learning_rate=ETA
        )

    def tells(working: Problem) -> bool:
        z, gradient = working["z1"], np.abs(working["dC_db1"])
        others = [k for k in range(3) if k != dead]
        b = working["b1"][dead]
        return bool(
            (z[:, dead] < 0).all()
            and b > -4.0
            and b < -0.3
            and all((z[:, k] > 0).sum() >= 1 for k in others)
            and gradient[others].min() > 0.02
            and -working["dC_da1"].sum(axis=0)[dead] > 0.05
            and np.abs(working["dC_da1"][:, dead]).min() > 0.01
            and np.abs(working["W2"]).min() > 0.1
            and _bias_after(_leaky(working), dead) - b > 1e-3
        )

    return first(make, tells), dead


def _leaky(working: Problem) -> Problem:
    (W1, b1), (W2, b2) = working.layers
    return working.with_layers([(W1, b1, "leaky_relu"), (W2, b2, "identity")])


def _bias_after(working: Problem, unit: int) -> float:
    (point,) = points(recipe_of(working), STEPS)
    return float(point.layers[0][1][unit])


def numbers(draw: Draw) -> dict[str, Any]:
    """A small regression with a unit whose bias is too far down."""
    working, dead = _batch(draw)
    leaky = _leaky(working)
    z = working["z1"][:, dead]
    return {
        "working": working,
        "unit": dead,
        "others": [k for k in range(3) if k != dead],
        "out": float(working["W2"][dead, 0]),
        "upstream": working["dC_da1"][:, dead],
        "b": float(working["b1"][dead]),
        "first_on": -z.max(),
        "all_on": -z.min(),
        "stays": _bias_after(working, dead),
        "leaky": leaky,
        "moved": _bias_after(leaky, dead),
        "steps_on": -z.max() * STEPS / (_bias_after(leaky, dead) - working["b1"][dead]),
    }

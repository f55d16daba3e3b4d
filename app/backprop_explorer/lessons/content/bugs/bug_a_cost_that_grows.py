"""Find the bug: target minus prediction."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.text import tex
from backprop_explorer.lessons.working import Array, lesson_problem
from backprop_explorer.tutor.problem import Problem

ETA, SMALL_ETA, STEPS = 0.5, 0.001, (0, 1, 5, 20)


def _trained(working: Problem, eta: float, steps: int, sign: float) -> float:
    """The cost after ``steps``; ``sign`` −1 is what the listing does."""
    W, b = (np.array(given, dtype=np.float64) for given in working.layers[0])
    x, target = working["x"], working["target"]

    def output() -> Array:
        a: Array = 1.0 / (1.0 + np.exp(-(x @ W + b)))
        return a

    for _ in range(steps):
        a = output()
        dC_dz = sign * 2.0 / target.size * (a - target) * a * (1.0 - a)
        W, b = W - eta * x.T @ dC_dz, b - eta * dC_dz.sum(axis=0)
    return float(np.mean((output() - target) ** 2))


def _batch(draw: Draw) -> Problem:
    def make() -> Problem:
        return lesson_problem(
            [(draw.normal(2, 1), draw.normal(1, scale=0.5), "sigmoid")],
            draw.normal(4, 2),
            np.round(draw.rng.uniform(0.1, 0.9, (4, 1)), 2),
            convention="row",
            single=False,
            learning_rate=ETA,
        )

    def tells(working: Problem) -> bool:
        signs = np.sign(working["dC_da1"])
        costs = [_trained(working, ETA, steps, -1.0) for steps in STEPS]
        return bool(
            abs(signs.sum()) < 4
            and np.abs(working["dC_da1"]).min() > 0.02
            and np.diff(costs).min() > 1e-4
            and _trained(working, SMALL_ETA, 20, -1.0) > costs[0] + 1e-6
        )

    return first(make, tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """One sigmoid unit, four samples."""
    working = _batch(draw)
    costs = [_trained(working, ETA, steps, -1.0) for steps in STEPS]
    rising = ", ".join(f"`{c:.6f}` after {n}" for c, n in zip(costs, STEPS, strict=True))
    return {
        "working": working,
        "rising": rising,
        "costs": costs,
        "trained": _trained(working, SMALL_ETA, 20, -1.0),
        "trained_working": tex(_trained(working, ETA, 1, 1.0)),
    }

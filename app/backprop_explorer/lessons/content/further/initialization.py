"""Initialization: too small, too large, the right variance, and why not all alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.further.shared import experiment
from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import frames
from backprop_explorer.lessons.text import tex
from backprop_explorer.lessons.working import lesson_problem, recipe_of
from backprop_explorer.tutor.problem import Problem

UNITS, HIDDEN, STEPS = 16, 5, 100
COST = "binary_cross_entropy"


def deep(initializer: str, seed: int) -> dict[str, Any]:
    """Moons, five hidden layers of 16 tanh units."""
    dataset = {"name": "moons", "samples": 100, "noise": 0.15, "seed": seed}
    layers = [*[(UNITS, "tanh")] * HIDDEN, (1, "sigmoid")]
    return experiment(dataset, layers, COST, 0.1, initializer=initializer, seed=seed)


def _alike(draw: Draw) -> Problem:
    """All weights and biases of 2 → 3 (tanh) → 1 the same number, four samples."""
    c = round(float(draw.rng.uniform(0.2, 0.6)), 1)
    layers = [
        (np.full((2, 3), c), np.full(3, c), "tanh"),
        (np.full((3, 1), c), np.full(1, c), "identity"),
    ]

    def make() -> Problem:
        x, target = draw.normal(4, 2), draw.normal(4, 1)
        return lesson_problem(layers, x, target, convention="row", single=False)

    return first(make, lambda w: bool(np.abs(w["dC_dW1"]).min() > 0.02))


def numbers(draw: Draw) -> dict[str, Any]:
    """Numbers of inputs and outputs are drawn; the runs are real."""
    n_in = int(draw.rng.choice([40, 60, 80, 120, 160, 240]))
    n_out = int(draw.rng.choice([20, 30, 50, 70, 90]))
    seed = int(draw.rng.integers(10000))
    right, s = _statistics("xavier_normal", seed), 0.05
    alike = _alike(draw)
    c = float(alike["W1"][0, 0])
    after = frames(recipe_of(alike), 0, STEPS)[1]["layers"][0]["W"]
    return {
        "n_out": n_out,
        "normal": deep("normal", seed),
        "n_in": n_in,
        "flat": _statistics("normal", seed)[2]["saturated_fraction"],
        "s": s,
        "factor": np.sqrt(UNITS) * s,
        "xavier": deep("xavier_normal", seed),
        "flat_share": right[2]["saturated_fraction"],
        "spreads": ", ".join(tex(each["std"], 2) for each in right[:-1]),
        "alike": alike,
        "c": c,
        "columns": ", ".join(tex(v) for v in after[0]),
    }


def _statistics(initializer: str, seed: int) -> list[dict[str, Any]]:
    """Of each layer's outputs before the training."""
    (frame,) = frames(deep(initializer, seed), 0)
    return [layer["activation_statistics"] for layer in frame["layers"]]

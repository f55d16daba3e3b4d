"""Overfitting: too many units for a few noisy points of Runge's function."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.further.shared import experiment
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import frames

UNITS, POINTS = 40, 15

STEPS = (10, 30, 100, 300, 1000)

# Seeds whose run overfits clearly within STEPS; a third of all do, and a search would take long.
SEEDS = (1, 2, 3, 8, 11, 14, 16, 17, 19, 21, 24, 29, 31, 34, 39, 45, 46, 48, 49, 52, 58, 61, 70, 72)


def runge(seed: int) -> dict[str, Any]:
    """15 points to learn from, 15 to test with, and far more parameters than points."""
    dataset = {"name": "runge", "samples": 2 * POINTS, "noise": 0.15, "seed": seed}
    return experiment(
        {**dataset, "test_fraction": 0.5},
        [(UNITS, "tanh"), (1, "identity")],
        "mse",
        0.03,
        optimizer="adam",
        initializer="normal",
        seed=seed,
    )


def costs(seed: int) -> tuple[list[float], list[float]]:
    """(of the training part, of the test part) at each of STEPS."""
    found = [frame["cost"] for frame in frames(runge(seed), *STEPS)]
    return [cost["train"] for cost in found], [cost["test"] for cost in found]


def numbers(draw: Draw) -> dict[str, Any]:
    """Runge's function by hand, then one run with two costs."""
    x = float(draw.rng.choice([0.1, 0.2, 0.3, 0.4, 0.6]))
    seed = int(draw.rng.choice(SEEDS))
    train, test = costs(seed)
    at = int(np.argmin(test))
    table = "\n".join(
        (f"{step:5d}   {a:8.4f}   {b:8.4f}" for step, a, b in zip(STEPS, train, test, strict=True))
    )
    recipe = runge(seed)
    return {
        "recipe": recipe,
        "x": x,
        "table": table,
        "steps_at": float(STEPS[at]),
        "test": test,
        "at": at,
        "train": train,
        "best_step": STEPS[at],
    }

"""Initialization: too small, too large, the right variance, and why not all alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.frames import frames
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking
from backprop_explorer.lessons.written import tex

UNITS, HIDDEN, STEPS = 16, 5, 100


def deep(initializer: str, seed: int) -> dict[str, Any]:
    """Moons, five hidden layers of 16 tanh units."""
    hidden = [{"units": UNITS, "activation": "tanh"} for _ in range(HIDDEN)]
    return {
        "dataset": {"name": "moons", "samples": 100, "noise": 0.15, "seed": seed},
        "network": {
            "layers": [*hidden, {"units": 1, "activation": "sigmoid"}],
            "initializer": initializer,
            "seed": seed,
        },
        "cost": {"name": "binary_cross_entropy", "reduction": "mean"},
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        "batch": {"size": None, "shuffle": False},
    }


def _alike(draw: Draw) -> LessonWorking:
    """All weights and biases of 2 → 3 (tanh) → 1 the same number, four samples."""
    c = round(float(draw.rng.uniform(0.2, 0.6)), 1)
    layers = [
        (np.full((2, 3), c), np.full(3, c), "tanh"),
        (np.full((3, 1), c), np.full(1, c), "identity"),
    ]

    def make() -> LessonWorking:
        x, target = draw.normal(4, 2), draw.normal(4, 1)
        return LessonWorking(layers, x, target, convention="row", single=False)

    return first(make, lambda w: bool(np.abs(w.shown("dC_dW1")).min() > 0.02))


def numbers(draw: Draw) -> dict[str, Any]:
    """Numbers of inputs and outputs are drawn; the runs are real."""
    n_in = int(draw.rng.choice([40, 60, 80, 120, 160, 240]))
    n_out = int(draw.rng.choice([20, 30, 50, 70, 90]))
    seed = int(draw.rng.integers(10000))
    wide = frames(deep("normal", seed), 0)[0]
    flat = wide["layers"][2]["activation_statistics"]["saturated_fraction"]
    s = 0.05
    factor = np.sqrt(UNITS) * s
    alike = _alike(draw)
    c = float(alike.shown("W1")[0, 0])
    after = frames(alike.recipe(), 0, STEPS)[1]["layers"][0]["W"]
    return {
        "n_out": n_out,
        "normal": deep("normal", seed),
        "n_in": n_in,
        "flat": flat,
        "s": s,
        "factor": factor,
        **_rules(seed),
        "alike": alike,
        "c": c,
        "columns": ", ".join(tex(v) for v in after[0]),
    }


def _rules(seed: int) -> dict[str, Any]:
    right = frames(deep("xavier_normal", seed), 0)[0]
    flat = right["layers"][2]["activation_statistics"]["saturated_fraction"]
    spread = [layer["activation_statistics"]["std"] for layer in right["layers"]]
    return {
        "xavier": deep("xavier_normal", seed),
        "flat_share": flat,
        "spreads": ", ".join(tex(each, 2) for each in spread[:-1]),
    }

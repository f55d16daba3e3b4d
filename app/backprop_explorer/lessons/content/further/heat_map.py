"""Two hyper-parameters at once: heat maps of real runs on moons and on Runge's function."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.lessons.content.further.shared import experiment
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import frames, map_of

RATE = "optimizer.learning_rate"
RATES, PENALTIES, STEPS = (0.01, 0.1, 1.0, 10.0), (0.0, 0.01, 0.1), 100

RUNGE_RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
RUNGE_PENALTIES = (0.0, 1e-5, 1e-4, 1e-3, 1e-2, 0.1)
RUNGE_STEPS = 600

# Seeds whose map has one clear best cell inside it; a search among others would take long.
SEEDS = (0, 1, 3, 5, 6, 9, 11, 15, 16, 17, 21, 24, 25, 26, 27, 29, 30, 31, 32, 33, 34, 35, 37, 38)

Map = NDArray[np.float64]


def moons(rate: float, l2: float, seed: int) -> dict[str, Any]:
    """Noisy moons, 8 tanh units."""
    dataset = {"name": "moons", "samples": 80, "noise": 0.3, "seed": seed, "test_fraction": 0.5}
    layers = [(8, "tanh"), (1, "sigmoid")]
    penalty = {"penalty": {"l2": l2}}
    return experiment(dataset, layers, "binary_cross_entropy", rate, parts=penalty, seed=seed)


def cross_entropies(seed: int) -> Map:
    """Of the test part after STEPS, without the penalty: rows are RATES, columns PENALTIES."""

    def cell(rate: float, l2: float) -> float:
        (frame,) = frames(moons(rate, l2, seed), STEPS)
        squares = sum(float(np.square(layer["W"]).sum()) for layer in frame["layers"])
        return float(frame["cost"]["test"] - l2 / 2 * squares)

    return np.array([[cell(rate, l2) for l2 in PENALTIES] for rate in RATES])


def moons_map(seed: int) -> dict[str, Any]:
    """The sweep of the page: the same data, finer."""
    axes = [
        {"field": "penalty.l2", "scale": "log", "from": 1e-4, "to": 0.3, "count": 8},
        {"field": RATE, "scale": "log", "from": 0.01, "to": 10, "count": 20},
    ]
    recipe = moons(RATES[0], 0.0, seed)
    return {"recipe": recipe, "axes": axes, "step": STEPS, "measure": "score.test"}


def runge(rate: float, l2: float, seed: int) -> dict[str, Any]:
    """Runge's function with noise, 16 tanh units."""
    dataset = {"name": "runge", "samples": 200, "noise": 0.1, "seed": seed, "test_fraction": 0.25}
    layers = [(16, "tanh"), (1, "identity")]
    parts = {"penalty": {"l2": l2}, "batch": {"size": 25, "seed": seed}}
    return experiment(dataset, layers, "mse", rate, parts=parts, seed=seed)


def runge_map(seed: int, penalties: int) -> dict[str, Any]:
    """The sweep of the page: R² over η and the first so many values of λ."""
    axes = [
        {"field": "penalty.l2", "values": RUNGE_PENALTIES[:penalties]},
        {"field": RATE, "values": RUNGE_RATES},
    ]
    recipe = runge(0.1, 0.0, seed)
    return {"recipe": recipe, "axes": axes, "step": RUNGE_STEPS, "measure": "score.test"}


def runge_numbers(seed: int, penalties: int) -> dict[str, Any]:
    """What the cards on Runge's function ask for."""
    sweep = runge_map(seed, penalties)
    values, diverged = map_of(sweep)
    row, column = np.unravel_index(int(np.nanargmax(values)), values.shape)
    died = np.isfinite(diverged)
    return {
        "runge": runge(RUNGE_RATES[column], RUNGE_PENALTIES[row], seed),
        "runge_map": sweep,
        "runge_steps": RUNGE_STEPS,
        "runge_rates": len(RUNGE_RATES),
        "runge_penalties": penalties,
        "runge_best": float(values[row, column]),
        "runge_rate": RUNGE_RATES[column],
        "dead": int(died.sum()),
        "dead_rates": int(died.any(axis=0).sum()),
        "cells": values.size,
    }


def numbers(draw: Draw) -> dict[str, Any]:
    """Twelve runs, and those of the page's maps."""
    seed = int(draw.rng.choice(SEEDS))
    values = cross_entropies(seed)
    row, column = (int(k) for k in np.unravel_index(np.argmin(values), values.shape))
    worst = int(np.unravel_index(np.argmax(values), values.shape)[0])
    seeds, rates = (int(draw.rng.integers(3, 6)), int(draw.rng.integers(5, 9)))
    penalties = int(draw.rng.integers(3, 1 + len(RUNGE_PENALTIES)))
    rows = "\n".join(
        (
            f"η = {rate:<5g}" + "".join((f"{value:9.4f}" for value in line))
            for rate, line in zip(RATES, values, strict=True)
        )
    )
    heads = "".join(f"{f'{l2:g}':>9s}" for l2 in PENALTIES)
    block = f"```\nλ₂ =     {heads}\n{rows}\n```"
    best = moons(RATES[row], PENALTIES[column], seed)
    corner = moons(RATES[3], PENALTIES[2], seed)
    return {
        **runge_numbers(seed, penalties),
        "moons_map": moons_map(seed),
        "best": best,
        "rates": rates,
        "seeds": seeds,
        "block": block,
        "best_rate": RATES[row],
        "values": values,
        "worst": RATES[worst],
        "others": [rate for k, rate in enumerate(RATES) if k not in (row, worst)],
        "row": row,
        "column": column,
        "best_penalty": PENALTIES[column],
        "corner": corner,
    }

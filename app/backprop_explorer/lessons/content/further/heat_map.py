"""Two hyper-parameters at once: a heat map of real runs, and how to read it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.lessons.frames import frames
from backprop_explorer.lessons.lesson import Draw

RATES, PENALTIES, STEPS = (0.01, 0.1, 1.0, 10.0), (0.0, 0.01, 0.1), 100

# Seeds whose map has one clear best cell inside it; a search among others would take long.
SEEDS = (0, 1, 3, 5, 6, 9, 11, 15, 16, 17, 21, 24, 25, 26, 27, 29, 30, 31, 32, 33, 34, 35, 37, 38)

Map = NDArray[np.float64]


def moons(rate: float, l2: float, seed: int) -> dict[str, Any]:
    """Noisy moons, 8 tanh units."""
    return {
        "dataset": {
            "name": "moons",
            "samples": 80,
            "noise": 0.3,
            "seed": seed,
            "test_fraction": 0.5,
        },
        "network": {
            "layers": [{"units": 8, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
            "seed": seed,
        },
        "cost": {"name": "binary_cross_entropy", "reduction": "mean"},
        "penalty": {"l2": l2},
        "optimizer": {"name": "sgd", "learning_rate": rate},
        "batch": {"size": None, "shuffle": False},
    }


def cross_entropies(seed: int) -> Map:
    """Of the test part after STEPS, without the penalty: rows are RATES, columns PENALTIES."""

    def cell(rate: float, l2: float) -> float:
        (frame,) = frames(moons(rate, l2, seed), STEPS)
        squares = sum(float(np.square(layer["W"]).sum()) for layer in frame["layers"])
        return float(frame["cost"]["test"] - l2 / 2 * squares)

    return np.array([[cell(rate, l2) for l2 in PENALTIES] for rate in RATES])


def numbers(draw: Draw) -> dict[str, Any]:
    """Twelve runs."""
    seed = int(draw.rng.choice(SEEDS))
    values = cross_entropies(seed)
    row, column = (int(k) for k in np.unravel_index(np.argmin(values), values.shape))
    worst = int(np.unravel_index(np.argmax(values), values.shape)[0])
    seeds, rates = (int(draw.rng.integers(3, 6)), int(draw.rng.integers(5, 9)))
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

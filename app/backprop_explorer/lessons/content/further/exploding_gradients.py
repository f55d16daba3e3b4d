"""Exploding gradients: weights that are too large, layer after layer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from backprop_explorer.engine.names import gradient, weighted_sum, weights
from backprop_explorer.lessons.content.further.shared import experiment
from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import frames
from backprop_explorer.lessons.working import Array, lesson_problem
from backprop_explorer.tutor.problem import Problem

UNITS, HIDDEN, ETA = 8, 6, 0.5

LAST = HIDDEN + 1
LATER = 50


def _chain(draw: Draw) -> Problem:
    w = draw.rng.uniform(1.3, 2.6, 4).round(2)
    layers = [([[float(each)]], [0.0], "relu") for each in w]
    return lesson_problem(layers, np.abs(draw.normal(1)) + 0.2, draw.normal(1))


class _Deep:
    """Weights from N(0, 1), biases 0; one sample, and moons for the training."""

    def __init__(self, draw: Draw) -> None:
        sizes = (2, *[UNITS] * HIDDEN, 1)
        self.weights = [draw.normal(a, b) for a, b in pairwise(sizes)]
        names = [*["relu"] * HIDDEN, "sigmoid"]
        self.working = lesson_problem(
            [(W, np.zeros(W.shape[1]), name) for W, name in zip(self.weights, names, strict=True)],
            draw.normal(2),
            [float(draw.rng.integers(2))],
            cost="binary_cross_entropy",
        )
        self.seed = int(draw.rng.integers(10_000))

    def norm(self, layer: int) -> float:
        dz: Array = self.working[gradient(weighted_sum(layer))]
        return float(np.linalg.norm(dz))

    def recipe(self, scale: float) -> dict[str, Any]:
        """Moons with all weights times ``scale``."""
        parts = [{"W": (scale * W).tolist(), "b": [0.0] * W.shape[1]} for W in self.weights]
        dataset = {"name": "moons", "samples": 100, "noise": 0.15, "seed": self.seed}
        layers = [*[(UNITS, "relu")] * HIDDEN, (1, "sigmoid")]
        return experiment(dataset, layers, "binary_cross_entropy", ETA, weights=parts)

    @property
    def costs(self) -> tuple[float, float]:
        """Of moons, at first and after one step."""
        before, after = frames(self.recipe(1.0), 0, 1)
        return before["cost"]["train"], after["cost"]["train"]

    @property
    def tells(self) -> bool:
        last = self.norm(LAST)
        # A sigmoid that says the wrong class for certain has the gradient 1: nothing to divide by.
        if not 1e-3 < last < 0.9 or self.norm(1) < 20 * last:
            return False
        before, after = self.costs
        return after > 1.5 * before and self._stuck

    @property
    def _stuck(self) -> bool:
        """After LATER steps a whole layer is off, while the run with half the weights has learned.

        Then the outputs are the same for all points, and the cost is log 2.
        """
        cost, halved = self.later
        return abs(cost - np.log(2)) < 5e-4 and halved < 0.5

    @property
    def later(self) -> tuple[float, float]:
        """The costs after LATER steps: with these weights, and with half of them."""
        first, second = (frames(self.recipe(scale), LATER)[0] for scale in (1.0, 0.5))
        return first["cost"]["train"], second["cost"]["train"]


def numbers(draw: Draw) -> dict[str, Any]:
    """A chain by hand, then seven layers of which each doubles."""
    chain, deep = (_chain(draw), first(lambda: _Deep(draw), lambda d: d.tells))
    w = [float(chain[weights(k)][0, 0]) for k in range(1, 5)]
    first_norm, last_norm = (deep.norm(1), deep.norm(LAST))
    ratio = first_norm / last_norm
    before, after = deep.costs
    top = f"\\frac{{\\partial C}}{{\\partial z^{{({LAST})}}}}"
    bottom = "\\frac{\\partial C}{\\partial z^{(1)}}"
    return {
        "chain": chain,
        "w": w,
        "deep": deep,
        "top": top,
        "last_norm": last_norm,
        "bottom": bottom,
        "first_norm": first_norm,
        "ratio": ratio,
        "run": deep.recipe(1.0),
        "before": before,
        "after": after,
        "halved": deep.recipe(0.5),
        "stuck_cost": deep.later[0],
        "halved_cost": deep.later[1],
    }

"""Vanishing gradients: what a deep stack of sigmoids leaves for its first layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backprop_explorer.engine.names import activation, weights
from backprop_explorer.lessons.content.drawn import first_seed
from backprop_explorer.lessons.content.further.shared import experiment
from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import frames
from backprop_explorer.lessons.working import lesson_problem
from backprop_explorer.tutor.problem import Problem

HIDDEN, UNITS, STEPS = 6, 6, 200
COST = "binary_cross_entropy"


def deep(activation: str, initializer: str, seed: int) -> dict[str, Any]:
    """Moons, learned by six hidden layers of six units."""
    dataset = {"name": "moons", "samples": 100, "noise": 0.15, "seed": seed}
    layers = [*[(UNITS, activation)] * HIDDEN, (1, "sigmoid")]
    return experiment(dataset, layers, COST, 0.5, initializer=initializer, seed=seed)


def _norms(frame: Mapping[str, Any]) -> list[float]:
    """‖∂C/∂z‖ of each layer: the bars of the gradient flow figure."""
    return [layer["gradient"]["z_norm"] for layer in frame["layers"]]


def _share(activation: str, initializer: str, seed: int) -> float:
    """Which share of the gradient of the last layer arrives at the first, before the training."""
    norms = _norms(frames(deep(activation, initializer, seed), 0, STEPS)[0])
    return norms[0] / norms[-1]


def _learns(seed: int) -> bool:
    """ReLU learns and keeps far more of the gradient; otherwise too many of its units are dead."""
    cost = frames(deep("relu", "xavier_normal", seed), 0, STEPS)[1]["cost"]["train"]
    shares = [_share(name, "xavier_normal", seed) for name in ("sigmoid", "relu")]
    return bool(cost < 0.25 and shares[1] > 60 * shares[0])


def _chain(draw: Draw) -> Problem:
    """Four units whose slopes differ from the largest one and from each other."""

    def make() -> Problem:
        w = draw.rng.uniform(0.5, 1.4, 4).round(2) * draw.rng.choice([-1.0, 1.0], 4)
        b = draw.normal(4, scale=0.8)
        layers = [([[w[k]]], [b[k]], "sigmoid") for k in range(4)]
        return lesson_problem(layers, draw.normal(1), np.round(draw.rng.uniform(0.1, 0.9, 1), 2))

    def tells(chain: Problem) -> bool:
        a = np.array([chain[activation(k)][0] for k in range(1, 5)])
        apart = np.diff(np.sort(a * (1 - a)))
        return bool(np.abs(a - 0.5).min() > 0.1 and apart.min() > 0.005 and a.min() > 0.05)

    return first(make, tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """A chain of four units by hand, then two real networks."""
    chain = _chain(draw)
    seed = first_seed(draw, _learns)
    sigmoid, relu = (deep(name, "xavier_normal", seed) for name in ("sigmoid", "relu"))
    (start, end), (_, relu_end) = (frames(recipe, 0, STEPS) for recipe in (sigmoid, relu))
    w = [float(chain[weights(k)][0, 0]) for k in range(1, 5)]
    sigma = [float(chain[activation(k)][0]) for k in range(1, 5)]
    slope = [s * (1.0 - s) for s in sigma]
    factors = [w[k] * slope[k - 1] for k in (3, 2, 1)]
    norms = _norms(start)
    return {
        "chain": chain,
        "w": w,
        "sigma": sigma,
        "slope": slope,
        "factors": factors,
        "product": factors[0] * factors[1] * factors[2],
        "sigmoid": sigmoid,
        "relu": relu,
        "top": f"\\frac{{\\partial C}}{{\\partial z^{{({len(norms)})}}}}",
        "bottom": "\\frac{\\partial C}{\\partial z^{(1)}}",
        "norms": norms,
        "last": len(norms),
        "share": norms[0] / norms[-1],
        "relu_share": _share("relu", "xavier_normal", seed),
        "he_share": _share("relu", "he_normal", seed),
        "cost": end["cost"]["train"],
        "relu_cost": relu_end["cost"]["train"],
    }

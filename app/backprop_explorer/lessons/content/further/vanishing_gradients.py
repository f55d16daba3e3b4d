"""Vanishing gradients: what a deep stack of sigmoids leaves for its first layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first_seed
from backprop_explorer.lessons.frames import frames, z_norms
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking

HIDDEN, UNITS, STEPS = 6, 6, 200


def deep(activation: str, initializer: str, seed: int) -> dict[str, Any]:
    """Moons, learned by six hidden layers of six units."""
    hidden = [{"units": UNITS, "activation": activation} for _ in range(HIDDEN)]
    return {
        "dataset": {"name": "moons", "samples": 100, "noise": 0.15, "seed": seed},
        "network": {
            "layers": [*hidden, {"units": 1, "activation": "sigmoid"}],
            "initializer": initializer,
            "seed": seed,
        },
        "cost": {"name": "binary_cross_entropy", "reduction": "mean"},
        "optimizer": {"name": "sgd", "learning_rate": 0.5},
        "batch": {"size": None, "shuffle": False},
    }


def _share(activation: str, initializer: str, seed: int) -> float:
    """Which share of the gradient of the last layer arrives at the first, before the training."""
    norms = z_norms(frames(deep(activation, initializer, seed), 0, STEPS)[0])
    return norms[0] / norms[-1]


def _learns(seed: int) -> bool:
    """ReLU learns and keeps far more of the gradient; otherwise too many of its units are dead."""
    cost = frames(deep("relu", "xavier_normal", seed), 0, STEPS)[1]["cost"]["train"]
    shares = [_share(name, "xavier_normal", seed) for name in ("sigmoid", "relu")]
    return bool(cost < 0.25 and shares[1] > 60 * shares[0])


def _chain(draw: Draw) -> LessonWorking:
    w = draw.rng.uniform(0.5, 1.4, 4).round(2) * draw.rng.choice([-1.0, 1.0], 4)
    b = draw.normal(4, scale=0.5)
    layers = [([[w[k]]], [b[k]], "sigmoid") for k in range(4)]
    return LessonWorking(layers, draw.normal(1), np.round(draw.rng.uniform(0.1, 0.9, 1), 2))


def numbers(draw: Draw) -> dict[str, Any]:
    """A chain of four units by hand, then two real networks."""
    chain = _chain(draw)
    seed = first_seed(draw, _learns)
    sigmoid, relu = (deep("sigmoid", "xavier_normal", seed), deep("relu", "xavier_normal", seed))
    start, end = frames(sigmoid, 0, STEPS)
    relu_start, relu_end = frames(relu, 0, STEPS)
    z = [float(chain.shown(f"z{k}")[0]) for k in range(1, 5)]
    w = [float(chain.shown(f"W{k}")[0, 0]) for k in range(1, 5)]
    sigma = [1.0 / (1.0 + np.exp(-value)) for value in z]
    slope = [s * (1.0 - s) for s in sigma]
    factors = [w[k] * slope[k - 1] for k in (3, 2, 1)]
    product = factors[0] * factors[1] * factors[2]
    return {
        "chain": chain,
        "w": w,
        "sigma": sigma,
        "factors": factors,
        "slope": slope,
        "product": product,
        "he_share": _share("relu", "he_normal", seed),
        **_real(sigmoid, relu, (start, end), (relu_start, relu_end)),
    }


def _real(
    sigmoid: dict[str, Any],
    relu: dict[str, Any],
    run: tuple[dict[str, Any], dict[str, Any]],
    relu_run: tuple[dict[str, Any], dict[str, Any]],
) -> dict[str, Any]:
    norms, relu_norms = (z_norms(run[0]), z_norms(relu_run[0]))
    last, share = (len(norms), norms[0] / norms[-1])
    relu_share = relu_norms[0] / relu_norms[-1]
    cost, relu_cost = (run[1]["cost"]["train"], relu_run[1]["cost"]["train"])
    top, bottom = (
        f"\\frac{{\\partial C}}{{\\partial z^{{({last})}}}}",
        "\\frac{\\partial C}{\\partial z^{(1)}}",
    )
    return {
        "sigmoid": sigmoid,
        "top": top,
        "norms": norms,
        "bottom": bottom,
        "share": share,
        "last": last,
        "relu": relu,
        "relu_share": relu_share,
        "cost": cost,
        "relu_cost": relu_cost,
    }

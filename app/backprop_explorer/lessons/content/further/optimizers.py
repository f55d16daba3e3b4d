"""Optimizers: one update by hand with each of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import lesson_problem, listed, recipe_of
from backprop_explorer.tutor.problem import Problem

ETA, MU = 0.1, 0.9


def _unit(draw: Draw) -> Problem:
    """A linear unit whose two weights have gradients of very different size."""

    def make() -> Problem:
        x = np.array([float(draw.normal(1)[0]), float(draw.normal(1, scale=0.1)[0])])
        layer = (draw.normal(2, 1), draw.normal(1, scale=0.5), "identity")
        return lesson_problem([layer], x, draw.normal(1), learning_rate=ETA)

    def tells(working: Problem) -> bool:
        g = np.abs(working["dC_dW1"][0])
        return bool(g.min() > 0.02 and 5 < g.max() / g.min() < 60 and g.max() < 6)

    return first(make, tells)


def _second_gradient(working: Problem) -> np.ndarray:
    """∂C/∂W after one step of gradient descent."""
    W, b = working["W1_next"], working["b1_next"]
    x = working["x"]
    after: np.ndarray = 2.0 * (W @ x + b - working["target"])[:, None] * x
    return after


def numbers(draw: Draw) -> dict[str, Any]:
    """A linear unit with two weights, one sample."""
    plain = _unit(draw)
    g, after = (plain["dC_dW1"], _second_gradient(plain))
    velocity = MU * ETA * g + ETA * after
    momentum, adagrad, rmsprop, adam = (
        plain.with_optimizer(name) for name in ("momentum", "adagrad", "rmsprop", "adam")
    )
    return {
        "momentum_run": recipe_of(momentum),
        "after": after,
        "velocity": velocity,
        "adagrad_run": recipe_of(adagrad),
        "adagrad": adagrad,
        "rmsprop_run": recipe_of(rmsprop),
        "adam_run": recipe_of(adam),
        "adam": adam,
        "plain": plain,
        "adam_step": listed(adam["W1_next"] - plain["W1"]),
    }

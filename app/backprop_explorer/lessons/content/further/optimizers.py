"""Optimizers: one update by hand with each of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking, listed

ETA, MU = 0.1, 0.9


def _unit(draw: Draw) -> LessonWorking:
    """A linear unit whose two weights have gradients of very different size."""

    def make() -> LessonWorking:
        x = np.array([float(draw.normal(1)[0]), float(draw.normal(1, scale=0.1)[0])])
        layer = (draw.normal(2, 1), draw.normal(1, scale=0.5), "identity")
        return LessonWorking([layer], x, draw.normal(1), learning_rate=ETA)

    def tells(working: LessonWorking) -> bool:
        g = np.abs(working.shown("dC_dW1")[0])
        return bool(g.min() > 0.02 and 5 < g.max() / g.min() < 60 and g.max() < 6)

    return first(make, tells)


def _second_gradient(working: LessonWorking) -> np.ndarray:
    """∂C/∂W after one step of gradient descent."""
    W, b = working.shown("W1_next"), working.shown("b1_next")
    x = working.shown("x")
    after: np.ndarray = 2.0 * (W @ x + b - working.shown("target"))[:, None] * x
    return after


def numbers(draw: Draw) -> dict[str, Any]:
    """A linear unit with two weights, one sample."""
    plain = _unit(draw)
    g, after = (plain.shown("dC_dW1"), _second_gradient(plain))
    velocity = MU * ETA * g + ETA * after
    momentum, adagrad, rmsprop, adam = (
        plain.with_optimizer(name) for name in ("momentum", "adagrad", "rmsprop", "adam")
    )
    return {
        "momentum_run": momentum.recipe(),
        "after": after,
        "velocity": velocity,
        "adagrad_run": adagrad.recipe(),
        "adagrad": adagrad,
        "rmsprop_run": rmsprop.recipe(),
        "adam_run": adam.recipe(),
        "adam": adam,
        "plain": plain,
        "adam_step": listed(adam.shown("W1_next") - plain.shown("W1")),
    }

"""Week 42, exercise 5: one reversed loop for a network of any depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backprop_explorer.lessons.content.drawn import create_layers, first_seed, legacy
from backprop_explorer.lessons.content.week42.shared import network
from backprop_explorer.lessons.distinct import most_distinct_working
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import lesson_problem
from backprop_explorer.tutor.problem import Problem

DEEP = (3, 5, 4, 3, 2)

DEEP_NAMES = ("sigmoid", "relu", "sigmoid", "sigmoid")


def _small(working: Problem) -> bool:
    """Some outputs of the ReLU layer are off, some on, and no z is in doubt."""
    z1, z2 = working.trace["z1"], working.trace["z2"]
    on = (z2 > 0).sum()
    clear = np.abs(z2).min() > 0.05 and np.abs(z1).max() < 3 and np.abs(z2).max() < 4
    away = np.abs(working.trace["a2"] - working["target"]).min() > 0.03
    return bool(clear and away and 2 <= on <= 3)


def _deep(seed: int, drawn: str = "layers x target", **order: bool) -> Problem:
    """What a notebook draws after ``np.random.seed(seed)``; ``order`` is for ``create_layers``."""
    state = legacy(seed)
    make: dict[str, Callable[[], Any]] = {
        "layers": lambda: create_layers(state, DEEP, **order),
        "x": lambda: state.rand(DEEP[0]),
        "target": lambda: state.rand(DEEP[-1]),
    }
    made = {name: make[name]() for name in drawn.split()}
    layers, x, target = (made[name] for name in ("layers", "x", "target"))
    return lesson_problem(
        [(W.T, b, name) for (W, b), name in zip(layers, DEEP_NAMES, strict=True)], x, target
    )


def _deep_teaches(seed: int) -> bool:
    """The ReLU layer is half on, and the gradient still arrives at the first layer."""
    made = _deep(seed)
    on = (made.trace["z2"] > 0).sum()
    least = min(np.abs(made.trace[name]).max() for name in ("dC_dW1", "dC_db1"))
    return bool(1 <= on <= 3 and least > 1e-3)


def numbers(draw: Draw) -> dict[str, Any]:
    """2 → 3 (sigmoid) → 4 (ReLU), then a network of four layers."""
    small = most_distinct_working(lambda: network(draw, (2, 3, 4), "sigmoid", "relu"), _small)
    deep_seed = first_seed(draw, _deep_teaches)
    deep = _deep(deep_seed)
    return {
        "working": small,
        "off": int((small["z2"] < 0).sum()),
        "deep": deep,
        "deep_seed": deep_seed,
        "bias_first": _deep(deep_seed, bias_first=True),
        "turned": _deep(deep_seed, turned=True),
        "early_x": _deep(deep_seed, "x target layers"),
        "target_first": _deep(deep_seed, "layers target x"),
    }

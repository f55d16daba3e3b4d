"""Week 41, exercise 4: an activation function for each layer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import assigned, lesson_problem
from backprop_explorer.tutor.problem import Problem

NAMES = ("relu", "relu", "sigmoid")


def _make(draw: Draw) -> Problem:
    sizes = (3, 5, 4, 3)
    layers = [
        (draw.normal(n_in, n_out), draw.normal(n_out, scale=0.5), name)
        for (n_in, n_out), name in zip(pairwise(sizes), NAMES, strict=True)
    ]
    return lesson_problem(layers, draw.normal(3), np.zeros(3))


def _teaches(working: Problem) -> bool:
    """ReLU takes something away in each layer and leaves something; σ is not saturated."""
    a1, a2, z3 = (working[name] for name in ("a1", "a2", "z3"))
    on = 1 <= (a1 == 0).sum() <= 3 and 1 <= (a2 == 0).sum() <= 2
    signs = 1 <= (z3 < -0.2).sum() <= 2 and (np.abs(z3) > 0.2).all()
    return bool(on and signs and np.abs(z3).max() < 4)


def numbers(draw: Draw) -> dict[str, Any]:
    """ReLU, ReLU, sigmoid on 3 → 5 → 4 → 3; then ReLU at the end."""
    working = first(lambda: _make(draw), _teaches)
    right = np.maximum(working["z3"], 0.0)
    arrays = {name: working[name] for name in ("x", "W1", "b1", "W2", "b2", "W3", "b3")}
    return {
        "working": working,
        "code": assigned(**arrays),
        "changed": working.with_layers([(W, b, "relu") for W, b in working.layers]),
        "right": right,
        "zeros": int((right == 0).sum()),
    }

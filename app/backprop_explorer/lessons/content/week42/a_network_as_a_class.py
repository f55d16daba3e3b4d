"""Week 42, exercise 8: all of it as a class."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.lessons.content.drawn import create_layers, first_seed, legacy
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import lesson_problem
from backprop_explorer.tutor.problem import Problem

RATE = 0.1

CLASSES = (0, 1, 2, 0, 1, 2)


def _working(seed: int, *, inputs_first: bool = False, **order: bool) -> Problem:
    """What a notebook draws after ``np.random.seed(seed)``: the layers, then the inputs.

    ``order`` is that of ``create_layers``.
    """
    state = legacy(seed)
    early = state.rand(len(CLASSES), 4) if inputs_first else None
    (W1, b1), (W2, b2) = create_layers(state, (4, 5, 3), **order)
    return lesson_problem(
        [(W1.T, b1, "sigmoid"), (W2.T, b2, "softmax")],
        state.rand(len(CLASSES), 4) if early is None else early,
        np.eye(3)[list(CLASSES)],
        cost="cross_entropy",
        reduction="sum",
        convention="row",
        single=False,
        learning_rate=RATE,
    )


def _cost_after(
    working: Problem, rate: float, *, weights: bool = True, biases: bool = True, first: bool = True
) -> float:
    """The cost after one update with ``rate``, of the weights, the biases or both.

    Without ``first`` layer 1 keeps its arrays.
    """
    layers = []
    for k, (W, b) in enumerate(working.layers, start=1):
        W_g, b_g = (working[names.gradient(f(k))] for f in (names.weights, names.biases))
        step = rate * (first or k > 1)
        layers.append((W - weights * step * W_g, b - biases * step * b_g))
    return replace(working, layers=layers).trace.cost


def _teaches(seed: int) -> bool:
    """No probability is near 0 or 1, and a step lowers the cost well."""
    working = _working(seed)
    p = working["a2"]
    before = working.trace.cost
    return bool(p.min() > 0.02 and 0.5 * before < _cost_after(working, RATE) < 0.95 * before)


def numbers(draw: Draw) -> dict[str, Any]:
    """What each method does, in which order, and what it must print."""
    seed = first_seed(draw, _teaches)
    working = _working(seed)
    cost = working.trace.cost
    before, after = (working.trace.cost, _cost_after(working, RATE))
    return {
        "working": working,
        "seed": seed,
        "cost": cost,
        "after": after,
        "before": before,
        "only_biases": _cost_after(working, RATE, weights=False),
        "only_weights": _cost_after(working, RATE, biases=False),
        "climbed": _cost_after(working, -RATE),
        "only_last": _cost_after(working, RATE, first=False),
        "with_mean": _cost_after(working, RATE / len(CLASSES)),
        "long_step": _cost_after(working, 10 * RATE),
        "short_step": _cost_after(working, RATE / 10),
        "turned": _working(seed, turned=True),
        "bias_first": _working(seed, bias_first=True),
        "inputs_first": _working(seed, inputs_first=True),
    }

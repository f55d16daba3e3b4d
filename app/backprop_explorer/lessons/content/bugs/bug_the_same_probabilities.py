"""Find the bug: softmax whose maximum is taken over the batch."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.datasets import make_table
from backprop_explorer.lessons.content.drawn import legacy
from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.text import vector
from backprop_explorer.lessons.working import lesson_problem, listed
from backprop_explorer.tutor.problem import Problem

Array = NDArray[np.float64]


def softmax_as_written(z: Array) -> Array:
    """What the listing computes."""
    e: Array = np.exp(z - z.max(axis=0))
    p: Array = e / e.sum(axis=1, keepdims=True)
    return p


@lru_cache(maxsize=1)
def iris_recipe() -> dict[str, Any]:
    """Iris as it comes, 4 → 8 (sigmoid) → 3 (softmax), drawn with ``np.random.seed(0)``."""
    state = legacy(0)
    weights = []
    for n_in, n_out in ((4, 8), (8, 3)):
        W = state.randn(n_in, n_out)
        weights.append({"W": W.tolist(), "b": state.randn(n_out).tolist()})
    return {
        "dataset": {"name": "iris", "test_fraction": 0.0, "standardize": False},
        "network": {
            "layers": [
                {"units": 8, "activation": "sigmoid"},
                {"units": 3, "activation": "softmax"},
            ],
            "weights": weights,
        },
        "cost": {"name": "cross_entropy", "reduction": "sum"},
        "optimizer": {"name": "sgd", "learning_rate": 0.001},
        "batch": {"size": None, "shuffle": False},
    }


@lru_cache(maxsize=1)
def iris_difference() -> tuple[float, ...]:
    """Σ(p − t) over all 150 flowers, with p from the softmax as it is written."""
    table = make_table("iris", seed=0, parameters={})
    a = np.asarray(table.features, dtype=np.float64)
    first_layer, second = iris_recipe()["network"]["weights"]
    a = 1.0 / (1.0 + np.exp(-(a @ np.array(first_layer["W"]) + np.array(first_layer["b"]))))
    p = softmax_as_written(a @ np.array(second["W"]) + np.array(second["b"]))
    difference: Array = (p - np.eye(3)[np.asarray(table.target)]).sum(axis=0)
    return tuple(difference.tolist())


def _batch(draw: Draw) -> Problem:
    def make() -> Problem:
        x = draw.normal(3, 2)
        layers = [(draw.normal(2, 3), draw.normal(3, scale=0.5), "softmax")]
        target = np.eye(3)[draw.rng.integers(0, 3, 3)]
        return lesson_problem(layers, x, target, "cross_entropy", "sum", "row", single=False)

    def tells(working: Problem) -> bool:
        z, p = working["z1"], working["a1"]
        return bool((np.abs(softmax_as_written(z) - p).max(axis=1) > 0.05).all() and p.min() > 0.01)

    return first(make, tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """One flower, a small batch, then iris."""
    batch = _batch(draw)
    z = batch["z1"]
    written = softmax_as_written(z)
    alone = np.round(z[:1], 2)
    e = np.exp(alone - alone.max())
    return {
        "iris": iris_recipe(),
        "alone": str(alone.tolist()),
        "thirds": np.full((1, 3), 1.0 / 3.0),
        "e": e,
        "batch": batch,
        "written": np.array2string(written, precision=4),
        "difference": listed(iris_difference(), 2),
        "wrong_1": np.array(iris_difference()),
        "difference_formula": vector(iris_difference(), 3),
    }

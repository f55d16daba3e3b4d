"""The iris data set and the network of the iris exercises: 4 inputs, 8 sigmoid, 3 softmax."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.datasets import make_table
from backprop_explorer.lessons.working import lesson_problem
from backprop_explorer.tutor.problem import Problem

Array = NDArray[np.float64]
SIZES = (4, 8, 3)


@lru_cache(maxsize=1)
def flowers() -> tuple[Array, NDArray[Any]]:
    """Return (features (150, 4) in cm, classes (150,)) as read-only arrays."""
    table = make_table("iris", seed=0, parameters={})
    x, classes = np.array(table.features), np.array(table.target, dtype=np.int64)
    x.setflags(write=False)
    classes.setflags(write=False)
    return x, classes


def one_hot() -> Array:
    """Return the one-hot targets, (150, 3)."""
    return np.asarray(np.eye(3)[flowers()[1]], dtype=np.float64)


def recipe(seed: int, **more: Any) -> dict[str, Any]:
    """Return the recipe for full-batch gradient descent on all flowers.

    The first weights are drawn with ``seed``. As in the exercise: no standardising, no test part,
    cross-entropy as a sum.
    """
    made: dict[str, Any] = {
        "dataset": {"name": "iris", "test_fraction": 0.0, "standardize": False},
        "network": {
            "layers": [
                {"units": 8, "activation": "sigmoid"},
                {"units": 3, "activation": "softmax"},
            ],
            "initializer": "normal",
            "seed": seed,
        },
        "cost": {"name": "cross_entropy", "reduction": "sum"},
        "optimizer": {"name": "sgd", "learning_rate": 0.001},
        "batch": {"size": None, "shuffle": False},
    }
    return {**made, **more}


def first_weights(seed: int) -> list[tuple[Array, Array]]:
    """Return [(W (n_in, n_out), b (n_out,)), …], the first weights of ``recipe(seed)``."""
    rng = np.random.default_rng(seed)
    W1, b1 = rng.standard_normal((8, 4)).T, rng.standard_normal(8)
    W2, b2 = rng.standard_normal((3, 8)).T, rng.standard_normal(3)
    return [(W1, b1), (W2, b2)]


def first_weights_code(seed: int) -> str:
    """Return the same as Python code for a notebook."""
    return (
        f"rng = np.random.default_rng({seed})\n"
        "normal = rng.standard_normal\n"
        "W1, b1 = normal((8, 4)).T, normal(8)\n"
        "W2, b2 = normal((3, 8)).T, normal(3)"
    )


def softmax(z: Array) -> Array:
    """Return the softmax of each row."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    result: Array = e / e.sum(axis=1, keepdims=True)
    return result


def predictions(layers: list[tuple[Array, Array]], x: Array) -> Array:
    """Return the network's output (N, 3): sigmoid, then softmax of each row."""
    (W1, b1), (W2, b2) = layers
    a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
    return softmax(a1 @ W2 + b2)


def working(seed: int, *rows: int, **more: Any) -> Problem:
    """Return the working of some flowers with the first weights of ``recipe(seed)``."""
    (W1, b1), (W2, b2) = first_weights(seed)
    given: dict[str, Any] = {
        "cost": "cross_entropy",
        "reduction": "sum",
        "convention": "row",
        "single": len(rows) == 1,
    }
    x, target = flowers()[0][list(rows)], one_hot()[list(rows)]
    layers = [(W1, b1, "sigmoid"), (W2, b2, "softmax")]
    return lesson_problem(layers, x, target, **{**given, **more})

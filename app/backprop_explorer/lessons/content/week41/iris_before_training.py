"""Week 41, exercise 6: what networks say of iris flowers before they have learned anything."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content import iris
from backprop_explorer.lessons.content.drawn import create_layers, first_seed, legacy
from backprop_explorer.lessons.lesson import Draw

NETWORKS = 5


def _accuracies(seed: int, **order: bool) -> list[float]:
    """Of so many networks, drawn one after the other after ``np.random.seed(seed)``.

    ``order`` is that of ``create_layers``.
    """
    x, classes = iris.flowers()
    state = legacy(seed)
    found = []
    for _ in range(NETWORKS):
        layers = [(W.T, b) for W, b in create_layers(state, iris.SIZES, **order)]
        found.append(float(np.mean(iris.predictions(layers, x).argmax(axis=1) == classes)))
    return found


def _teaches(seed: int) -> bool:
    """Not all networks are equally bad."""
    return len(set(_accuracies(seed))) >= 3


def numbers(draw: Draw) -> dict[str, Any]:
    """4 inputs, 8 sigmoid, softmax 3; accuracy of several random networks."""
    seed = int(draw.rng.integers(1, 1000))
    flower = int(draw.rng.integers(1, 149))
    layers, x = iris.first_weights(seed), iris.flowers()[0]
    probabilities = iris.predictions(layers, x)
    own = first_seed(draw, _teaches)
    right = _accuracies(own)
    return {
        "run": iris.recipe(seed),
        "flower": flower,
        "species": ("setosa", "versicolor", "virginica")[iris.flowers()[1][flower]],
        "weights_code": iris.first_weights_code(seed),
        "working": iris.working(seed, flower),
        "before": probabilities[flower - 1],
        "after": probabilities[flower + 1],
        "standardised": iris.predictions(layers, (x - x.mean(axis=0)) / x.std(axis=0))[flower],
        "own": own,
        "right": right,
        "best": max(right),
        "percentages": [100 * each for each in right],
        "accuracies": _accuracies(own, turned=True),
        "bias_first": _accuracies(own, bias_first=True),
    }

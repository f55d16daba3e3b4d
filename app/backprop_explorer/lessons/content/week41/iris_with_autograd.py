"""Week 41, exercise 7: cross-entropy, and training with autograd's gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons import iris
from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import points

EPOCHS = 100

LATER = 500


def numbers(draw: Draw) -> dict[str, Any]:
    """From the cost of one flower to a trained network."""
    seed = int(draw.rng.integers(1, 1000))
    start, after, later = points(iris.recipe(seed), 0, EPOCHS, LATER)

    def three() -> Any:
        raw = draw.rng.uniform(0.1, 1.0, (3, 3))
        p = np.round(raw / raw.sum(axis=1, keepdims=True), 2)
        p[:, 2] = np.round(1.0 - p[:, 0] - p[:, 1], 2)
        return p

    p = first(three, lambda q: bool(q.min() >= 0.1 and q.max() <= 0.8))
    classes = draw.rng.permutation(3)
    target = np.eye(3)[classes]
    true = p[np.arange(3), classes]
    return {
        "run": iris.recipe(seed),
        "p": p,
        "target": target,
        "probability": true,
        "right": -np.log(true).sum(),
        "start": start,
        "code": iris.first_weights_code(seed),
        "after": after,
        "hits": round(after.accuracy * 150),
        "later": later,
    }

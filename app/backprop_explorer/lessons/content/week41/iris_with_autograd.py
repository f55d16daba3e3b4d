"""Week 41, exercise 7: cross-entropy, and training with autograd's gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.engine.names import biases, weights
from backprop_explorer.lessons.content import iris
from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import points

EPOCHS = 100

LATER = 500


def _accuracy(seed: int, moving: str) -> float:
    """After EPOCHS in which only some arrays are updated: those of ``moving``."""
    x, classes = iris.flowers()
    target = iris.one_hot()
    layers = iris.first_weights(seed)
    for _ in range(EPOCHS):
        (W1, b1), (W2, b2) = layers
        a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
        d2 = iris.softmax(a1 @ W2 + b2) - target
        d1 = (d2 @ W2.T) * a1 * (1 - a1)
        steps = [(x.T @ d1, d1.sum(axis=0)), (a1.T @ d2, d2.sum(axis=0))]
        layers = [
            (W - 0.001 * (weights(k) in moving) * W_g, b - 0.001 * (biases(k) in moving) * b_g)
            for k, ((W, b), (W_g, b_g)) in enumerate(zip(layers, steps, strict=True), start=1)
        ]
    return float(np.mean(iris.predictions(layers, x).argmax(axis=1) == classes))


def numbers(draw: Draw) -> dict[str, Any]:
    """From the cost of one flower to a trained network."""
    seed = int(draw.rng.integers(1, 1000))
    start, early, after, later = points(iris.recipe(seed), 0, EPOCHS // 10, EPOCHS, LATER)
    faster = iris.recipe(seed, optimizer={"name": "sgd", "learning_rate": 0.01})

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
        "early": early,
        "longer": points(faster, EPOCHS)[0],
        "only_biases": _accuracy(seed, "b1 b2"),
        "only_last": _accuracy(seed, "W2 b2"),
        "code": iris.first_weights_code(seed),
        "after": after,
        "hits": round(after.accuracy * 150),
        "later": later,
    }

"""Regularisation: what L1 and L2 add to cost and gradient, and what they do to a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.further.shared import experiment
from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import frames
from backprop_explorer.lessons.working import Array, lesson_problem
from backprop_explorer.tutor.problem import Problem

STEPS, L1, L2 = 500, 0.01, 0.05
LAYERS = [(8, "tanh"), (1, "sigmoid")]

# Where the page draws no line any more.
SMALL = 0.02

# Seeds of moons; a test shows that all of them do what is said of the runs.
SEEDS = range(24)


def moons(seed: int, l1: float = 0.0, l2: float = 0.0) -> dict[str, Any]:
    """42 noisy moons, 8 tanh units."""
    dataset = {"name": "moons", "samples": 60, "noise": 0.3, "seed": seed}
    penalty = {"penalty": {"l1": l1, "l2": l2}}
    return experiment(dataset, LAYERS, "binary_cross_entropy", 0.5, parts=penalty, seed=seed)


def weights_after(recipe: dict[str, Any]) -> Array:
    """All weights of both layers after the training, without the biases."""
    (frame,) = frames(recipe, STEPS)
    return np.concatenate([np.ravel(layer["W"]) for layer in frame["layers"]])


def data_costs(recipe: dict[str, Any]) -> tuple[float, float]:
    """The cross-entropy of training and test part after the training, without an L2 penalty."""
    (frame,) = frames(recipe, STEPS)
    penalty = recipe["penalty"]["l2"] / 2 * float(np.square(weights_after(recipe)).sum())
    return frame["cost"]["train"] - penalty, frame["cost"]["test"] - penalty


def tells(seed: int) -> bool:
    """Whether L2 shrinks the weights clearly, and L1 takes some to 0."""
    free, shrunk, sparse = (
        weights_after(moons(seed, *penalty)) for penalty in ((0, 0), (0, L2), (L1, 0))
    )
    small = [(np.abs(W) < SMALL).sum() for W in (shrunk, sparse)]
    return bool(np.square(free).sum() > 4 * np.square(shrunk).sum() and small[1] >= small[0] + 5)


def _batch(draw: Draw, l1: float, l2: float) -> Problem:
    """Three samples through 2 → 2 (tanh) → 1."""

    def make() -> Problem:
        layers = [
            (draw.normal(2, 2), draw.normal(2, scale=0.5), "tanh"),
            (draw.normal(2, 1), draw.normal(1, scale=0.5), "identity"),
        ]
        return lesson_problem(
            layers, draw.normal(3, 2), draw.normal(3, 1), "mse", "mean", "row", False, l1=l1, l2=l2
        )

    def tells(working: Problem) -> bool:
        W, b = working["W1"], working["b1"]
        squares = [np.square(each).sum() for each in (W, b, working["W2"])]
        # Both signs, or |W| would be W; and sums that can be told apart.
        return bool(
            np.abs(W).min() > 0.2
            and np.abs(b).min() > 0.1
            and W.min() < 0 < W.max()
            and abs(squares[1] - squares[2]) > 0.05 * squares[0]
            and abs(squares[0] - np.abs(W).sum()) > 0.05 * squares[0]
        )

    return first(make, tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """A penalty by hand, then three runs."""
    l2 = float(draw.rng.choice([0.1, 0.2, 0.3, 0.5]))
    l1 = float(draw.rng.choice([0.02, 0.05, 0.08]))
    ridge = _batch(draw, 0.0, l2)
    seed = int(draw.rng.choice(SEEDS))
    W = ridge["W1"]
    squares = float(np.square(W).sum())
    eta = 0.1
    return {"ridge": ridge, "l2": l2, "squares": squares, "eta": eta, "l1": l1, **_runs(seed)}


def _runs(seed: int) -> dict[str, Any]:
    free, shrunk, sparse = (moons(seed), moons(seed, l2=L2), moons(seed, l1=L1))
    squares = [float(np.square(weights_after(recipe)).sum()) for recipe in (free, shrunk)]
    small = [int((np.abs(weights_after(r)) < SMALL).sum()) for r in (shrunk, sparse)]
    costs = [data_costs(recipe) for recipe in (free, shrunk)]
    return {
        "free": free,
        "shrunk": shrunk,
        "sums": squares,
        "costs": costs,
        "sparse": sparse,
        "small": small,
    }

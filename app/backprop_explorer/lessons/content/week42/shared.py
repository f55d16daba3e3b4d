"""The numbers of week 42: small sigmoid networks in which nothing is saturated."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from backprop_explorer.engine.names import activation, weighted_sum
from backprop_explorer.lessons.distinct import most_distinct_working
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import lesson_problem
from backprop_explorer.tutor.problem import Problem


def one_layer(draw: Draw) -> Problem:
    """A sigmoid layer 2 → 3, as in exercises 2 and 3."""

    def make() -> Problem:
        target = np.round(draw.rng.uniform(0.05, 0.95, 3), 2)
        W, b = draw.normal(2, 3), draw.normal(3, scale=0.5)
        return lesson_problem([(W, b, "sigmoid")], draw.normal(2), target, jacobians=True)

    return most_distinct_working(make, _clear)


def network(
    draw: Draw, sizes: tuple[int, ...], *activations: str, samples: int = 1, jacobians: bool = False
) -> Problem:
    """A network with the mean squared error; ``samples`` of 1 is one sample, shown as vectors."""
    layers = [
        (draw.normal(n_in, n_out), draw.normal(n_out, scale=0.5), activation)
        for (n_in, n_out), activation in zip(pairwise(sizes), activations, strict=True)
    ]
    shape = (samples,) if samples > 1 else ()
    x = draw.normal(*shape, sizes[0])
    target = np.round(draw.rng.uniform(0.05, 0.95, (*shape, sizes[-1])), 2)
    single = samples == 1
    return lesson_problem(
        layers,
        x,
        target,
        convention="column" if single else "row",
        single=single,
        jacobians=jacobians,
    )


def is_clear(working: Problem) -> bool:
    """No sigmoid is saturated, and no prediction is its target already."""
    return _clear(working)


def _clear(working: Problem) -> bool:
    last = len(working.layers)
    for k, name in enumerate(working.activations, start=1):
        z = working.trace[weighted_sum(k)]
        if np.abs(z).max() > 3.0 or (name == "relu" and np.abs(z).min() < 0.05):
            return False
    differences = working.trace[activation(last)] - np.atleast_2d(working["target"])
    # Both signs of a prediction's error, so that signs are worth asking for.
    return bool(np.abs(differences).min() > 0.03 and len(np.unique(np.sign(differences))) == 2)

"""Week 41, exercise 5: many samples at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.lessons.content.drawn import create_layers, first_seed, legacy
from backprop_explorer.lessons.content.iris import softmax
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import lesson_problem
from backprop_explorer.tutor.problem import Problem

SIZES = (4, 12, 10, 3)

SHOWN = 5


def _relu(z: Any) -> Any:
    return np.maximum(z, 0.0)


@dataclass(frozen=True, slots=True)
class _BatchDraw:
    """``layers`` hold W as (n_in, n_out)."""

    seed: int
    inputs: Any
    layers: Any

    @property
    def predictions(self) -> Any:
        """(1000, 3)."""
        return softmax(self.last_z(self.inputs))

    def last_z(self, x: Any, activation: Any = _relu) -> Any:
        """z of the last layer, (N, 3)."""
        a = x
        for W, b in self.layers[:-1]:
            a = activation(a @ W + b)
        W, b = self.layers[-1]
        return a @ W + b


def _drawn(seed: int, *, late_inputs: bool = False, **order: bool) -> _BatchDraw:
    """What a notebook draws; ``order`` is that of ``create_layers``."""
    state = legacy(seed)
    # create_layers draws (n_out, n_in) and the exercise's batch version transposes it.
    layers = create_layers(state, SIZES, **order) if late_inputs else None
    inputs = state.rand(1000, SIZES[0])
    layers = layers or create_layers(state, SIZES, **order)
    return _BatchDraw(seed, inputs, [(W.T, b) for W, b in layers])


def _teaches(seed: int) -> bool:
    """No probability of the rows shown rounds to 0, and every class is predicted at times."""
    p = _drawn(seed).predictions
    counts = np.bincount(p.argmax(axis=1), minlength=3)
    return bool(p[:SHOWN].min() > 1e-3 and counts.min() > 0)


def numbers(draw: Draw) -> dict[str, Any]:
    """4 → 12, 10, 3 with ReLU, ReLU, softmax on (1000, 4)."""
    drawn = _drawn(first_seed(draw, _teaches))
    p = drawn.predictions
    z = drawn.last_z(drawn.inputs)
    e = np.exp(z - z.max(axis=0))
    columns = e / e.sum(axis=0)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    sums_over_samples = e / e.sum(axis=0)
    e = np.exp(z - z.max(axis=0))
    max_over_samples = e / e.sum(axis=1, keepdims=True)
    other = _drawn(drawn.seed, turned=True).predictions
    counts = np.bincount(p.argmax(axis=1), minlength=3)
    return {
        "working": _working(drawn),
        "drawn": drawn,
        "p": p,
        "columns": columns,
        "z": z,
        "max_axis": sums_over_samples,
        "max_over_samples": max_over_samples,
        "sigmoids": softmax(drawn.last_z(drawn.inputs, lambda z: 1 / (1 + np.exp(-z)))),
        "without_relu": softmax(drawn.last_z(drawn.inputs, lambda z: z))[0],
        "other": other,
        "bias_first": _drawn(drawn.seed, bias_first=True).predictions,
        "late_inputs": _drawn(drawn.seed, late_inputs=True).predictions,
        "counts": counts,
        "column_counts": np.bincount(columns.argmax(axis=1), minlength=3),
    }


def _working(drawn: _BatchDraw) -> Problem:
    names = ("relu", "relu", "softmax")
    layers = [(W, b, name) for (W, b), name in zip(drawn.layers, names, strict=True)]
    target = np.eye(3)[np.arange(SHOWN) % 3]
    return lesson_problem(
        layers,
        drawn.inputs[:SHOWN],
        target,
        cost="cross_entropy",
        reduction="sum",
        convention="row",
        single=False,
    )

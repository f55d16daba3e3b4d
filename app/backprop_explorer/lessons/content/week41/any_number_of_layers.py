"""Week 41, exercise 3: layers by a loop, and why activations are needed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from backprop_explorer.lessons.content.drawn import create_layers, first_seed, legacy
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import lesson_problem

SIZES = (8, 10, 16, 6, 2)


@dataclass(frozen=True, slots=True)
class _NetworkDraw:
    """What a student's notebook draws after ``np.random.seed(seed)``."""

    seed: int
    x: Any
    layers: Any

    @property
    def outputs(self) -> list[Any]:
        """a1 to a4."""
        return _forward(self.layers, self.x)


def _forward(layers: Any, x: Any) -> list[Any]:
    found, a = [], x
    for W, b in layers:
        a = np.maximum(W @ a + b, 0.0)
        found.append(a)
    return found


def _drawn(seed: int) -> _NetworkDraw:
    state = legacy(seed)
    x = state.rand(SIZES[0])
    return _NetworkDraw(seed, x, create_layers(state, SIZES))


def _last_z(drawn: _NetworkDraw) -> Any:
    """z of the last layer, (2,)."""
    W, b = drawn.layers[-1]
    return W @ drawn.outputs[-2] + b


def _teaches(seed: int) -> bool:
    """ReLU acts in every layer: one output is on and one off, and a part of each hidden layer."""
    drawn = _drawn(seed)
    z = _last_z(drawn)
    shares = [(a > 0).mean() for a in drawn.outputs[:-1]]
    return bool(z.min() < -0.5 and z.max() > 0.5 and min(shares) > 0.2 and max(shares) < 0.9)


def _others(drawn: _NetworkDraw) -> dict[str, Any]:
    """The outputs of other orders of drawing, and without activations."""

    def output(**order: bool) -> Any:
        state = legacy(drawn.seed)
        state.rand(SIZES[0])
        return _forward(create_layers(state, SIZES, **order), drawn.x)[-1]

    state = legacy(drawn.seed)
    layers_first = create_layers(state, SIZES)
    uniform = legacy(drawn.seed)
    uniform.rand(SIZES[0])
    pairs = pairwise(SIZES)
    uniform_layers = [(uniform.rand(n_out, n_in), uniform.rand(n_out)) for n_in, n_out in pairs]
    plain = drawn.x
    for W, b in drawn.layers:
        plain = W @ plain + b
    return {
        "plain": plain,
        "last_z": _last_z(drawn),
        "bias_first": output(bias_first=True),
        "turned": output(turned=True),
        "uniform": _forward(uniform_layers, drawn.x)[-1],
        "late_x": _forward(layers_first, state.rand(SIZES[0]))[-1],
    }


def numbers(draw: Draw) -> dict[str, Any]:
    """From create_layers to a network of four layers, and to two that are worth one."""
    drawn = _drawn(first_seed(draw, _teaches))
    working = lesson_problem([(W.T, b, "relu") for W, b in drawn.layers], drawn.x, np.zeros(2))
    silent = int((drawn.outputs[1] == 0).sum())
    W1, b1, W2, b2 = (draw.normal(2, 2), draw.normal(2), draw.normal(2, 2), draw.normal(2))
    right = W2 @ b1 + b2
    layers = [(W1.T, b1, "identity"), (W2.T, b2, "identity")]
    linear = lesson_problem(layers, draw.normal(2), np.zeros(2))
    return {
        "working": working,
        "drawn": drawn,
        "silent": silent,
        **_others(drawn),
        "W1": W1,
        "b1": b1,
        "W2": W2,
        "b2": b2,
        "right": right,
        "linear": linear,
    }

"""The numbers of exercises 1 to 3: x and ReLU layers, drawn in the exercises' order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.lessons.content.drawn import create_layers, legacy
from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import assigned, lesson_problem
from backprop_explorer.tutor.problem import Problem

# With this seed the numbers are those of the exercise sheet, all digits of them.
SHEET_SEED = 2024


@dataclass(frozen=True, slots=True)
class LayersGiven:
    """x (2,), W1 (4, 2), b1 (4,), W2 (8, 4), b2 (8,), and the code that makes the first three."""

    x: Any
    W1: Any
    b1: Any
    W2: Any
    b2: Any
    code_first: str
    code_bias: str
    code_second: str

    @property
    def z1(self) -> Any:
        """Of the first layer, (4,)."""
        return self.W1 @ self.x + self.b1

    @property
    def a1(self) -> Any:
        """ReLU of it."""
        return np.maximum(self.z1, 0.0)

    @property
    def z2(self) -> Any:
        """Of the second layer, (8,)."""
        return self.W2 @ self.a1 + self.b2

    def working(self, *, layers: int) -> Problem:
        """The forward pass as the explorer shows it; the target is of no interest here."""
        pairs = [(self.W1.T, self.b1, "relu"), (self.W2.T, self.b2, "relu")][:layers]
        return lesson_problem(pairs, self.x, np.zeros(len(pairs[-1][1])))


def given(seed: int) -> LayersGiven:
    """The numbers of exercises 1 and 2, which share their first layer."""
    if seed == SHEET_SEED:
        state = legacy(seed)
        x = state.randn(2)
        (W1, b1), (W2, b2) = create_layers(state, (2, 4, 8))
        return LayersGiven(
            *(x, W1, b1, W2, b2),
            f"np.random.seed({seed})\nx = np.random.randn(2)\nW1 = np.random.randn(4, 2)",
            "b1 = np.random.randn(4)",
            "W2 = np.random.randn(8, 4)\nb2 = np.random.randn(8)",
        )
    draw = Draw.of("relu-layers", seed)
    return first(lambda: _rounded(draw), _teaches)


def _rounded(draw: Draw) -> LayersGiven:
    x, W1, b1 = draw.normal(2), draw.normal(4, 2), draw.normal(4)
    W2, b2 = draw.normal(8, 4), draw.normal(8)
    return LayersGiven(
        *(x, W1, b1, W2, b2), assigned(x=x, W1=W1), assigned(b1=b1), assigned(W2=W2, b2=b2)
    )


def _teaches(given: LayersGiven) -> bool:
    """One neuron of layer 1 is off, some of layer 2 are; none is in doubt, none of W x + b is b."""
    z1, z2 = given.z1, given.z2
    clear = min(np.abs(z1).min(), np.abs(z2).min()) > 0.03
    return bool(clear and (z1 < 0).sum() == 1 and 2 <= (z2 < 0).sum() <= 6)

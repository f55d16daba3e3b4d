"""Find the bug: a¹ where w² belongs, in a chain of two units."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking
from backprop_explorer.lessons.written import tex

ETA = 0.5

H = 1e-5


def _sigmoid(z: float) -> float:
    return float(1.0 / (1.0 + np.exp(-z)))


class _Chain:
    """The numbers of one draw; ``written`` is what the listing gives, ``right`` what it should."""

    def __init__(self, draw: Draw) -> None:
        self.w1 = float(np.round(draw.rng.uniform(0.4, 1.5), 2)) * float(draw.rng.choice([-1, 1]))
        self.w2 = -float(np.round(draw.rng.uniform(0.5, 1.6), 2))
        self.b1, self.b2, self.x = (float(v) for v in draw.normal(3, scale=0.7))
        self.y = float(np.round(draw.rng.uniform(0.05, 0.95), 2))
        self.a1 = _sigmoid(self.w1 * self.x + self.b1)
        self.a2 = _sigmoid(self.w2 * self.a1 + self.b2)
        below = (self.a2 - self.y) * self.a2 * (1 - self.a2) * self.a1 * (1 - self.a1) * self.x
        self.right, self.written = below * self.w2, below * self.a1

    def cost(self, w1: float) -> float:
        a2 = _sigmoid(self.w2 * _sigmoid(w1 * self.x + self.b1) + self.b2)
        return (a2 - self.y) ** 2 / 2

    @property
    def good(self) -> bool:
        """Large enough to see, and no two of the quotients alike."""
        quotients = [v / self.w2 for v in (self.a1, self.a2, self.x, self.w1)]
        gaps = np.abs(np.subtract.outer(quotients, quotients))[np.triu_indices(4, 1)]
        here = self.cost(self.w1)
        return bool(
            abs(self.right) > 2e-3
            and gaps.min() > 0.05
            and self.cost(self.w1 - ETA * self.written) > here
            and self.cost(self.w1 - ETA * self.right) < here
        )


def numbers(draw: Draw) -> dict[str, Any]:
    """A chain of two sigmoid units, and a weight that is negative."""
    c = first(lambda: _Chain(draw), lambda chain: chain.good)
    working = LessonWorking(
        [([[c.w1]], [c.b1], "sigmoid"), ([[c.w2]], [c.b2], "sigmoid")],
        [c.x],
        [c.y],
        reduction="half_sum",
    )
    quotient = (c.cost(c.w1 + H) - c.cost(c.w1 - H)) / (2 * H)
    given = f"w1, b1, w2, b2 = {c.w1}, {c.b1}, {c.w2}, {c.b2}\nx, y = {c.x}, {c.y}"
    here = c.cost(c.w1)
    return {
        "working": working,
        "given": given,
        "c": c,
        "quotient": quotient,
        "here": here,
        "growth": tex(c.cost(c.w1 - ETA * c.written) - here, 3),
        "fall": tex(here - c.cost(c.w1 - ETA * c.right), 3),
    }

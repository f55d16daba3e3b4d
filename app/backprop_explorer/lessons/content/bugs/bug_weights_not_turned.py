"""Find the bug: the way back through W that is not turned round."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking


def _working(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        layers = [(draw.normal(2, 2), draw.normal(2, scale=0.5), "sigmoid") for _ in range(2)]
        return LessonWorking(layers, draw.normal(2), np.round(draw.rng.uniform(0.05, 0.95, 2), 2))

    def tells(working: LessonWorking) -> bool:
        W, dC_dz = working.shown("W2"), working.shown("dC_dz2")
        right, wrong = W.T @ dC_dz, W @ dC_dz
        return bool(
            np.abs(right - wrong).min() > 0.02
            and np.abs(right).min() > 5e-3
            and abs(W[0, 1] - W[1, 0]) > 0.3
        )

    return first(make, tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """Two sigmoid layers 2 → 2 → 2."""
    working = _working(draw)
    pairs = [(working.shown(f"W{k}"), working.shown(f"b{k}")) for k in (1, 2)]
    (W1, b1), (W2, b2) = pairs
    dC_dz2, slope = (working.shown("dC_dz2"), working.shown("a1") * (1 - working.shown("a1")))
    wrong = W2 @ dC_dz2 * slope
    return {
        "working": working,
        "W1": W1,
        "b1": b1,
        "W2": W2,
        "b2": b2,
        "wrong": wrong,
        "both_ways": float(W2[:, 0] @ dC_dz2),
    }

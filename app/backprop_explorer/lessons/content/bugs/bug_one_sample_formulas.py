"""Find the bug: the formulas of one sample, used on a batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking

N = 5


def _batch(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        return LessonWorking(
            [
                (draw.normal(2, 3), draw.normal(3, scale=0.5), "sigmoid"),
                (draw.normal(3, 4), draw.normal(4, scale=0.5), "relu"),
            ],
            np.round(draw.rng.uniform(0.05, 0.95, (N, 2)), 2),
            np.round(draw.rng.uniform(0.05, 0.95, (N, 4)), 2),
            convention="row",
            single=False,
        )

    def tells(working: LessonWorking) -> bool:
        active = working.shown("z2") > 0
        each = np.abs(working.shown("dC_db2"))
        return bool((each > 0.01).any() and active.any(axis=0).sum() >= 2 and not active.all())

    return first(make, tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """Layers 2 → 3 (sigmoid) → 4 (ReLU), five samples."""
    working = _batch(draw)
    return {"working": working}

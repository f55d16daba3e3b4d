"""Find the bug: diag(σ') on a batch, where everything happens to be square."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking

# What is shown to two digits is off by less than this.
TWO_DIGITS = 0.0051


def _batch(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        layer = (draw.normal(3, 3), draw.normal(3, scale=0.5), "sigmoid")
        target = np.round(draw.rng.uniform(0.05, 0.95, (3, 3)), 2)
        return LessonWorking([layer], draw.normal(3, 3), target, convention="row", single=False)

    def tells(working: LessonWorking) -> bool:
        slope = working.shown("a1") * (1 - working.shown("a1"))
        # The diagonal must differ from the other slopes, or its use would go unnoticed.
        apart = np.abs(slope - np.diag(slope))[~np.eye(3, dtype=bool)]
        return bool(apart.min() > 2 * TWO_DIGITS and np.abs(working.shown("dC_db1")).min() > 1e-3)

    return first(make, tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """A sigmoid layer 3 → 3, three samples."""
    working = _batch(draw)
    slope = working.shown("a1") * (1 - working.shown("a1"))
    return {"working": working, "slope": slope}

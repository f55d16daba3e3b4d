"""Find the bug: cross-entropy with the gradient of the squared error."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import Array, LessonWorking


def _as_written(p: Array, target: Array) -> Array:
    dC_da = 2.0 / 3.0 * (p - target)
    dC_dz: Array = p * (dC_da - p @ dC_da)
    return dC_dz


def _working(draw: Draw) -> LessonWorking:
    """A sample of which the network is quite sure, and wrong."""

    def make() -> LessonWorking:
        layer = (draw.normal(2, 3, scale=1.5), draw.normal(3, scale=0.5), "softmax")
        target = np.eye(3)[draw.rng.integers(3)]
        return LessonWorking(
            [layer], draw.normal(2), target, "cross_entropy", "sum", "column", fused=False
        )

    def tells(working: LessonWorking) -> bool:
        p = working.shown("a1")
        at = int(np.argmax(np.asarray(working.target)))
        return bool(0.01 < p[at] < 0.06 and p.min() > 0.005)

    return first(make, tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """A softmax layer 2 → 3, one sample."""
    working = _working(draw)
    p, target = (working.shown("a1"), np.asarray(working.target, dtype=np.float64))
    at = int(np.argmax(target))
    written, right = (_as_written(p, target), p - target)
    return {"working": working, "at": at, "right": right, "written": written}

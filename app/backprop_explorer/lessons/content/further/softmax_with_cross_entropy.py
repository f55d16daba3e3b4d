"""Softmax with cross-entropy: the full Jacobian, and why nearly all of it cancels."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking


def _working(draw: Draw, fused: bool) -> LessonWorking:
    def make() -> LessonWorking:
        layer = (draw.normal(2, 3), draw.normal(3, scale=0.5), "softmax")
        target = np.eye(3)[draw.rng.integers(3)]
        return LessonWorking(
            [layer],
            draw.normal(2),
            target,
            "cross_entropy",
            "sum",
            "column",
            fused=fused,
            jacobians=True,
        )

    def tells(working: LessonWorking) -> bool:
        p = np.sort(working.shown("a1"))
        return bool(p[0] > 0.04 and np.diff(p).min() > 0.03)

    return first(make, tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """A softmax layer 2 → 3, one sample, the long way and the short one."""
    working = _working(draw, fused=False)
    p, target = (working.shown("a1"), np.asarray(working.target, dtype=np.float64))
    at = int(np.argmax(target))
    jacobian = np.diag(p) - np.outer(p, p)
    return {"working": working, "at": at, "jacobian": jacobian}

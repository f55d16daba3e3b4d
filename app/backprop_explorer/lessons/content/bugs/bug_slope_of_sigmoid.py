"""Find the bug: a derivative of the sigmoid with ·2 where a square belongs."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import Array, LessonWorking

H = 1e-5


def as_written(z: Array) -> Array:
    """What ``sigmoid_der`` of the listing gives."""
    slope: Array = np.exp(-z) / (1.0 + np.exp(-z)) * 2.0
    return slope


def _working(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        layer = (draw.normal(2, 3), draw.normal(3, scale=0.5), "sigmoid")
        return LessonWorking([layer], draw.normal(2), np.round(draw.rng.uniform(0.05, 0.95, 3), 2))

    def tells(working: LessonWorking) -> bool:
        z = working.shown("z1")
        return bool(np.abs(working.shown("dC_da1")).min() > 0.02 and 0.1 < np.abs(z).min() < 2.0)

    return first(make, tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """A sigmoid layer 2 → 3."""
    working = _working(draw)
    z = working.shown("z1")
    wrong = working.shown("dC_da1") * as_written(z)
    at = float(np.round(z[0], 2))
    sigma = 1.0 / (1.0 + np.exp(-at))
    up, down = (1.0 / (1.0 + np.exp(-(at + sign * H))) for sign in (1.0, -1.0))
    return {
        "working": working,
        "wrong": wrong,
        "at": at,
        "cost_up": f"{up:.12f}",
        "cost_down": f"{down:.12f}",
        "sigma": sigma,
        "wrong_1": float(as_written(np.array(at))),
    }

"""Week 41, exercise 2: a second ReLU layer on top of the first."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.week41.shared import Given, given
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import listed


def numbers(draw: Draw) -> dict[str, Any]:
    """From a1 (4,) to a2 (8,)."""
    g = given(draw.seed)
    working = g.working(layers=2)
    return {"working": working, "g": g, **_numbers(g)}


def _numbers(g: Given) -> dict[str, Any]:
    working = g.working(layers=2)
    off = int(np.flatnonzero(g.a1 == 0)[0])
    without_relu = g.W2 @ g.z1 + g.b2
    z2 = listed(g.z2)
    return {
        "off": off,
        "second": working,
        "z2": z2,
        "active": int((g.z2 > 0).sum()),
        "without_relu": without_relu,
    }

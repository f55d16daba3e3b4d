"""Week 41, exercise 1: one ReLU layer, one sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.week41.shared import given
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import listed


def numbers(draw: Draw) -> dict[str, Any]:
    """From x (2,) to a1 (4,)."""
    g = given(draw.seed)
    off = int(np.argmin(g.z1))
    return {
        "working": g.working(layers=1),
        "g": g,
        "off": off,
        "row": listed(g.W1[off]),
        "relu_of_it": max(g.z1[off], 0.0),
    }

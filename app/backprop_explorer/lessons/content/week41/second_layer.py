"""Week 41, exercise 2: a second ReLU layer on top of the first."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.week41.shared import given
from backprop_explorer.lessons.lesson import Draw


def numbers(draw: Draw) -> dict[str, Any]:
    """From a1 (4,) to a2 (8,)."""
    g = given(draw.seed)
    return {
        "working": g.working(layers=2),
        "g": g,
        "off": int(np.flatnonzero(g.a1 == 0)[0]),
        "active": int((g.z2 > 0).sum()),
        "without_relu": g.W2 @ g.z1 + g.b2,
    }

"""Week 42, exercise 4: back through two sigmoid layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.week42.shared import is_clear, network
from backprop_explorer.lessons.distinct import most_distinct_working
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking


def numbers(draw: Draw) -> dict[str, Any]:
    """Two sigmoid layers 2 → 3 → 4."""
    sizes = (2, 3, 4)
    return {
        **pages(
            most_distinct_working(
                lambda: network(draw, sizes, "sigmoid", "sigmoid", jacobians=True), is_clear
            )
        )
    }


def pages(working: LessonWorking) -> dict[str, Any]:
    """The same for a given network."""
    W2 = np.asarray(working.layers[1][0]).T
    dz2, a1, _z1 = (working.shown(name) for name in ("dC_dz2", "a1", "z1"))
    slope = a1 * (1 - a1)
    return {
        "working": working,
        "slope": slope,
        "slope_at_a": dz2 @ W2 * (s := (1 / (1 + np.exp(-a1)))) * (1 - s),
    }

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
    return pages(
        most_distinct_working(
            lambda: network(draw, (2, 3, 4), "sigmoid", "sigmoid", jacobians=True), is_clear
        )
    )


def pages(working: LessonWorking) -> dict[str, Any]:
    """The same for a given network."""
    a1 = working.shown("a1")
    s = 1 / (1 + np.exp(-a1))
    return {
        "working": working,
        "slope": a1 * (1 - a1),
        "slope_at_a": working.shown("dC_da1") * s * (1 - s),
    }

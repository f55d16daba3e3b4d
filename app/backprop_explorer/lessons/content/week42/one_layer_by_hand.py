"""Week 42, exercise 3: the gradients of one sigmoid layer, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.week42.shared import one_layer
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking


def numbers(draw: Draw) -> dict[str, Any]:
    """A sigmoid layer 2 → 3 with the mean squared error."""
    return pages(one_layer(draw.seed))


def pages(working: LessonWorking) -> dict[str, Any]:
    """The same for a given sigmoid layer 2 → 3."""
    a = working.shown("a1")
    s = 1 / (1 + np.exp(-a))
    return {
        "working": working,
        "top": int(np.argmax(np.abs(a - np.asarray(working.target)))),
        "right": a * (1 - a),
        "slope_at_a": s * (1 - s),
    }

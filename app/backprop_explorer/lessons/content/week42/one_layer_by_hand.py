"""Week 42, exercise 3: the gradients of one sigmoid layer, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.week42.shared import one_layer
from backprop_explorer.lessons.lesson import Draw


def numbers(draw: Draw) -> dict[str, Any]:
    """A sigmoid layer 2 → 3 with the mean squared error."""
    working = one_layer(draw)
    a = working["a1"]
    s = 1 / (1 + np.exp(-a))
    return {
        "working": working,
        "top": int(np.argmax(np.abs(a - working["target"]))),
        "right": a * (1 - a),
        "slope_at_a": s * (1 - s),
    }

"""Week 42, exercise 2: gradients of one layer, by autograd."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.week42.shared import one_layer
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking


def numbers(draw: Draw) -> dict[str, Any]:
    """Shapes of gradients, and the gradient of a sigmoid layer 2 → 3."""
    return pages(one_layer(draw.seed))


def pages(working: LessonWorking) -> dict[str, Any]:
    """The same for a given sigmoid layer 2 → 3."""
    W, b, _ = working.layers[0]
    gradient = working.shown("dC_dW1")
    row, column = np.unravel_index(np.argmax(np.abs(gradient)), gradient.shape)
    slope = gradient[row, column]
    nudged = np.array(W)
    nudged[column, row] += 0.01
    after = working.with_layers([(nudged, b, "sigmoid")])
    change = after.trace.cost - working.trace.cost
    return {
        "working": working,
        "right": working.trace.cost,
        "squares_": np.square(working.shown("a1") - np.asarray(working.target)),
        "larger": int(np.argmax(np.abs(np.asarray(working.x)))),
        "row": row,
        "column": column,
        "nudged": nudged[column, row],
        "slope": slope,
        "tolerance": max(abs(change - 0.01 * slope), 0.03 * abs(change)) * 1.05,
        "change": change,
    }

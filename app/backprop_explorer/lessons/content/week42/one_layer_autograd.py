"""Week 42, exercise 2: gradients of one layer, by autograd."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.week42.shared import one_layer
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking


def numbers(draw: Draw) -> dict[str, Any]:
    """Shapes of gradients, and the gradient of a sigmoid layer 2 → 3."""
    return {**pages(one_layer(draw.seed))}


def pages(working: LessonWorking) -> dict[str, Any]:
    """The same for a given sigmoid layer 2 → 3."""
    a, target = (working.shown("a1"), np.asarray(working.target))
    square = np.square(a - target)
    right = square.mean()
    return {"working": working, "right": right, "squares_": square, **_running(working)}


def _running(working: LessonWorking) -> dict[str, Any]:
    W, b = (np.asarray(working.layers[0][0]).T, np.asarray(working.layers[0][1]))
    x = np.asarray(working.x)
    gradient = working.shown("dC_dW1")
    row, column = np.unravel_index(np.argmax(np.abs(gradient)), gradient.shape)
    slope = gradient[row, column]
    nudged = W.copy()
    nudged[row, column] += 0.01
    a = 1 / (1 + np.exp(-(nudged @ x + b)))
    change = np.square(a - np.asarray(working.target)).mean() - float(working.shown("C"))
    return {
        "row": row,
        "column": column,
        "slope": slope,
        "tolerance": max(abs(change - 0.01 * slope), 0.03 * abs(change)) * 1.05,
        "change": change,
    }

"""Week 42, exercise 4: back through two sigmoid layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.engine.names import gradient_id
from backprop_explorer.lessons.content.week42.shared import is_clear, network
from backprop_explorer.lessons.distinct import most_distinct_working
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.tutor.problem import Problem


def _with_z(working: Problem) -> Any:
    """∂C/∂W² of a student who takes z¹ for a¹."""
    return np.outer(working["dC_dz2"], working["z1"])


def _teaches(working: Problem) -> bool:
    right = working["dC_dW2"].sum()
    return is_clear(working) and abs(_with_z(working).sum() - right) > 0.02 + 0.1 * abs(right)


def numbers(draw: Draw) -> dict[str, Any]:
    """Two sigmoid layers 2 → 3 → 4."""
    working = most_distinct_working(
        lambda: network(draw, (2, 3, 4), "sigmoid", "sigmoid", jacobians=True), _teaches
    )
    a1 = working["a1"]
    s = 1 / (1 + np.exp(-a1))
    right = [working[gradient_id(name)].sum() for name in ("b2", "W1", "b1")]
    return {
        "working": working,
        "sums": [_with_z(working).sum(), *right],
        "slope": a1 * (1 - a1),
        "slope_at_a": working["dC_da1"] * s * (1 - s),
    }

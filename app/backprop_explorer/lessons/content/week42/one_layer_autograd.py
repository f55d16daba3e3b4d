"""Week 42, exercise 2: gradients of one layer, by autograd."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backprop_explorer.lessons.content.drawn import first_seed, legacy
from backprop_explorer.lessons.content.week42.shared import one_layer
from backprop_explorer.lessons.lesson import Draw


def _own_costs(seed: int) -> dict[str, float]:
    """The cost of the arrays that a notebook draws after ``np.random.seed(seed)``.

    Also with the shapes, the order or the distribution that others take.
    """

    def squares(drawn: str) -> Any:
        state = legacy(seed)
        x, target = state.rand(2), state.rand(3)
        normal = state.rand if drawn == "uniform" else state.randn
        b = normal(3) if drawn == "bias_first" else None
        W = normal(2, 3).T if drawn == "turned" else normal(3, 2)
        b = normal(1 if drawn == "one_bias" else 3) if b is None else b
        return np.square(1 / (1 + np.exp(-(W @ x + b))) - target)

    others = ("turned", "bias_first", "one_bias", "uniform")
    costs = {f"own_{name}": float(squares(name).mean()) for name in ("cost", *others)}
    return {**costs, "own_sum": float(squares("cost").sum())}


def _tells(seed: int) -> bool:
    costs = sorted(_own_costs(seed).values())
    return costs[0] > 0.01 and float(np.min(np.diff(costs))) > 0.003


def numbers(draw: Draw) -> dict[str, Any]:
    """Shapes of gradients, and the gradient of a sigmoid layer 2 → 3."""
    working = one_layer(Draw.of("one-sigmoid-layer", draw.seed))
    own = first_seed(draw, _tells)
    W, b = working.layers[0]
    gradient = working["dC_dW1"]
    row, column = np.unravel_index(np.argmax(np.abs(gradient)), gradient.shape)
    slope = gradient[row, column]
    nudged = np.array(W)
    nudged[column, row] += 0.01
    after = replace(working, layers=[(nudged, b)])
    change = after.trace.cost - working.trace.cost
    return {
        "working": working,
        "own": own,
        **_own_costs(own),
        "right": working.trace.cost,
        "squares_": np.square(working["a1"] - working["target"]),
        "larger": int(np.argmax(np.abs(working["x"]))),
        "row": row,
        "column": column,
        "nudged": nudged[column, row],
        "slope": slope,
        "tolerance": max(abs(change - 0.01 * slope), 0.03 * abs(change)) * 1.05,
        "change": change,
    }

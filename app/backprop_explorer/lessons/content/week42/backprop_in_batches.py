"""Week 42, exercise 6: backpropagation for a batch."""

from __future__ import annotations

from typing import Any

from backprop_explorer.lessons.content.week42.shared import is_clear, network
from backprop_explorer.lessons.distinct import most_distinct_working
from backprop_explorer.lessons.lesson import Draw

SAMPLES = 4


def numbers(draw: Draw) -> dict[str, Any]:
    """2 → 3 → 2 with sigmoids, four samples as rows."""
    working = most_distinct_working(
        lambda: network(draw, (2, 3, 2), "sigmoid", "sigmoid", samples=SAMPLES), is_clear
    )
    # As many samples as units in a layer, so that a wrong axis raises no error.
    deep = network(draw, (3, 4, 4, 2), "sigmoid", "relu", "sigmoid", samples=4)
    wide = network(draw, (2, 6, 3, 3, 1), "relu", "tanh", "relu", "identity", samples=6)
    return {"working": working, "deep": deep, "wide": wide}

"""The proof: check every gradient of a graph with autograd and with finite differences.

The two oracles share no derivative with the engine:

* **autograd** differentiates a second, independent implementation of the forward pass. Its graph
  has a node for every value, so it also gives ∂C/∂z and ∂C/∂a.
* **finite differences** move numbers and run the engine's *forward* operations again:
  (C(p + h) − C(p − h)) / 2h.

The error of an array is ‖p − q‖ / (‖p‖ + ‖q‖). It is relative, so a vanishing gradient that is
wrong by a factor of two fails, however small it is. An oracle that cannot resolve a gradient in
float64 reports ``BELOW_RESOLUTION`` instead of passing it; where several are right, ``TIE``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backprop_explorer.engine.graph import Graph
from backprop_explorer.engine.names import COST, Name
from backprop_explorer.engine.trace import Trace
from backprop_explorer.proof.autograd_oracle import AUTOGRAD_TOLERANCE, check_autograd
from backprop_explorer.proof.comparison import BELOW_RESOLUTION, Check, relative_error
from backprop_explorer.proof.finite_differences import (
    DIFFERENCES_TOLERANCE,
    MAX_ENTRIES,
    check_differences,
)


def check_program(
    graph: Graph, values: Mapping[str, Any], root: Name, wrt: Sequence[Name]
) -> tuple[Check, Check]:
    """Return the checks of every gradient by autograd and by finite differences."""
    return check_autograd(graph, values, root), check_differences(graph, values, root, wrt)


def check_trace(trace: Trace) -> tuple[Check, Check]:
    """Return the same checks of a dense network's working."""
    return check_program(trace.graph, trace.values(), COST, trace.graph.parameters)

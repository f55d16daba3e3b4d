"""Bounds on rounding errors, propagated through the nodes of a graph (forward error analysis).

Two correct programs differ in their last digits. If a gradient is a small difference of large
terms, rounding dominates it: prediction − target when they agree, the sum over the samples near a
minimum, softmax near probability 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from backprop_explorer.engine.graph import Node


def rounding_bounds(
    nodes: Iterable[Node], values: Mapping[str, Any], unit: float
) -> dict[str, Any]:
    """Return a bound on the error of each entry of the value of each node, by id.

    ``unit`` is the relative error of one operation; the values that no node computes are exact.
    """
    bounds: dict[str, Any] = {}
    for node in nodes:
        operation = node.operation
        inputs = [values[name] for name in node.inputs]
        bound = operation.rounding(inputs, values[node.id], unit, node.attributes)
        spreads = [bounds.get(name) for name in node.inputs]
        propagated = operation.propagated(inputs, spreads, node.attributes)
        bounds[node.id] = bound if propagated is None else bound + propagated
    return bounds

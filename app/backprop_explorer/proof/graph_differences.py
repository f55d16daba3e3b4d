"""Difference quotients for any graph: one number is moved, and all that depends on it computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.graph import Graph, Node, run
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.rounding import rounding_bounds
from backprop_explorer.proof.comparison import EPS, Check, relative_error
from backprop_explorer.proof.finite_differences import (
    DIFFERENCES_TOLERANCE,
    MAX_ENTRIES,
    STEP,
    Differences,
    compare_with_short_step,
    reference_slope,
    spread_indices,
)


def difference_quotients(
    graph: Graph, values: Mapping[str, Any], root: Name, entries: int = MAX_ENTRIES
) -> Check:
    """Compare every ∂``root``/∂v with central differences. ``values`` holds those of all nodes.

    Of larger arrays, ``entries`` evenly spread entries are checked. It takes 6 forward passes for
    each entry at most; a dense network has a faster way (``check_finite_differences``).
    """
    forward = graph.of_role("forward", "cost")
    noise = float(np.max(rounding_bounds(forward, values, EPS)[root]))
    by_line: dict[str, float | str] = {}
    checked: dict[str, int] = {}
    with np.errstate(all="ignore"):
        for node in graph.of_role("backward"):
            if node.id.quantity != "gradient" or node.id.variable == root:
                continue
            gradient = np.asarray(values[node.id], dtype=np.float64)
            indices = spread_indices(gradient.size, entries)
            if len(indices) < gradient.size:
                checked[node.id] = len(indices)
            moved = _Moved(_readers(forward, node.id.variable), values, node.id.variable, root)
            usual, sampled = moved.differences(indices, STEP, noise), gradient.ravel()[indices]
            error = relative_error(sampled, reference_slope(sampled, usual, corners=True))
            by_line[node.id] = error
            if not error <= DIFFERENCES_TOLERANCE:
                short = moved.differences(indices, STEP / 32.0, noise)
                by_line[node.id] = compare_with_short_step(sampled, usual, short, corners=True)
    return Check("finite_differences", DIFFERENCES_TOLERANCE, by_line, checked)


def _readers(nodes: Sequence[Node], variable: Name) -> list[Node]:
    """The nodes that depend on ``variable``, in order."""
    moving = {variable}
    found = []
    for node in nodes:
        if node.id != variable and moving.intersection(node.inputs):
            moving.add(node.id)
            found.append(node)
    return found


class _Moved:
    def __init__(
        self, nodes: Sequence[Node], values: Mapping[str, Any], variable: Name, root: Name
    ) -> None:
        self._nodes, self._values, self._variable, self._root = nodes, values, variable, root

    def _cost(self, index: int, change: float) -> float:
        copy = np.array(self._values[self._variable], dtype=np.float64)
        copy.reshape(-1)[index] += change
        return float(run(self._nodes, {**self._values, self._variable: copy})[self._root])

    def differences(self, indices: NDArray[np.intp], step: float, noise: float) -> Differences:
        """Return the difference quotients of the entries ``indices`` of the variable."""
        current = np.ravel(self._values[self._variable])[indices]
        h = step * np.maximum(1.0, np.abs(current))
        centre = float(self._values[self._root])
        pairs = list(zip(indices.tolist(), h.tolist(), strict=True))
        plus = np.array([self._cost(at, size) for at, size in pairs])
        minus = np.array([self._cost(at, -size) for at, size in pairs])
        scale = np.maximum(np.abs(plus), np.maximum(np.abs(minus), abs(centre)))
        return Differences(
            central=(plus - minus) / (2.0 * h),
            forward=(plus - centre) / h,
            backward=(centre - minus) / h,
            noise=8.0 * (EPS * scale + noise) / h,
        )

"""Compare the gradients of an oracle with those of a trace: relative errors and the Check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.graph import Graph, Node
from backprop_explorer.engine.names import Name

Array = NDArray[np.float64]

BELOW_RESOLUTION = "below_resolution"
# At a corner of max or |x| several gradients are right, and this one is another than the oracle's.
TIE = "tie"

EPS = float(np.finfo(np.float64).eps)
TINY = float(np.finfo(np.float64).tiny)
# Between 1/SAFE and SAFE, squares neither overflow nor lose digits by underflow.
SAFE = 1e60


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one oracle: the relative error of every gradient line.

    It is BELOW_RESOLUTION or TIE where the oracle cannot tell.
    ``checked`` holds the number of checked entries of those lines that were only sampled.
    """

    oracle: str
    tolerance: float
    by_line: dict[str, float | str]
    checked: dict[str, int]

    @property
    def max_relative_error(self) -> float:
        """The largest error of the resolved lines; 0 if none was resolved."""
        return max((e for e in self.by_line.values() if isinstance(e, float)), default=0.0)

    @property
    def passed(self) -> bool:
        """Whether no resolved line has an error above the tolerance."""
        return self.max_relative_error <= self.tolerance


def norm(array: Array) -> float:
    """Return ‖array‖ over all entries, scaled so that no square over- or underflows."""
    largest = float(np.abs(array).max(initial=0.0))
    if largest < TINY or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(array / largest))


def relative_error(p: Array, q: Array) -> float:
    """Return ‖p − q‖ / (‖p‖ + ‖q‖), scaled so that no square over- or underflows.

    It is 0 if both are below the smallest normal number, and inf if either contains NaN or inf.
    """
    p, q = np.asarray(p, dtype=np.float64).ravel(), np.asarray(q, dtype=np.float64).ravel()
    # np.maximum propagates NaN, max does not.
    largest = float(np.maximum(np.abs(p).max(initial=0.0), np.abs(q).max(initial=0.0)))
    if not np.isfinite(largest):
        return float("inf")
    if largest < TINY:
        return 0.0
    if 1.0 / SAFE < largest < SAFE:
        difference = p - q
        return sqrt(difference.dot(difference)) / (sqrt(p.dot(p)) + sqrt(q.dot(q)))
    # Divide instead of multiplying by 1/largest, which may overflow.
    p, q = p / largest, q / largest
    return norm(p - q) / (norm(p) + norm(q))


def relative_errors(p: Sequence[Array], q: Sequence[Array]) -> list[float]:
    """Return ``relative_error`` of each pair of arrays, computed in a few calls for all pairs."""
    begins = [0, *accumulate(each.size for each in p)][:-1]
    left, right = np.concatenate(p, axis=None), np.concatenate(q, axis=None)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        columns = (left, right, left - right)
        sums = [np.add.reduceat(each * each, begins).tolist() for each in columns]
    return [
        # NaN also fails this comparison.
        sqrt(gap) / (sqrt(a) + sqrt(b)) if 1.0 / SAFE < a + b < SAFE else relative_error(p[k], q[k])
        for k, (a, b, gap) in enumerate(zip(*sums, strict=True))
    ]


def gradient_nodes(graph: Graph, root: Name) -> list[Node]:
    """Return the nodes that compute ∂``root``/∂v, of every v but the root itself."""
    return [
        node
        for node in graph.of_role("backward")
        if node.id.quantity == "gradient" and node.id.variable != root
    ]


def upstream_of_ties(graph: Graph, values: Mapping[str, Any]) -> set[str]:
    """Return the values that an operation at a tie depends on."""
    tied: set[str] = set()
    for node in reversed(graph.of_role("forward", "cost")):
        ties = node.operation.ties
        inputs = [values[name] for name in node.inputs]
        at_tie = ties is not None and bool(np.any(ties(inputs, values[node.id], **node.keywords)))
        if at_tie or node.id in tied:
            tied.update(node.inputs)
    return tied


def as_float64(graph: Graph, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that the graph starts from, real numbers with all digits."""
    coarse = (np.float32, np.float16)
    return {
        each.name: np.asarray(values[each.name], dtype=np.float64)
        if getattr(values[each.name], "dtype", None) in coarse
        else values[each.name]
        for each in graph.givens
    }

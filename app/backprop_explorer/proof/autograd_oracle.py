"""The first oracle: autograd, on an independent implementation of the forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from autograd.core import VJPNode, add_outgrads
from autograd.tracer import Box, new_box, toposort, trace_stack

from backprop_explorer.engine.graph import Graph, Node, rounding_bounds
from backprop_explorer.engine.names import Name
from backprop_explorer.proof.autograd_functions import function_of
from backprop_explorer.proof.comparison import (
    BELOW_RESOLUTION,
    EPS,
    TIE,
    Array,
    Check,
    as_float64,
    gradient_nodes,
    norm,
    relative_errors,
    upstream_of_ties,
)

AUTOGRAD_TOLERANCE = 1e-9
# Rounding error of a sum relative to its terms: a few dozen roundings.
ROUNDING = 64.0 * EPS
# Entries of the gradients that are compared at once.
_BATCH = 1_000_000


def oracle_gradients(graph: Graph, givens: Mapping[str, Any], root: str) -> dict[str, Array]:
    """Return ∂``root``/∂v by autograd for every parameter and node v that the root depends on.

    ``givens`` may also have the values of nodes that do not depend on a parameter.

    It takes one forward and one backward pass. ``autograd.grad`` returns the gradient of one
    argument only: it would need a container of all parameters, and zeros added to each value,
    which would take most of the time. So this function repeats autograd's ``backward_pass`` and
    keeps the gradients of the nodes as they are computed.
    """
    values: dict[str, Any] = dict(givens)
    with trace_stack.new_trace() as tape:
        for name in graph.parameters:
            values[name] = new_box(givens[name], tape, VJPNode.new_root())
        for node in graph.of_role("forward", "cost"):
            inputs = [values[name] for name in node.inputs]
            if node.id in values and not any(isinstance(each, Box) for each in inputs):
                continue  # No parameter moves it.
            values[node.id] = function_of(node.op)(*inputs, **node.keywords)
    boxes = {name: value._node for name, value in values.items() if isinstance(value, Box)}
    wanted, found = set(boxes.values()), {}
    end = boxes[root]
    arriving: dict[VJPNode, Any] = {end: (1.0, False)}
    for node in toposort(end):
        gradient, _ = arriving.pop(node)
        if node in wanted:
            found[node] = gradient
        for parent, part in zip(node.parents, node.vjp(gradient), strict=True):
            arriving[parent] = add_outgrads(arriving.get(parent), part)
    # A fused cost does not depend on the last a.
    return {name: found[node] for name, node in boxes.items() if node in found}


def check_autograd(graph: Graph, values: Mapping[str, Any], root: Name) -> Check:
    """Compare every ∂``root``/∂v with autograd.

    A line is BELOW_RESOLUTION if its error exceeds the tolerance but not the bound on rounding.
    """
    with np.errstate(all="ignore"):
        oracle = oracle_gradients(graph, {**values, **as_float64(graph, values)}, root)
        by_line: dict[str, float | str] = {}
        rounding: dict[str, Any] = {}
        tied = upstream_of_ties(graph, values)
        for nodes in _batches(gradient_nodes(graph, root), values):
            ours = [np.asarray(values[node.id], dtype=np.float64) for node in nodes]
            others = [
                np.asarray(oracle.get(node.id.variable, np.zeros(np.shape(own))), dtype=np.float64)
                for node, own in zip(nodes, ours, strict=True)
            ]
            errors = relative_errors(ours, others)
            for node, own, other, error in zip(nodes, ours, others, errors, strict=True):
                by_line[node.id] = error
                if error <= AUTOGRAD_TOLERANCE:
                    continue
                if node.id.variable in tied:
                    by_line[node.id] = TIE
                    continue
                rounding = rounding or rounding_bounds(
                    graph.nodes, values, ROUNDING * _precision(values)
                )
                if norm(own - other) <= norm(np.asarray(rounding[node.id], dtype=np.float64)):
                    by_line[node.id] = BELOW_RESOLUTION
    return Check("autograd", AUTOGRAD_TOLERANCE, by_line, {})


def _batches(nodes: Sequence[Node], values: Mapping[str, Any]) -> Iterator[list[Node]]:
    """Nodes whose values together have a million entries, so that they are compared at once."""
    batch: list[Node] = []
    entries = 0
    for node in nodes:
        size = int(np.size(values[node.id]))
        if batch and entries + size > _BATCH:
            yield batch
            batch, entries = [], 0
        if size:
            batch.append(node)
            entries += size
    if batch:
        yield batch


def _precision(values: Mapping[str, Any]) -> float:
    """How much coarser than float64 the coarsest value is: 1, or that of float32."""
    kinds = {getattr(value, "dtype", np.dtype(float)) for value in values.values()}
    coarsest = max((float(np.finfo(kind).eps) for kind in kinds if kind.kind == "f"), default=EPS)
    return coarsest / EPS

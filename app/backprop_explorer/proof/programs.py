"""The proof of a recorded program: autograd, and differences of the graph's own forward pass.

At a tie (max of equal entries, ReLU at 0, |0|) several gradients are right. A gradient that
disagrees there, and only there, is TIE.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.graph import Graph, Node, run
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.rounding import rounding_bounds
from backprop_explorer.proof.autograd_oracle import AUTOGRAD_TOLERANCE, ROUNDING, oracle_gradients
from backprop_explorer.proof.comparison import (
    BELOW_RESOLUTION,
    EPS,
    TIE,
    Check,
    norm,
    relative_error,
    relative_errors,
)
from backprop_explorer.proof.finite_differences import (
    DIFFERENCES_TOLERANCE,
    STEP,
    Differences,
    compare_with_short_step,
    reference_slope,
    spread_indices,
)

# Entries of each array in ``wrt`` that are moved by themselves.
MAX_ENTRIES, MIN_ENTRIES = 64, 2
# Operations that the moves of the arrays in ``wrt``, and those of other lines, may compute again.
# Of a large program, evenly spread lines are moved; autograd checks the others.
MAX_WORK, MAX_LINE_WORK = 40_000, 200_000
MIN_LINES = 8
_BATCH = 1_000_000


def check_program(
    graph: Graph, values: Mapping[str, Any], root: Name, wrt: Sequence[Name]
) -> tuple[Check, Check]:
    """Return the checks by autograd and by finite differences of every gradient.

    Of each array in ``wrt`` up to MAX_ENTRIES entries are moved; any other value is moved once, as
    a whole, in one random direction. Of a large program some lines are not moved, and are missing
    in the second check.
    """
    with np.errstate(all="ignore"):
        tied = _upstream_of_ties(graph, values)
        return (
            _check_autograd(graph, values, root, tied),
            _check_differences(graph, values, root, set(wrt), tied),
        )


def _gradients(graph: Graph, root: Name) -> list[Node]:
    return [
        node
        for node in graph.of_role("backward")
        if node.id.quantity == "gradient" and node.id.variable != root
    ]


def _upstream_of_ties(graph: Graph, values: Mapping[str, Any]) -> set[str]:
    """The values that an operation at a tie depends on."""
    found: set[str] = set()
    for node in reversed(graph.of_role("forward", "cost")):
        ties = node.operation.ties
        inputs = [values[name] for name in node.inputs]
        at_tie = ties is not None and bool(np.any(ties(inputs, values[node.id], **node.keywords)))
        if at_tie or node.id in found:
            found.update(node.inputs)
    return found


def _check_autograd(graph: Graph, values: Mapping[str, Any], root: Name, tied: set[str]) -> Check:
    oracle = oracle_gradients(graph, {**values, **_as_float64(graph, values)}, root)
    by_line: dict[str, float | str] = {}
    rounding: dict[str, Any] = {}
    for nodes in _batches(_gradients(graph, root), values):
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
            if not rounding:
                unit = ROUNDING * _precision(graph, values)
                rounding = rounding_bounds(graph.nodes, values, unit)
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


def _precision(graph: Graph, values: Mapping[str, Any]) -> float:
    """How much coarser than float64 the coarsest value is: 1, or that of float32."""
    kinds = {getattr(value, "dtype", np.dtype(float)) for value in values.values()}
    coarsest = max((float(np.finfo(kind).eps) for kind in kinds if kind.kind == "f"), default=EPS)
    return coarsest / EPS


def _as_float64(graph: Graph, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that the graph starts from, real numbers with all digits."""
    coarse = (np.float32, np.float16)
    return {
        each.name: np.asarray(values[each.name], dtype=np.float64)
        if getattr(values[each.name], "dtype", None) in coarse
        else values[each.name]
        for each in graph.givens
    }


def _check_differences(
    graph: Graph, values: Mapping[str, Any], root: Name, wrt: set[Name], tied: set[str]
) -> Check:
    forward = graph.of_role("forward", "cost")
    start = _as_float64(graph, values)
    run(forward, start)
    noise = float(np.max(rounding_bounds(forward, start, EPS)[root]))
    noise = noise if np.isfinite(noise) else 0.0
    gradients = _moved_lines(graph, root, wrt)
    readers = {node.id: _readers(forward, node.id.variable, root) for node in gradients}
    work = 4 * sum(len(readers[node.id]) for node in gradients if node.id.variable in wrt)
    entries = max(MIN_ENTRIES, min(MAX_ENTRIES, MAX_WORK // max(work, 1)))
    rng = np.random.default_rng(0)
    by_line: dict[str, float | str] = {}
    checked: dict[str, int] = {}
    for node in gradients:
        gradient = np.asarray(values[node.id], dtype=np.float64)
        variable = node.id.variable
        size = np.abs(np.ravel(start[variable]).astype(np.float64))
        # An infinite entry, such as of a mask, stays where it is.
        reach = np.where(np.isfinite(size), np.maximum(1.0, size), 0.0)
        if variable in wrt:
            indices = spread_indices(gradient.size, entries)
            directions = np.zeros((len(indices), gradient.size))
            directions[np.arange(len(indices)), indices] = 1.0
        else:
            # With the signs of the gradient, the parts of the slope do not cancel.
            signs = rng.choice([-1.0, 1.0], size=(1, gradient.size))
            signs = np.where(gradient.ravel() == 0.0, signs, np.sign(gradient.ravel()))
            directions = signs * rng.uniform(0.5, 1.0, size=signs.shape) * reach
        if len(directions) < gradient.size:
            checked[node.id] = len(directions)
        moved = _Moves(readers[node.id], start, variable, root)
        expected = directions @ np.where(reach > 0.0, gradient.ravel(), 0.0)
        usual = moved.differences(directions, STEP, noise)
        error = relative_error(expected, reference_slope(expected, usual, corners=True))
        by_line[node.id] = error
        if not error <= DIFFERENCES_TOLERANCE:
            short = moved.differences(directions, STEP / 32.0, noise)
            found = compare_with_short_step(expected, usual, short, corners=True)
            wrong = isinstance(found, float) and not found <= DIFFERENCES_TOLERANCE
            by_line[node.id] = TIE if wrong and variable in tied else found
    return Check("finite_differences", DIFFERENCES_TOLERANCE, by_line, checked)


def _moved_lines(graph: Graph, root: Name, wrt: set[Name]) -> list[Node]:
    """The gradients whose value is moved: all of ``wrt``, and as many others as there is time."""
    every = _gradients(graph, root)
    others = [node for node in every if node.id.variable not in wrt]
    count = max(MIN_LINES, MAX_LINE_WORK // len(graph.of_role("forward", "cost")))
    chosen = {others[k].id for k in spread_indices(len(others), count)}
    return [node for node in every if node.id.variable in wrt or node.id in chosen]


def _readers(nodes: Sequence[Node], variable: Name, root: Name) -> list[Node]:
    """The nodes between ``variable`` and the root, in order."""
    needed, moving = {root}, {variable}
    for node in reversed(nodes):
        if node.id in needed:
            needed.update(node.inputs)
    found = []
    for node in nodes:
        if node.id in needed and node.id != variable and moving.intersection(node.inputs):
            moving.add(node.id)
            found.append(node)
    return found


class _Moves:
    """The cost when a value is moved in given directions."""

    def __init__(
        self, nodes: Sequence[Node], values: Mapping[str, Any], variable: Name, root: Name
    ) -> None:
        self._variable, self._root = variable, root
        # Looked up once: each of these is computed for every move.
        self._steps = [
            (node.operation.compute, node.inputs, node.keywords, node.id) for node in nodes
        ]
        self._values = dict(values)
        self._start = np.asarray(values[variable], dtype=np.float64)

    def _cost(self, change: Any) -> float:
        values = self._values.copy()
        values[self._variable] = self._start + change.reshape(self._start.shape)
        for compute, inputs, keywords, name in self._steps:
            values[name] = compute(*[values[each] for each in inputs], **keywords)
        return float(values[self._root])

    def differences(self, directions: Any, step: float, noise: float) -> Differences:
        """Return the difference quotients along ``directions`` (P, size)."""
        count = np.maximum(np.count_nonzero(directions, axis=1), 1)
        h = step / np.sqrt(count)
        if len(directions) > 1:
            size = np.array([np.max(np.abs(self._start.ravel()[each != 0])) for each in directions])
            h = h * np.maximum(1.0, np.where(np.isfinite(size), size, 1.0))
        centre = float(np.asarray(self._values[self._root]))
        plus = np.array([self._cost(s * each) for s, each in zip(h, directions, strict=True)])
        minus = np.array([self._cost(-s * each) for s, each in zip(h, directions, strict=True)])
        scale = np.maximum(np.abs(plus), np.maximum(np.abs(minus), abs(centre)))
        return Differences(
            central=(plus - minus) / (2.0 * h),
            forward=(plus - centre) / h,
            backward=(centre - minus) / h,
            noise=8.0 * (EPS * scale + noise) / h,
        )

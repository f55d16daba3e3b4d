"""The second oracle: central differences of the graph's own forward pass.

A gradient that disagrees at a corner (ReLU at 0, max of equal entries), and only there, is TIE.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.graph import Graph, Node, run
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.rounding import rounding_bounds
from backprop_explorer.proof.comparison import (
    BELOW_RESOLUTION,
    EPS,
    TIE,
    Array,
    Check,
    as_float64,
    gradient_nodes,
    norm,
    relative_error,
    upstream_of_ties,
)

DIFFERENCES_TOLERANCE = 1e-5
# Step size that balances truncation error (h²) and cancellation error (ε/h) for values of order 1.
STEP = float(np.cbrt(EPS))
# Entries of each array in ``wrt`` that are moved by themselves.
MAX_ENTRIES, MIN_ENTRIES = 64, 2
# Operations that the moves of the arrays in ``wrt``, and those of other lines, may compute again.
# Of a large program, evenly spread lines are moved; autograd checks the others.
MAX_WORK, MAX_LINE_WORK = 40_000, 200_000
MIN_LINES = 8


def _spread_indices(size: int, entries: int) -> NDArray[np.intp]:
    """Return flat indices: all of them, or ``entries`` evenly spread ones."""
    if size <= entries:
        return np.arange(size)
    return ((np.arange(entries) + 0.5) * (size / entries)).astype(np.intp)


@dataclass(frozen=True, slots=True)
class Differences:
    """Difference quotients of C for each move, and their rounding error ``noise``."""

    central: Array
    forward: Array
    backward: Array
    noise: Array


def _reference_slope(gradient: Array, found: Differences) -> Array:
    """Return the slope to compare with: the central difference, except at a corner."""
    # At a corner (ReLU at 0), any value between the two one-sided slopes is a valid derivative. A
    # step across a nearby corner gives a mixture of both slopes.
    low = np.minimum(found.forward, found.backward)
    high = np.maximum(found.forward, found.backward)
    split = high - low > 1e-3 * np.maximum(np.abs(low), np.abs(high)) + 4.0 * found.noise
    return np.where(split, np.clip(gradient, low, high), found.central)


def _compare_with_short_step(
    gradient: Array, usual: Differences, short: Differences
) -> float | str:
    """Return the relative error, or BELOW_RESOLUTION if the differences are mostly rounding error.

    Called if the differences with the ``usual`` step disagree with the gradient. Those with a
    ``short`` step tell whether the gradient is wrong or the usual step was too long.
    """
    slope = _reference_slope(gradient, usual)
    short_slope = _reference_slope(gradient, short)
    if not (np.isfinite(slope).all() and np.isfinite(short_slope).all()):
        # A move went beyond where the cost is defined.
        return BELOW_RESOLUTION if np.isfinite(gradient).all() else float("inf")
    unsure = norm(usual.noise) + norm(slope - short_slope)
    short_unsure = norm(short.noise) + norm(slope - short_slope) / 500.0
    if not unsure < short_unsure:
        slope, unsure = short_slope, short_unsure
    error = relative_error(gradient, slope)
    size = norm(gradient) + norm(slope)
    difference = norm(gradient - slope)
    unresolved = DIFFERENCES_TOLERANCE * size < unsure and (difference <= unsure or size < unsure)
    return BELOW_RESOLUTION if error > DIFFERENCES_TOLERANCE and unresolved else error


def check_differences(
    graph: Graph, values: Mapping[str, Any], root: Name, wrt: Sequence[Name]
) -> Check:
    """Compare every ∂``root``/∂v with central differences.

    Of each array in ``wrt``, and of one before a corner, up to MAX_ENTRIES entries are moved; any
    other value is moved once, as a whole, in one random direction. Of a large program some lines
    are not moved, and are missing.
    """
    with np.errstate(all="ignore"):
        return _Checker(graph, values, root, set(wrt)).check()


class _Checker:
    def __init__(self, graph: Graph, values: Mapping[str, Any], root: Name, wrt: set[Name]) -> None:
        self._graph, self._values, self._root, self._wrt = graph, values, root, wrt
        self._forward = graph.of_role("forward", "cost")
        self._start = run(self._forward, as_float64(graph, values))
        noise = float(np.max(rounding_bounds(self._forward, self._start, EPS)[root]))
        self._noise = noise if np.isfinite(noise) else 0.0
        self._tied = upstream_of_ties(graph, values)
        self._rng = np.random.default_rng(0)

    def check(self) -> Check:
        lines = self._moved_lines()
        readers = {node.id: self._readers(node.id.variable) for node in lines}
        needed = 4 * sum(len(readers[node.id]) for node in lines if node.id.variable in self._wrt)
        entries = max(MIN_ENTRIES, min(MAX_ENTRIES, MAX_WORK // max(needed, 1)))
        by_line: dict[str, float | str] = {}
        checked: dict[str, int] = {}
        for node in lines:
            gradient = np.asarray(self._values[node.id], dtype=np.float64).ravel()
            pattern = self._pattern(node.id.variable, gradient, entries)
            if len(pattern) < gradient.size:
                checked[node.id] = len(pattern)
            by_line[node.id] = self._compared(node, readers[node.id], gradient, pattern)
        return Check("finite_differences", DIFFERENCES_TOLERANCE, by_line, checked)

    def _pattern(self, variable: Name, gradient: Array, entries: int) -> Array:
        """The moves (P, size) of a value: of single entries, or one of all."""
        if variable in self._wrt or variable in self._tied:
            indices = _spread_indices(gradient.size, entries)
            pattern = np.zeros((len(indices), gradient.size))
            pattern[np.arange(len(indices)), indices] = 1.0
            return pattern
        # With the signs of the gradient, the parts of the slope do not cancel.
        signs = self._rng.choice([-1.0, 1.0], size=(1, gradient.size))
        signs = np.where(gradient == 0.0, signs, np.sign(gradient))
        return signs * self._rng.uniform(0.5, 1.0, size=signs.shape)

    def _compared(
        self, node: Node, readers: Sequence[Node], gradient: Array, pattern: Array
    ) -> float | str:
        """The relative error, BELOW_RESOLUTION or TIE."""
        variable = node.id.variable
        moves = _Moves(readers, self._start, variable, self._root, self._noise)
        size = np.abs(np.ravel(self._start[variable]).astype(np.float64))
        found: float | str = BELOW_RESOLUTION
        # Near the pole of a logarithm only a step that is relative to the value is short enough.
        for least in (1.0, 0.0):
            # An infinite entry, such as of a mask, stays where it is.
            reach = np.where(np.isfinite(size), np.maximum(least, size), 0.0)
            directions = pattern * reach
            expected = directions @ np.where(reach > 0.0, gradient, 0.0)
            usual = moves.differences(directions, STEP)
            slope = _reference_slope(expected, usual)
            found = relative_error(expected, slope)
            if found <= DIFFERENCES_TOLERANCE:
                break
            noise = norm(usual.noise)
            if norm(expected) + norm(slope) < noise and norm(expected - slope) <= noise:
                return BELOW_RESOLUTION  # A shorter step would be worse.
            short = moves.differences(directions, STEP / 32.0)
            found = _compare_with_short_step(expected, usual, short)
            if found != BELOW_RESOLUTION:
                break
        wrong = isinstance(found, float) and not found <= DIFFERENCES_TOLERANCE
        return TIE if wrong and variable in self._tied else found

    def _moved_lines(self) -> list[Node]:
        """The gradients whose value is moved: all of ``wrt``, others as far as there is time."""
        every = gradient_nodes(self._graph, self._root)
        others = [node for node in every if node.id.variable not in self._wrt]
        count = max(MIN_LINES, MAX_LINE_WORK // len(self._forward))
        chosen = {others[k].id for k in _spread_indices(len(others), count)}
        return [node for node in every if node.id.variable in self._wrt or node.id in chosen]

    def _readers(self, variable: Name) -> list[Node]:
        """The nodes between ``variable`` and the root, in order."""
        needed, moving = {self._root}, {variable}
        for node in reversed(self._forward):
            if node.id in needed:
                needed.update(node.inputs)
        found = []
        for node in self._forward:
            if node.id in needed and node.id != variable and moving.intersection(node.inputs):
                moving.add(node.id)
                found.append(node)
        return found


class _Moves:
    """The cost when a value is moved in given directions. ``noise`` is its rounding error."""

    def __init__(
        self,
        nodes: Sequence[Node],
        values: Mapping[str, Any],
        variable: Name,
        root: Name,
        noise: float,
    ) -> None:
        self._variable, self._root, self._noise = variable, root, noise
        # Looked up once: each of these is computed for every move.
        self._steps = [
            (partial(node.operation.compute, **node.keywords), node.inputs, node.id)
            for node in nodes
        ]
        self._values = dict(values)
        self._start = np.asarray(values[variable], dtype=np.float64)
        self._centre = float(np.asarray(values[root]))

    def _cost(self, change: Any) -> float:
        values = self._values  # What a move changes is computed again by the next one.
        values[self._variable] = self._start + change.reshape(self._start.shape)
        for compute, inputs, name in self._steps:
            values[name] = compute(*[values[each] for each in inputs])
        return float(values[self._root])

    def differences(self, directions: Array, step: float) -> Differences:
        """Return the difference quotients along ``directions`` (P, size)."""
        h = step / np.sqrt(np.maximum(np.count_nonzero(directions, axis=1), 1))
        centre = self._centre
        plus = np.array([self._cost(s * each) for s, each in zip(h, directions, strict=True)])
        minus = np.array([self._cost(-s * each) for s, each in zip(h, directions, strict=True)])
        scale = np.maximum(np.abs(plus), np.maximum(np.abs(minus), abs(centre)))
        return Differences(
            central=(plus - minus) / (2.0 * h),
            forward=(plus - centre) / h,
            backward=(centre - minus) / h,
            noise=8.0 * (EPS * scale + self._noise) / h,
        )

"""The second oracle: central differences of the graph's own forward pass.

A gradient that disagrees at a corner (ReLU at 0, max of equal entries), and only there, is TIE.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.graph import Graph, Node, rounding_bounds, run
from backprop_explorer.engine.names import Name
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
    relative_errors,
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
# Numbers of one value of all copies that are computed at once.
MAX_NUMBERS = 200_000


def _spread_indices(size: int, entries: int) -> NDArray[np.intp]:
    """Return flat indices: all of them, or ``entries`` evenly spread ones."""
    if size <= entries:
        return np.arange(size)
    return ((np.arange(entries) + 0.5) * (size / entries)).astype(np.intp)


@lru_cache(maxsize=128)
def _single_entries(size: int, entries: int) -> Array:
    """Return the moves (P, size) of single entries."""
    indices = _spread_indices(size, entries)
    pattern = np.zeros((len(indices), size))
    pattern[np.arange(len(indices)), indices] = 1.0
    pattern.setflags(write=False)
    return pattern


@lru_cache(maxsize=8)
def _random(size: int) -> Array:
    """Return numbers (size,) of both signs, from 0.5 to 1 in size."""
    rng = np.random.default_rng(0)
    numbers: Array = rng.uniform(0.5, 1.0, size) * rng.choice([-1.0, 1.0], size)
    numbers.setflags(write=False)
    return numbers


@dataclass(frozen=True, slots=True)
class Differences:
    """Difference quotients of C for each move, and their rounding error ``noise``."""

    central: Array
    forward: Array
    backward: Array
    noise: Array


def _reference_slope(gradient: Array, differences: Differences) -> Array:
    """Return the slope to compare with: the central difference, except at a corner."""
    # At a corner (ReLU at 0), any value between the two one-sided slopes is a valid derivative. A
    # step across a nearby corner gives a mixture of both slopes.
    low = np.minimum(differences.forward, differences.backward)
    high = np.maximum(differences.forward, differences.backward)
    split = high - low > 1e-3 * np.maximum(np.abs(low), np.abs(high)) + 4.0 * differences.noise
    return np.where(split, np.clip(gradient, low, high), differences.central)


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


@lru_cache(maxsize=2048)
def _readers(graph: Graph, root: Name, variable: Name) -> frozenset[int]:
    """The places in the forward pass of the nodes between ``variable`` and the root."""
    forward, needed = graph.of_role("forward", "cost"), {root}
    for node in reversed(forward):
        if node.id in needed:
            needed.update(node.inputs)
    moving, places = {variable}, []
    for k, node in enumerate(forward):
        if node.id in needed and node.id != variable and moving.intersection(node.inputs):
            moving.add(node.id)
            places.append(k)
    return frozenset(places)


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A gradient line, the numbers of the nodes that its variable moves, and its moves (P, size).

    Each row of ``pattern`` moves one entry, or all of them at once.
    """

    node: Node
    readers: frozenset[int]
    gradient: Array
    pattern: Array

    @property
    def moved_at_once(self) -> int:
        """The number of entries that a row moves."""
        return self.gradient.size if len(self.pattern) == 1 else 1


class _Checker:
    def __init__(self, graph: Graph, values: Mapping[str, Any], root: Name, wrt: set[Name]) -> None:
        self._graph, self._values, self._root, self._wrt = graph, values, root, wrt
        self._forward = graph.of_role("forward", "cost")
        self._start = run(self._forward, as_float64(graph, values))
        self._centre = float(np.asarray(self._start[root]))
        self._tied = upstream_of_ties(graph, values)
        self._copies: dict[str, Array] = {}

    def check(self) -> Check:
        lines = self._lines()
        by_line: dict[str, float | str] = {each.node.id: 0.0 for each in lines}
        for group in self._groups([each for each in lines if each.gradient.size]):
            by_line |= self._compared(group)
        checked: dict[str, int] = {
            each.node.id: len(each.pattern)
            for each in lines
            if len(each.pattern) < each.gradient.size
        }
        return Check("finite_differences", DIFFERENCES_TOLERANCE, by_line, checked)

    @cached_property
    def _noise(self) -> float:
        bounds = rounding_bounds(self._forward, self._start, EPS)
        noise = float(np.max(bounds[self._root]))
        return noise if np.isfinite(noise) else 0.0

    def _lines(self) -> list[_Line]:
        nodes = self._moved_lines()
        readers = [_readers(self._graph, self._root, node.id.variable) for node in nodes]
        needed = 4 * sum(
            len(places)
            for node, places in zip(nodes, readers, strict=True)
            if node.id.variable in self._wrt
        )
        entries = max(MIN_ENTRIES, min(MAX_ENTRIES, MAX_WORK // max(needed, 1)))
        gradients = [np.asarray(self._values[node.id], dtype=np.float64).ravel() for node in nodes]
        random = _random(sum(each.size for each in gradients))
        lines, begin = [], 0
        for node, places, gradient in zip(nodes, readers, gradients, strict=True):
            if node.id.variable in self._wrt or node.id.variable in self._tied:
                pattern = _single_entries(gradient.size, entries)
            else:
                # With the signs of the gradient, the parts of the slope do not cancel.
                part = random[begin : begin + gradient.size]
                pattern = np.where(gradient == 0.0, part, np.copysign(part, gradient))[None]
            lines.append(_Line(node, places, gradient, pattern))
            begin += gradient.size
        return lines

    def _groups(self, lines: Sequence[_Line]) -> Iterator[list[_Line]]:
        """Lines whose moved copies are computed together: a call costs more than few numbers."""
        group: list[_Line] = []
        copies = 0
        for each in lines:
            if group and copies + 2 * len(each.pattern) > self._together:
                yield group
                group, copies = [], 0
            group.append(each)
            copies += 2 * len(each.pattern)
        if group:
            yield group

    @cached_property
    def _together(self) -> int:
        """How many copies are computed at once."""
        largest = max(
            np.size(self._start[name]) for n in self._forward for name in (n.id, *n.inputs)
        )
        return max(1, MAX_NUMBERS // max(1, largest))

    def _compared(self, lines: Sequence[_Line]) -> dict[str, float | str]:
        directions, expected = self._directions(lines, 1.0)
        plus, minus, width = self._costs(lines, directions, STEP)
        slopes = (plus - minus) / (2.0 * width)
        ends = accumulate((len(each) for each in expected), initial=0)
        errors = relative_errors(expected, [slopes[a:b] for a, b in pairwise(ends)])
        return {
            each.node.id: error if error <= DIFFERENCES_TOLERANCE else self._resolved(each)
            for each, error in zip(lines, errors, strict=True)
        }

    def _directions(self, lines: Sequence[_Line], least: float) -> tuple[list[Array], list[Array]]:
        """The moves (P, size) of each line, and the slopes (P,) along them that it claims."""
        starts = [self._start[each.node.id.variable] for each in lines]
        size = np.abs(np.concatenate(starts, axis=None, dtype=np.float64))
        gradient = np.concatenate([each.gradient for each in lines])
        # An infinite entry, such as of a mask, stays where it is.
        finite = np.isfinite(size)
        reach = np.where(finite, np.maximum(least, size), 0.0)
        gradient = np.where(finite, gradient, 0.0)
        ends = accumulate((each.gradient.size for each in lines), initial=0)
        parts = [slice(*each) for each in pairwise(ends)]
        moves = [each.pattern * reach[part] for each, part in zip(lines, parts, strict=True)]
        return moves, [each @ gradient[part] for each, part in zip(moves, parts, strict=True)]

    def _resolved(self, line: _Line) -> float | str:
        """The relative error of one line with other steps, BELOW_RESOLUTION or TIE."""
        error: float | str = BELOW_RESOLUTION
        # Near the pole of a logarithm only a step that is relative to the value is short enough.
        for least in (1.0, 0.0):
            (directions,), (expected,) = self._directions([line], least)
            usual = self._differences(line, directions, STEP)
            slope = _reference_slope(expected, usual)
            error = relative_error(expected, slope)
            if error <= DIFFERENCES_TOLERANCE:
                break
            noise = norm(usual.noise)
            if norm(expected) + norm(slope) < noise and norm(expected - slope) <= noise:
                return BELOW_RESOLUTION  # A shorter step would be worse.
            short = self._differences(line, directions, STEP / 32.0)
            error = _compare_with_short_step(expected, usual, short)
            if error != BELOW_RESOLUTION:
                break
        wrong = isinstance(error, float) and not error <= DIFFERENCES_TOLERANCE
        return TIE if wrong and line.node.id.variable in self._tied else error

    def _moved_lines(self) -> list[Node]:
        """The gradients whose value is moved: all of ``wrt``, others as far as there is time."""
        every = gradient_nodes(self._graph, self._root)
        others = [node for node in every if node.id.variable not in self._wrt]
        count = max(MIN_LINES, MAX_LINE_WORK // len(self._forward))
        chosen = {others[k].id for k in _spread_indices(len(others), count)}
        return [node for node in every if node.id.variable in self._wrt or node.id in chosen]

    def _differences(self, line: _Line, directions: Array, step: float) -> Differences:
        """Return the difference quotients along ``directions`` (P, size)."""
        plus, minus, width = self._costs([line], [directions], step)
        centre = self._centre
        scale = np.maximum(np.abs(plus), np.maximum(np.abs(minus), abs(centre)))
        return Differences(
            central=(plus - minus) / (2.0 * width),
            forward=(plus - centre) / width,
            backward=(centre - minus) / width,
            noise=8.0 * (EPS * scale + self._noise) / width,
        )

    def _costs(
        self, lines: Sequence[_Line], directions: Sequence[Array], step: float
    ) -> tuple[Array, Array, Array]:
        """Return C(p + h), C(p − h) and h, (P,), of the moves of each line, in order."""
        widths = [step / sqrt(each.moved_at_once) for each in lines]
        changes = [h * each for h, each in zip(widths, directions, strict=True)]
        width = np.repeat(widths, [len(each) for each in changes])
        if len(lines) > 1:
            return *self._costs_together(lines, changes), width
        parts = [
            self._costs_together(lines, [changes[0][k : k + self._together]])
            for k in range(0, len(changes[0]), self._together)
        ]
        plus, minus = zip(*parts, strict=True)
        return np.concatenate(plus), np.concatenate(minus), width

    def _costs_together(
        self, lines: Sequence[_Line], changes: Sequence[Array]
    ) -> tuple[Array, Array]:
        ends = list(accumulate((len(each) for each in changes), initial=0))
        count = ends[-1]
        moved = {
            line.node.id.variable: (begin, end, each)
            for line, each, (begin, end) in zip(lines, changes, pairwise(ends), strict=True)
        }
        values: dict[str, Array] = {}

        def place(name: Name, before: Array) -> None:
            begin, end, change = moved[name]
            value = np.empty((2 * count, *before.shape[1:]))
            value[...] = before
            change = change.reshape(-1, *before.shape[1:])
            value[begin:end] = self._copy(name) + change
            value[count + begin : count + end] = self._copy(name) - change
            values[name] = value

        for name in moved:
            place(name, self._copy(name))
        for k in sorted(frozenset().union(*(line.readers for line in lines))):
            node = self._forward[k]
            inputs = [values[name] if name in values else self._copy(name) for name in node.inputs]
            found = node.operation.of_copies(inputs, node.attributes)
            if node.id in moved:
                place(node.id, found)
            else:
                values[node.id] = found
        costs = values[self._root].reshape(2 * count).astype(np.float64)
        return costs[:count], costs[count:]

    def _copy(self, name: Name) -> Array:
        """One copy (1, …) of a value that does not move."""
        if name not in self._copies:
            self._copies[name] = np.asarray(self._start[name])[None]
        return self._copies[name]

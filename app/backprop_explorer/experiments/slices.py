"""The cost around a step: along the negative gradient, and over a plane with the path.

All work is bounded: the cost of one evaluation limits the number of points, and for very large
training sets the first rows represent all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.dense import dense_graph, given_values
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.engine.graph import run
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.experiments.history import flat_place, norm, row_blocks
from backprop_explorer.experiments.segments import place_of
from backprop_explorer.experiments.snapshot import Snapshot
from backprop_explorer.texts import experiments as texts

Array = NDArray[np.float64]
Second = Literal["random", "start"]

LINE_POINTS, PLANE_POINTS = 101, 41
MAX_LINE_POINTS = 401
# Multiplications per answer, about half a second; one unit's activation counts as 20 of them.
MAX_WORK = 1_000_000_000
UNIT_WORK = 20
# With fewer samples the surface differs too much from that of the whole set.
FEWEST_SAMPLES = 32
# A gradient with a smaller norm has no reliable direction in float64.
NO_GRADIENT = 1e-150


class CostFunction:
    """The experiment's cost as a function of the parameters (P,), over the training rows ``rows``.

    ``weight`` scales it up if the rows represent more samples than they are.
    """

    def __init__(self, at: Snapshot, x: Array, target: Array, weight: float = 1.0) -> None:
        objective = at.initial_state.objective
        self._network = at.network
        self._values = given_values(objective, x, target)
        self._values[names.COST_FACTOR] *= weight
        self._nodes = dense_graph(at.network, objective).of_role("forward", "cost")

    def __call__(self, flat: Array) -> float:
        with np.errstate(all="ignore"):
            named = Parameters(self._network, flat).named()
            return float(run(self._nodes, {**self._values, **named})[names.COST])


def _evaluation_work(network: Network) -> int:
    return network.parameter_count + UNIT_WORK * sum(layer.units for layer in network.layers)


def _points(at: Snapshot, asked: int | None, usual: int, most: int, sides: int) -> int:
    """Return the points per side: as requested, or the default cut to the limit.

    Raises LimitExceeded.
    """
    fewest = min(FEWEST_SAMPLES, len(at.train[0]))
    possible = int((MAX_WORK / (fewest * _evaluation_work(at.network))) ** (1 / sides))
    most = max(3, min(most, possible))
    if asked is None:
        return min(usual, most)
    if not 3 <= asked <= most:
        raise LimitExceeded("points", texts.POINTS_OF_SLICE, most)
    return asked


def _training_cost(at: Snapshot, evaluations: int) -> tuple[CostFunction, int]:
    """Return the cost over the training set or its first rows, and their number."""
    x, target = at.train
    most = MAX_WORK // (evaluations * _evaluation_work(at.network))
    used = min(len(x), max(most, FEWEST_SAMPLES))
    objective, outputs = at.initial_state.objective, target.shape[1]
    full = objective.factor(len(x), outputs) * len(x) / used
    weight = full / objective.factor(used, outputs)
    return CostFunction(at, x[:used], target[:used], weight), used


def training_gradient(at: Snapshot) -> Parameters:
    """Return ∂C/∂W and ∂C/∂b over the whole training set."""
    objective, network = at.initial_state.objective, at.network
    x, target = at.train
    nodes = dense_graph(network, objective).of_role("forward", "backward")
    total = Parameters(network)
    values = {**given_values(objective, x, target), **at.parameters.named()}
    with np.errstate(over="ignore", invalid="ignore"):
        for index, rows in enumerate(row_blocks(len(x), network)):
            block = {**values, names.X: x[rows], names.TARGET: target[rows]}
            if index and objective.penalized:
                # Add the penalty once, not once per block.
                block |= {names.L1: 0.0, names.L2: 0.0}
            found = run(nodes, block)
            for name, array in total.named().items():
                array += found[names.gradient_id(name)]
            del block, found  # free them before the next block
    return total


def gradient_slice(at: Snapshot, points: int | None, span: float | None) -> dict[str, Any]:
    """Return C at θ − t ∂C/∂θ, for the gradients of the training set and of the next batch.

    ``t`` is in units of the learning rate, from 0 to ``span`` (default: four times the length of
    the actual update). ``update`` describes the actual update: ``t`` of the nearest point on the
    line, ``off``, its distance from the line relative to its length, and its costs.
    """
    count = _points(at, points, LINE_POINTS, MAX_LINE_POINTS, 1)
    train, used = _training_cost(at, 2 * count + 2)
    x, target = at.train
    batch = CostFunction(at, x[at.rows], target[at.rows])
    theta, moved = at.parameters.flat, at.following.flat
    landed = {"cost_train": train(moved), "cost_batch": batch(moved)}
    directions = []
    for of, gradient in (("train", training_gradient(at).flat), ("batch", at.gradient.flat)):
        size = norm(gradient)
        with np.errstate(all="ignore"):
            where, off = _along(moved - theta, gradient, size)
        furthest = span or _span(where, norm(theta), size)
        below = (count - 1) // 5
        t = furthest / (count - 1 - below) * (np.arange(count) - below)
        costs = np.empty((2, count))
        for k, each in enumerate(t):
            # Evaluate one by one: all points at once would need memory for many networks.
            with np.errstate(all="ignore"):
                place = theta - each * gradient
            costs[:, k] = train(place), batch(place)
        directions.append(
            {
                "of": of,
                "gradient_norm": size,
                "t": t,
                "cost_train": costs[0],
                "cost_batch": costs[1],
                "update": {"t": where, "off": off, **landed},
            }
        )
    return {
        "kind": "gradient",
        "step": at.step,
        "samples": used,
        "cost": {"train": train(theta), "batch": batch(theta)},
        "learning_rate": at.update.rate(at.step),
        "directions": directions,
    }


def _along(change: Array, gradient: Array, size: float) -> tuple[float | None, float | None]:
    """Return t of the point θ − t g nearest to θ + change, and the relative distance."""
    length = norm(change)
    if size < NO_GRADIENT or not math.isfinite(length):
        return None, None
    unit = gradient / size
    along = float(-(change @ unit))
    rest = norm(change + along * unit)
    where = along / size
    return (where if math.isfinite(where) else None), (rest / length if length else 0.0)


def _span(where: float | None, theta: float, gradient: float) -> float:
    """Return the default span: well beyond the update, or a tenth of ‖θ‖ without one."""
    if where:
        return 4 * abs(where)
    if gradient < NO_GRADIENT:
        return 1.0
    return min(0.1 * (theta or 1.0) / gradient, 1e300)


@dataclass(frozen=True, slots=True)
class _Plane:
    """Two directions (P,), the current point in their coordinates, and their names."""

    first: Array
    second: Array
    origin: tuple[float, float]
    names: tuple[str, str]

    def coordinates(self, differences: Array) -> tuple[Array, Array, Array]:
        """Return (x, y, distance from the plane) of points given as offsets (K, P)."""
        x, y = differences @ self.first, differences @ self.second
        rest = differences - np.outer(x, self.first) - np.outer(y, self.second)
        off = np.array([norm(row) for row in rest])
        return x + self.origin[0], y + self.origin[1], off


def plane_slice(
    at: Snapshot, points: int | None, span: float | None, second: Second, seed: int, most: int
) -> dict[str, Any]:
    """Return C over the plane of the negative gradient and a second direction.

    Both directions have length 1, and distances are those of the parameters. The second direction
    is random (``seed``) or points to the start of training; it is made orthogonal to the first.
    Raises InvalidInput or LimitExceeded.
    """
    size = at.network.parameter_count
    if size < 2:
        raise InvalidInput("kind", texts.PLANE_NEEDS_TWO)
    gradient = training_gradient(at).flat
    rng = np.random.default_rng(seed)
    length = norm(gradient)
    names = ["gradient", second]
    if length < NO_GRADIENT or not math.isfinite(length):
        names[0] = "random"
        first = _unit(rng.standard_normal(size))
    else:
        first = _unit(-gradient / length)
    other = at.initial_state.parameters.flat - at.parameters.flat
    away = norm(other)
    other = _orthogonal(other, first)
    if second == "random" or norm(other) <= 1e-9 * away:
        names[1] = "random"
        other = _orthogonal(rng.standard_normal(size), first)
    plane = _Plane(first, _unit(other), (0.0, 0.0), (names[0], names[1]))
    return _over(at, plane, points, span, most, {"kind": "plane", "seed": seed})


def _unit(vector: Array) -> Array:
    return vector / norm(vector)


def _orthogonal(vector: Array, to: Array) -> Array:
    # Orthogonalise twice: the first pass leaves rounding errors of the size of the removed part.
    vector = vector - (vector @ to) * to
    return vector - (vector @ to) * to


def weights_slice(
    at: Snapshot, points: int | None, span: float | None, a: str, b: str, most: int
) -> dict[str, Any]:
    """Return C over two parameters, such as "W1[0,2]" and "b2[1]" (layers from 1, row convention).

    Raises InvalidInput or LimitExceeded.
    """
    first, second = _entry(at.network, a, "a"), _entry(at.network, b, "b")
    if first == second:
        raise InvalidInput("b", texts.OTHER_PARAMETER)
    size = at.network.parameter_count
    axes = np.zeros((2, size))
    axes[0, first] = axes[1, second] = 1.0
    theta = at.parameters.flat
    plane = _Plane(axes[0], axes[1], (float(theta[first]), float(theta[second])), (a, b))
    return _over(at, plane, points, span, most, {"kind": "weights"})


def _entry(network: Network, name: str, field: str) -> int:
    """Return the index of one parameter in the flat vector. Raises InvalidInput."""
    entry = names.entry(name)
    if entry is None:
        raise InvalidInput(field, texts.PARAMETER)
    return flat_place(network, *place_of(network, entry, field))


def _over(
    at: Snapshot,
    plane: _Plane,
    points: int | None,
    span: float | None,
    most: int,
    head: dict[str, Any],
) -> dict[str, Any]:
    """Return the costs over a square of ``plane`` around the current point, with the path."""
    count = _points(at, points, PLANE_POINTS, most, 2)
    cost, used = _training_cost(at, count * count)
    theta = at.parameters.flat
    path = None
    reach = 0.0
    if at.path is not None:
        steps, places = at.path
        if not steps or steps[-1] < at.step:
            steps, places = [*steps, at.step], np.vstack([*places, theta])
        x, y, off = plane.coordinates(places - theta)
        path = {"step": steps, "x": x, "y": y, "off": off}
        reach = float(max(np.abs(x - plane.origin[0]).max(), np.abs(y - plane.origin[1]).max()))
    with np.errstate(all="ignore"):
        change = at.following.flat - theta
    half = span or _half(reach, norm(change), norm(theta), head["kind"])
    offsets = half * (2 * np.arange(count) / (count - 1) - 1)
    grid = np.empty((count, count))
    with np.errstate(all="ignore"):
        for row, up in enumerate(offsets):
            for column, right in enumerate(offsets):
                grid[row, column] = cost(theta + right * plane.first + up * plane.second)
        x, y, off = plane.coordinates(change[None])
    return {
        **head,
        "step": at.step,
        "samples": used,
        "axes": list(plane.names),
        "x": offsets + plane.origin[0],
        "y": offsets + plane.origin[1],
        "cost": grid,
        "here": {"x": plane.origin[0], "y": plane.origin[1], "cost": cost(theta)},
        "update": {
            "x": float(x[0]),
            "y": float(y[0]),
            "off": float(off[0]),
            "cost": cost(at.following.flat),
        },
        "path": path,
    }


def _half(reach: float, change: float, theta: float, kind: str) -> float:
    """Return half the side of the square: the path and a few more steps fit in."""
    least = 1.0 if kind == "weights" else 1e-3 * (theta or 1.0)
    steps = 3 * change if math.isfinite(change) else 0.0
    return max(1.2 * reach, min(steps, 1e100), least)

"""The recorded points of a run: cost, score and gradient norms per layer.

``is_recorded`` fixes the recorded steps in advance, so the curves do not depend on which steps were
requested.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.dense import dense_graph, given_values
from backprop_explorer.engine.graph import run
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.train import Backprop
from backprop_explorer.experiments.initial_state import InitialState

Array = NDArray[np.float64]
SplitName = Literal["train", "test"]

# Samples × units of one forward pass over data; larger passes are split into blocks of rows.
BLOCK_NUMBERS = 2_000_000
# Steps at which the parameters are kept too: the first 64, then 32 in every doubling.
PATH_POINTS = 32
PATH_OCTAVES = 18
PATH_BYTES = 16 * 1024**2


def is_recorded(step: int) -> bool:
    """Tell whether ``step`` is recorded: the first 128 steps, then 128 in every doubling.

    For example, from 256 to 510 the even steps are recorded.
    """
    return step % _spacing(step) == 0


def next_recorded(step: int) -> int:
    """Return the first recorded step from ``step`` on."""
    # The next octave also begins at a multiple of this spacing.
    return -(-step // _spacing(step)) * _spacing(step)


def _spacing(step: int) -> int:
    return 1 << max(0, step.bit_length() - 8)


def path_points(parameters: int, most: int = PATH_BYTES) -> int:
    """Return how many points of the path to keep per doubling: a power of two, or 0.

    0 means that the network is too large. The result depends only on the network and on the memory
    limit ``most`` (bytes), so the path does not depend on earlier requests.
    """
    points = PATH_POINTS
    while points and points * PATH_OCTAVES * 8 * parameters > most:
        points //= 2
    return points


def row_blocks(rows: int, network: Network) -> list[slice]:
    """Return slices of the ``rows`` samples that each fit into one forward pass."""
    size = max(1, BLOCK_NUMBERS // sum(layer.units for layer in network.layers))
    return [slice(at, at + size) for at in range(0, max(rows, 1), size)]


def evaluate(
    network: Network, objective: Objective, parameters: Parameters, x: Array, target: Array
) -> dict[str, Any]:
    """Return C, and z and a of every layer, by id.

    z and a of the last layer cover all samples, those of the other layers only the first block.
    """
    last = (names.weighted_sum(network.depth), names.activation(network.depth))
    graph = dense_graph(network, objective)
    forward = graph.of_role("forward")
    named = parameters.named()
    values: dict[str, Any] = {}
    ends: list[tuple[Array, Array]] = []
    for rows in row_blocks(len(x), network):
        block = run(forward, {names.X: x[rows], **named})
        ends.append((block[last[0]], block[last[1]]))
        # Concatenating all blocks would need the memory that the blocks save.
        values = values or block
        del block
    values.update(given_values(objective, x, target))
    if len(ends) > 1:
        values |= dict(zip(last, map(np.concatenate, zip(*ends, strict=True)), strict=True))
    return run(graph.of_role("cost"), values)


def score(prediction: Array, target: Array, classes: int) -> float:
    """Return the accuracy for classes, or R² for a regression.

    R² = 1 − Σ(y − a)² / Σ(y − ȳ)², with ȳ of each output. If all targets are equal, R² is 1 for a
    perfect fit and 0 otherwise.
    """
    if classes:
        if target.shape[1] == 1:
            right = (prediction > 0.5) == (target > 0.5)
        else:
            right = prediction.argmax(axis=1) == target.argmax(axis=1)
        hits = int(np.count_nonzero(right))
        return hits / len(right)
    residual = float(np.square(target - prediction).sum())
    total = float(np.square(target - target.mean(axis=0)).sum())
    if total == 0.0:
        return 1.0 if residual == 0.0 else 0.0
    return 1.0 - residual / total


class Measures:
    """Cost and score at ``step`` on both parts; None if the test part is empty.

    ``outputs`` are the outputs of every layer for the training part, or for the rows that fit into
    one forward pass. ``evaluated`` replaces ``evaluate`` for "train" and "test", for callers that
    keep buffers.
    """

    def __init__(
        self,
        initial_state: InitialState,
        network: Network,
        parameters: Parameters,
        step: int,
        evaluated: Callable[[SplitName], Mapping[str, Any]] | None = None,
    ) -> None:
        layers = [names.activation(k) for k in range(1, network.depth + 1)]
        last = layers[-1]
        x, target = initial_state.train_at(step)
        test_target = initial_state.test[1]
        with np.errstate(over="ignore", invalid="ignore"):
            data = {"train": (x, target), "test": initial_state.test}
            evaluated = evaluated or (
                lambda part: evaluate(network, initial_state.objective, parameters, *data[part])
            )
            train = evaluated("train")
            self.cost_train = float(train[names.COST])
            self.score_train = score(train[last], target, initial_state.classes)
            self.outputs: list[Array] = [train[name] for name in layers]
            del train  # of a large part, z is as much again
            self.cost_test: float | None = None
            self.score_test: float | None = None
            if len(test_target):
                test = evaluated("test")
                self.cost_test = float(test[names.COST])
                self.score_test = score(test[last], test_target, initial_state.classes)


def norm(array: Array) -> float:
    """Return ‖array‖ over all entries, without overflow or underflow of the squares."""
    with np.errstate(over="ignore"):
        return quiet_norm(array)


def quiet_norm(array: Array) -> float:
    """Return ``norm(array)``; the caller has disabled NumPy's overflow warnings."""
    flat = array.reshape(-1)
    square = float(flat.dot(flat))
    if 1e-280 < square < 1e300:
        return math.sqrt(square)
    largest = float(np.abs(flat).max())
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    # Divide twice: 1 / largest overflows for the smallest numbers.
    return largest * float(np.linalg.norm(flat / largest))


@lru_cache(maxsize=64)
def starts(network: Network) -> NDArray[np.intp]:
    """Return the offsets of W1, b1, W2, b2, … in the flat parameters."""
    sizes = [size for n_in, n_out in network.shapes for size in (n_in * n_out, n_out)]
    return np.cumsum([0, *sizes[:-1]])


def flat_place(network: Network, name: Name, at: int) -> int:
    """Return where entry ``at`` of W1, b1, … stands in the flat parameters."""
    layer = name.number or 0
    return int(starts(network)[2 * layer - (2 if name.quantity == "W" else 1)]) + at


def parts_norms(network: Network, flat: Array) -> tuple[list[float], list[float]]:
    """Return ``quiet_norm`` of the part of ``flat`` (P,) for each W and for each b."""
    begin = starts(network)
    norms_of_parts = []
    for k, square in enumerate(np.add.reduceat(flat * flat, begin).tolist()):
        if 1e-280 < square < 1e300:
            norms_of_parts.append(math.sqrt(square))
        else:
            norms_of_parts.append(quiet_norm(np.split(flat, begin[1:])[k]))
    return norms_of_parts[::2], norms_of_parts[1::2]


def z_norms(backprop: Backprop, depth: int) -> list[float]:
    """Return ``quiet_norm`` of the last computed ∂C/∂z of every layer."""
    layers = range(1, depth + 1)
    gradients = (names.gradient(names.weighted_sum(k)) for k in layers)
    return [quiet_norm(backprop.values[name]) for name in gradients]


def norms(backprop: Backprop, depth: int) -> tuple[list[float], list[float]]:
    """Return ‖∂C/∂W‖ and ‖∂C/∂z‖ of every layer, for the last computed gradients."""
    gradient = backprop.gradient
    with np.errstate(over="ignore"):
        return parts_norms(gradient.network, gradient.flat)[0], z_norms(backprop, depth)


class History:
    """The recorded points of one run, in order of their steps."""

    COLUMNS = ("step", "cost_train", "cost_test", "score_train", "score_test", "W_norm", "z_norm")

    def __init__(self, initial_state: InitialState, path_bytes: int = PATH_BYTES) -> None:
        self._initial_state = initial_state
        self._steps: list[int] = []
        self._rows: list[tuple[Any, ...]] = []
        self._path_points = path_points(initial_state.network.parameter_count, path_bytes)
        self._path: list[tuple[int, Array]] = []

    @property
    def last(self) -> int:
        """The last recorded step; −1 before the first."""
        return self._steps[-1] if self._steps else -1

    def inherit(self, other: History, until: int) -> None:
        """Copy the points of ``other`` before step ``until``; both runs are equal until then."""
        end = bisect_left(other._steps, until)
        self._steps, self._rows = other._steps[:end], other._rows[:end]
        self._path = [point for point in other._path if point[0] < until]

    @property
    def nbytes(self) -> int:
        """Memory held in bytes, approximately."""
        path = len(self._path) * 8 * self._initial_state.network.parameter_count
        return len(self._rows) * (400 + 64 * self._initial_state.network.depth) + path

    def record(self, step: int, m: Measures, backprop: Backprop) -> None:
        """Add the point at ``step``; ``backprop`` holds its gradients."""
        w_norm, z_norm = norms(backprop, len(m.outputs))
        self._steps.append(step)
        self._rows.append(
            (step, m.cost_train, m.cost_test, m.score_train, m.score_test, w_norm, z_norm)
        )
        points = self._path_points
        if points and step % (1 << max(0, step.bit_length() - points.bit_length())) == 0:
            self._path.append((step, backprop.parameters.flat.copy()))

    def path(self, until: int) -> tuple[list[int], Array] | None:
        """Return steps up to ``until`` and their parameters (K, P); None for a large network."""
        if not self._path_points:
            return None
        kept = self._path[: bisect_right(self._path, until, key=lambda point: point[0])]
        return [step for step, _ in kept], np.array([flat for _, flat in kept])

    def columns(self, since: int, until: int) -> dict[str, list[Any]]:
        """Return the points with since < step ≤ until, one list per column."""
        rows = self._rows[bisect_right(self._steps, since) : bisect_right(self._steps, until)]
        return {name: [row[k] for row in rows] for k, name in enumerate(self.COLUMNS)}

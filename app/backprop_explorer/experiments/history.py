"""What is kept of every run on its way: cost, score and the size of each layer's gradients.

The steps that are recorded are fixed beforehand (``is_recorded``), so that the curves of a run do
not depend on which steps somebody looked at.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.backprop import (
    Backprop,
    Objective,
    cost_steps,
    forward_steps,
    givens,
    run,
)
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.experiments.initial_state import InitialState

Array = NDArray[np.float64]
SplitName = Literal["train", "test"]

PER_OCTAVE = 128
# Samples × units of one forward pass over data; larger ones are made in blocks of rows.
BLOCK_NUMBERS = 2_000_000
# Of these steps the parameters are kept too: 64, then 32 of every doubling, if they are not large.
PATH_POINTS = 32
PATH_OCTAVES = 18
PATH_BYTES = 16 * 1024**2


def is_recorded(step: int) -> bool:
    """Each of the first 128 steps, then 128 of every doubling: 256 to 510 are even, and so on."""
    return step % _spacing(step) == 0


def next_recorded(step: int) -> int:
    """The first step from ``step`` on that is recorded."""
    # The next octave begins at a multiple of this spacing too.
    return -(-step // _spacing(step)) * _spacing(step)


def _spacing(step: int) -> int:
    return 1 << max(0, step.bit_length() - 8)


def path_points(parameters: int, most: int = PATH_BYTES) -> int:
    """How many points of the path are kept of every doubling: a power of two, or 0 for too large.

    It depends on the network and the memory there is (``most`` bytes) alone, so that the path is
    the same whatever was asked before.
    """
    points = PATH_POINTS
    while points and points * PATH_OCTAVES * 8 * parameters > most:
        points //= 2
    return points


def row_blocks(rows: int, network: Network) -> list[slice]:
    """Slices of ``rows`` samples that each fit into one forward pass; mostly there is one."""
    size = max(1, BLOCK_NUMBERS // sum(layer.units for layer in network.layers))
    return [slice(at, at + size) for at in range(0, max(rows, 1), size)]


def evaluate(
    network: Network, objective: Objective, parameters: Parameters, x: Array, target: Array
) -> dict[str, Any]:
    """C, and z and a of every layer, by id.

    z and a of the last layer are those of all samples, the others those of the first block.
    """
    last = (f"z{network.depth}", f"a{network.depth}")
    steps = forward_steps(network)
    named = parameters.named()
    values: dict[str, Any] = {}
    ends: list[tuple[Array, Array]] = []
    for rows in row_blocks(len(x), network):
        block = run(steps, {"x": x[rows], **named})
        ends.append((block[last[0]], block[last[1]]))
        # All blocks together would be what blocks are there to avoid.
        values = values or block
        del block
    values.update(givens(objective, x, target))
    if len(ends) > 1:
        values |= dict(zip(last, map(np.concatenate, zip(*ends, strict=True)), strict=True))
    return run(cost_steps(network, objective), values)


def score(prediction: Array, target: Array, classes: int) -> float:
    """Accuracy for classes, R² = 1 − Σ(y − a)² / Σ(y − ȳ)² for a regression, ȳ of each output.

    R² of targets that are all alike is 1 for a perfect fit and 0 otherwise.
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
    """Cost and score of the state at ``step`` on both parts; None where the test part is empty.

    ``outputs`` are the outputs of every layer for the training part, or for as many of its rows as
    fit into one forward pass. ``evaluated`` gives what ``evaluate`` does of "train" or "test", for
    those who have its buffers already.
    """

    def __init__(
        self,
        initial_state: InitialState,
        network: Network,
        parameters: Parameters,
        step: int,
        evaluated: Callable[[SplitName], Mapping[str, Any]] | None = None,
    ) -> None:
        last = f"a{network.depth}"
        x, target = initial_state.train_at(step)
        test_target = initial_state.test[1]
        with np.errstate(over="ignore", invalid="ignore"):
            data = {"train": (x, target), "test": initial_state.test}
            evaluated = evaluated or (
                lambda part: evaluate(network, initial_state.objective, parameters, *data[part])
            )
            train = evaluated("train")
            self.cost_train = float(train["C"])
            self.score_train = score(train[last], target, initial_state.classes)
            self.outputs: list[Array] = [train[f"a{k}"] for k in range(1, network.depth + 1)]
            del train  # of a large part, z is as much again
            self.cost_test: float | None = None
            self.score_test: float | None = None
            if len(test_target):
                test = evaluated("test")
                self.cost_test = float(test["C"])
                self.score_test = score(test[last], test_target, initial_state.classes)


def norm(array: Array) -> float:
    """‖array‖ over all entries, also where their squares overflow or underflow."""
    with np.errstate(over="ignore"):
        return quiet_norm(array)


def quiet_norm(array: Array) -> float:
    """``norm`` for whoever has told NumPy already that overflows are nothing to speak of."""
    flat = array.reshape(-1)
    square = float(flat.dot(flat))
    if 1e-280 < square < 1e300:
        return math.sqrt(square)
    largest = float(np.abs(flat).max())
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    # Two divisions: 1 / largest overflows for the smallest numbers.
    return largest * float(np.linalg.norm(flat / largest))


@lru_cache(maxsize=64)
def starts(network: Network) -> NDArray[np.intp]:
    """Where W1, b1, W2, b2, … begin among the parameters."""
    sizes = [size for n_in, n_out in network.shapes for size in (n_in * n_out, n_out)]
    return np.cumsum([0, *sizes[:-1]])


def parts_norms(network: Network, flat: Array) -> tuple[list[float], list[float]]:
    """``quiet_norm`` of what ``flat`` (P,) has for each W, and for each b: of all at once."""
    begin = starts(network)
    found = []
    for k, square in enumerate(np.add.reduceat(flat * flat, begin).tolist()):
        if 1e-280 < square < 1e300:
            found.append(math.sqrt(square))
        else:
            found.append(quiet_norm(np.split(flat, begin[1:])[k]))
    return found[::2], found[1::2]


def z_norms(backprop: Backprop, depth: int) -> list[float]:
    """``quiet_norm`` of ∂C/∂z of every layer, of the gradients last computed."""
    return [quiet_norm(backprop.values[f"dC_dz{k}"]) for k in range(1, depth + 1)]


def norms(backprop: Backprop, depth: int) -> tuple[list[float], list[float]]:
    """‖∂C/∂W‖ and ‖∂C/∂z‖ of every layer, of the gradients last computed."""
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
        """The last recorded step, −1 before the first."""
        return self._steps[-1] if self._steps else -1

    def inherit(self, other: History, until: int) -> None:
        """Take over the points of ``other``, of a run that is the same, before step ``until``."""
        end = bisect_left(other._steps, until)
        self._steps, self._rows = other._steps[:end], other._rows[:end]
        self._path = [point for point in other._path if point[0] < until]

    @property
    def nbytes(self) -> int:
        """Memory held, roughly."""
        path = len(self._path) * 8 * self._initial_state.network.parameter_count
        return len(self._rows) * (400 + 64 * self._initial_state.network.depth) + path

    def record(self, step: int, m: Measures, backprop: Backprop) -> None:
        """Add the point at ``step``, whose gradients ``backprop`` holds."""
        w_norm, z_norm = norms(backprop, len(m.outputs))
        self._steps.append(step)
        self._rows.append(
            (step, m.cost_train, m.cost_test, m.score_train, m.score_test, w_norm, z_norm)
        )
        points = self._path_points
        if points and step % (1 << max(0, step.bit_length() - points.bit_length())) == 0:
            self._path.append((step, backprop.parameters.flat.copy()))

    def path(self, until: int) -> tuple[list[int], Array] | None:
        """Steps up to ``until`` and the parameters (K, P) there; None for a large network."""
        if not self._path_points:
            return None
        kept = self._path[: bisect_right(self._path, until, key=lambda point: point[0])]
        return [step for step, _ in kept], np.array([flat for _, flat in kept])

    def columns(self, since: int, until: int) -> dict[str, list[Any]]:
        """The points with since < step ≤ until, as one list per column."""
        rows = self._rows[bisect_right(self._steps, since) : bisect_right(self._steps, until)]
        return {name: [row[k] for row in rows] for k, name in enumerate(self.COLUMNS)}

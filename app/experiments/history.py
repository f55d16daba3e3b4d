"""What is kept of every run on its way: cost, score and the size of each layer's gradients.

The steps that are recorded are fixed beforehand (``is_recorded``), so that the curves of a run do
not depend on which steps somebody looked at.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.backprop import Backprop, Objective, cost_steps, forward_steps, givens, run
from app.core.network import Network, Parameters
from app.experiments.setup import Setup

Array = NDArray[np.float64]

PER_OCTAVE = 128


def is_recorded(step: int) -> bool:
    """Each of the first 128 steps, then 128 of every doubling: 256 to 510 are even, and so on."""
    return step % (1 << max(0, step.bit_length() - 8)) == 0


def evaluate(
    network: Network, objective: Objective, parameters: Parameters, x: Array, target: Array
) -> tuple[float | None, Array | None]:
    """C on ``x`` and the predictions; (None, None) where there are no samples."""
    if len(x) == 0:
        return None, None
    values: dict[str, Any] = {**givens(objective, x, target), **parameters.named()}
    run(forward_steps(network), values)
    run(cost_steps(network, objective), values)
    return float(values["C"]), values[f"a{network.depth}"]


def score(prediction: Array | None, target: Array, classes: int) -> float | None:
    """Accuracy for classes, R² = 1 − Σ(y − a)² / Σ(y − ȳ)² for a regression; None without samples.

    R² of targets that are all alike is 1 for a perfect fit and 0 otherwise.
    """
    if prediction is None:
        return None
    if classes:
        if target.shape[1] == 1:
            right = (prediction > 0.5) == (target > 0.5)
        else:
            right = prediction.argmax(axis=1) == target.argmax(axis=1)
        return float(right.mean())
    residual = float(np.square(target - prediction).sum())
    total = float(np.square(target - target.mean()).sum())
    if total == 0.0:
        return 1.0 if residual == 0.0 else 0.0
    return 1.0 - residual / total


class Measures:
    """Cost and score of one state on the training and the test part."""

    def __init__(self, setup: Setup, network: Network, parameters: Parameters) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            self.cost_train, train = evaluate(network, setup.objective, parameters, *setup.train)
            self.cost_test, test = evaluate(network, setup.objective, parameters, *setup.test)
            self.score_train = score(train, setup.train[1], setup.classes)
            self.score_test = score(test, setup.test[1], setup.classes)


def norms(backprop: Backprop, depth: int) -> tuple[list[float], list[float]]:
    """‖∂C/∂W‖ and ‖∂C/∂z‖ of every layer, of the gradients last computed."""
    values = backprop.values
    layers = range(1, depth + 1)
    return (
        [float(np.linalg.norm(values[f"dC_dW{k}"])) for k in layers],
        [float(np.linalg.norm(values[f"dC_dz{k}"])) for k in layers],
    )


class History:
    """The recorded points of one run, in order of their steps."""

    COLUMNS = ("step", "cost_train", "cost_test", "score_train", "score_test", "W_norm", "z_norm")

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._rows: list[tuple[Any, ...]] = []

    @property
    def last(self) -> int:
        """The last recorded step, −1 before the first."""
        return self._rows[-1][0] if self._rows else -1

    @property
    def nbytes(self) -> int:
        """Memory held, roughly."""
        return len(self._rows) * (400 + 64 * self._setup.network.depth)

    def record(
        self, step: int, network: Network, parameters: Parameters, backprop: Backprop
    ) -> None:
        """Add the point at ``step``, whose gradients ``backprop`` holds."""
        m = Measures(self._setup, network, parameters)
        w_norm, z_norm = norms(backprop, network.depth)
        self._rows.append(
            (step, m.cost_train, m.cost_test, m.score_train, m.score_test, w_norm, z_norm)
        )

    def cut(self, step: int) -> None:
        """Forget what was recorded after ``step``."""
        while self._rows and self._rows[-1][0] > step:
            self._rows.pop()

    def columns(self, since: int, until: int) -> dict[str, list[Any]]:
        """The points with since < step ≤ until, as one list per column."""
        rows = [row for row in self._rows if since < row[0] <= until]
        return {name: [row[k] for row in rows] for k, name in enumerate(self.COLUMNS)}

"""Train the runs that lessons describe; results equal those of the explorer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.experiments.history import Measures
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.limits import Limits
from backprop_explorer.texts import lessons_writing as texts

Array = NDArray[np.float64]

# A lesson is rebuilt for every answer, and its runs depend only on their recipes: cache them.
KEPT_RUNS = 64
RUN_BYTES = 2_000_000
# With the networks of the exercises, 1,000 updates take about 0.17 s.
MOST_STEPS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A run at ``step``; read-only.

    cost and accuracy (R² for a regression) are those of the training part; test_accuracy is None
    without a test part. layers: [(W (n_in, n_out), b (n_out,)), …].
    """

    step: int
    cost: float
    accuracy: float
    test_accuracy: float | None
    layers: tuple[tuple[Array, Array], ...]


def points(recipe: Mapping[str, Any], *steps: int) -> list[Point]:
    """Return the run of ``recipe`` at each of the ascending ``steps``.

    ``recipe`` is JSON as for ``POST /experiments``. If training diverges, the last good step is
    returned. Raises ValueError beyond MOST_STEPS, and InvalidInput for an invalid recipe.
    """
    if max(steps) > MOST_STEPS or list(steps) != sorted(steps):
        raise ValueError(texts.steps_ascend(MOST_STEPS))
    return list(_points(Recipe.model_validate(recipe).canonical(), steps))


@lru_cache(maxsize=KEPT_RUNS)
def _points(canonical: bytes, steps: tuple[int, ...]) -> tuple[Point, ...]:
    initial_state = InitialState(Recipe.model_validate_json(canonical), Limits())
    initial_state.prepare()
    run = TrainingRun(initial_state, RUN_BYTES)
    return tuple(_point(run, step) for step in steps)


def _point(run: TrainingRun, step: int) -> Point:
    state = run.state(step, float("inf"))
    trainer, _ = run.record(state)
    parameters = trainer.parameters.copy()
    parameters.flat.setflags(write=False)
    measures = Measures(run.initial_state, trainer.network, parameters, state.step)
    return Point(
        state.step,
        measures.cost_train,
        measures.score_train,
        measures.score_test,
        tuple((_locked(W), _locked(b)) for W, b in zip(parameters.W, parameters.b, strict=True)),
    )


def _locked(array: Array) -> Array:
    array = array.copy()
    array.setflags(write=False)
    return array

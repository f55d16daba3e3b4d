"""Train the runs that lessons describe, and their maps; results equal those of the explorer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.experiments.frame import FrameBuilder
from backprop_explorer.experiments.frame_parts import Wanted
from backprop_explorer.experiments.history import Measures
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.sweeps import Sweep
from backprop_explorer.experiments.sweeps.groups import Groups
from backprop_explorer.experiments.sweeps.tiles import TileRun
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.limits import Limits
from backprop_explorer.tape import native
from backprop_explorer.texts import lessons_writing as texts

Array = NDArray[np.float64]

# A lesson is rebuilt for every answer, and its runs depend only on their recipes: cache them.
KEPT_RUNS = 64
RUN_BYTES = 2_000_000
# With the networks of the exercises, 1,000 updates take about 0.17 s.
MOST_STEPS = 1_000
# A map over two hyper-parameters needs a dozen runs; a small network's frame takes a few kB.
KEPT_FRAMES = 512
# A map of some hundred short runs takes 0.1 s.
KEPT_MAPS = 64
_PARTS = frozenset({"parameters", "gradients", "health"})


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
    return list(_points(_checked(recipe, steps), steps))


def frames(recipe: Mapping[str, Any], *steps: int) -> list[dict[str, Any]]:
    """Return the frames of ``recipe`` at the ascending ``steps``, so that a lesson can ask about
    numbers in the page's figures.

    They equal those of ``GET …/frames/{step}`` with parameters, gradients and health; read-only.
    If training diverges, the last good step is returned with ``diverged`` set. Raises what
    ``points`` raises.
    """
    return list(_frames(_checked(recipe, steps), steps))


def _checked(recipe: Mapping[str, Any], steps: tuple[int, ...]) -> bytes:
    """Return the canonical recipe. Raises ValueError for steps that cannot be asked for."""
    if max(steps) > MOST_STEPS or list(steps) != sorted(steps):
        raise ValueError(texts.steps_ascend(MOST_STEPS))
    return Recipe.model_validate(recipe).canonical()


@lru_cache(maxsize=KEPT_RUNS)
def _points(canonical: bytes, steps: tuple[int, ...]) -> tuple[Point, ...]:
    run = _run(canonical)
    return tuple(_point(run, step) for step in steps)


@lru_cache(maxsize=KEPT_FRAMES)
def _frames(canonical: bytes, steps: tuple[int, ...]) -> tuple[dict[str, Any], ...]:
    run, wanted = _run(canonical), Wanted(parts=_PARTS)
    return tuple(
        FrameBuilder(run, run.state(step, math.inf), wanted, asked=step).build() for step in steps
    )


def _run(canonical: bytes) -> TrainingRun:
    initial_state = InitialState(Recipe.model_validate_json(canonical), Limits())
    initial_state.prepare()
    return TrainingRun(initial_state, RUN_BYTES)


def _point(run: TrainingRun, step: int) -> Point:
    state = run.state(step, math.inf)
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


def map_of(sweep: Mapping[str, Any]) -> tuple[Array, Array]:
    """Return (values, diverged) of ``sweep``, JSON as for ``POST /sweeps``; each (rows, columns).

    ``diverged`` is the step at which a run diverged, NaN if it did not; read-only. Raises
    InvalidInput or ValueError for an invalid sweep.
    """
    return _map_of(Sweep.model_validate(sweep).canonical())


@lru_cache(maxsize=KEPT_MAPS)
def _map_of(canonical: bytes) -> tuple[Array, Array]:
    native.load()
    sweep = Sweep.model_validate_json(canonical)
    run = TileRun(Groups(sweep, Limits(), lambda _: None), tuple(range(sweep.cells)))
    result = run.advance(math.inf)
    if result is None:
        raise RuntimeError("a tile without a deadline is complete")
    result.flags.writeable = False
    return result[0].reshape(sweep.shape), result[2].reshape(sweep.shape)

"""A copy of a run's data at one step, usable without the run's lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.updates import Update
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.trainer import TrainerState
from backprop_explorer.experiments.training_run import TrainingRun


@dataclass(frozen=True, eq=False)
class Snapshot:
    """An experiment on arrival at ``step``.

    ``train`` is (x, target) of the training part with the edits applied so far. ``gradient`` is
    that of the next update's batch (training rows ``rows``), ``following`` are the parameters after
    that update. ``curves`` are the recorded points up to ``step``, one list per column. ``path`` is
    (steps, parameters (K, P)) up to ``step``, None for a large network.
    """

    initial_state: InitialState
    step: int
    train: tuple[NDArray[np.float64], NDArray[np.float64]]
    network: Network
    update: Update
    parameters: Parameters
    gradient: Parameters
    following: Parameters
    rows: NDArray[np.intp]
    curves: Mapping[str, list[Any]]
    path: tuple[list[int], NDArray[np.float64]] | None


def snapshot(run: TrainingRun, state: TrainerState) -> Snapshot:
    """Copy ``state`` into a snapshot. The caller holds the run's lock."""
    trainer, _ = run.record(state)
    parameters, gradient = trainer.parameters.copy(), trainer.gradient.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        trainer.step(state.step)
    return Snapshot(
        initial_state=run.initial_state,
        step=state.step,
        train=trainer.train,
        network=trainer.network,
        update=trainer.segment.update,
        parameters=parameters,
        gradient=gradient,
        following=trainer.parameters.copy(),
        rows=run.initial_state.rows(state.step),
        curves=run.history.columns(-1, state.step),
        path=run.history.path(state.step),
    )

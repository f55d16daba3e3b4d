"""What a step holds, copied out of the run, so that work on it holds nobody up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.updates import Update
from backprop_explorer.experiments.initial_state import Setup
from backprop_explorer.experiments.trainer import State
from backprop_explorer.experiments.training_run import Run


@dataclass(frozen=True, eq=False)
class Snapshot:
    """An experiment at the arrival at ``step``.

    ``train`` is (x, target) of the training part with the edits up to here.
    ``gradient`` is that of the batch (the training rows ``rows``) that the next update uses, and
    ``following`` are the parameters after it. ``curves`` are the recorded points up to ``step``,
    one list per column; ``path`` the steps and parameters on the way, None for a large network.
    """

    setup: Setup
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


def snapshot(run: Run, state: State) -> Snapshot:
    """The snapshot of ``state``. The caller holds the run's lock."""
    machine, _ = run.record(state)
    parameters, gradient = machine.parameters.copy(), machine.gradient.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        machine.step(state.step)
    return Snapshot(
        setup=run.setup,
        step=state.step,
        train=machine.train,
        network=machine.network,
        update=machine.segment.update,
        parameters=parameters,
        gradient=gradient,
        following=machine.parameters.copy(),
        rows=run.setup.rows(state.step),
        curves=run.history.columns(-1, state.step),
        path=run.history.path(state.step),
    )

"""What a step holds, copied out of the run, so that work on it holds nobody up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.network import Network, Parameters
from app.core.updates import Update
from app.experiments.run import Run, State
from app.experiments.setup import Setup


@dataclass(frozen=True, eq=False)
class Snapshot:
    """An experiment at the arrival at ``step``.

    ``gradient`` is that of the batch that the next update uses. ``curves`` are the recorded points
    up to ``step``, one list per column.
    """

    setup: Setup
    step: int
    network: Network
    update: Update
    parameters: Parameters
    gradient: Parameters
    curves: Mapping[str, list[Any]]


def snapshot(run: Run, state: State) -> Snapshot:
    """The snapshot of ``state``. The caller holds the run's lock."""
    machine, _ = run.record(state)
    return Snapshot(
        setup=run.setup,
        step=state.step,
        network=machine.network,
        update=machine.segment.update,
        parameters=machine.parameters.copy(),
        gradient=machine.gradient.copy(),
        curves=run.history.columns(-1, state.step),
    )

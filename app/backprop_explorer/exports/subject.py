"""What is exported: a working, and where there is one the experiment that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace
from backprop_explorer.engine.updates import Update
from backprop_explorer.experiments.initial_state import InitialState


@dataclass(frozen=True)
class ExportedWorking:
    """One backpropagation as it is to be written.

    ``document`` makes what the trace's own route answers. ``sample`` is a training position, None
    for a batch or for a working without an experiment.
    """

    trace: Trace
    notation: Notation
    update: Update | None
    document: Callable[[], Mapping[str, Any]]
    sample: int | None = None

    def steps_of(self, phase: str) -> list[Any]:
        """The steps of one phase, in order."""
        return [line.step for line in self.trace.lines if line.step.phase == phase]


@dataclass(frozen=True)
class At:
    """An experiment at one step: parameters and how it came there.

    ``curves`` are the recorded points up to ``step``, one list per column.
    """

    initial_state: InitialState
    step: int
    parameters: Parameters
    curves: Mapping[str, list[Any]]


@dataclass(frozen=True)
class Subject:
    """All that an export may write about. ``source`` says in one line where it came from."""

    source: str
    working: ExportedWorking | None = None
    at: At | None = None

    @property
    def stem(self) -> str:
        """The file's name without its ending: ASCII, and nothing that a person typed."""
        if self.at is None:
            return "backprop-working"
        recipe = self.at.initial_state.recipe
        stem = f"backprop-{recipe.dataset.name}-{recipe.id[:8]}-step-{self.at.step}"
        if self.working is not None and self.working.sample is not None:
            stem += f"-sample-{self.working.sample}"
        return stem

"""What an export is about: a working, an experiment at a step, or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace
from backprop_explorer.engine.updates import Update
from backprop_explorer.experiments.snapshot import Snapshot


@dataclass(frozen=True)
class ExportedWorking:
    """One backpropagation, ready for export.

    ``document`` returns the answer of the trace's API route. ``sample`` is a training row, None for
    a batch or without an experiment.
    """

    trace: Trace
    notation: Notation
    update: Update | None
    document: Callable[[], Mapping[str, Any]]
    sample: int | None = None


@dataclass(frozen=True)
class Subject:
    """The content of an export. ``source`` is one line that says where it comes from."""

    source: str
    working: ExportedWorking | None = None
    at: Snapshot | None = None

    @property
    def stem(self) -> str:
        """The file name without extension: ASCII, without text typed by a user."""
        if self.at is None:
            return "backprop-working"
        recipe = self.at.initial_state.recipe
        stem = f"backprop-{recipe.dataset.name}-{recipe.id[:8]}-step-{self.at.step}"
        if self.working is not None and self.working.sample is not None:
            stem += f"-sample-{self.working.sample}"
        return stem

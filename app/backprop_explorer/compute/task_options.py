"""Arguments and values of tasks. The web process imports these, not the tasks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf
from typing import Any, Literal, NamedTuple

import numpy as np

from backprop_explorer.compute.formulas import Formulas
from backprop_explorer.exports import HEIGHT, WIDTH

# Of the picture of ``export_picture``.
PICTURE_SIZE = (WIDTH, HEIGHT)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a trace to send.

    Values of more than ``entries`` numbers are left out. ``lines`` are the ids of the lines and
    givens to send; None sends all of them and the gradients.
    """

    entries: float = inf
    lines: frozenset[str] | None = None

    @classmethod
    def of(cls, entries: int | None, lines: str | None) -> Extent:
        """Parse the query parameters; ``lines`` is a list separated by commas."""
        # The id of a program's line may have a comma in brackets: z[i=0, j=1].
        parts = () if lines is None else re.split(r",(?![^\[]*\])", lines)
        names = None if lines is None else frozenset(filter(None, parts))
        return cls(inf if entries is None else entries, names)

    def value(self, value: Any) -> Any:
        """``value``, or None if it has more than ``entries`` numbers."""
        return value if self.entries == inf or np.size(value) <= self.entries else None


class TraceOptions(NamedTuple):
    """How the trace of an experiment's step is computed and written."""

    convention: str
    reduction: str | None
    fused: bool
    jacobians: bool
    verify: bool
    extent: Extent
    arrays: str
    formulas: Formulas


class ProgramOptions(NamedTuple):
    """How the working of a program is written."""

    verify: bool
    extent: Extent
    arrays: str
    formulas: Formulas


class SliceOptions(NamedTuple):
    """Which slice through the cost to compute."""

    kind: Literal["gradient", "plane", "weights"]
    points: int | None
    span: float | None
    a: str
    b: str
    second: Literal["random", "start"]
    seed: int


class HistoryPart(NamedTuple):
    """Points as lines of JSON, and the step of the next point or None at the end."""

    lines: bytes
    next: int | None

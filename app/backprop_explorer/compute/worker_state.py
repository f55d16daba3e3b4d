"""The state of a process that runs tasks."""

from __future__ import annotations

from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backprop_explorer.limits import Limits
from backprop_explorer.settings import Settings, SolutionPolicy

if TYPE_CHECKING:
    from backprop_explorer.experiments.explorer import Explorer
    from backprop_explorer.lessons.library import Library


@dataclass(frozen=True)
class WorkerState:
    """The explorer of a process, the limits of requests, the lessons, and who sees solutions."""

    explorer: Explorer
    limits: Limits
    library: Library
    solutions: SolutionPolicy
    # The newest pictures of shared links as PNG, by experiment, step, sample and line.
    pictures: OrderedDict[tuple[object, ...], bytes] = field(default_factory=OrderedDict)

    @classmethod
    def opened(cls, settings: Settings) -> WorkerState:
        """Open the store and return a new state."""
        # The web process imports this module, and does not compute.
        from backprop_explorer.experiments.explorer import Explorer
        from backprop_explorer.lessons.library import Library

        return cls(
            Explorer(settings), settings.limits, Library.of(settings), settings.lessons.solutions
        )


# Set once in a worker. An application that computes in its own process sets it in a context of its
# own, because one process may have several applications.
STATE: ContextVar[WorkerState] = ContextVar("state")

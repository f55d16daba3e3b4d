"""What the tasks of one process work on."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.settings import Limits, Settings, SolutionPolicy


@dataclass(frozen=True)
class WorkerState:
    """The explorer of a process, the limits of its requests, and who may see solutions."""

    explorer: Explorer
    limits: Limits
    solutions: SolutionPolicy

    @classmethod
    def opened(cls, settings: Settings) -> WorkerState:
        """A state with an explorer of its own."""
        return cls(Explorer(settings), settings.limits, settings.lessons.solutions)


# Set once in a worker. In a process that serves and computes, each application has its own context.
STATE: ContextVar[WorkerState] = ContextVar("state")

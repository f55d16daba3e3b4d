"""What runs in a worker process: its start, its state, and its tasks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from backprop_explorer.compute.logs import REQUEST_ID, set_up_logging
from backprop_explorer.engine.errors import ExplorerError
from backprop_explorer.limits import Limits
from backprop_explorer.settings import Settings, SolutionPolicy
from backprop_explorer.tape import native

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


# Whether other tasks waited for this process when the current one began.
OTHERS_WAIT: ContextVar[bool] = ContextVar("others_wait", default=False)


# The signal that another task for the same experiment, of the same client, has begun to wait.
HURRY = getattr(signal, "SIGUSR1", None)
# Whether the current task should end with what it has, if that is an answer.
HURRIED: ContextVar[bool] = ContextVar("hurried", default=False)


class TaskOutcome(NamedTuple):
    """A task's value, or an ExplorerError that the client caused or may retry."""

    value: Any
    error: ExplorerError | None
    # The text of the error's cause, for the log: pickling an exception drops its cause.
    cause: str
    statistics: Counter[str]

    def result(self) -> Any:
        """Return the value, or raise the error."""
        if self.error is not None:
            raise self.error from (RuntimeError(self.cause) if self.cause else None)
        return self.value


class TaskError(Exception):
    """A task raised an unexpected exception. Its cause has the traceback."""


def begin(settings: bytes) -> None:
    """Initialize a worker process: signals, logging, state. ``settings`` is Settings as JSON."""
    # A signal to the process group is for the server, which ends its workers itself.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if HURRY is not None:
        signal.signal(HURRY, lambda *_: HURRIED.set(True))
    threading.Thread(target=_end_with_server, daemon=True).start()
    parsed = Settings.model_validate_json(settings)
    set_up_logging(parsed.log_level)
    native.load()  # the fork server, where there is one, has done it
    STATE.set(WorkerState.opened(parsed))


def _end_with_server() -> None:
    """End this process when the server process has ended, even if a task runs."""
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(0)


def introduce() -> tuple[int, int]:
    """Return the ids of this process and of its parent, the fork server where one is used."""
    return os.getpid(), os.getppid()


def execute(
    request_id: str | None,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    others_wait: bool = False,
) -> TaskOutcome:
    """Run a task. ``request_id`` is for log lines. Raises TaskError."""
    REQUEST_ID.set(request_id)
    OTHERS_WAIT.set(others_wait)
    HURRIED.set(False)
    value, refused, cause = None, None, ""
    try:
        value = function(*args)
    except ExplorerError as error:
        refused, cause = error, str(error.__cause__ or "")
    except Exception as error:
        # Not the exception itself: it may be impossible to pickle.
        raise TaskError(f"{type(error).__name__}: {error}") from error
    return TaskOutcome(value, refused, cause, STATE.get().explorer.statistics())

"""Tasks for the workers of a test: they crash, hang, wait or fail."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from backprop_explorer.compute.worker_process import HURRIED, OTHERS_WAIT
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, NotFound


def where() -> int:
    """The process that runs this."""
    return os.getpid()


def others_wait() -> bool:
    """Whether other tasks waited when this one began."""
    return OTHERS_WAIT.get()


def has_module(name: str) -> bool:
    """Whether a module is there without importing it."""
    return name in sys.modules


def crash() -> None:
    """End the process as the system does where memory is short."""
    os.kill(os.getpid(), signal.SIGKILL)


def crash_once(marker: str) -> str:
    """Crash, but not where ``marker`` is there already."""
    if not Path(marker).exists():
        Path(marker).touch()
        crash()
    return "done"


def count_and_hang(marker: str) -> None:
    """Note in ``marker`` that this was called, and never return."""
    with Path(marker).open("a") as file:
        file.write("x")
    while True:
        pass


def wait_for(marker: str) -> int:
    """Return when ``marker`` is there."""
    while not Path(marker).exists():
        pass
    return os.getpid()


def wait_until_hurried(marker: str) -> None:
    """Write ``marker``, and return when another task for the same experiment has begun to wait."""
    Path(marker).touch()
    while not HURRIED.get():
        pass


def fail_with(kind: str) -> None:
    """Raise an error of this kind."""
    if kind == "limit":
        raise LimitExceeded("x", "things", 3, 4)
    if kind == "input":
        raise InvalidInput("layers.0", "cannot be used")
    if kind == "missing":
        raise NotFound("there is none")
    raise UnpicklableError(lambda: None)


class UnpicklableError(Exception):
    """Holds what cannot be sent to another process."""

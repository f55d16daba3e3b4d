"""The fork server: a process with all modules imported, from which workers are forked.

This module imports little, so that the fork server starts early and imports its modules at the same
time as the web process. What is slow to import it loads later, when it is told to: the first
workers start without that, and are replaced by workers that share it.
"""

from __future__ import annotations

import multiprocessing
import os
from contextlib import suppress
from multiprocessing.context import BaseContext

from backprop_explorer.compute.signals import FORKS, LOAD_SLOW

PRELOAD = "backprop_explorer.compute.preload"


def start_context() -> BaseContext:
    """The multiprocessing context for workers: "forkserver" on Linux, else "spawn"."""
    if not FORKS:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOAD])
    return context


def start_fork_server() -> None:
    """Start the fork server on Linux, without waiting for its imports."""
    start_context()
    if FORKS:
        from multiprocessing import forkserver

        forkserver.ensure_running()


def load_slow(pid: int) -> bool:
    """Tell the fork server ``pid`` to load what is slow to import, before it forks again.

    Returns False where there is no fork server.
    """
    if LOAD_SLOW is None:
        return False
    with suppress(OSError):  # it has ended
        os.kill(pid, LOAD_SLOW)
    return True

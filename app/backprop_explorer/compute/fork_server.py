"""How many workers there are, and the fork server, from which they are forked.

It is a process with all modules imported.

This module imports little, so that the fork server starts early and imports its modules at the same
time as the web process.
"""

from __future__ import annotations

import multiprocessing
import sys
from multiprocessing.context import BaseContext

from backprop_explorer.settings import Settings
from backprop_explorer.tape.threads import usable_processors

PRELOAD = "backprop_explorer.compute.preload"
# On macOS some system libraries do not survive a fork; Windows has none.
FORKS = sys.platform == "linux"


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


def worker_count(settings: Settings) -> int:
    """How many worker processes to start; 0: the web process computes."""
    # Processes cannot share a store in memory.
    if settings.store == ":memory:":
        return 0
    return usable_processors() if settings.workers is None else settings.workers

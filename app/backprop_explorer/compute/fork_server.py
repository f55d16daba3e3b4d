"""The fork server: a process with all modules imported, from which workers are forked.

This module imports little, so that the fork server starts early and imports its modules at the same
time as the web process.
"""

from __future__ import annotations

import multiprocessing
import sys
from multiprocessing.context import BaseContext

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

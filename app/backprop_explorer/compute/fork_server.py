"""How worker processes are started: forked from a server process that has imported all modules.

Importing this is quick, so that the fork server imports its modules while the web process does.
"""

from __future__ import annotations

import multiprocessing
import sys
from multiprocessing.context import BaseContext

# Elsewhere than on Linux some libraries of the system do not survive a fork.
FORKS = sys.platform == "linux"
PRELOAD = "backprop_explorer.compute.preload"


def start_context() -> BaseContext:
    """The context in which workers are started."""
    if not FORKS:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOAD])
    return context


def start_fork_server() -> None:
    """Start the fork server, if there is to be one, and do not wait for it."""
    start_context()
    if FORKS:
        from multiprocessing import forkserver

        forkserver.ensure_running()

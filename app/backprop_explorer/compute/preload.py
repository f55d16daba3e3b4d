"""Imported by the fork server, so that workers start with all modules and share their memory.

What is slow to import comes later, when the web process sends LOAD_SLOW. Nothing here may start a
thread: threads do not survive a fork.
"""

from __future__ import annotations

import gc
import signal
from contextlib import suppress

import pebble.pool.process  # noqa: F401

import backprop_explorer.compute.export_tasks
import backprop_explorer.compute.sweep_tasks
import backprop_explorer.compute.tasks
import backprop_explorer.compute.worker_process  # noqa: F401
from backprop_explorer.compute.memory import give_back
from backprop_explorer.compute.signals import LOAD_SLOW
from backprop_explorer.compute.worker_process import import_slow


def _load_slow(_number: int, _frame: object) -> None:
    """Load it between two forks: the signal's handler runs in the thread that forks."""
    with suppress(Exception):  # workers try it themselves, and say why it fails
        import_slow()
    gc.collect()
    give_back()
    gc.freeze()


if LOAD_SLOW is not None:
    signal.signal(LOAD_SLOW, _load_slow)
# A signal to the process group must not end the parent of all workers before the server stops.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
# The garbage collector writes to every object, and a written page is no longer shared.
gc.freeze()

"""Imported by the fork server, so that workers start with all modules and share their memory.

What is slow to import comes later, when the web process sends LOAD_SLOW. Nothing here may start a
thread: threads do not survive a fork.
"""

from __future__ import annotations

import gc
import importlib
import signal
from contextlib import suppress

from backprop_explorer.compute.memory import give_back, permanent
from backprop_explorer.compute.signals import LOAD_SLOW
from backprop_explorer.compute.worker_process import import_slow

# The tasks, and what functions import when they are called first.
MODULES = (
    "backprop_explorer.compute.catalog",
    "backprop_explorer.compute.export_tasks",
    "backprop_explorer.compute.lesson_tasks",
    "backprop_explorer.compute.paste_answers",
    "backprop_explorer.compute.sweep_tasks",
    "backprop_explorer.compute.tasks",
    "backprop_explorer.experiments.explorer",
    "backprop_explorer.experiments.store.sqlite",
    "backprop_explorer.exports.files",
    "backprop_explorer.exports.pytorch",
    "backprop_explorer.lessons.library",
    "backprop_explorer.tutor.checker.readings",
    "backprop_explorer.tutor.givens",
    "latex2mathml.converter",
    "pebble.pool.process",
)


def _load_slow(_number: int, _frame: object) -> None:
    """Load it between two forks: the signal's handler runs in the thread that forks."""
    with suppress(Exception):  # workers try it themselves, and say why it fails
        import_slow()
    gc.collect()
    give_back()
    gc.freeze()


with permanent():
    for _module in MODULES:
        importlib.import_module(_module)
if LOAD_SLOW is not None:
    signal.signal(LOAD_SLOW, _load_slow)
# A signal to the process group must not end the parent of all workers before the server stops.
signal.signal(signal.SIGTERM, signal.SIG_IGN)

"""Imported by the fork server, so that workers start with all modules and share their memory.

Nothing here may start a thread: threads do not survive a fork.
"""

from __future__ import annotations

import importlib
import signal

from backprop_explorer.compute.memory import permanent
from backprop_explorer.tape import native

# The tasks, and what functions import when they are called first.
MODULES = (
    "backprop_explorer.compute.catalog",
    "backprop_explorer.compute.export_tasks",
    "backprop_explorer.compute.lesson_tasks",
    "backprop_explorer.compute.inferred_answers",
    "backprop_explorer.compute.program_tasks",
    "backprop_explorer.compute.tasks",
    "backprop_explorer.compute.worker_process",
    "backprop_explorer.experiments.explorer",
    "backprop_explorer.experiments.store.sqlite",
    "backprop_explorer.exports.files",
    "backprop_explorer.exports.pytorch",
    "backprop_explorer.tutor.checker.readings",
    "backprop_explorer.tutor.problem",
    "latex2mathml.converter",
    "pebble.pool.process",
)


with permanent():
    for _module in MODULES:
        importlib.import_module(_module)
    native.load()
    importlib.import_module("backprop_explorer.lessons.library").own_lessons()
# A signal to the process group must not end the parent of all workers before the server stops.
signal.signal(signal.SIGTERM, signal.SIG_IGN)

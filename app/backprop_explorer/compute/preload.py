"""Imported by the fork server, so that workers start with all modules and share their memory.

Modules that start threads or compile code are left out: threads do not survive a fork, and LLVM's
mapped memory may not. Workers import those when they are idle.
"""

from __future__ import annotations

import gc
import signal

import pebble.pool.process  # noqa: F401

import backprop_explorer.compute.export_tasks
import backprop_explorer.compute.sweep_tasks
import backprop_explorer.compute.tasks
import backprop_explorer.compute.worker_process  # noqa: F401

# A signal to the process group must not end the parent of all workers before the server stops.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
# The garbage collector writes to every object, and a written page is no longer shared.
gc.freeze()

"""The number of processors that this process may use."""

from __future__ import annotations

import math
import os
from pathlib import Path

from backprop_explorer.settings import Settings

# The limit of a container (control groups, version 2): microseconds in each period, or "max".
CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def usable_cpus(limit: Path = CGROUP_LIMIT) -> int:
    """How many processors the scheduler and the control group allow; at least 1."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    try:
        quota, period = limit.read_text().split()
        # Rounded up: half a processor needs a process too.
        count = min(count, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError, ZeroDivisionError):
        pass  # no control groups, or "max"
    return max(count, 1)


def worker_count(settings: Settings) -> int:
    """How many worker processes to start; 0: the web process computes."""
    # Processes cannot share a store in memory.
    if settings.store == ":memory:":
        return 0
    return usable_cpus() if settings.workers is None else settings.workers

"""How many processors this process may really use."""

from __future__ import annotations

import math
import os
from pathlib import Path

from backprop_explorer.settings import Settings

# The limit of a container (control groups, version 2): microseconds in each period, or "max".
CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def usable_cpus(limit: Path = CGROUP_LIMIT) -> int:
    """Processors that the scheduler and the control group allow; at least 1."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    try:
        quota, period = limit.read_text().split()
        # Half a processor still needs a process.
        count = min(count, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError, ZeroDivisionError):
        pass  # no control groups, or "max"
    return max(count, 1)


def worker_count(settings: Settings) -> int:
    """How many processes compute beside the web process; 0 where that one does."""
    # A store in memory is known to one process alone.
    if settings.store == ":memory:":
        return 0
    return usable_cpus() if settings.workers is None else settings.workers

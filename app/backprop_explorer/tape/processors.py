"""The number of processors that this process may use."""

from __future__ import annotations

import math
import os
from functools import cache
from pathlib import Path

# Where control groups are mounted; a container sees the limits of its own group there.
CONTROL_GROUPS = Path("/sys/fs/cgroup")


def affinity() -> int:
    """How many processors the scheduler gives to this process; at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def group_limit(folder: Path = CONTROL_GROUPS) -> int | None:
    """Processors that the control group allows, rounded up; None without a limit.

    Version 2 has quota and period in one file (µs in each period, or "max"), version 1 in two
    (a quota of -1 is no limit).
    """
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text().split()
        else:
            quota = (folder / "cpu" / "cpu.cfs_quota_us").read_text()
            period = (folder / "cpu" / "cpu.cfs_period_us").read_text()
        # Rounded up: half a processor needs a process too.
        limit = math.ceil(int(quota) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None  # no control groups, or "max"
    return limit if limit > 0 else None


def usable_processors(folder: Path = CONTROL_GROUPS) -> int:
    """How many processors the scheduler and the control group allow; at least 1."""
    count, limit = affinity(), group_limit(folder)
    return max(1, count if limit is None else min(count, limit))

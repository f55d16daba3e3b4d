"""The fork server has imported all that workers need before it forks them."""

from __future__ import annotations

import subprocess
import sys

from backprop_explorer.compute.fork_server import PRELOAD

# What a worker imports after its fork, each worker on its own.
REPORT = """
import sys
import {preload}
loaded = set(sys.modules)
import backprop_explorer.compute.tasks, backprop_explorer.compute.export_tasks
import backprop_explorer.compute.worker_process
import pebble.pool.process
print(*sorted(set(sys.modules) - loaded))
"""


def test_workers_import_nothing_more() -> None:
    code = REPORT.format(preload=PRELOAD)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []

"""Workers share what their fork server has loaded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from backprop_explorer.compute.pool import Pool
from backprop_explorer.settings import Settings
from tests.helpers.pools import in_pool, until
from tests.helpers.tasks import has_module

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no fork server")


def threads(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("Threads:")[1].split()[0])


def test_workers_start_with_all_modules(settings: Settings) -> None:
    async def work(pool: Pool) -> None:
        await until(lambda: pool.ready_workers == 2)
        assert await pool.submit(has_module, "backprop_explorer.compute.tasks")
        assert await pool.submit(has_module, "llvmlite.binding")
        # It takes a second to import and 100 MB, and nothing needs it.
        assert not await pool.submit(has_module, "sklearn")
        # A fork takes one thread along; what another one holds would be held for ever.
        assert threads(pool.workers[0].fork_server) == 1

    in_pool(settings, work, count=2)

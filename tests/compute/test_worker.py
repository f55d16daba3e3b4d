"""A worker's process is replaced by one that shares the modules that are slow to import."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backprop_explorer.compute import pebble_process
from backprop_explorer.compute import worker as worker_module
from backprop_explorer.compute.fork_server import load_slow
from backprop_explorer.compute.pool import Pool
from backprop_explorer.compute.worker import Worker
from backprop_explorer.compute.worker_process import SLOW_IMPORT
from backprop_explorer.settings import Settings
from tests.helpers.pools import in_pool, until
from tests.helpers.tasks import has_module, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no fork server")


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are looked at often, and nothing counts as hung."""
    monkeypatch.setattr(worker_module, "TICK_SECONDS", 0.1)
    for name in ("SILENT_TICKS", "HUNG_TICKS"):
        monkeypatch.setattr(worker_module, name, 1_000_000)


def threads(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("Threads:")[1].split()[0])


def shares(worker: Worker) -> bool:
    return worker._process is not None and worker._process.has_slow


def test_idle_workers_share_what_is_slow_to_import(settings: Settings) -> None:
    async def work(pool: Pool) -> None:
        await until(lambda: all(map(shares, pool.workers)))
        # It is there without an import, and no restart is counted.
        assert await pool.submit(has_module, SLOW_IMPORT)
        assert (pool.restarts, pool.ready_workers) == (0, 2)
        # A fork takes one thread along; what another one holds would be held for ever.
        assert threads(pool.workers[0].fork_server) == 1

    in_pool(settings, work, count=2)


def test_no_task_waits_for_that_and_none_is_lost(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    markers = [tmp_path / str(number) for number in range(3)]
    began, go = asyncio.Event(), asyncio.Event()

    async def work(pool: Pool) -> None:
        worker = pool.workers[0]
        old = worker.pid
        await began.wait()
        # While the other process starts, and until the first task is done, the old one works.
        waiting = [pool.submit(wait_for, str(each)) for each in markers]
        go.set()
        await until(lambda: worker._next is not None)
        assert worker.pid == old
        for each in markers:
            each.touch()
        first, *others = [await each for each in waiting]
        assert first == old
        assert others == [worker.pid] * 2
        assert worker.pid != old
        assert pool.restarts == 0

    real = Worker._renew

    async def renew(self: Worker, present: pebble_process.PebbleProcess) -> None:
        began.set()
        await go.wait()
        await real(self, present)

    monkeypatch.setattr(Worker, "_renew", renew)
    # The fork server is that of all tests, and may have loaded all before.
    monkeypatch.setattr(pebble_process.PebbleProcess, "has_slow", False)
    in_pool(settings, work)


def test_a_worker_that_dies_meanwhile_is_replaced(settings: Settings, tmp_path: Path) -> None:
    async def work(pool: Pool) -> None:
        worker, marker = pool.workers[0], tmp_path / "marker"
        await until(lambda: not worker._queue)
        task = pool.submit(wait_for, str(marker))
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        marker.touch()
        assert await task == worker.pid
        await until(lambda: shares(worker))
        assert pool.restarts == 1

    in_pool(settings, work)


def test_a_fork_server_that_has_ended_is_told_in_vain() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert load_slow(process.pid)

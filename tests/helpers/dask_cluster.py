"""A real Dask cluster: a scheduler and workers, each a process that can be killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.helpers.environment import environment
from tests.helpers.processes import wait_until
from tests.helpers.redis_server import free_port


class DaskProcesses:
    """A scheduler on a free port of this machine and ``workers`` processes of one thread each."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._folder = folder
        self.url = f"tcp://127.0.0.1:{free_port()}"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", self.url.rpartition(":")[2]
        )
        self.workers: list[subprocess.Popen[bytes]] = []
        wait_until(lambda: b"Scheduler at" in (folder / "scheduler-0.log").read_bytes())
        self.start_workers(workers)

    def start_workers(self, count: int) -> None:
        """Start ``count`` workers, the first ones, and wait until the scheduler knows them."""
        if not count:
            return
        from distributed import Client

        arguments = (self.url, "--no-nanny", "--nthreads", "1")
        self.workers = [self._start("worker", *arguments, number=k) for k in range(count)]
        with Client(self.url, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=60)

    def _start(self, kind: str, *arguments: str, number: int = 0) -> subprocess.Popen[bytes]:
        with (self._folder / f"{kind}-{number}.log").open("wb") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments),
                    *("--no-dashboard", "--dashboard-address", ":0"),
                ],
                cwd=self._folder,
                env=environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def transitions(self) -> int:
        """How often a task of the scheduler has changed its state."""
        from distributed import Client

        with Client(self.url, set_as_default=False) as client:
            # Sent by value: the scheduler does not have this module.
            found: int = client.run_on_scheduler(
                lambda dask_scheduler: dask_scheduler.transition_counter
            )
            return found

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9."""
        process.kill()
        process.wait()

    def close(self) -> None:
        """Kill what is left."""
        for each in [*self.workers, self.scheduler]:
            self.kill(each)

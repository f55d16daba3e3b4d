"""Where tasks run: in worker processes, an experiment always in the same one.

A task is a module-level function with plain arguments. ``Pool.submit`` gives it to the worker that
the experiment's id chooses, or to the least busy one; before ``start``, or with no workers, it runs
in a thread of this process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from functools import partial
from typing import Any

from backprop_explorer.compute.cpus import worker_count
from backprop_explorer.compute.logs import REQUEST_ID
from backprop_explorer.compute.worker import NOTHING, Job, Worker, total
from backprop_explorer.compute.worker_process import TaskOutcome, execute
from backprop_explorer.compute.worker_state import STATE, WorkerState
from backprop_explorer.experiments.explorer import Statistics
from backprop_explorer.experiments.store import open_store
from backprop_explorer.settings import Settings
from backprop_explorer.tape import native

# Training in one task: nobody waits longer for somebody else's long run.
SLICE_SECONDS = 0.05
LEAST_CACHE_BYTES = 1024 * 1024


class InProcessWorker:
    """Runs tasks one after the other in a thread of this process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = Context()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="compute")
        self._state: WorkerState | None = None

    def submit(self, function: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """The result of ``function(*args)``, some time."""
        call = partial(self._context.run, self._execute, REQUEST_ID.get(), function, args)
        return asyncio.get_running_loop().run_in_executor(self._executor, call)

    def _execute(
        self, request_id: str | None, function: Callable[..., Any], args: tuple[Any, ...]
    ) -> Any:
        STATE.set(self.state())
        return value_of(execute(request_id, function, args))

    def state(self) -> WorkerState:
        """What the tasks work on, opened when it is first needed."""
        if self._state is None:
            self._state = WorkerState.opened(self._settings)
        return self._state

    def statistics(self) -> Statistics:
        """What was computed and is held."""
        return NOTHING if self._state is None else self._state.explorer.statistics()

    def close(self) -> None:
        """Wait for the task that runs, and release the store."""
        self._executor.shutdown(cancel_futures=True)
        if self._state is not None:
            self._state.explorer.close()


def value_of(done: TaskOutcome) -> Any:
    """The value of a task, or its error, raised."""
    if done.error is not None:
        raise done.error from (RuntimeError(done.cause) if done.cause else None)
    return done.value


class Pool:
    """``settings.workers`` processes. ``start`` and ``close`` in the event loop that submits."""

    def __init__(self, settings: Settings) -> None:
        self._count = worker_count(settings)
        limits = settings.limits
        own = limits.model_copy(
            update={
                "frame_budget_seconds": min(SLICE_SECONDS, limits.frame_budget_seconds),
                "cache_bytes": max(limits.cache_bytes // max(self._count, 1), LEAST_CACHE_BYTES),
            }
        )
        self.budget = limits.frame_budget_seconds
        self._settings = settings.model_copy(update={"limits": own, "workers": 0})
        self.in_process = InProcessWorker(self._settings)
        if self._count:
            # Workers that cannot open the store would only end, one after the other.
            open_store(settings.store).close()
        else:
            self.in_process.state()
        self.workers: list[Worker] = []

    def start(self) -> None:
        """Start the processes, and return at once."""
        content = self._settings.model_dump_json().encode()
        self.workers = [Worker(content) for _ in range(self._count)]
        if not self.workers:
            self.in_process.submit(native.load)

    def hurry(self) -> None:
        """Let requests that go on computing answer with how far they are: the server stops."""
        self.budget = 0.0

    async def close(self) -> None:
        """End the processes."""
        await asyncio.gather(*(worker.close() for worker in self.workers))
        self.in_process.close()

    @property
    def ready(self) -> bool:
        """Whether a task would begin at once, or after another one."""
        return not self.workers or any(worker.ready for worker in self.workers)

    def submit(
        self, function: Callable[..., Any], *args: Any, experiment: str | None = None
    ) -> asyncio.Future[Any]:
        """The result of ``function(*args)``. Cancelling it spares the work if it has not begun.

        It fails with what the task raised, or with Unavailable: where no worker starts, where the
        worker crashed twice, or where the task took too long.
        """
        if not self.workers:
            return self.in_process.submit(function, *args)
        job = Job(function, args, REQUEST_ID.get(), experiment or "")
        self.worker(experiment).submit(job)
        return job.future

    def worker(self, experiment: str | None) -> Worker:
        """The worker of an experiment, or without one the least busy."""
        if experiment is not None:
            return self.workers[int(experiment[:8], 16) % len(self.workers)]
        return min(self.workers, key=lambda each: (not each.ready, each.load))

    def statistics(self) -> Statistics:
        """What all processes have computed, and what they hold."""
        return total([self.in_process.statistics(), *(each.statistics for each in self.workers)])

    @property
    def ready_workers(self) -> int:
        """Workers that can begin a task."""
        return sum(worker.ready for worker in self.workers)

    @property
    def restarts(self) -> int:
        """Workers that died or hung and were replaced."""
        return sum(worker.restarts for worker in self.workers)

    @property
    def load(self) -> int:
        """Tasks that wait for a worker or run in one."""
        return sum(worker.load for worker in self.workers)

    @property
    def pids(self) -> list[int]:
        """The worker processes, and those that they are forked from."""
        found = {pid for each in self.workers for pid in (each.pid, each.fork_server) if pid}
        return sorted(found)

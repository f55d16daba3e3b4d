"""The pool of worker processes. All tasks of an experiment run in the same worker.

A task is a module-level function with plain arguments. ``Pool.submit`` chooses the worker by the
experiment's id; a task without an experiment goes to the least busy worker. Before ``start``, or
with no workers, tasks run in a thread of this process.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from functools import partial
from typing import Any

from backprop_explorer.compute.fork_server import worker_count
from backprop_explorer.compute.logs import REQUEST_ID
from backprop_explorer.compute.worker import Job, Worker
from backprop_explorer.compute.worker_process import STATE, WorkerState, execute
from backprop_explorer.datasets.installed import DATASET_FOLDERS, LESSON_FOLDERS, installed_groups
from backprop_explorer.experiments.store import open_store
from backprop_explorer.settings import ConfigurationError, Settings, check_dask
from backprop_explorer.tape import native

# The longest training in one task; other requests of the same worker wait at most this long.
SLICE_SECONDS = 0.05
LEAST_CACHE_BYTES = 1024 * 1024


class InProcessWorker:
    """Runs tasks one after another in a thread of this process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = Context()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="compute")
        self._state: WorkerState | None = None

    def submit(self, function: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """Run ``function(*args)`` and return a future of its result."""
        call = partial(self._context.run, self._execute, REQUEST_ID.get(), function, args)
        return asyncio.get_running_loop().run_in_executor(self._executor, call)

    def _execute(
        self, request_id: str | None, function: Callable[..., Any], args: tuple[Any, ...]
    ) -> Any:
        STATE.set(self.state())
        return execute(request_id, function, args).result()

    def state(self) -> WorkerState:
        """The state that tasks use, opened on first use."""
        if self._state is None:
            self._state = WorkerState.opened(self._settings)
        return self._state

    def statistics(self) -> Counter[str]:
        """What ``Explorer.statistics`` says; nothing before the state is opened."""
        return Counter() if self._state is None else self._state.explorer.statistics()

    def close(self) -> None:
        """Wait for the running task, then close the store."""
        self._executor.shutdown(cancel_futures=True)
        if self._state is not None:
            self._state.explorer.close()


class Pool:
    """``settings.workers`` processes.

    Call ``start``, ``submit`` and ``close`` in the same event loop.
    """

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
            # Fail here: workers that cannot open these would end and be replaced for ever.
            open_store(settings.store).close()
            check_dask(settings.dask)
        else:
            self.in_process.state()
        self.workers: list[Worker] = []

    def start(self) -> None:
        """Begin to start the processes; does not wait for them."""
        content = self._settings.model_dump_json().encode()
        self.workers = [Worker(content) for _ in range(self._count)]
        if not self.workers:
            self.in_process.submit(native.load)

    def hurry(self) -> None:
        """Let long computations answer 202 after their current slice, because the server stops."""
        self.budget = 0.0

    async def close(self) -> None:
        """End the processes."""
        await asyncio.gather(*(worker.close() for worker in self.workers))
        self.in_process.close()

    @property
    def ready(self) -> bool:
        """Whether a worker has started."""
        return not self.workers or any(worker.ready for worker in self.workers)

    def submit(
        self, function: Callable[..., Any], *args: Any, experiment: str | None = None
    ) -> asyncio.Future[Any]:
        """Run ``function(*args)`` in a worker and return a future of its result.

        Cancelling the future drops the task if it has not begun. The future fails with the task's
        exception, or with Unavailable if no worker starts, the worker crashes twice, or the task
        takes too long.
        """
        if not self.workers:
            return self.in_process.submit(function, *args)
        job = Job(function, args, experiment or "")
        self.worker(experiment).submit(job)
        return job.future

    def submit_to_all(
        self, function: Callable[..., Any], *args: Any, about: str
    ) -> list[asyncio.Future[Any]]:
        """Run ``function(*args, worker, workers)`` in every worker, each with its own number.

        Their queues are fair between what tasks are ``about``, as between experiments.
        """
        if not self.workers:
            return [self.in_process.submit(function, *args, 0, 1)]
        ready = [worker for worker in self.workers if worker.ready] or self.workers
        jobs = [Job(function, (*args, k, len(ready)), about) for k in range(len(ready))]
        for worker, job in zip(ready, jobs, strict=True):
            worker.submit(job)
        return [job.future for job in jobs]

    def worker(self, experiment: str | None) -> Worker:
        """The worker of an experiment; with None the least busy worker."""
        if experiment is not None:
            return self.workers[int(experiment[:8], 16) % len(self.workers)]
        return min(self.workers, key=lambda each: (not each.ready, each.load))

    def statistics(self) -> Counter[str]:
        """The sum of the statistics of all processes."""
        return sum((each.statistics for each in self.workers), self.in_process.statistics())

    @property
    def ready_workers(self) -> int:
        """How many workers have started."""
        return sum(worker.ready for worker in self.workers)

    @property
    def restarts(self) -> int:
        """How many workers crashed or hung and were replaced."""
        return sum(worker.restarts for worker in self.workers)

    @property
    def load(self) -> int:
        """How many tasks wait for a worker or run in one."""
        return sum(worker.load for worker in self.workers)

    @property
    def pids(self) -> list[int]:
        """The ids of the worker processes and of the fork server."""
        found = {pid for each in self.workers for pid in (each.pid, each.fork_server) if pid}
        return sorted(found)


def check_provided(settings: Settings) -> None:
    """Raise ConfigurationError if a folder cannot be used: no worker would start.

    Where there is no folder, which is usual, the readers of folders are not imported.
    """
    installed = installed_groups()
    if settings.lessons.folders or LESSON_FOLDERS in installed:
        from backprop_explorer.lessons.lesson import deal
        from backprop_explorer.lessons.library import Library, own_lessons
        from backprop_explorer.lessons.reading.error import LessonError
        from backprop_explorer.lessons.seed import DEFAULT_SEED

        try:
            lessons = Library.of(settings).lessons()
            # While an author changes the files, the page says what is wrong.
            for name in [] if settings.lessons.reload else [*lessons.keys() - own_lessons().keys()]:
                deal(lessons[name], DEFAULT_SEED)
        except LessonError as error:
            raise ConfigurationError(f"EXPLORER_LESSONS: {error}") from None
    if settings.datasets or DATASET_FOLDERS in installed:
        from backprop_explorer.experiments.provided_data import provided_tables

        provided_tables(settings)

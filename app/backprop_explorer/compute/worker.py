"""A worker of the pool: a process and its replacements, managed by the web process's event loop.

Pebble runs the process and kills a task that takes too long. A process that ended is replaced,
which takes some milliseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from backprop_explorer.compute.fair_queue import CLIENT, FairQueue
from backprop_explorer.compute.logs import REQUEST_ID
from backprop_explorer.compute.memory import give_back
from backprop_explorer.compute.pebble_process import PebbleProcess
from backprop_explorer.compute.worker_process import TaskOutcome
from backprop_explorer.engine.errors import ExplorerError, Unavailable
from backprop_explorer.engine.late import Late
from backprop_explorer.texts import compute as texts

logger = logging.getLogger(__name__)

# A task that takes longer hangs: the limits of a request keep its computation far below that.
TASK_SECONDS = 30
# Pebble's timeout begins when the worker takes the task, and killing needs the channel's lock. So
# Pebble cannot end a worker that was stopped before it took the task. The worker is therefore
# checked every TICK_SECONDS. Checks are counted, not seconds, so that no task times out when a
# suspended laptop wakes up.
TICK_SECONDS = 1.0
SILENT_TICKS = 10
HUNG_TICKS = TASK_SECONDS + 5
# How long a request waits for a worker to start.
START_SECONDS = 20.0
# How long a worker may take to start.
BIRTH_SECONDS = 30.0
# The pause after a failed start, doubled after each further failure.
PAUSE_SECONDS = 0.1
MOST_PAUSE_SECONDS = 5.0
# Run in the process after other tasks.
TIDY = Late("backprop_explorer.compute.memory", "give_back")


@dataclass(eq=False, slots=True)
class Job:
    """A task that waits for a worker or runs in it."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    # An experiment or a sweep. The worker's queue is fair between clients, then tasks, then these.
    about: str = ""
    request_id: str | None = field(default_factory=REQUEST_ID.get)
    client: str = field(default_factory=CLIENT.get)
    future: asyncio.Future[Any] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    crashes: int = 0
    ticks: int = 0
    began: float = 0.0
    killed: bool = False

    @property
    def path(self) -> tuple[str, str, str]:
        """Where it waits in the worker's queue."""
        return self.client, self.function.__name__, self.about

    def fail(self, reason: str) -> None:
        """Fail with Unavailable, which the API answers with status 503 and Retry-After."""
        if not self.future.done():
            self.future.set_exception(Unavailable(reason))


class Worker:
    """Runs tasks in one process at a time, and replaces the process when it ends."""

    def __init__(self, settings: bytes) -> None:
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._queue: FairQueue[Job] = FairQueue()
        self._running: tuple[Job, Future[TaskOutcome]] | None = None
        self._process: PebbleProcess | None = None
        self._broken = asyncio.Event()
        # The statistics of the ended processes and of the present one.
        self._past: Counter[str] = Counter()
        self._present: Counter[str] = Counter()
        self._submitted = 0
        self.restarts = 0
        self.fork_server: int | None = None
        self._life = asyncio.create_task(self._live())

    @property
    def ready(self) -> bool:
        """Whether the process has started."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        """The id of the process, None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def load(self) -> int:
        """How many tasks wait for the process or run in it."""
        return len(self._queue) + (self._running is not None)

    @property
    def statistics(self) -> Counter[str]:
        """Counts of all its processes, and the cache size of the present one."""
        return self._past + self._present

    def submit(self, job: Job) -> None:
        """Put ``job`` into the queue."""
        self._submitted += 1
        self._queue.add(job.path, job)
        if self._process is None:
            self._loop.call_later(START_SECONDS, self._expire, job)
        elif self._running is not None:
            running, _ = self._running
            if job.about and (job.about, job.client) == (running.about, running.client):
                # Another sample, chosen while the run plays, need not wait for all its steps.
                self._process.hurry()
        self._dispatch()

    def _expire(self, job: Job) -> None:
        """Fail a job that has waited START_SECONDS for the process to start."""
        if self._process is None:
            self._queue.discard(job.path, job)
            job.fail(texts.NO_WORKER)

    def _dispatch(self) -> None:
        """Begin the next task that was not cancelled, unless a task runs."""
        while self._queue and self._process is not None and self._running is None:
            job = self._queue.take()
            if job.future.done():
                continue
            call = (job.request_id, job.function, job.args, bool(self._queue))
            try:
                future = self._process.schedule(call, TASK_SECONDS)
            except RuntimeError:
                # The process has ended while it was idle, and Pebble knows it.
                self._queue.add(job.path, job, first=True)
                self._break()
                return
            job.ticks, job.began = 0, self._loop.time()
            self._running = job, future
            future.add_done_callback(self._report)

    def _report(self, future: Future[TaskOutcome]) -> None:
        """Pass a finished future to the event loop. Called in a thread of Pebble."""
        with contextlib.suppress(RuntimeError):  # the event loop is closed
            self._loop.call_soon_threadsafe(self._finish, future)

    def _finish(self, future: Future[TaskOutcome]) -> None:
        if self._running is None or self._running[1] is not future:
            return
        job, _ = self._running
        self._running = None
        self._queue.charge(job.path, self._loop.time() - job.began)
        error = future.exception()
        # ``execute`` wraps the exceptions of tasks, so these are errors of the process.
        if isinstance(error, (OSError, RuntimeError)):
            job.killed = isinstance(error, TimeoutError)
            self._crashed(job)
        elif error is not None:
            if not job.future.done():
                job.future.set_exception(error)
        else:
            self._take(job, future.result())
        if isinstance(error, (OSError, RuntimeError)):
            self._break()
        else:
            self._dispatch()

    def _take(self, job: Job, done: TaskOutcome) -> None:
        self._present = done.statistics
        if job.future.done():
            return
        try:
            job.future.set_result(done.result())
        except ExplorerError as error:
            job.future.set_exception(error)

    def _crashed(self, job: Job) -> None:
        """Run the job again, once. That is safe: results depend on a task's arguments only."""
        job.crashes += 1
        if job.killed:
            job.fail(texts.TOO_LONG)
        elif job.crashes > 1:
            job.fail(texts.CRASHED_TWICE)
        else:
            self._queue.add(job.path, job, first=True)

    def _break(self) -> None:
        """Give up the process; ``_live`` starts a new one. A running job counts as crashed."""
        ended, self._process = self._process, None
        if ended is not None:
            ended.discard()
        running, self._running = self._running, None
        if running is not None:
            self._crashed(running[0])
        for job in self._queue:
            self._loop.call_later(START_SECONDS, self._expire, job)
        self._broken.set()

    async def _live(self) -> None:
        """Start a process, and a new one whenever it ends."""
        pause = PAUSE_SECONDS
        while True:
            self._broken.clear()
            process = PebbleProcess(self._settings)
            try:
                if await process.start(BIRTH_SECONDS, self.fork_server):
                    pause = PAUSE_SECONDS
                    self._process, self.fork_server = process, process.fork_server
                    self._dispatch()
                    await self._watch()
                else:
                    process.discard()
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, MOST_PAUSE_SECONDS)
            except asyncio.CancelledError:
                last, self._process = self._process or process, None
                await last.close()
                raise
            self.restarts += 1
            # Keep the counters of the process, which must not decrease.
            self._past = self.statistics
            del self._past["entries"], self._past["nbytes"]
            self._present = Counter()
            logger.warning("A worker ended; starting a new one")

    async def _watch(self) -> None:
        """Check the process every TICK_SECONDS; kill it if it hangs, return when it has ended."""
        seen = self._submitted
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._broken.wait(), TICK_SECONDS)
                return
            if self._process is None or not self._process.active:
                self._break()
                return
            if self._running is not None:
                self._check(*self._running)
            used, seen = seen != self._submitted, self._submitted
            if used:
                # The answers were allocated in the web process too.
                give_back()
                self._tidy()

    def _tidy(self) -> None:
        job = Job(TIDY, ())
        # Retrieve the result; asyncio would log an exception that nothing retrieves.
        job.future.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._queue.add(job.path, job)
        self._dispatch()

    def _check(self, job: Job, future: Future[TaskOutcome]) -> None:
        """Kill the process if its task hangs, or if it does not take the task."""
        job.ticks += 1
        silent = job.ticks > SILENT_TICKS and not future.running()
        if silent or job.ticks > HUNG_TICKS:
            # A job that the process never took may run again.
            job.killed = not silent
            logger.error("A worker hangs; killing it", extra={"fields": {"pid": self.pid}})
            if self._process is not None:
                self._process.kill()
            self._break()

    async def close(self) -> None:
        """End the process and fail the waiting jobs."""
        self._life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._life
        for job in (*self._queue, *(job for job, _ in filter(None, [self._running]))):
            job.fail(texts.STOPPING)

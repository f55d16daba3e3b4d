"""A worker of the pool: a process and its replacements, managed by the web process's event loop.

Pebble runs the process and kills a task that takes too long. A Pebble pool whose process was killed
from outside is not used again, because the process may have held the lock of the channel or written
half a message. The pool is discarded and a new one started, which takes some milliseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import astuple, dataclass, field, replace
from functools import partial
from typing import Any

from pebble import ProcessFuture, ProcessPool

from backprop_explorer.compute.fair_queue import FairQueue
from backprop_explorer.compute.fork_server import start_context
from backprop_explorer.compute.memory import give_back
from backprop_explorer.compute.worker_process import TaskOutcome, begin, execute, introduce, tidy
from backprop_explorer.engine.errors import Unavailable
from backprop_explorer.experiments.explorer import Statistics
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
STOP_SECONDS = 4.0
# The pause after a failed start, doubled after each further failure.
PAUSE_SECONDS = 0.1
MOST_PAUSE_SECONDS = 5.0
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)

NOTHING = Statistics(0, 0, 0, 0, 0)


def total(found: Iterable[Statistics]) -> Statistics:
    """Add the statistics of several processes."""
    return Statistics(*map(sum, zip(*map(astuple, [NOTHING, *found]), strict=True)))


@dataclass(eq=False, slots=True)
class Job:
    """A task that waits for a worker or runs in it."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    request_id: str | None = None
    # The experiment's id, or the name of the task. The worker's queue is fair between keys.
    key: str = ""
    future: asyncio.Future[Any] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    crashes: int = 0
    ticks: int = 0
    began: float = 0.0
    killed: bool = False

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
        self._pool: ProcessPool | None = None
        self._broken = asyncio.Event()
        # The statistics of the ended processes and of the present one.
        self._past = self._present = NOTHING
        self._submitted = 0
        self.restarts = 0
        self.pid: int | None = None
        self.fork_server: int | None = None
        self._life = asyncio.create_task(self._live())

    @property
    def ready(self) -> bool:
        """Whether the process has started."""
        return self._pool is not None

    @property
    def load(self) -> int:
        """How many tasks wait for the process or run in it."""
        return len(self._queue) + (self._running is not None)

    @property
    def statistics(self) -> Statistics:
        """Counts of all its processes, and the cache size of the present one."""
        return total([self._past, self._present])

    def submit(self, job: Job) -> None:
        """Put ``job`` into the queue."""
        self._submitted += 1
        self._queue.add(job.key, job)
        if self._pool is None:
            self._loop.call_later(START_SECONDS, self._expire, job)
        self._dispatch()

    def _expire(self, job: Job) -> None:
        """Fail a job that has waited START_SECONDS for the process to start."""
        if self._pool is None:
            self._queue.discard(job.key, job)
            job.fail(texts.NO_WORKER)

    def _dispatch(self) -> None:
        """Begin the next task that was not cancelled, unless a task runs."""
        while self._queue and self._pool is not None and self._running is None:
            job = self._queue.take()
            if job.future.done():
                continue
            call = (job.request_id, job.function, job.args)
            try:
                future = self._pool.schedule(execute, args=call, timeout=TASK_SECONDS)
            except RuntimeError:
                # The process has ended while it was idle, and Pebble knows it.
                self._queue.add_first(job.key, job)
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
        self._queue.charge(job.key, self._loop.time() - job.began)
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
        if done.error is None:
            job.future.set_result(done.value)
        else:
            done.error.__cause__ = RuntimeError(done.cause) if done.cause else None
            job.future.set_exception(done.error)

    def _crashed(self, job: Job) -> None:
        """Run the job again, once. That is safe: results depend on a task's arguments only."""
        job.crashes += 1
        if job.killed:
            job.fail(texts.TOO_LONG)
        elif job.crashes > 1:
            job.fail(texts.CRASHED_TWICE)
        else:
            self._queue.add_first(job.key, job)

    def _break(self) -> None:
        """Give up the Pebble pool; ``_live`` starts a new one. A running job counts as crashed."""
        self._pool = None
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
            pool = ProcessPool(
                max_workers=1,
                initializer=begin,
                initargs=(self._settings,),
                context=start_context(),
            )
            try:
                if await self._started(pool):
                    pause = PAUSE_SECONDS
                    self._pool = pool
                    self._dispatch()
                    await self._watch(pool)
                else:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, MOST_PAUSE_SECONDS)
            except asyncio.CancelledError:
                self._pool = None
                self._kill()
                await asyncio.wait([in_thread(partial(_discard, pool))], timeout=STOP_SECONDS)
                raise
            # In a thread: the next process need not wait for Pebble to stop.
            in_thread(partial(_discard, pool))
            self._count_restart()

    def _count_restart(self) -> None:
        self.restarts += 1
        # Counters must not decrease; the cache of the process is gone.
        self._past = replace(self.statistics, entries=0, nbytes=0)
        self._present = NOTHING
        logger.warning("A worker ended; starting a new one", extra={"fields": {"pid": self.pid}})
        self.pid = None

    async def _started(self, pool: ProcessPool) -> bool:
        """Start the process of ``pool`` and store its id. Returns whether it has started."""
        begun = in_thread(partial(pool.schedule, execute, args=(None, introduce, ())))
        try:
            async with asyncio.timeout(BIRTH_SECONDS):
                future = await asyncio.shield(begun)
                done = await asyncio.shield(_awaitable(future))
        except (OSError, RuntimeError):  # TimeoutError is an OSError
            if self.fork_server is not None and not begun.done():
                # The fork server hangs. Kill it; Python starts a new one.
                _kill(self.fork_server)
            return False
        self.pid, self.fork_server = done.value
        return True

    async def _watch(self, pool: ProcessPool) -> None:
        """Check the process every TICK_SECONDS; kill it if it hangs, return when it has ended."""
        seen, warmed = self._submitted, False
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._broken.wait(), TICK_SECONDS)
                return
            if not pool.active:
                self._break()
                return
            if self._running is not None:
                self._check(*self._running)
            used, seen = seen != self._submitted, self._submitted
            warm_up = not (used or warmed or self.load)
            if used:
                # The answers were allocated in the web process too.
                give_back()
            if used or warm_up:
                warmed = warmed or warm_up
                self._tidy(warm_up)

    def _tidy(self, warm_up: bool) -> None:
        job = Job(partial(tidy, warm_up=warm_up), ())
        # Retrieve the result; asyncio would log an exception that nothing retrieves.
        job.future.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._queue.add(job.key, job)
        self._dispatch()

    def _check(self, job: Job, future: Future[TaskOutcome]) -> None:
        """Kill the process if its task hangs, or if it does not take the task."""
        job.ticks += 1
        silent = job.ticks > SILENT_TICKS and not future.running()
        if silent or job.ticks > HUNG_TICKS:
            # A job that the process never took may run again.
            job.killed = not silent
            logger.error("A worker hangs; killing it", extra={"fields": {"pid": self.pid}})
            self._kill()
            self._break()

    def _kill(self) -> None:
        if self.pid is not None:
            _kill(self.pid)

    async def close(self) -> None:
        """End the process and fail the waiting jobs."""
        self._life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._life
        for job in (*self._queue, *(job for job, _ in filter(None, [self._running]))):
            job.fail(texts.STOPPING)


def _kill(pid: int) -> None:
    with contextlib.suppress(OSError):  # it has ended
        os.kill(pid, KILL)


def _discard(pool: ProcessPool) -> None:
    """Stop a Pebble pool. Its process exits when the channel is closed."""
    with contextlib.suppress(OSError, RuntimeError):
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _awaitable(future: ProcessFuture[TaskOutcome]) -> asyncio.Future[TaskOutcome]:
    return asyncio.wrap_future(future)


def in_thread(work: Callable[[], Any]) -> asyncio.Future[Any]:
    """Run ``work`` in a daemon thread, which does not delay the end of the program.

    Returns a future of its result.
    """
    loop = asyncio.get_running_loop()
    result = loop.create_future()

    def settle(value: Any, error: Exception | None) -> None:
        if not result.done():
            if error is None:
                result.set_result(value)
            else:
                result.set_exception(error)

    def run() -> None:
        value, failure = None, None
        try:
            value = work()
        except Exception as error:  # noqa: BLE001 - the future passes it on
            failure = error
        with contextlib.suppress(RuntimeError):  # the event loop is closed
            loop.call_soon_threadsafe(settle, value, failure)

    threading.Thread(target=run, daemon=True).start()
    return result

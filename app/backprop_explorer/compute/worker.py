"""One worker process and its successors, seen from the event loop of the web process.

Pebble runs the process and kills a task that takes too long. A Pebble pool whose process was killed
from outside is not used again: the process may have held the lock of the channel, or written half a
message. The pool is discarded and a new one started, which takes some milliseconds.
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

logger = logging.getLogger(__name__)

# A task that takes longer hangs: what a request may compute is bounded far below that.
TASK_SECONDS = 30
# Pebble's time-out begins when the worker takes the task and needs the channel's lock, so it never
# ends a worker that was stopped before. Each look is TICK_SECONDS; looks are counted and not
# seconds: after a suspended laptop wakes up nobody is late.
TICK_SECONDS = 1.0
SILENT_TICKS = 10
HUNG_TICKS = TASK_SECONDS + 5
# How long a request waits for a worker to start, and how long a start may take.
START_SECONDS = 20.0
BIRTH_SECONDS = 30.0
STOP_SECONDS = 4.0
# A worker that cannot even start is tried again after this, doubled each time.
PAUSE_SECONDS = 0.1
MOST_PAUSE_SECONDS = 5.0
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)

NOTHING = Statistics(0, 0, 0, 0, 0)


def total(found: Iterable[Statistics]) -> Statistics:
    """The sum of each number."""
    return Statistics(*map(sum, zip(*map(astuple, [NOTHING, *found]), strict=True)))


@dataclass(eq=False, slots=True)
class Job:
    """A task that waits for its worker or runs in it."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    request_id: str | None = None
    # Tasks with the same key, which is an experiment or "", wait for each other.
    key: str = ""
    future: asyncio.Future[Any] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    crashes: int = 0
    ticks: int = 0
    killed: bool = False

    def fail(self, reason: str) -> None:
        """Let whoever waits try again later."""
        if not self.future.done():
            self.future.set_exception(Unavailable(reason))


class Worker:
    """One place in the pool: a process, and the next one when that has ended."""

    def __init__(self, settings: bytes) -> None:
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._queue: FairQueue[Job] = FairQueue()
        self._running: tuple[Job, Future[TaskOutcome]] | None = None
        self._pool: ProcessPool | None = None
        self._broken = asyncio.Event()
        self._past = self._found = NOTHING
        # Tasks that were asked for, and how many of them there were at the last look.
        self._asked = 0
        self.restarts = 0
        self.pid: int | None = None
        self.fork_server: int | None = None
        self._life = asyncio.create_task(self._live())

    @property
    def ready(self) -> bool:
        """Whether it can begin a task."""
        return self._pool is not None

    @property
    def load(self) -> int:
        """How many tasks wait for it or run in it."""
        return len(self._queue) + (self._running is not None)

    @property
    def statistics(self) -> Statistics:
        """What its processes have computed, and what the present one holds."""
        return total([self._past, self._found])

    def submit(self, job: Job) -> None:
        """Run ``job`` when its turn comes."""
        self._asked += 1
        self._queue.add(job.key, job)
        if self._pool is None:
            self._loop.call_later(START_SECONDS, self._expire, job)
        self._dispatch()

    def _expire(self, job: Job) -> None:
        """Do not let a job wait for a worker that does not start."""
        if self._pool is None:
            self._queue.discard(job.key, job)
            job.fail("the server cannot compute at the moment; try again soon")

    def _dispatch(self) -> None:
        """Begin the next task whose client still waits, unless one runs."""
        while self._queue and self._pool is not None and self._running is None:
            job = self._queue.take()
            if job.future.done():
                continue
            call = (job.request_id, job.function, job.args)
            try:
                future = self._pool.schedule(execute, args=call, timeout=TASK_SECONDS)
            except RuntimeError:
                # Pebble has noticed that the process ended while it was idle.
                self._queue.add_first(job.key, job)
                self._break()
                return
            job.ticks = 0
            self._running = job, future
            future.add_done_callback(self._report)

    def _report(self, future: Future[TaskOutcome]) -> None:
        """Tell the event loop; called in a thread of Pebble's."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._finish, future)

    def _finish(self, future: Future[TaskOutcome]) -> None:
        if self._running is None or self._running[1] is not future:
            return
        job, _ = self._running
        self._running = None
        error = future.exception()
        # An error of the channel counts as a crash; ``execute`` wraps what tasks raise.
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
        self._found = done.statistics
        if job.future.done():
            return
        if done.error is None:
            job.future.set_result(done.value)
        else:
            done.error.__cause__ = RuntimeError(done.cause) if done.cause else None
            job.future.set_exception(done.error)

    def _crashed(self, job: Job) -> None:
        """Repeat the job once: what a task computes depends on its arguments alone."""
        job.crashes += 1
        if job.killed:
            job.fail("The computation took too long and was stopped")
        elif job.crashes > 1:
            job.fail("The worker crashed twice; try again")
        else:
            self._queue.add_first(job.key, job)

    def _break(self) -> None:
        """Give the pool up, whether or not it still reports what became of its task."""
        self._pool = None
        running, self._running = self._running, None
        if running is not None:
            self._crashed(running[0])
        for job in self._queue:
            self._loop.call_later(START_SECONDS, self._expire, job)
        self._broken.set()

    async def _live(self) -> None:
        """Start a process; when it has ended, start the next one."""
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
            # The next one need not wait for what Pebble still does.
            in_thread(partial(_discard, pool))
            self._count_restart()

    def _count_restart(self) -> None:
        self.restarts += 1
        # Counters must not fall; what the process held is gone.
        self._past = replace(self.statistics, entries=0, nbytes=0)
        self._found = NOTHING
        logger.warning("A worker ended and is replaced", extra={"fields": {"pid": self.pid}})
        self.pid = None

    async def _started(self, pool: ProcessPool) -> bool:
        """Start the process of ``pool``, and learn its id."""
        begun = in_thread(partial(pool.schedule, execute, args=(None, introduce, ())))
        try:
            async with asyncio.timeout(BIRTH_SECONDS):
                future = await asyncio.shield(begun)
                done = await asyncio.shield(_awaitable(future))
        except (OSError, RuntimeError):  # TimeoutError is an OSError
            if self.fork_server is not None and not begun.done():
                # The fork server hangs; Python starts another one.
                _kill(self.fork_server)
            return False
        self.pid, self.fork_server = done.value
        return True

    async def _watch(self, pool: ProcessPool) -> None:
        """Return when the process has ended; end it when it hangs."""
        seen, warmed = self._asked, False
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._broken.wait(), TICK_SECONDS)
                return
            if not pool.active:
                self._break()
                return
            if self._running is not None:
                self._look(*self._running)
            used, seen = seen != self._asked, self._asked
            warm_up = not (used or warmed or self.load)
            if used:
                # Answers went through this process too.
                give_back()
            if used or warm_up:
                warmed = warmed or warm_up
                self._tidy(warm_up)

    def _tidy(self, warm_up: bool) -> None:
        job = Job(partial(tidy, warm_up=warm_up), ())
        # Nobody waits for it, and what becomes of it does not matter.
        job.future.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._queue.add(job.key, job)
        self._dispatch()

    def _look(self, job: Job, future: Future[TaskOutcome]) -> None:
        """Kill the process where its task hangs, or where it does not take the task."""
        job.ticks += 1
        silent = job.ticks > SILENT_TICKS and not future.running()
        if silent or job.ticks > HUNG_TICKS:
            # A job that was never taken may be repeated.
            job.killed = not silent
            logger.error("A worker hangs and is killed", extra={"fields": {"pid": self.pid}})
            self._kill()
            self._break()

    def _kill(self) -> None:
        if self.pid is not None:
            _kill(self.pid)

    async def close(self) -> None:
        """End the process."""
        self._life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._life
        for job in (*self._queue, *(job for job, _ in filter(None, [self._running]))):
            job.fail("This server is stopping; try again soon.")


def _kill(pid: int) -> None:
    with contextlib.suppress(OSError):  # it has ended
        os.kill(pid, KILL)


def _discard(pool: ProcessPool) -> None:
    """End what is left of a pool: its worker exits when the channel is closed."""
    with contextlib.suppress(OSError, RuntimeError):
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _awaitable(future: ProcessFuture[TaskOutcome]) -> asyncio.Future[TaskOutcome]:
    return asyncio.wrap_future(future)


def in_thread(work: Callable[[], Any]) -> asyncio.Future[Any]:
    """The result of ``work``, from a thread that nobody waits for when the program ends."""
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
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, value, failure)

    threading.Thread(target=run, daemon=True).start()
    return result

"""A worker process as the web process sees it: started, given tasks, ended. Pebble runs it.

A Pebble pool whose process was killed from outside is not used again, because the process may have
held the lock of the channel or written half a message.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from pebble import ProcessPool

from backprop_explorer.compute.fork_server import start_context
from backprop_explorer.compute.worker_process import HURRY, TaskOutcome, begin, execute, introduce

STOP_SECONDS = 4.0
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class PebbleProcess:
    """A process that runs one task after another. ``settings`` is Settings as JSON."""

    def __init__(self, settings: bytes) -> None:
        self._pool = ProcessPool(
            max_workers=1, initializer=begin, initargs=(settings,), context=start_context()
        )
        # Its id and that of its parent, the fork server where one is used; None before it starts.
        self.pid: int | None = None
        self.fork_server: int | None = None

    async def start(self, seconds: float, fork_server: int | None = None) -> bool:
        """Start it. Returns False if that fails or takes longer than ``seconds``.

        If ``fork_server`` hangs meanwhile it is killed; Python starts a new one.
        """
        begun = in_thread(partial(self._pool.schedule, execute, args=(None, introduce, ())))
        begun.add_done_callback(_retrieve)
        try:
            async with asyncio.timeout(seconds):
                born = asyncio.wrap_future(await asyncio.shield(begun))
                born.add_done_callback(_retrieve)
                done = await asyncio.shield(born)
        except (OSError, RuntimeError):  # TimeoutError is an OSError
            if fork_server is not None and not begun.done():
                _send(fork_server, KILL)
            return False
        self.pid, self.fork_server = done.value
        return True

    @property
    def active(self) -> bool:
        """Whether it can take tasks. It takes Pebble a moment to see that a process has ended."""
        return bool(self._pool.active)

    def schedule(self, call: tuple[Any, ...], seconds: float) -> Future[TaskOutcome]:
        """Run ``execute(*call)``, for at most ``seconds``.

        Raises RuntimeError if the process has ended and Pebble knows it.
        """
        future: Future[TaskOutcome] = self._pool.schedule(execute, args=call, timeout=seconds)
        return future

    def hurry(self) -> None:
        """Ask the running task to end with what it has, where the system has such a signal."""
        if self.pid is not None and HURRY is not None:
            _send(self.pid, HURRY)

    def kill(self) -> None:
        """End the process at once."""
        if self.pid is not None:
            _send(self.pid, KILL)

    def discard(self) -> asyncio.Future[Any]:
        """End it in a thread, so that the next process need not wait for Pebble to stop."""
        return in_thread(partial(_discard, self._pool))

    async def close(self) -> None:
        """End it and wait for that, for at most STOP_SECONDS."""
        self.kill()
        await asyncio.wait([self.discard()], timeout=STOP_SECONDS)


def _retrieve(future: asyncio.Future[Any]) -> None:
    """Read how a future ended; asyncio would log an exception that nothing reads."""
    if not future.cancelled():
        future.exception()


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):  # it has ended
        os.kill(pid, number)


def _discard(pool: ProcessPool) -> None:
    """Stop a Pebble pool. Its process exits when the channel is closed."""
    with contextlib.suppress(OSError, RuntimeError):
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def in_thread(work: Callable[[], Any]) -> asyncio.Future[Any]:
    """Run ``work`` in a daemon thread, which does not delay the end of the program.

    Returns a future of its result.
    """
    result: Future[Any] = Future()
    result.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result.set_result(work())
        except Exception as error:  # noqa: BLE001 - the future passes it on
            result.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return asyncio.wrap_future(result)

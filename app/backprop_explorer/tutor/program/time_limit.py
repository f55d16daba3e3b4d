"""End a program that takes too long, where Python can: not within a call of C code.

The main thread on POSIX gets a signal, which ends ``time.sleep`` too. Elsewhere the exception is
raised at the next instruction.
"""

from __future__ import annotations

import _weakrefset
import ctypes
import os
import signal
import sys
import sysconfig
import threading
import time
import weakref
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

from backprop_explorer.record import array

MAX_SECONDS = 10.0
_RECORDER = str(Path(array.__file__).parent)
_OF_REFERENCES = frozenset({_weakrefset.__file__, weakref.__file__})
# A program that catches the exception gets it again; the recorder is not interrupted.
AGAIN_SECONDS = 0.1


class LimitReached(BaseException):
    """Ends the student's program. ``except Exception`` does not catch it."""


@lru_cache(maxsize=1)
def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return (*(str(Path(paths[name])) for name in names), str(Path(__file__).parents[2]))


@lru_cache(maxsize=4096)
def is_own_code(filename: str) -> bool:
    """Whether a source file is the student's: not of Python, of a library or of this program."""
    if filename.startswith(("<ipython-input", "<cell")):
        return True
    if filename.startswith("<") or "site-packages" in filename or "dist-packages" in filename:
        return filename in ("<stdin>", "<string>")
    return not filename.startswith(_library_folders())


class _Watcher:
    """The thread that ends the limits of one thread when they are due, the inner ones too."""

    def __init__(self) -> None:
        self._limits, self._wakes = list[TimeLimit](), 0.0
        self._prepare()

    def _prepare(self) -> None:
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def go_on(self) -> None:
        """Watch in a forked process, which has no thread that watches, but perhaps its lock."""
        self._prepare()
        self._thread.start()

    def add(self, limit: TimeLimit) -> None:
        with self._changed:
            self._limits.append(limit)
            if len(self._limits) == 1:
                self._thread.start()
            elif limit.due < self._wakes:
                self._changed.notify()

    def remove(self, limit: TimeLimit) -> None:
        with self._changed:
            self._limits.remove(limit)
            if is_last := not self._limits:
                self._changed.notify()
        if is_last:
            self._thread.join()

    def _watch(self) -> None:
        with self._changed:
            while self._limits:
                now = time.monotonic()
                for each in self._limits:
                    if each.due <= now:
                        each.end()
                self._wakes = min(each.due for each in self._limits)
                self._changed.wait(self._wakes - now)


class TimeLimit:
    """``with TimeLimit(seconds)`` raises LimitReached in this thread, within a line too.

    One within another costs no thread of its own.
    """

    _innermost: ClassVar[dict[int, TimeLimit]] = {}

    def __init__(self, seconds: float) -> None:
        self._seconds = max(0.0, seconds)
        self._thread = threading.get_ident()
        main = threading.current_thread() is threading.main_thread()
        self._signals = main and hasattr(signal, "pthread_kill")
        self._is_over = self._was_raised = self._is_left = False
        # By an alarm of the caller's own; one that came at a moment where it has to wait.
        self.was_interrupted = self._is_delayed = False

    def __enter__(self) -> None:
        """Begin to watch."""
        self._around = sys._getframe(1)
        if self._signals:
            self._handler = signal.signal(signal.SIGALRM, self._on_signal)
        self._outer = self._innermost.get(self._thread)
        self._innermost[self._thread] = self
        self._watcher: _Watcher = _Watcher() if self._outer is None else self._outer._watcher
        self.due = time.monotonic() + self._seconds
        self._watcher.add(self)

    def __exit__(self, *_: object) -> None:
        """Stop watching; put back the handler of the signal."""
        self._is_left = True
        self._watcher.remove(self)
        if self._outer is None:
            del self._innermost[self._thread]
        else:
            self._innermost[self._thread] = self._outer
        if self._signals:
            signal.signal(signal.SIGALRM, self._handler or signal.SIG_DFL)
            if self._is_delayed:
                signal.setitimer(signal.ITIMER_REAL, 0.0)
                signal.raise_signal(signal.SIGALRM)
        else:
            self._raise_in_thread(None)

    def end(self) -> None:
        """Raise the exception in the thread; called by the watcher."""
        self.due, self._is_over = time.monotonic() + AGAIN_SECONDS, True
        if self._signals:
            signal.pthread_kill(self._thread, signal.SIGALRM)
        elif self._may_raise(sys._current_frames().get(self._thread)):
            self._raise_in_thread(ctypes.py_object(LimitReached))

    def _raise_in_thread(self, error: Any) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), error)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._is_over and callable(self._handler):
            self._is_delayed = self._outer is None and _is_lost(frame)
            if self._is_delayed:
                if not any(signal.getitimer(signal.ITIMER_REAL)):
                    signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
                return
            try:
                self._handler(number, frame)  # a limit of the caller's own
            except BaseException:
                self.was_interrupted = True
                raise
        elif self._is_over and not self._is_left and self._may_raise(frame):
            raise LimitReached

    def _may_raise(self, frame: FrameType | None) -> bool:
        """Whether the exception may be raised in ``frame``; notes that it was raised."""
        if (
            _is_ours(frame)
            or _is_lost(frame)
            or (self._was_raised and not self._is_in_program(frame))
        ):
            return False
        self._was_raised = True
        return True

    def _is_in_program(self, frame: FrameType | None) -> bool:
        """Whether the program runs, and not what handles its exception, such as IPython."""
        while frame is not None and frame is not self._around:
            if is_own_code(frame.f_code.co_filename):
                return True
            frame = frame.f_back
        return False


def _after_fork() -> None:
    """Keep the limits of the thread that forked, the only one that the new process has."""
    thread = threading.get_ident()
    limits = TimeLimit._innermost
    for other in limits.keys() - {thread}:
        del limits[other]
    if thread in limits:
        limits[thread]._watcher.go_on()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _is_lost(frame: FrameType | None) -> bool:
    """Whether Python ignores exceptions at this moment: in ``__del__``, and in what is called when
    the object of a weak reference is deleted. A long collection of garbage ends there.
    """
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__del__" or code.co_filename in _OF_REFERENCES:
            return True
        frame = None if is_own_code(code.co_filename) else frame.f_back
    return False


def _is_ours(frame: FrameType | None) -> bool:
    """Whether the recorder or the end of a limit runs at this moment, not the program."""
    while frame is not None and not is_own_code(frame.f_code.co_filename):
        if frame.f_code.co_filename == __file__ or frame.f_code.co_filename.startswith(_RECORDER):
            return True
        frame = frame.f_back
    return False

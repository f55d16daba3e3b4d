"""End a program that takes too long, where Python can: not within a call of C code.

The main thread on POSIX gets a signal, which ends ``time.sleep`` too. Elsewhere the exception is
raised at the next instruction.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import sysconfig
import threading
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from backprop_explorer.record import array

MAX_SECONDS = 10.0
_RECORDER = str(Path(array.__file__).parent)
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


class TimeLimit:
    """``with TimeLimit(seconds)`` raises LimitReached in this thread, within a line too."""

    def __init__(self, seconds: float) -> None:
        self._seconds = max(0.0, seconds)
        self._thread = threading.get_ident()
        main = threading.current_thread() is threading.main_thread()
        self._signals = main and hasattr(signal, "pthread_kill")
        self._is_over = self._was_raised = False
        self._left = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        """Begin to watch."""
        self._around = sys._getframe(1)
        if self._signals:
            self._handler = signal.signal(signal.SIGALRM, self._on_signal)
        self._watcher.start()

    def __exit__(self, *_: object) -> None:
        """Stop watching; put back the handler of the signal."""
        self._left.set()
        self._watcher.join()
        if self._signals:
            signal.signal(signal.SIGALRM, self._handler or signal.SIG_DFL)
        else:
            self._raise_in_thread(None)

    def _watch(self) -> None:
        seconds = self._seconds
        while not self._left.wait(seconds):
            seconds, self._is_over = AGAIN_SECONDS, True
            if self._signals:
                signal.pthread_kill(self._thread, signal.SIGALRM)
            elif self._may_raise(sys._current_frames().get(self._thread)):
                self._raise_in_thread(ctypes.py_object(LimitReached))

    def _raise_in_thread(self, error: Any) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), error)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._is_over and callable(self._handler):
            self._handler(number, frame)  # a limit of the caller's own
        elif self._is_over and not self._left.is_set() and self._may_raise(frame):
            raise LimitReached

    def _may_raise(self, frame: FrameType | None) -> bool:
        """Whether the exception may be raised in ``frame``; notes that it was raised."""
        if _is_ours(frame) or (self._was_raised and not self._is_in_program(frame)):
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


def _is_ours(frame: FrameType | None) -> bool:
    """Whether the recorder or the end of a limit runs at this moment, not the program."""
    while frame is not None and not is_own_code(frame.f_code.co_filename):
        if frame.f_code.co_filename == __file__ or frame.f_code.co_filename.startswith(_RECORDER):
            return True
        frame = frame.f_back
    return False

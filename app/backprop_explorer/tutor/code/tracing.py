"""Call a recorder for every line of a student's code: sys.monitoring, before 3.12 sys.settrace.

Only frames of the student's own files are followed. The tracer of a debugger or of a coverage tool
is put back afterwards.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.code.recorder import LimitReached, Recorder, is_own_code

NAME = "backprop_explorer"


@contextmanager
def traced(recorder: Recorder, *, monitoring: bool | None = None) -> Iterator[None]:
    """Call ``recorder`` for the code that runs inside of the ``with`` block, in this thread.

    ``monitoring`` chooses sys.monitoring or sys.settrace; by default what this Python has.
    """
    if monitoring is None:
        monitoring = hasattr(sys, "monitoring")
    with _monitored(recorder) if monitoring else _settraced(recorder):
        yield


def _is_suspended(frame: FrameType) -> bool:
    """Whether a frame that is left stands at a ``yield``."""
    at = frame.f_lasti
    return at >= 0 and frame.f_code.co_code[at] == dis.opmap["YIELD_VALUE"]


@contextmanager
def _settraced(recorder: Recorder) -> Iterator[None]:
    raising: set[int] = set()

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            raising.discard(id(frame))
            recorder.on_line(frame)
        elif event == "exception":
            raising.add(id(frame))
        elif event == "return":
            # An exception that leaves the frame gives an event "return" with None as well.
            if _is_suspended(frame):
                recorder.on_yield(frame, argument)
            elif id(frame) in raising:
                raising.discard(id(frame))
                recorder.on_unwind(frame)
            else:
                recorder.on_return(frame, argument)
        return local

    def dispatch(frame: FrameType, event: str, argument: Any) -> Any:
        if event != "call" or not is_own_code(frame.f_code.co_filename):
            return None
        if not recorder.follows(frame):  # a generator goes on
            recorder.on_call(frame)
        return local

    before = sys.gettrace()
    sys.settrace(dispatch)
    try:
        yield
        if sys.gettrace() is not dispatch:
            raise LimitReached(texts.TRACING_ENDED)
    finally:
        sys.settrace(before)


def _callbacks(recorder: Recorder) -> dict[int, Callable[..., Any]]:
    """Return what sys.monitoring calls, by event."""
    disable, events = sys.monitoring.DISABLE, sys.monitoring.events

    def start(code: CodeType, offset: int) -> Any:
        if not is_own_code(code.co_filename):
            return disable
        recorder.on_call(sys._getframe(1))
        return None

    def line(code: CodeType, number: int) -> Any:
        if not is_own_code(code.co_filename):
            return disable
        recorder.on_line(sys._getframe(1))
        return None

    def leave(code: CodeType, offset: int, value: Any) -> Any:
        if not is_own_code(code.co_filename):
            return disable
        recorder.on_return(sys._getframe(1), value)
        return None

    def hand_out(code: CodeType, offset: int, value: Any) -> Any:
        if not is_own_code(code.co_filename):
            return disable
        recorder.on_yield(sys._getframe(1), value)
        return None

    def unwind(code: CodeType, offset: int, error: BaseException) -> Any:
        if is_own_code(code.co_filename):
            recorder.on_unwind(sys._getframe(1))

    return {
        events.PY_START: start,
        events.LINE: line,
        events.PY_RETURN: leave,
        events.PY_YIELD: hand_out,
        events.PY_UNWIND: unwind,
    }


@contextmanager
def _monitored(recorder: Recorder) -> Iterator[None]:
    monitoring = sys.monitoring
    callbacks = _callbacks(recorder)
    tool = next(each for each in (4, 3, 5, 2, 1, 0) if monitoring.get_tool(each) is None)

    monitoring.use_tool_id(tool, NAME)
    try:
        for event, callback in callbacks.items():
            monitoring.register_callback(tool, event, callback)
        monitoring.set_events(tool, sum(callbacks))
        yield
    finally:
        if monitoring.get_tool(tool) != NAME:
            raise LimitReached(texts.TRACING_ENDED)
        monitoring.set_events(tool, 0)
        for event in callbacks:
            monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)
        monitoring.restart_events()

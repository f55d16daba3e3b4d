"""Recording a program: its steps and lines, limits, and the state that is put back."""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.tutor.program import recording
from backprop_explorer.tutor.program.recording import ProgramCall, Recorded
from backprop_explorer.tutor.program.saved_state import saved_state
from backprop_explorer.tutor.program.steps import Run
from backprop_explorer.tutor.program.time_limit import LimitReached, TimeLimit, is_own_code
from tests.corpus.code.program import load

SOURCE = """\
import numpy as np
import random

total = np.zeros(2)
calls = []
seen = {'n': 0}

def double(v):
    return 2.0 * v

def work(x, items):
    y = double(x + 1.0)
    items.append(y)
    kept = {'a': [y, 3.0 * y]}
    for k in range(2):
        y = y + k
    total[0] += 1.0
    calls.append(k)
    seen['n'] += 1
    x *= 0.0
    random.random()
    np.random.rand()
    global added
    added = 5
    print('noise')
    return kept['a'][1]

def endless(x):
    while True:
        x = x + 1.0

def failing(x):
    y = x + 1.0
    return y @ np.ones((7, 7))
"""


@pytest.fixture
def names() -> dict[str, Any]:
    return load(SOURCE, "<cell recording>")


def record(function: Any, *arguments: Any, seconds: float = 10.0) -> Run:
    return Recorded(ProgramCall(function, arguments, max_seconds=seconds)).run


def test_every_operation_is_noted_with_its_line(names: dict[str, Any]) -> None:
    run = record(names["work"], np.array([1.0, 2.0]), [])
    assert run.raised is None
    (result,) = run.returned
    np.testing.assert_array_equal(run.steps[result.index].value, [12.0, 18.0])
    made = [
        ([frame.line for frame in each.frames], each.name, each.value.tolist())
        for each in run.steps
        if each.op and each.value.ndim
    ]
    assert made[:3] == [([12], "", [2.0, 3.0]), ([9, 12], "", [4.0, 6.0]), ([14], "", [12.0, 18.0])]
    assert ([16], "y", [5.0, 7.0]) in made


def test_globals_arguments_and_random_states_are_put_back(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    x, items = np.array([1.0, 2.0]), [np.ones(1)]
    total, calls = names["total"], names["calls"]
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    keys = set(names)
    record(names["work"], x, items)
    assert x.tolist() == [1.0, 2.0]
    assert len(items) == 1
    assert names["total"] is total
    assert total.tolist() == [0.0, 0.0]
    assert calls == []
    assert names["seen"] == {"n": 0}
    assert set(names) == keys
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
    assert capsys.readouterr().out == ""


def test_only_objects_of_the_students_classes_are_saved(names: dict[str, Any]) -> None:
    """An object of a library may lead to all that is in memory, such as the shell of a notebook."""
    kind = type("Layer", (), {"__module__": "<cell recording>"})
    library, own = logging.Formatter(), kind()
    library.content, own.content = [1.0], [2.0]  # type: ignore[attr-defined]
    names |= {"library": library, "own": own}
    with saved_state(names["work"]) as saved:
        own.content.append(3.0)
    assert own.content == [2.0]
    assert not any(each is library.content for each in saved.found)  # type: ignore[attr-defined]


def test_an_array_gets_its_shape_back(names: dict[str, Any]) -> None:
    names["bias"] = bias = np.arange(3.0).reshape(3, 1)
    with saved_state(names["work"]):
        bias.resize(3, refcheck=False)
        bias += 1.0
    assert bias.tolist() == [[0.0], [1.0], [2.0]]


def test_values_before_an_exception_are_noted(names: dict[str, Any]) -> None:
    run = record(names["failing"], np.ones(2))
    assert isinstance(run.raised, ValueError)
    assert run.returned == []
    assert [2.0, 2.0] in [each.value.tolist() for each in run.steps]
    assert run.raised_at == ("<cell recording>", 34)


def test_libraries_are_not_the_students_code() -> None:
    assert not is_own_code(np.__file__)
    assert not is_own_code(random.__file__)
    assert is_own_code("/home/student/exercise.py")
    assert is_own_code("<ipython-input-3-abc>")
    assert not is_own_code("<frozen importlib._bootstrap>")


WITHIN_A_LINE = """\
import itertools
import time


def loop():
    while True: pass


def comprehension():
    return [0 for _ in itertools.count() if False]


def generator():
    return sum(x for x in itertools.repeat(0))


def sleeping():
    time.sleep(1000)


def catching():
    while True:
        try:
            sleeping()
        except BaseException:
            sleeping()
"""


@pytest.mark.parametrize(
    "name", ["loop", "comprehension", "generator", "sleeping", "catching", "endless"]
)
def test_a_program_is_stopped_within_a_line(
    names: dict[str, Any], tmp_path: Path, name: str
) -> None:
    file = tmp_path / "slow.py"
    exec(compile(WITHIN_A_LINE, str(file), "exec"), names)
    handler = signal.getsignal(signal.SIGALRM)
    arguments = (np.ones(2),) if name == "endless" else ()
    run = record(names[name], *arguments, seconds=0.1)
    assert run.limit is not None
    assert "0.1" in run.limit
    assert run.raised is None
    assert signal.getsignal(signal.SIGALRM) is handler


def test_what_handles_the_exception_is_not_interrupted(tmp_path: Path) -> None:
    """IPython prints a traceback after the program has ended, which may take a while."""
    program: dict[str, Any] = {}
    exec(compile(WITHIN_A_LINE, str(tmp_path / "slow.py"), "exec"), program)
    shell: dict[str, Any] = {"time": time}
    handling = """
def run(program):
    try:
        program()
    except BaseException:
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            pass
        return True
"""
    exec(compile(handling, threading.__file__, "exec"), shell)
    with TimeLimit(0.05):
        assert shell["run"](program["sleeping"])


def test_a_forked_process_has_the_limit_too() -> None:
    def wait() -> None:
        end = time.monotonic() + 20.0
        while time.monotonic() < end:
            pass

    child = -1
    try:
        with TimeLimit(1.0):
            child = os.fork()
            if not child:
                wait()
    except LimitReached:
        if not child:
            os._exit(3)
        raise
    if not child:
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3


@pytest.mark.parametrize("thread", [False, True], ids=["main", "other"])
def test_a_limit_within_another_ends_alone(tmp_path: Path, *, thread: bool) -> None:
    program: dict[str, Any] = {}
    exec(compile(WITHIN_A_LINE, str(tmp_path / "slow.py"), "exec"), program)

    def nested() -> None:
        with TimeLimit(0.3):
            for _ in range(3):
                with pytest.raises(LimitReached), TimeLimit(0.02):
                    program["loop"]()
            with pytest.raises(LimitReached), TimeLimit(9.0):
                program["loop"]()  # the outer one ends it

    if thread:
        with ThreadPoolExecutor(1) as threads:
            threads.submit(nested).result()
    else:
        nested()


ALARMED = """\
import signal
def alarmed(x):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    return endless(x)
"""


def test_the_alarm_of_the_caller_goes_off(
    names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it ended is not run again without the recorder: that would take all of the limit."""

    def alarm(*_: object) -> None:
        raise TimeoutError

    monkeypatch.delattr(recording, "_runs_alone")
    before = signal.signal(signal.SIGALRM, alarm)
    try:
        exec(compile(ALARMED, "<cell alarmed>", "exec"), names)
        assert isinstance(record(names["alarmed"], np.ones(2)).raised, TimeoutError)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def test_a_limit_and_an_alarm_wait_where_python_ignores_exceptions() -> None:
    """In the callback of a weak reference, which a collection of garbage calls."""
    source = "import sys\ndef _remove():\n    return sys._getframe()\n"
    names: dict[str, Any] = {}
    exec(compile(source, weakref.__file__, "exec"), names)
    limit, lost = TimeLimit(10.0), names["_remove"]()
    assert not limit._may_raise(lost)
    assert limit._may_raise(sys._getframe())
    calls = list[int]()
    before = signal.signal(signal.SIGALRM, lambda number, _: calls.append(number))
    try:
        with limit:
            limit._on_signal(signal.SIGALRM, lost)
            assert calls == []
        assert calls == [signal.SIGALRM]
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", ["loop", "comprehension", "generator", "endless"])
def test_a_program_in_another_thread_is_stopped(names: dict[str, Any], name: str) -> None:
    """There only the sleep of a program cannot be cut short."""
    exec(compile(WITHIN_A_LINE, "/slow.py", "exec"), names)
    arguments = (np.ones(2),) if name == "endless" else ()
    with ThreadPoolExecutor(1) as threads:
        run = threads.submit(record, names[name], *arguments, seconds=0.1).result()
    assert "0.1" in (run.limit or "")


@pytest.mark.parametrize("end", ["sys.exit(0)", "raise SystemExit", "raise GeneratorExit"])
def test_a_program_that_exits_gives_no_recording(names: dict[str, Any], end: str) -> None:
    exec(f"import sys\ndef leave():\n    {end}", names)
    with pytest.raises(InvalidInput, match="the check was not finished"):
        record(names["leave"])

"""The recorder: what is noted, in which order, with both tracers; limits; the state put back."""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.tutor.code.check_code import record
from backprop_explorer.tutor.code.recorder import Recorder, is_own_code
from backprop_explorer.tutor.code.time_limit import TimeLimit
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
# sys.monitoring is new in Python 3.12.
TRACERS = [False, True] if hasattr(sys, "monitoring") else [False]


@pytest.fixture
def names() -> dict[str, Any]:
    return load(SOURCE, "<cell recorder>")


@pytest.mark.parametrize("monitoring", TRACERS)
def test_every_array_is_noted_with_its_line(names: dict[str, Any], monitoring: bool) -> None:
    x = np.array([1.0, 2.0])
    recording, returned, raised = record(names["work"], (x, []), {}, monitoring=monitoring)
    assert raised is None
    np.testing.assert_array_equal(returned, [12.0, 18.0])
    made = [
        (each.visit.line, each.path, recording.values[each.key].tolist())
        for each in recording.made()
        if recording.values[each.key].ndim
    ]
    assert made[:3] == [
        (12, "argument", [2.0, 3.0]),
        (9, "return", [4.0, 6.0]),
        (14, "kept['a'][1]", [12.0, 18.0]),
    ]
    assert (16, "y", [5.0, 7.0]) in made
    assert [frame.code.co_name for frame in recording.frames] == ["work", "double"]
    assert recording.frames[1].visit is not None
    assert recording.frames[1].visit.line == 12
    assert (13, "items[0]") in [(b.visit.line, b.path) for b in recording.bindings]


@pytest.mark.parametrize("monitoring", TRACERS)
def test_globals_arguments_and_random_states_are_put_back(
    names: dict[str, Any], monitoring: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    x, items = np.array([1.0, 2.0]), [np.ones(1)]
    total, calls = names["total"], names["calls"]
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    keys = set(names)
    record(names["work"], (x, items), {}, monitoring=monitoring)
    assert x.tolist() == [1.0, 2.0]
    assert len(items) == 1
    assert names["total"] is total
    assert total.tolist() == [0.0, 0.0]
    assert calls == []
    assert names["seen"] == {"n": 0}
    assert set(names) == keys
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("monitoring", TRACERS)
def test_an_endless_program_is_stopped(names: dict[str, Any], monitoring: bool) -> None:
    recording, _, raised = record(
        names["endless"], (np.ones(2),), {}, monitoring=monitoring, recorder=Recorder(max_lines=500)
    )
    assert raised is None
    assert recording.limit == "500 lines"
    assert len(recording.visits) == 500


def test_the_memory_is_bounded(names: dict[str, Any]) -> None:
    recorder = Recorder(max_bytes=100_000)
    recording, _, _ = record(names["endless"], (np.ones(1000),), {}, recorder=recorder)
    assert recording.limit == "the memory for values"


@pytest.mark.parametrize("monitoring", TRACERS)
def test_values_before_an_exception_are_noted(names: dict[str, Any], monitoring: bool) -> None:
    recording, returned, raised = record(names["failing"], (np.ones(2),), {}, monitoring=monitoring)
    assert isinstance(raised, ValueError)
    assert returned is None
    assert [2.0, 2.0] in [value.tolist() for value in recording.values]


@pytest.mark.parametrize("monitoring", TRACERS)
def test_the_tracer_of_others_stays(names: dict[str, Any], monitoring: bool) -> None:
    before = sys.gettrace()
    record(names["double"], (np.ones(2),), {}, monitoring=monitoring)
    assert sys.gettrace() is before
    if hasattr(sys, "monitoring"):
        assert sys.monitoring.get_tool(4) is None


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


@pytest.mark.parametrize("monitoring", TRACERS)
@pytest.mark.parametrize(
    "name", ["loop", "comprehension", "generator", "sleeping", "catching", "endless"]
)
def test_a_program_is_stopped_within_a_line(
    names: dict[str, Any], tmp_path: Path, name: str, monitoring: bool
) -> None:
    file = tmp_path / "slow.py"
    exec(compile(WITHIN_A_LINE, str(file), "exec"), names)
    handler = signal.getsignal(signal.SIGALRM)
    recorder = Recorder(max_seconds=0.1, max_lines=10**9)
    arguments = (np.ones(2),) if name == "endless" else ()
    recording, _, raised = record(
        names[name], arguments, {}, monitoring=monitoring, recorder=recorder
    )
    assert (recording.limit, raised) == ("0.1 seconds", None)
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


def test_the_alarm_of_the_caller_goes_off(names: dict[str, Any]) -> None:
    def alarm(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        _, _, raised = record(names["endless"], (np.ones(2),), {}, recorder=Recorder())
        assert isinstance(raised, TimeoutError)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", ["loop", "comprehension", "generator", "endless"])
def test_a_program_in_another_thread_is_stopped(names: dict[str, Any], name: str) -> None:
    """There only the sleep of a program cannot be cut short."""
    exec(compile(WITHIN_A_LINE, "/slow.py", "exec"), names)
    arguments = (np.ones(2),) if name == "endless" else ()
    with ThreadPoolExecutor(1) as threads:
        recorder = Recorder(max_seconds=0.1, max_lines=10**9)
        recording, _, _ = threads.submit(
            record, names[name], arguments, {}, recorder=recorder
        ).result()
    assert recording.limit == "0.1 seconds"


@pytest.mark.parametrize("end", ["sys.exit(0)", "raise SystemExit", "raise GeneratorExit"])
def test_a_program_that_exits_gives_no_recording(names: dict[str, Any], end: str) -> None:
    exec(f"import sys\ndef leave():\n    {end}", names)
    with pytest.raises(InvalidInput, match="the check was not finished"):
        record(names["leave"], (), {})

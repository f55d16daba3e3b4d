"""The native runner: when it is loaded, its self-check, and tapes without it."""

from __future__ import annotations

import logging
import sys

import numpy as np
import pytest

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.updates import Update
from backprop_explorer.tape import Tape, loops, native
from backprop_explorer.tape.entries import Call, ufuncs_of
from tests.helpers.tapes import STEPS, Training, build, in_python, natively


@pytest.fixture
def runner() -> native.Runner:
    found = native.load()
    assert found is not None, "the tests need llvmlite and a native runner"
    return found


@pytest.fixture
def without_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "loaded", lambda: None)
    monkeypatch.setattr(native, "load", lambda: None)


def test_a_short_tape_does_not_load_the_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "loaded", lambda: None)
    monkeypatch.setattr(native, "load", lambda: pytest.fail("loaded"))
    out = np.zeros(1)
    tape = Tape([Call(np.add, (out, np.ones(1)), out)])
    assert tape.run(0, 100) == (100, True)
    assert out.item() == 100


def test_a_long_tape_loads_the_runner(
    monkeypatch: pytest.MonkeyPatch, runner: native.Runner
) -> None:
    monkeypatch.setattr(native, "loaded", lambda: None)
    loads: list[bool] = []
    monkeypatch.setattr(native, "load", lambda: loads.append(True) or runner)
    out = np.zeros(1)
    tape = Tape([Call(np.add, (out, np.ones(1)), out)])
    assert tape.run(0, 200_000) == (200_000, True)
    assert out.item() == 200_000
    assert loads == [True]


@pytest.mark.usefixtures("without_runner")
def test_tapes_run_in_python_without_a_runner() -> None:
    network = build(2, (4, "tanh"), (1, "sigmoid"))
    found = Training(network, Objective(), Update("adam"), 8)
    expected = Training(network, Objective(), Update("adam"), 8)
    found.tape._saved = 1e6
    found.tape.run(0, STEPS)
    in_python(expected.tape, 0, STEPS)
    assert found.bits() == expected.bits()


def test_missing_llvmlite_is_logged_as_info_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """llvmlite is an optional dependency."""
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    with caplog.at_level(logging.INFO):
        assert native.load.__wrapped__() is None
    assert [each.levelname for each in caplog.records] == ["INFO"]
    assert "llvmlite is not installed" in caplog.text


@pytest.mark.parametrize("error", [ImportError("no LLVM"), OSError("no memory")])
def test_a_failed_compilation_is_logged(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def compiled() -> native.Runner:
        raise error

    monkeypatch.setattr(native, "_compiled", compiled)
    with caplog.at_level(logging.WARNING):
        assert native.load.__wrapped__() is None
    assert str(error) in caplog.text


def test_forbidden_executable_memory_is_detected_before_compiling(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError("not executable")

    monkeypatch.setattr(native.mmap, "mmap", refused)
    monkeypatch.setattr(native.sys, "platform", "linux")
    with caplog.at_level(logging.WARNING):
        assert native.load.__wrapped__() is None
    assert "not executable" in caplog.text


def test_wrong_loops_fail_the_self_check(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    honest = loops.loop_of
    swapped = {np.add: np.subtract, np.tanh: np.exp}
    monkeypatch.setattr(loops, "loop_of", lambda ufunc: honest(swapped.get(ufunc, ufunc)))
    with caplog.at_level(logging.WARNING):
        assert native.load.__wrapped__() is None
    assert "failed its self-check" in caplog.text


def test_a_ufunc_without_access_to_its_loop_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ufunc:
        nargs = 3
        __name__ = "add"

    with pytest.raises(loops.NoLoopError):
        loops.loop_of.__wrapped__(Ufunc())


def test_a_wrong_loop_of_any_recorded_ufunc_is_called_from_python(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, runner: native.Runner
) -> None:
    """Also for a ufunc that the self-check of the runner does not use."""
    correct = loops.loop_of
    swapped = {np.log: np.exp, np.arctan2: np.hypot}
    monkeypatch.setattr(loops, "loop_of", lambda ufunc: correct(swapped.get(ufunc, ufunc)))
    # An earlier test may have checked one of them with its own loop.
    for ufunc in swapped:
        monkeypatch.delitem(runner.checked, ufunc, raising=False)
        monkeypatch.setitem(runner.checked, ufunc, native._agrees(runner, ufunc))
    x, y = np.random.default_rng(0).uniform(1, 2, (2, 7, 3))
    log, angle = np.zeros_like(x), np.zeros_like(x)
    tape = Tape([Call(np.log, (x,), log), Call(np.arctan2, (x, y), angle)])
    with caplog.at_level(logging.WARNING):
        assert natively(tape) == (1, True)
    assert log.tobytes() == np.log(x).tobytes()
    assert angle.tobytes() == np.arctan2(x, y).tobytes()
    assert "loop of log" in caplog.text
    assert "loop of arctan2" in caplog.text


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_recorded_ufunc_is_checked_and_used(
    activation: str, cost: str, runner: native.Runner
) -> None:
    """Every ufunc that an activation, cost or optimizer uses."""
    for optimizer in OPTIMIZERS:
        training = Training(
            build(2, (3, activation), (1, "sigmoid")), Objective(cost), Update(optimizer), 4
        )
        for entry in training.tape.entries:
            for ufunc in ufuncs_of(entry):
                assert native._agrees(runner, ufunc), ufunc
                assert runner.checked[ufunc]

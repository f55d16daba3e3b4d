"""Parallel calls: all run, in several threads, and their errors are raised."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from backprop_explorer.tape import threads
from backprop_explorer.tape.threads import run_parallel

LONG = 10.0  # Timeout in seconds; a wait that takes longer is a deadlock.


@pytest.fixture(autouse=True)
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate three processors."""
    monkeypatch.setattr(threads, "usable_processors", lambda: 3)


def test_three_calls_run_at_the_same_time() -> None:
    together = threading.Barrier(3)
    arrived: list[int] = []
    run_parallel([lambda: arrived.append(together.wait(LONG))] * 3)
    assert sorted(arrived) == [0, 1, 2]


def test_more_calls_than_threads_each_run_once() -> None:
    done: list[int] = []
    run_parallel([lambda k=k: done.append(k) for k in range(20)])
    assert sorted(done) == list(range(20))


def test_an_empty_list_starts_no_thread() -> None:
    before = threading.active_count()
    run_parallel([])
    assert threading.active_count() == before


def test_one_processor_uses_only_the_calling_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "usable_processors", lambda: 1)
    found: set[int] = set()
    run_parallel([lambda: found.add(threading.get_ident())] * 5)
    assert found == {threading.get_ident()}


def test_the_calling_thread_does_all_if_none_can_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    threads._pool.cache_clear()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    done: list[int] = []
    run_parallel([lambda k=k: done.append(k) for k in range(6)])
    assert done == list(range(6))
    threads._pool.cache_clear()


def test_busy_threads_do_not_delay_the_caller() -> None:
    busy, over = threading.Barrier(4), threading.Event()
    in_vain: list[bool] = []

    def occupy() -> None:
        busy.wait(LONG)
        if not over.wait(LONG):
            in_vain.append(True)

    holder = threading.Thread(target=run_parallel, args=([occupy] * 3,))
    holder.start()
    busy.wait(LONG)
    done: list[int] = []
    try:
        run_parallel([lambda k=k: done.append(k) for k in range(4)])
        assert sorted(done) == [0, 1, 2, 3]
        assert not in_vain
    finally:
        over.set()
        holder.join()


@pytest.mark.parametrize("bad", [{0}, {1}, {2}, {0, 1}, {0, 1, 2}])
def test_an_error_is_raised_after_all_running_calls_end(bad: set[int]) -> None:
    together, first, done = threading.Barrier(3), threading.Event(), []

    def work(k: int) -> None:
        together.wait(LONG)
        if k in bad:
            first.set()
            raise ArithmeticError("this one")
        # Wait until the error has been raised.
        first.wait(LONG)
        for _ in range(100_000):
            pass
        done.append(k)

    later: list[int] = []
    works = [lambda k=k: work(k) for k in range(3)]
    with pytest.raises(ArithmeticError, match="this one"):
        run_parallel([*works, *(lambda k=k: later.append(k) for k in range(50))])
    assert sorted(done) == [k for k in range(3) if k not in bad]
    before = list(later)
    run_parallel([lambda: None] * 3)
    assert later == before


def test_calls_skipped_after_an_error_never_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    def fail() -> None:
        raise ArithmeticError("this one")

    threads._pool.cache_clear()
    later: list[int] = []
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        with pytest.raises(ArithmeticError, match="this one"):
            run_parallel([fail, *(lambda k=k: later.append(k) for k in range(5))])
    # A thread that starts later would take the calls that are still in the pool's queue.
    together = threading.Barrier(3)
    run_parallel([lambda: together.wait(LONG)] * 3)
    assert later == []


def test_errstate_applies_in_all_threads() -> None:
    together = threading.Barrier(3)
    quotients: list[float] = []

    def work() -> None:
        together.wait(LONG)
        quotients.extend(np.divide(np.ones(1), np.zeros(1)))

    with np.errstate(divide="ignore"):
        run_parallel([work] * 3)
    assert quotients == [np.inf] * 3


def test_at_least_one_processor() -> None:
    assert threads.usable_processors() >= 1

"""Work side by side: all of it is done, by several threads, and errors come back."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from backprop_explorer.tape import threads
from backprop_explorer.tape.threads import side_by_side

LONG = 10.0  # seconds; what waits so long waits for ever


@pytest.fixture(autouse=True)
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine with three processors."""
    monkeypatch.setattr(threads, "processors", lambda: 3)


def test_three_are_done_at_the_same_time() -> None:
    together = threading.Barrier(3)
    arrived: list[int] = []
    side_by_side([lambda: arrived.append(together.wait(LONG))] * 3)
    assert sorted(arrived) == [0, 1, 2]


def test_all_are_done_once_also_where_there_are_more_than_threads() -> None:
    done: list[int] = []
    side_by_side([lambda k=k: done.append(k) for k in range(20)])
    assert sorted(done) == list(range(20))


def test_nothing_is_done_where_there_is_nothing() -> None:
    before = threading.active_count()
    side_by_side([])
    assert threading.active_count() == before


def test_one_processor_is_this_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "processors", lambda: 1)
    found: set[int] = set()
    side_by_side([lambda: found.add(threading.get_ident())] * 5)
    assert found == {threading.get_ident()}


def test_without_a_thread_to_be_had_this_one_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    threads._others.cache_clear()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    done: list[int] = []
    side_by_side([lambda k=k: done.append(k) for k in range(6)])
    assert done == list(range(6))
    threads._others.cache_clear()


def test_nobody_waits_for_threads_that_others_keep_busy() -> None:
    busy, over = threading.Barrier(4), threading.Event()
    in_vain: list[bool] = []

    def occupy() -> None:
        busy.wait(LONG)
        if not over.wait(LONG):
            in_vain.append(True)

    holder = threading.Thread(target=side_by_side, args=([occupy] * 3,))
    holder.start()
    busy.wait(LONG)
    done: list[int] = []
    try:
        side_by_side([lambda k=k: done.append(k) for k in range(4)])
        assert sorted(done) == [0, 1, 2, 3]
        assert not in_vain
    finally:
        over.set()
        holder.join()


@pytest.mark.parametrize("bad", [{0}, {1}, {2}, {0, 1}, {0, 1, 2}])
def test_an_error_comes_back_when_nobody_works_any_more(bad: set[int]) -> None:
    together, first, done = threading.Barrier(3), threading.Event(), []

    def work(k: int) -> None:
        together.wait(LONG)
        if k in bad:
            first.set()
            raise ArithmeticError("this one")
        # Long enough for the error to be there first.
        first.wait(LONG)
        for _ in range(100_000):
            pass
        done.append(k)

    later: list[int] = []
    works = [lambda k=k: work(k) for k in range(3)]
    with pytest.raises(ArithmeticError, match="this one"):
        side_by_side([*works, *(lambda k=k: later.append(k) for k in range(50))])
    assert sorted(done) == [k for k in range(3) if k not in bad]
    before = list(later)
    side_by_side([lambda: None] * 3)
    assert later == before


def test_what_an_error_leaves_undone_is_not_done_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    def fail() -> None:
        raise ArithmeticError("this one")

    threads._others.cache_clear()
    later: list[int] = []
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        with pytest.raises(ArithmeticError, match="this one"):
            side_by_side([fail, *(lambda k=k: later.append(k) for k in range(5))])
    # A thread that there is at last finds what was handed to the pool then.
    together = threading.Barrier(3)
    side_by_side([lambda: together.wait(LONG)] * 3)
    assert later == []


def test_what_numpy_is_told_to_ignore_is_ignored_everywhere() -> None:
    together = threading.Barrier(3)
    quotients: list[float] = []

    def work() -> None:
        together.wait(LONG)
        quotients.extend(np.divide(np.ones(1), np.zeros(1)))

    with np.errstate(divide="ignore"):
        side_by_side([work] * 3)
    assert quotients == [np.inf] * 3


def test_there_is_a_processor() -> None:
    assert threads.processors() >= 1

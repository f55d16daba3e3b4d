"""Work side by side: all of it is done, by several threads, and errors come back."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from app.core.tape import threads
from app.core.tape.threads import WORTH_THREADS, side_by_side

LONG = 10.0  # seconds; what waits so long waits for ever


@pytest.fixture(autouse=True)
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine with three processors."""
    monkeypatch.setattr(threads, "processors", lambda: 3)


def test_three_are_done_at_the_same_time() -> None:
    together = threading.Barrier(3)
    side_by_side([lambda: together.wait(LONG)] * 3, WORTH_THREADS)


def test_all_are_done_once_also_where_there_are_more_than_threads() -> None:
    done: list[int] = []
    side_by_side([lambda k=k: done.append(k) for k in range(20)], WORTH_THREADS)
    assert sorted(done) == list(range(20))


def test_little_work_stays_in_this_thread() -> None:
    found: set[int] = set()
    works = [lambda: found.add(threading.get_ident())] * 5
    side_by_side(works, WORTH_THREADS - 1)
    assert found == {threading.get_ident()}
    side_by_side([], WORTH_THREADS)


def test_nobody_waits_for_threads_that_others_keep_busy() -> None:
    busy, over = threading.Barrier(4), threading.Event()
    in_vain: list[bool] = []

    def occupy() -> None:
        busy.wait(LONG)
        if not over.wait(LONG):
            in_vain.append(True)

    holder = threading.Thread(target=side_by_side, args=([occupy] * 3, WORTH_THREADS))
    holder.start()
    busy.wait(LONG)
    done: list[int] = []
    try:
        side_by_side([lambda k=k: done.append(k) for k in range(4)], WORTH_THREADS)
        assert sorted(done) == [0, 1, 2, 3]
        assert not in_vain
    finally:
        over.set()
        holder.join()


@pytest.mark.parametrize("bad", range(3))
def test_an_error_comes_back_when_nobody_works_any_more(bad: int) -> None:
    together, done = threading.Barrier(3), []

    def work(k: int) -> None:
        together.wait(LONG)
        if k == bad:
            raise ArithmeticError("this one")
        done.append(k)

    with pytest.raises(ArithmeticError, match="this one"):
        side_by_side([lambda k=k: work(k) for k in range(3)], WORTH_THREADS)
    assert sorted(done) == [k for k in range(3) if k != bad]


def test_what_numpy_is_told_to_ignore_is_ignored_everywhere() -> None:
    together = threading.Barrier(3)

    def work() -> None:
        together.wait(LONG)
        np.divide(np.ones(1), np.zeros(1))

    with np.errstate(divide="ignore"):
        side_by_side([work] * 3, WORTH_THREADS)


def test_there_is_a_processor() -> None:
    assert threads.processors() >= 1

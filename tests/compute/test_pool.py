"""The pool: errors, crashes, hangs, the order of tasks."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from backprop_explorer.compute import pebble_process
from backprop_explorer.compute import worker as worker_module
from backprop_explorer.compute.fair_queue import CLIENT
from backprop_explorer.compute.pool import Pool
from backprop_explorer.compute.worker_process import TaskError
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, NotFound, Unavailable
from backprop_explorer.settings import Settings
from tests.helpers.environment import without_settings
from tests.helpers.pools import TIMEOUT, in_pool, started, until
from tests.helpers.processes import alive
from tests.helpers.tasks import (
    count_and_hang,
    crash,
    crash_once,
    fail_with,
    others_wait,
    wait_for,
    wait_until_hurried,
    where,
)

Work = Callable[[Pool], Awaitable[Any]]


@pytest.fixture(scope="module")
def in_one_worker(
    portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Work], Any]]:
    """A function that runs something with a pool of one worker, which no test may harm."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_settings(monkeypatch)
        settings = Settings(store=str(tmp_path_factory.mktemp("pool") / "store.sqlite3"))
        with portal.wrap_async_context_manager(started(settings, 1)) as pool:
            yield lambda work: portal.call(asyncio.wait_for, work(pool), TIMEOUT)


@pytest.fixture
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short timeouts: a task hangs after a second, and workers are checked often."""
    monkeypatch.setattr(worker_module, "TICK_SECONDS", 0.2)
    monkeypatch.setattr(worker_module, "TASK_SECONDS", 1)


def test_a_task_whose_worker_crashed_is_repeated_once(settings: Settings, tmp_path: Path) -> None:
    async def work(pool: Pool) -> tuple[str, int]:
        found = await pool.submit(crash_once, str(tmp_path / "marker"))
        return found, pool.restarts

    assert in_pool(settings, work) == ("done", 1)


def test_a_task_that_crashes_its_worker_twice_is_given_up(settings: Settings) -> None:
    async def work(pool: Pool) -> tuple[str, int]:
        with pytest.raises(Unavailable) as caught:
            await pool.submit(crash)
        # Others are computed as before.
        assert await pool.submit(where) == pool.workers[0].pid
        return str(caught.value), pool.restarts

    assert in_pool(settings, work) == ("The worker crashed twice; try again", 2)


def test_tasks_behind_a_crash_are_run(settings: Settings) -> None:
    async def work(pool: Pool) -> list[Any]:
        jobs = [pool.submit(crash), *(pool.submit(where) for _ in range(5))]
        return await asyncio.gather(*jobs, return_exceptions=True)

    first, *others = in_pool(settings, work)
    assert isinstance(first, Unavailable)
    assert len(set(others)) == 1
    assert isinstance(others[0], int)


@pytest.mark.usefixtures("quick_looks")
def test_a_task_that_hangs_is_killed_and_not_repeated(settings: Settings, tmp_path: Path) -> None:
    marker = tmp_path / "marker"

    async def work(pool: Pool) -> str:
        pid = pool.workers[0].pid
        assert pid is not None
        with pytest.raises(Unavailable) as caught:
            await pool.submit(count_and_hang, str(marker))
        assert not alive(pid)
        assert await pool.submit(where) != pid
        return str(caught.value)

    assert in_pool(settings, work) == "The computation took too long and was stopped"
    assert marker.read_text() == "x"


@pytest.mark.usefixtures("quick_looks")
def test_a_worker_that_was_stopped_is_replaced_and_its_task_done(settings: Settings) -> None:
    """An idle worker that gets SIGSTOP takes no task, so Pebble's timeout never begins."""

    async def work(pool: Pool) -> bool:
        pid = pool.workers[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        other = await pool.submit(where)
        await until(lambda: not alive(pid))  # the answer may come before the end of the process
        return other != pid

    assert in_pool(settings, work)


@pytest.mark.usefixtures("quick_looks")
def test_an_idle_worker_that_dies_is_replaced(settings: Settings) -> None:
    async def work(pool: Pool) -> None:
        pid = pool.workers[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: pool.restarts > 0 and pool.ready)
        assert pool.workers[0].pid != pid

    in_pool(settings, work)


def test_cancelling_drops_a_waiting_task_and_no_worker(
    in_one_worker: Callable[[Work], Any], tmp_path: Path
) -> None:
    marker, second = tmp_path / "marker", tmp_path / "second"

    async def work(pool: Pool) -> bool:
        pid = pool.workers[0].pid
        running = pool.submit(wait_for, str(marker))
        waiting = pool.submit(crash_once, str(second))
        running.cancel()
        waiting.cancel()
        last = pool.submit(where)
        assert pool.load == 3
        marker.touch()
        return await last == pid and not second.exists() and pool.restarts == 0

    assert in_one_worker(work)


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("limit", LimitExceeded, "x: at most 3 things, 4 given"),
        ("input", InvalidInput, "layers.0: cannot be used"),
        ("missing", NotFound, "there is none"),
    ],
)
def test_errors_come_back_as_they_are(
    in_one_worker: Callable[[Work], Any], kind: str, error: type[Exception], said: str
) -> None:
    async def work(pool: Pool) -> Exception:
        with pytest.raises(error) as caught:
            await pool.submit(fail_with, kind)
        return caught.value

    found = in_one_worker(work)
    assert type(found) is error
    assert str(found) == said


def test_an_error_that_cannot_be_pickled_breaks_nothing(
    in_one_worker: Callable[[Work], Any],
) -> None:
    async def work(pool: Pool) -> int:
        with pytest.raises(TaskError, match="UnpicklableError") as caught:
            await pool.submit(fail_with, "unpicklable")
        # The log has where it happened.
        assert "in fail_with" in str(caught.value.__cause__)
        return pool.restarts

    assert in_one_worker(work) == 0


def test_an_experiment_always_has_the_same_worker(settings: Settings) -> None:
    async def work(pool: Pool) -> None:
        names = [f"{number:020x}" for number in range(0, 16**20, 16**19)]
        names += [f"{number:08x}{0:012x}" for number in range(8)]
        found = {}
        for _ in range(2):
            for name in names:
                pid = await pool.submit(where, experiment=name)
                assert found.setdefault(name, pid) == pid
        assert set(found.values()) == {each.pid for each in pool.workers}

    in_pool(settings, work, count=2)


@pytest.mark.parametrize(
    "asked",
    [
        # Client and experiment of each task.
        [*10 * [("x", "a")], ("x", "b")],
        [*(("x", each) for each in "abcdef0123"), ("y", "a")],
    ],
    ids=["experiments", "clients"],
)
def test_experiments_take_turns_and_so_do_clients(
    in_one_worker: Callable[[Work], Any], tmp_path: Path, asked: list[tuple[str, str]]
) -> None:
    marker = tmp_path / "marker"
    order: list[tuple[str, str]] = []

    async def work(pool: Pool) -> None:
        pool.submit(wait_for, str(marker))
        jobs = []
        for each in asked:
            CLIENT.set(each[0])
            job = pool.submit(where, experiment=20 * each[1])
            job.add_done_callback(lambda _job, each=each: order.append(each))
            jobs.append(job)
        marker.touch()
        await asyncio.gather(*jobs)

    in_one_worker(work)
    assert asked[-1] in order[:2]


def test_a_task_knows_whether_others_wait(
    in_one_worker: Callable[[Work], Any], tmp_path: Path
) -> None:
    """A map that is alone takes longer slices."""
    marker = tmp_path / "marker"

    async def work(pool: Pool) -> None:
        assert not await pool.submit(others_wait)
        pool.submit(wait_for, str(marker))
        first, last = pool.submit(others_wait), pool.submit(others_wait)
        marker.touch()
        assert [await first, await last] == [True, False]

    in_one_worker(work)


def test_a_task_is_hurried_by_the_same_client_for_the_same_experiment(
    in_one_worker: Callable[[Work], Any], tmp_path: Path
) -> None:
    """Another sample, chosen while a run plays, need not wait for all steps of an answer."""
    marker = tmp_path / "marker"

    async def work(pool: Pool) -> None:
        running = pool.submit(wait_until_hurried, str(marker), experiment=20 * "0")
        await asyncio.to_thread(wait_for, str(marker))
        others = [pool.submit(where, experiment=20 * "1"), pool.submit(where)]
        CLIENT.set("another")
        others.append(pool.submit(where, experiment=20 * "0"))
        done, _ = await asyncio.wait([running], timeout=0.1)
        assert not done
        CLIENT.set("")
        await pool.submit(where, experiment=20 * "0")
        await asyncio.gather(running, *others)

    in_one_worker(work)


def test_other_tasks_go_to_the_least_busy(settings: Settings, tmp_path: Path) -> None:
    marker = tmp_path / "marker"

    async def work(pool: Pool) -> bool:
        blocked = pool.submit(wait_for, str(marker), experiment=20 * "0")
        free = [await pool.submit(where) for _ in range(3)]
        marker.touch()
        return await blocked not in free and len(set(free)) == 1

    assert in_pool(settings, work, count=2)


@pytest.mark.usefixtures("quick_looks")
def test_a_hang_that_pebble_does_not_end_is_ended(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Pebble's timeout needs the lock of the channel, which a hanging worker may hold."""
    monkeypatch.setattr(worker_module, "TASK_SECONDS", None)
    monkeypatch.setattr(worker_module, "HUNG_TICKS", 3)
    marker = tmp_path / "marker"

    async def work(pool: Pool) -> str:
        with pytest.raises(Unavailable) as caught:
            await pool.submit(count_and_hang, str(marker))
        assert await pool.submit(where) == pool.workers[0].pid
        return str(caught.value)

    assert in_pool(settings, work) == "The computation took too long and was stopped"
    assert marker.read_text() == "x"


def test_a_fork_server_that_hangs_is_replaced(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(pool: Pool) -> bool:
        worker = pool.workers[0]
        stopped, pid = worker.fork_server, worker.pid
        assert stopped is not None
        monkeypatch.setattr(worker_module, "BIRTH_SECONDS", 1.0)
        os.kill(stopped, signal.SIGSTOP)
        worker._break()
        monkeypatch.setattr(worker_module, "START_SECONDS", TIMEOUT)
        await until(lambda: not alive(stopped))
        # The next one has its imports to make.
        monkeypatch.setattr(worker_module, "BIRTH_SECONDS", TIMEOUT)
        return await pool.submit(where) != pid and worker.fork_server != stopped

    assert in_pool(settings, work)


def test_a_pool_that_cannot_start_workers_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "START_SECONDS", 0.2)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(pebble_process.ProcessPool, "schedule", refuse)

    async def work() -> str:
        pool = Pool(settings.model_copy(update={"workers": 1}))
        pool.start()
        assert not pool.ready
        try:
            with pytest.raises(Unavailable) as caught:
                await asyncio.wait_for(pool.submit(where), TIMEOUT)
        finally:
            await pool.close()
        return str(caught.value)

    assert "no worker has started" in asyncio.run(work())


def test_memory_is_returned_after_tasks_only(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "TICK_SECONDS", 0.01)
    for name in ("SILENT_TICKS", "HUNG_TICKS"):
        monkeypatch.setattr(worker_module, name, 1_000_000)
    looks: list[int] = []
    tidied: list[int] = []
    monkeypatch.setattr(worker_module, "give_back", lambda: looks.append(1))
    real = worker_module.Worker._tidy

    def tidy(self: worker_module.Worker) -> None:
        tidied.append(1)
        real(self)

    monkeypatch.setattr(worker_module.Worker, "_tidy", tidy)

    async def work(pool: Pool) -> None:
        await pool.submit(where)
        await until(lambda: len(tidied) == 1)
        for _ in range(20):
            await asyncio.sleep(0.01)

    in_pool(settings, work)
    assert tidied == [1]
    assert looks == [1]

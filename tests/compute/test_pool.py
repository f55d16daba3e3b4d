"""The pool: same bits with and without workers, crashes, hangs, restarts."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from backprop_explorer.compute import pebble_process
from backprop_explorer.compute import worker as worker_module
from backprop_explorer.compute.pool import Pool
from backprop_explorer.compute.tasks import frame as frame_task
from backprop_explorer.compute.worker_process import TaskError
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, NotFound, Unavailable
from backprop_explorer.experiments.wanted import PARTS, Wanted, parts_of
from backprop_explorer.settings import Settings
from tests.conftest import Client, RunningServer, start_server, stop_server, without_settings
from tests.helpers.api import API, JSON, keep, read, refused
from tests.helpers.cases import exhaustive
from tests.helpers.experiments import SMALL
from tests.helpers.pools import TIMEOUT, in_pool, started, until
from tests.helpers.processes import alive, fork_server, metric, wait_until, workers
from tests.helpers.tasks import (
    count_and_hang,
    crash,
    crash_once,
    fail_with,
    wait_for,
    where,
)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with two workers, which the tests of this file may kill; there are two again."""
    running = start_server(tmp_path_factory.mktemp("own"), EXPLORER_WORKERS="2")
    yield running
    stop_server(running.process)


RESTARTS = "explorer_worker_restarts_total"
Work = Callable[[Pool], Awaitable[Any]]


def make(url: str, **recipe: object) -> str:
    """Create an experiment and return its URL."""
    answer = httpx.post(f"{url}{API}/experiments", json=recipe, timeout=TIMEOUT)
    return f"{url}{API}/experiments/{read(answer, 201)['id']}"


def frame(path: str, step: int) -> bytes:
    """A frame; repeats the request while the answer is 202."""
    while (answer := httpx.get(f"{path}/frames/{step}", timeout=TIMEOUT)).status_code == 202:
        assert read(answer, 202)["reached"] < step
    return answer.content


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/data",
        "/frames/0",
        "/frames/37?grid=8&sample=3&arrays=base64",
        "/frames/37/trace?sample=2&jacobians=true",
        "/frames/37/slice?points=5",
        "/frames/37/shares?layer=2",
        "/history?every=7&until=50",
        "/export/notebook?step=12",
        "/export/data",
        "/frames/3?grid=1",
        "/frames/-1",
        "/nothing",
    ],
)
def test_answers_are_those_of_a_server_without_workers(
    shared_client: Client, server: str, path: str
) -> None:
    inside = shared_client.get(f"{keep(shared_client, **SMALL)}{path}")
    outside = httpx.get(f"{make(server, **SMALL)}{path}", timeout=TIMEOUT)
    assert outside.status_code == inside.status_code
    assert outside.content == inside.content
    for name in ("content-type", "content-disposition", "content-security-policy", "cache-control"):
        assert outside.headers.get(name) == inside.headers.get(name)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/trace", b"{}"),
        ("/trace", b'{"x": NaN}'),
        ("/experiments", b'{"dataset": {"name": "moon"}}'),
        ("/experiments", b" " * 5_000_000),
    ],
)
def test_refusals_are_the_same_too(
    shared_client: Client, server: str, path: str, body: bytes
) -> None:
    def chunks() -> Iterator[bytes]:
        yield body

    inside = shared_client.post(f"{API}{path}", content=body, headers=JSON)
    for content in (body, chunks()):
        outside = httpx.post(f"{server}{API}{path}", content=content, headers=JSON, timeout=TIMEOUT)
        assert refused(outside, inside.status_code) == refused(inside, inside.status_code)


def test_workers_that_are_killed_are_replaced_and_their_requests_answered(
    own_server: RunningServer,
) -> None:
    """SIGKILL of both workers during requests: every answer comes, with the same bits."""
    path = make(own_server.url, **SMALL)
    restarts = metric(own_server.url, RESTARTS)
    expected = {step: frame(path, step) for step in (5, 40, 900)}
    first = set(workers(own_server.process.pid))
    done = threading.Event()
    wrong: list[object] = []

    def ask() -> None:
        with httpx.Client(timeout=TIMEOUT) as client:
            while not done.is_set():
                for step, content in expected.items():
                    answer = client.get(f"{path}/frames/{step}")
                    # A new worker may not get there at once.
                    if answer.status_code != 202 and answer.content != content:
                        wrong.append((answer.status_code, answer.text[:200]))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for pid in first:
        # After this answer requests are in flight again.
        assert httpx.get(f"{own_server.url}/healthz", timeout=TIMEOUT).status_code == 200
        os.kill(pid, signal.SIGKILL)
        assert frame(path, 40) == expected[40]
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    wait_until(lambda: len(set(workers(own_server.process.pid)) - first) == 2)
    wait_until(lambda: metric(own_server.url, RESTARTS) == restarts + 2)
    assert "A worker ended; starting a new one" in own_server.log.read_text()


def test_a_fork_server_that_is_killed_is_replaced(own_server: RunningServer) -> None:
    path = make(own_server.url, **SMALL)
    expected = frame(path, 40)
    first = workers(own_server.process.pid)
    os.kill(fork_server(own_server.process.pid), signal.SIGKILL)
    assert frame(path, 40) == expected
    wait_until(lambda: len(set(workers(own_server.process.pid)) - set(first)) == 2)
    wait_until(lambda: not any(map(alive, first)))
    assert frame(path, 40) == expected


def test_counters_do_not_fall_when_a_worker_is_replaced(own_server: RunningServer) -> None:
    path = make(own_server.url, **SMALL)
    frame(path, 40)
    restarts = metric(own_server.url, RESTARTS)
    before = metric(own_server.url, "explorer_frames_total")
    assert before >= 1
    for pid in workers(own_server.process.pid):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: metric(own_server.url, RESTARTS) == restarts + 2)
    assert metric(own_server.url, "explorer_frames_total") == before
    assert metric(own_server.url, "explorer_cache_entries") == 0
    wait_until(lambda: metric(own_server.url, "explorer_workers") == 2)


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
        return await pool.submit(where) != pid and not alive(pid)

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
        ("limit", LimitExceeded, "at most 3 things, 4 given"),
        ("input", InvalidInput, "cannot be used"),
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
    if isinstance(found, InvalidInput):
        assert found.field == ("x" if kind == "limit" else "layers.0")


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


def test_experiments_of_one_worker_take_turns(
    in_one_worker: Callable[[Work], Any], tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    order: list[str] = []

    async def work(pool: Pool) -> None:
        pool.submit(wait_for, str(marker))
        jobs = []
        for name in 10 * ["a"] + ["b"]:
            job = pool.submit(where, experiment=20 * name)
            job.add_done_callback(lambda _job, name=name: order.append(name))
            jobs.append(job)
        marker.touch()
        await asyncio.gather(*jobs)

    in_one_worker(work)
    assert order == ["a", "b", *(9 * "a")]


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


def test_frames_of_a_worker_have_the_bits_of_this_process(settings: Settings) -> None:
    from backprop_explorer.compute.tasks import create
    from backprop_explorer.experiments.recipe import Recipe

    recipe = Recipe.model_validate(SMALL)
    wanted = Wanted(parts_of(PARTS), -1, 8, (0, 1), None)

    async def ask(pool: Pool) -> bytes:
        await pool.submit(create, recipe, experiment=recipe.id)
        while True:
            given = (recipe.id, 30, wanted, "row", "base64")
            reply = await pool.submit(frame_task, *given, experiment=recipe.id)
            if reply.status == 200:
                return bytes(reply.body)

    assert in_pool(settings, ask) == in_pool(settings, ask, count=0)


def test_a_long_run_does_not_delay_other_requests(tmp_path: Path) -> None:
    """A worker with requests for far steps still answers other requests."""
    running = start_server(
        tmp_path, EXPLORER_WORKERS="1", EXPLORER_LIMITS__FRAME_BUDGET_SECONDS="60"
    )
    honest = make(running.url, **SMALL)
    layers = [{"units": 64}, {"units": 64}, {"units": 1, "activation": "sigmoid"}]
    long = [make(running.url, network={"layers": layers, "seed": seed}) for seed in range(3)]
    reached: list[int] = []

    def ask_far(path: str) -> None:
        answer = httpx.get(f"{path}/frames/1000000?include=health", timeout=TIMEOUT)
        reached.append(read(answer, 202)["reached"])

    threads = [threading.Thread(target=ask_far, args=(path,)) for path in long]
    for thread in threads:
        thread.start()
    for step in range(5):
        read(httpx.get(f"{honest}/frames/{step}", timeout=TIMEOUT))
    assert not reached
    # A server that stops answers the long runs with what they have reached.
    stop_server(running.process)
    for thread in threads:
        thread.join()
    assert len(reached) == len(long)
    assert min(reached) > 0


def test_the_work_stops_when_the_client_leaves(own_server: RunningServer) -> None:
    path = make(own_server.url, **SMALL)

    def steps() -> float:
        return metric(own_server.url, "explorer_steps_total")

    with httpx.stream("GET", f"{path}/history?every=100&until=900000", timeout=TIMEOUT) as answer:
        next(answer.iter_lines())
    deadline = time.monotonic() + 20
    before = -1.0
    # The two questions lie some milliseconds apart, in which hundreds of steps would be made.
    while (now := steps()) != before:
        before = now
        assert time.monotonic() < deadline
        httpx.get(f"{own_server.url}/", timeout=TIMEOUT)
        wait_until(lambda: metric(own_server.url, "explorer_queue") == 0)
    assert now < 900_000


def test_a_long_computation_stops_when_the_client_leaves(tmp_path: Path) -> None:
    limits = {"EXPLORER_LIMITS__FRAME_BUDGET_SECONDS": "60"}
    running = start_server(tmp_path, EXPLORER_WORKERS="1", **limits)
    path = make(running.url, **SMALL)
    computing = workers(running.process.pid)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{path}/frames/10000000", timeout=0.5)
    wait_until(lambda: metric(running.url, "explorer_queue") == 0, 20)
    assert workers(running.process.pid) == computing
    stop_server(running.process)
    assert running.log.read_text() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, exhaustive(signal.SIGINT)])
def test_the_server_stops_soon_while_it_computes(tmp_path: Path, number: int) -> None:
    running = start_server(tmp_path, EXPLORER_WORKERS="2")
    path = make(running.url, **SMALL)
    computing = workers(running.process.pid)
    with httpx.stream("GET", f"{path}/history?every=100&until=900000", timeout=TIMEOUT) as answer:
        next(answer.iter_lines())
        began = time.monotonic()
        stop_server(running.process, number)
        assert time.monotonic() - began < 7  # 5 on a machine that does nothing else
    wait_until(lambda: not any(map(alive, computing)))


def test_workers_end_with_a_killed_server_and_no_recipe_is_lost(tmp_path: Path) -> None:
    limits = {"EXPLORER_LIMITS__FRAME_BUDGET_SECONDS": "60"}
    running = start_server(tmp_path, EXPLORER_WORKERS="2", **limits)
    kept = [make(running.url, **{**SMALL, "optimizer": {"learning_rate": n}}) for n in (1, 2, 3)]
    frames = [httpx.get(f"{path}/frames/9", timeout=TIMEOUT).content for path in kept]
    computing = workers(running.process.pid)
    assert len(computing) == 2
    stop_server(running.process, signal.SIGKILL)
    wait_until(lambda: not any(map(alive, computing)), 10)
    again = start_server(tmp_path)
    for path, content in zip(kept, frames, strict=True):
        url = path.replace(running.url, again.url)
        assert httpx.get(f"{url}/frames/9", timeout=TIMEOUT).content == content
    stop_server(again.process)

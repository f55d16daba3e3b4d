"""The worker processes: the same bits as without them, whoever dies, and nobody waits for a hog."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import httpx
import pytest

from app import nursery as nursery_module
from app import pool as pool_module
from app.main import create_app
from app.nursery import Nursery
from app.pool import MOST_STUCK, Pool, worker_count
from app.settings import Settings
from tests.conftest import ROOT, Client, RunningServer, start_server, stop_server
from tests.helpers.api import API, JSON, keep, read, refused
from tests.helpers.experiments import SMALL
from tests.helpers.processes import children, workers
from tests.helpers.serving import serving

TIMEOUT = 60.0


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server with two workers that the test may kill."""
    running = start_server(tmp_path, EXPLORER_WORKERS="2")
    yield running
    if running.process.poll() is None:
        stop_server(running.process)


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return not re.search(r"^State:\s+Z", status, re.MULTILINE)


def make(url: str, **recipe: object) -> str:
    """Keep an experiment and return its URL."""
    answer = httpx.post(f"{url}{API}/experiments", json=recipe, timeout=TIMEOUT)
    return f"{url}{API}/experiments/{read(answer, 201)['id']}"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/data",
        "/frames/0",
        "/frames/37?grid=8&sample=3&arrays=base64",
        "/frames/37/trace?sample=2&jacobians=true",
        "/history?every=7&until=50",
        "/frames/3?grid=1",
        "/frames/-1",
        "/nothing",
    ],
)
def test_answers_are_those_of_a_server_without_workers(
    client: Client, server: str, path: str
) -> None:
    inside = client.get(f"{keep(client, **SMALL)}{path}")
    outside = httpx.get(f"{make(server, **SMALL)}{path}", timeout=TIMEOUT)
    assert outside.status_code == inside.status_code
    assert outside.content == inside.content
    for name in ("content-type", "content-security-policy", "cache-control"):
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
def test_refusals_are_the_same_too(client: Client, server: str, path: str, body: bytes) -> None:
    def chunks() -> Iterator[bytes]:
        yield body

    inside = client.post(f"{API}{path}", content=body, headers=JSON)
    for content in (body, chunks()):
        outside = httpx.post(f"{server}{API}{path}", content=content, headers=JSON, timeout=TIMEOUT)
        assert refused(outside, inside.status_code) == refused(inside, inside.status_code)


def frame(path: str, step: int) -> bytes:
    """A frame, asked for until it is there."""
    while (answer := httpx.get(f"{path}/frames/{step}", timeout=TIMEOUT)).status_code == 202:
        assert read(answer, 202)["reached"] < step
    return answer.content


def test_a_worker_that_is_killed_is_replaced_and_its_request_answered(
    own_server: RunningServer,
) -> None:
    """kill -9 of both while requests are in flight: every answer comes, with the same bits."""
    path = make(own_server.url, **SMALL)
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
    killed = 0
    for pid in first:
        # After this answer requests are in flight again.
        assert httpx.get(f"{own_server.url}/healthz", timeout=TIMEOUT).status_code == 200
        os.kill(pid, signal.SIGKILL)
        killed += 1
        assert frame(path, 40) == expected[40]
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert killed == 2
    deadline = time.monotonic() + TIMEOUT
    while len(set(workers(own_server.process.pid)) - first) < 2:
        assert time.monotonic() < deadline
    assert "A worker ended and is replaced" in own_server.log.read_text()


def test_a_nursery_that_is_killed_is_replaced_when_it_is_needed(own_server: RunningServer) -> None:
    """What it had started goes on, and those that die later have successors."""
    path = make(own_server.url, **SMALL)
    expected = frame(path, 40)
    first = workers(own_server.process.pid)
    assert len(first) == 2
    (nursery,) = children(own_server.process.pid)
    os.kill(nursery, signal.SIGKILL)
    assert frame(path, 40) == expected
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    assert frame(path, 40) == expected
    assert not set(workers(own_server.process.pid)) & set(first)


def test_a_worker_that_hangs_is_replaced_and_its_requests_answered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "WATCH_SECONDS", 0.2)
    app = create_app(settings.model_copy(update={"workers": 1}))
    with serving(app) as (port, _), httpx.Client(timeout=TIMEOUT) as client:
        url = f"http://127.0.0.1:{port}"
        path = make(url, **SMALL)
        expected = client.get(f"{path}/frames/40").content
        assert "explorer_frames_total 1.0" in client.get(f"{url}/metrics").text
        [worker] = app.state.pool.workers
        pid = worker.pid
        # It is still there, and takes requests into its socket, but says nothing any more.
        os.kill(pid, signal.SIGSTOP)
        assert client.get(f"{path}/frames/40").content == expected
        assert not alive(pid)
        assert worker.pid != pid
        metrics = client.get(f"{url}/metrics").text
        assert "explorer_worker_restarts_total 1.0" in metrics
        # What the first one had done when it was last asked is still counted.
        assert "explorer_frames_total 2.0" in metrics


# A worker that says COUNT of its longest work, for sixty looks, and answers nothing else.
PUPPET = """
import asyncio, os, socket, sys
from app.wire import linked

async def main():
    web = await linked(socket.socket(fileno=int(sys.argv[1])))
    await web.next()
    web.send({"ready": 1})
    for _ in range(60):
        head, _ = await web.next()
        web.send({"number": head["number"], "stuck": COUNT})
    os._exit(7)

asyncio.run(main())
"""


class Puppets(Nursery):
    """Starts one such worker, and then none."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.code = PUPPET.replace("COUNT", str(count))
        self.process: Popen[bytes] | None = None

    async def start(self, end: socket.socket) -> int:
        if self.process is not None:
            raise EOFError
        self.process = self._begin(end.fileno())
        return self.process.pid

    def _begin(self, descriptor: int) -> Popen[bytes]:
        command = [sys.executable, "-c", self.code, str(descriptor)]
        return Popen(command, pass_fds=[descriptor], cwd=ROOT)

    def end(self, pid: int) -> None:
        assert self.process is not None
        assert self.process.pid == pid
        self.process.kill()


@pytest.mark.parametrize(("count", "end"), [(MOST_STUCK - 1, 7), (MOST_STUCK, -signal.SIGKILL)])
def test_one_whose_work_never_ends_is_killed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, count: int, end: int
) -> None:
    monkeypatch.setattr(pool_module, "WATCH_SECONDS", 0.01)
    monkeypatch.setattr(pool_module, "MOST_SILENT", 10_000)
    puppets = Puppets(count)

    async def watched() -> int:
        pool = Pool(settings.model_copy(update={"workers": 1}), puppets)
        pool.start()
        await pool.workers[0]._ready.wait()
        assert puppets.process is not None
        code = await asyncio.to_thread(puppets.process.wait)
        await pool.close()
        return code

    assert asyncio.run(watched()) == end


def test_memory_of_the_web_process_goes_back_after_answers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "WATCH_SECONDS", 0.01)
    one = settings.model_copy(update={"workers": 1})

    async def asked_and_tidied() -> list[int]:
        given: list[int] = []
        once = asyncio.Event()
        pool = Pool(one)
        pool.start()
        worker = pool.workers[0]
        await worker._ready.wait()

        def note() -> None:
            given.append(worker._number)
            once.set()

        monkeypatch.setattr(pool_module, "give_back", note)
        await worker.statistics()
        await once.wait()
        await pool.close()
        return given

    # Once for what was asked, and not at each look.
    found = asyncio.run(asyncio.wait_for(asked_and_tidied(), 30))
    assert found[0] == 1


def test_a_nursery_that_hangs_is_replaced_when_it_is_needed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    nursery = Nursery()
    app = create_app(settings.model_copy(update={"workers": 1}), nursery)
    with serving(app) as (port, _):
        path = make(f"http://127.0.0.1:{port}", **SMALL)
        expected = frame(path, 40)
        [worker] = app.state.pool.workers
        first = worker.pid
        stopped = nursery._pid
        os.kill(stopped, signal.SIGSTOP)
        with monkeypatch.context() as hasty:
            hasty.setattr(nursery_module, "ANSWER_SECONDS", 0.5)
            os.kill(first, signal.SIGKILL)
            deadline = time.monotonic() + TIMEOUT
            while alive(stopped):
                assert time.monotonic() < deadline
                time.sleep(0.02)
        # The one after it has imports to make first.
        assert frame(path, 40) == expected
        assert worker.pid != first
        assert not alive(stopped)


def test_nobody_waits_for_a_hog(tmp_path: Path) -> None:
    """One worker, asked for something far away by several, still answers others."""
    running = start_server(
        tmp_path, EXPLORER_WORKERS="1", EXPLORER_LIMITS__FRAME_BUDGET_SECONDS="4"
    )
    honest = make(running.url, **SMALL)
    layers = [{"units": 64}, {"units": 64}, {"units": 1, "activation": "sigmoid"}]
    hogs = [make(running.url, network={"layers": layers, "seed": seed}) for seed in range(3)]
    ended: list[float] = []

    def hog(path: str) -> None:
        answer = httpx.get(f"{path}/frames/1000000?include=health", timeout=TIMEOUT)
        ended.append(time.monotonic())
        assert read(answer, 202)["reached"] > 0

    threads = [threading.Thread(target=hog, args=(path,)) for path in hogs]
    for thread in threads:
        thread.start()
    answered = []
    for step in range(5):
        read(httpx.get(f"{honest}/frames/{step}", timeout=TIMEOUT))
        answered.append(time.monotonic())
    for thread in threads:
        thread.join()
    assert len(ended) == len(hogs)
    assert answered[-1] < min(ended)
    stop_server(running.process)


def test_whoever_stops_asking_stops_the_work(own_server: RunningServer) -> None:
    path = make(own_server.url, **SMALL)

    def steps() -> float:
        text = httpx.get(f"{own_server.url}/metrics", timeout=TIMEOUT).text
        found = re.search(r"^explorer_steps_total (\S+)", text, re.MULTILINE)
        assert found is not None
        return float(found[1])

    with httpx.stream("GET", f"{path}/history?every=100&until=900000", timeout=TIMEOUT) as answer:
        next(answer.iter_lines())
    deadline = time.monotonic() + 20
    before = -1.0
    # The two questions lie some milliseconds apart, in which hundreds of steps would be made.
    while (now := steps()) != before:
        before = now
        assert time.monotonic() < deadline
        httpx.get(f"{own_server.url}/", timeout=TIMEOUT)
    assert now < 900_000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_soon_while_it_computes(own_server: RunningServer, number: int) -> None:
    path = make(own_server.url, **SMALL)
    computing = workers(own_server.process.pid)
    with httpx.stream("GET", f"{path}/history?every=100&until=900000", timeout=TIMEOUT) as answer:
        next(answer.iter_lines())
        began = time.monotonic()
        stop_server(own_server.process, number)
        assert time.monotonic() - began < 7  # 5 on a machine that does nothing else
    assert not any(alive(pid) for pid in computing)


def test_workers_end_with_a_server_that_is_killed_and_nothing_kept_is_lost(tmp_path: Path) -> None:
    running = start_server(tmp_path, EXPLORER_WORKERS="2")
    kept = [make(running.url, **{**SMALL, "optimizer": {"learning_rate": n}}) for n in (1, 2, 3)]
    frames = [httpx.get(f"{path}/frames/9", timeout=TIMEOUT).content for path in kept]
    computing = workers(running.process.pid)
    assert len(computing) == 2
    stop_server(running.process, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in computing):
        assert time.monotonic() < deadline
    again = start_server(tmp_path)
    for path, content in zip(kept, frames, strict=True):
        url = path.replace(running.url, again.url)
        assert httpx.get(f"{url}/frames/9", timeout=TIMEOUT).content == content
    stop_server(again.process)


def test_how_many_workers() -> None:
    assert worker_count(Settings()) == os.cpu_count()
    assert worker_count(Settings(workers=3)) == 3
    assert worker_count(Settings(workers=0)) == 0
    # A store in memory is known to one process alone.
    assert worker_count(Settings(store=":memory:", workers=3)) == 0


def test_an_experiment_is_always_given_to_the_same_worker() -> None:
    pool = Pool(Settings(workers=3))
    pool.workers = [object() for _ in range(3)]  # type: ignore[misc]
    paths = [f"{API}/experiments/{number:020x}/frames/1" for number in range(0, 16**13, 16**11)]
    chosen = [pool.worker(path) for path in paths]
    assert chosen == [pool.worker(path.replace("frames/1", "history")) for path in paths]
    assert len(set(map(id, chosen))) <= 3

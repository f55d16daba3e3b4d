"""A server with workers: answers of one without, killed workers, requests that are given up."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.api import API, JSON, keep, read, refused
from tests.helpers.clients import Client, MakeClient
from tests.helpers.experiments import SMALL
from tests.helpers.pools import TIMEOUT
from tests.helpers.processes import alive, fork_server, metric, wait_until, workers
from tests.helpers.servers import RunningServer, start_server, stop_server

RESTARTS = "explorer_worker_restarts_total"
STORE = "store.sqlite3"


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with two workers, which the tests of this file may kill; there are two again.

    The last test kills the server.
    """
    folder = tmp_path_factory.mktemp("own")
    store = {"EXPLORER_STORE": str(folder / STORE)}
    running = start_server(folder, EXPLORER_WORKERS="2", **store)
    yield running
    if running.process.poll() is None:
        stop_server(running.process)


def store_of(running: RunningServer) -> str:
    return str(running.log.parent / STORE)


@pytest.fixture(scope="module")
def patient_servers() -> Iterator[list[RunningServer]]:
    """The servers that ``patient`` has started; the last one may run."""
    started: list[RunningServer] = []
    yield started
    for each in started:
        if each.process.poll() is None:
            stop_server(each.process)


@pytest.fixture
def patient(
    patient_servers: list[RunningServer], tmp_path_factory: pytest.TempPathFactory
) -> RunningServer:
    """A server with one worker, which may compute for a minute; a test may stop it."""
    if not patient_servers or patient_servers[-1].process.poll() is not None:
        limits = {"EXPLORER_LIMITS__FRAME_BUDGET_SECONDS": "60"}
        patient_servers.append(start_server(tmp_path_factory.mktemp("patient"), **limits))
    return patient_servers[-1]


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
    own = f"{make(server, **SMALL)}{path}"
    # 202 first where the machine is busy.
    while (outside := httpx.get(own, timeout=TIMEOUT)).status_code == 202:
        assert "reached" in outside.json()
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
    # A process that could not start counts too, so the other end may not be known yet.
    wait_until(lambda: metric(own_server.url, RESTARTS) >= restarts + 2)
    wait_until(lambda: metric(own_server.url, "explorer_cache_entries") == 0)
    assert metric(own_server.url, "explorer_frames_total") == before
    wait_until(lambda: metric(own_server.url, "explorer_workers") == 2)


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


def test_a_long_computation_stops_when_the_client_leaves(patient: RunningServer) -> None:
    path = make(patient.url, **SMALL)
    computing = workers(patient.process.pid)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{path}/frames/10000000", timeout=0.5)
    wait_until(lambda: metric(patient.url, "explorer_queue") == 0, 20)
    assert workers(patient.process.pid) == computing
    assert patient.log.read_text() == ""


def test_a_long_run_does_not_delay_other_requests(patient: RunningServer) -> None:
    """A worker with requests for far steps still answers other requests."""
    honest = make(patient.url, **SMALL)
    layers = [{"units": 64}, {"units": 64}, {"units": 1, "activation": "sigmoid"}]
    long = [make(patient.url, network={"layers": layers, "seed": seed}) for seed in range(3)]
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
    stop_server(patient.process)
    for thread in threads:
        thread.join()
    assert len(reached) == len(long)
    assert min(reached) > 0
    assert patient.log.read_text() == ""


def test_workers_end_with_a_killed_server_and_no_recipe_is_lost(
    own_server: RunningServer, make_client: MakeClient
) -> None:
    url, computing = own_server.url, workers(own_server.process.pid)
    kept = [make(url, **{**SMALL, "optimizer": {"learning_rate": n}}) for n in (1, 2, 3)]
    frames = [frame(path, 9) for path in kept]
    assert len(computing) == 2
    stop_server(own_server.process, signal.SIGKILL)
    wait_until(lambda: not any(map(alive, computing)), 10)
    limits = Limits(frame_budget_seconds=60)
    again = make_client(create_app(Settings(store=store_of(own_server), limits=limits)))
    for path, content in zip(kept, frames, strict=True):
        assert again.get(f"{path.removeprefix(url)}/frames/9").content == content

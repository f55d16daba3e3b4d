"""A server ends soon, whatever it is in the middle of; a second one at its port says so."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.helpers.api import API, read
from tests.helpers.cases import each_value_once, exhaustive
from tests.helpers.environment import ROOT, environment
from tests.helpers.processes import alive, children, wait_until, workers
from tests.helpers.servers import RunningServer, start_server, stop_server

# Five seconds on a machine that does nothing else.
BOUND = 9.0
HALF_A_BODY = (
    f"POST {API}/trace HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    "Content-Length: 1000\r\n\r\n{"
)
LARGE = f"GET {API}/experiments/{{}}/frames/1?grid=96 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[RunningServer]:
    """A server with two workers whose requests may compute for a minute."""
    running = start_server(
        tmp_path, EXPLORER_WORKERS="2", EXPLORER_LIMITS__FRAME_BUDGET_SECONDS="60"
    )
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()
    assert running.process.stdout is not None
    running.process.stdout.close()


def make(url: str, units: int, seed: int = 0) -> str:
    layers = [{"units": units}, {"units": units}, {"units": 1, "activation": "sigmoid"}]
    recipe = {"network": {"layers": layers, "seed": seed}}
    answer = httpx.post(f"{url}{API}/experiments", json=recipe, timeout=60)
    return str(read(answer, 201)["id"])


def waiting(url: str) -> float:
    """How many requests the workers have not answered."""
    text = httpx.get(f"{url}/metrics", timeout=60).text
    found = re.search(r"^explorer_queue (\S+)$", text, re.MULTILINE)
    assert found is not None
    return float(found.group(1))


@pytest.mark.parametrize("number", [signal.SIGTERM, exhaustive(signal.SIGINT)])
def test_it_ends_with_everything_in_flight(patient: RunningServer, number: signal.Signals) -> None:
    url, pid = patient.url, patient.process.pid
    below = [*children(pid), *workers(pid)]
    assert len(workers(pid)) == 2
    place = (str(urlsplit(url).hostname), int(urlsplit(url).port or 0))
    ended: list[str] = []

    def compute(name: str) -> None:
        try:
            answer = httpx.get(f"{url}{API}/experiments/{name}/frames/1000000", timeout=120)
            ended.append(f"{answer.status_code} {sorted(answer.json())}")
        except httpx.TransportError:
            ended.append("cut")

    threads = [threading.Thread(target=compute, args=(make(url, 64, k),)) for k in range(4)]
    large = make(url, 300)
    with contextlib.ExitStack() as stack:
        for sent in (b"", HALF_A_BODY.encode(), LARGE.format(large).encode() * 3):
            connection = stack.enter_context(socket.create_connection(place))
            connection.sendall(sent)
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 60
        # The answer that is not read may stand in the queue too, until it is cut.
        while waiting(url) < 4:
            assert time.monotonic() < deadline
        began = time.monotonic()
        code = stop_server(patient.process, number)
        assert time.monotonic() - began < BOUND
        for thread in threads:
            thread.join()
    # They hear how far it came, and ask again as always.
    assert ended == ["202 ['reached', 'target']"] * 4
    assert code == (0 if number == signal.SIGINT else -signal.SIGTERM)
    wait_until(lambda: not any(map(alive, below)))
    assert "Traceback" not in patient.log.read_text()


def test_it_ends_with_workers_that_hang(patient: RunningServer) -> None:
    below = [*children(patient.process.pid), *workers(patient.process.pid)]
    name = make(patient.url, 4)
    for each in workers(patient.process.pid):
        os.kill(each, signal.SIGSTOP)
    place = (str(urlsplit(patient.url).hostname), int(urlsplit(patient.url).port or 0))
    with socket.create_connection(place, timeout=60) as connection:
        connection.sendall(LARGE.format(name).encode())
        # It has read that before it answers this.
        for _ in range(3):
            assert httpx.get(f"{patient.url}/healthz", timeout=60).status_code == 200
        began = time.monotonic()
        stop_server(patient.process)
        assert time.monotonic() - began < BOUND
        answer = connection.recv(4096).lower()
    assert answer.startswith(b"http/1.1 503 ")
    assert b"\r\nretry-after: " in answer
    assert b"\r\ncontent-security-policy: " in answer
    wait_until(lambda: not any(map(alive, below)))
    assert "Traceback" not in patient.log.read_text()


@pytest.mark.parametrize(
    ("number", "busy"), each_value_once([signal.SIGTERM, signal.SIGINT], [False, True])
)
def test_a_signal_to_the_whole_group_logs_nothing(
    tmp_path: Path, number: signal.Signals, busy: bool
) -> None:
    """As Ctrl+C in a terminal and a service manager send it."""
    limits = {"EXPLORER_LIMITS__FRAME_BUDGET_SECONDS": "60"}
    running = start_server(tmp_path, EXPLORER_WORKERS="2", new_group=True, **limits)
    below = [*children(running.process.pid), *workers(running.process.pid)]
    path = f"{running.url}{API}/experiments/{make(running.url, 64)}"
    computing = threading.Thread(
        target=httpx.get, args=(f"{path}/frames/1000000",), kwargs={"timeout": 120}
    )
    with contextlib.ExitStack() as stack:
        if busy:
            history = f"{path}/history?every=100&until=900000"
            stream = stack.enter_context(httpx.stream("GET", history, timeout=60))
            next(stream.iter_lines())
            computing.start()
            wait_until(lambda: waiting(running.url) == 2)
        os.killpg(running.process.pid, number)
        assert running.process.wait(BOUND) in (0, -number)
    if busy:
        computing.join()
    assert running.process.stdout is not None
    running.process.stdout.close()
    wait_until(lambda: not any(map(alive, below)))
    assert running.log.read_text() == ""


def test_a_second_server_at_the_same_port_says_so_in_one_line(server: str) -> None:
    port = urlsplit(server).port
    second = subprocess.run(
        [sys.executable, "-m", "backprop_explorer", "--port", str(port)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.count("\n") == 1
    assert f"Port {port} is taken, perhaps by another Backprop Explorer." in second.stderr
    assert httpx.get(f"{server}/healthz", timeout=60).status_code == 200

"""Server processes, started from the command line, and the one that tests share."""

from __future__ import annotations

import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.helpers.environment import ROOT, environment

START_SECONDS = 60.0
TRY_SECONDS = 0.02
STOP_SECONDS = 30.0


@dataclass
class RunningServer:
    """A server process, and where its output goes."""

    process: subprocess.Popen[str]
    url: str
    log: Path


def start_server(
    folder: Path, *arguments: str, new_group: bool = False, **variables: str
) -> RunningServer:
    """Start ``python -m backprop_explorer`` on a free port, and return when it answers.

    ``new_group``: in a process group of its own, so that a test can send signals to the group.
    """
    log = folder / "server.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "backprop_explorer", "--port", "0", *arguments],
            cwd=ROOT,
            env=environment(
                **{"XDG_DATA_HOME": str(folder / "data"), "EXPLORER_WORKERS": "1", **variables}
            ),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=new_group,
        )
    deadline = time.monotonic() + START_SECONDS
    line = _first_line(process, deadline)
    found = re.search(r"http://\S+", line)
    if found is None:
        stop_server(process)
        pytest.fail(f"The server did not start: {line!r}\n{log.read_text()}")
    url = found.group()
    if re.fullmatch(r"http://(localhost|[\d.]+|\[.*\]):\d+", url) is None:
        # A test allows a made-up name of a host, which cannot be resolved.
        url = f"http://127.0.0.1:{url.rpartition(':')[2]}"
    # One client for all tries: to make one takes 0.007 s.
    with httpx.Client(base_url=url, timeout=5) as client:
        while not _is_ready(client):
            if time.monotonic() > deadline:
                stop_server(process)
                pytest.fail(f"The server does not answer at {url}\n{log.read_text()}")
            time.sleep(TRY_SECONDS)
    return RunningServer(process, url, log)


def _is_ready(client: httpx.Client) -> bool:
    """Whether the server has a worker: before that the status is 503."""
    try:
        return client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def stop_server(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
    """End a server and return its exit code."""
    process.send_signal(number)
    try:
        return process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        pytest.fail(f"The server did not stop within {STOP_SECONDS} seconds")
    finally:
        if process.stdout is not None:
            process.stdout.close()


def _first_line(process: subprocess.Popen[str], deadline: float) -> str:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(timeout=deadline - time.monotonic()):
            return ""
    return process.stdout.readline()


@pytest.fixture(scope="session")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The server process that the tests of a session share."""
    running = start_server(tmp_path_factory.mktemp("server"))
    yield running
    stop_server(running.process)


@pytest.fixture(scope="session")
def server(running_server: RunningServer) -> str:
    """The base URL of a real server, such as ``http://127.0.0.1:40123``."""
    return running_server.url

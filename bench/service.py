"""Cost of requests: traces and frames, compared with an empty FastAPI route of equal size.

The same client (one process, raw sockets, no compression) sends requests to a real server and to a
bare FastAPI application under uvicorn, alternating. The server runs once in one process, and once
with worker processes, which is the default.

The same answers are also computed without a server. A process that does only an empty
route's work and this computation would reach the rate called "ceiling": the upper bound for
a leaner server.
"""

from __future__ import annotations

import math
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import orjson

from backprop_explorer.compute.encoding import dumps, typed_frame
from backprop_explorer.compute.trace_answer import trace_answer
from backprop_explorer.compute.trace_requests import TraceRequest
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.frame_parts import PARTS, Wanted, parts_of
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.limits import Limits
from backprop_explorer.settings import Settings
from bench.timing import Work, microseconds
from tests.helpers.environment import ROOT, environment
from tests.helpers.servers import start_server, stop_server

API = "/api/v1"
SIZES = (2, 8, 8, 1)
CONNECTIONS = 4
SETTLE_SECONDS = 5.0

EMPTY = """
import sys, uvicorn
from fastapi import FastAPI, Request
from starlette.responses import Response
app = FastAPI()
@app.api_route("/{size}", methods=["GET", "POST"])
async def empty(size: int) -> Response:
    return Response(b" " * size, media_type="application/json")
uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="error")
"""


@dataclass(frozen=True)
class Question:
    """A request and its target."""

    url: str
    method: str = "GET"
    body: bytes = b""

    def raw(self) -> bytes:
        """The request as bytes."""
        parts = urlsplit(self.url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        lines = [
            f"{self.method} {target} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Content-Type: application/json",
            f"Content-Length: {len(self.body)}",
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


class Connection:
    """A keep-alive connection with little overhead in the client."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.socket = socket.create_connection((parts.hostname, parts.port or 80), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.spent = math.nan

    def send(self, raw: bytes) -> None:
        """Send a request."""
        self.socket.sendall(raw)

    def receive(self) -> int:
        """Read one answer of status 200; return the size of its body.

        ``spent`` is then the server's own time in milliseconds (Server-Timing).
        """
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self.socket.recv(65_536)
        head = data[:end].lower()
        assert head.startswith(b"http/1.1 200"), head
        size = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        said = head.partition(b"server-timing: total;dur=")[2].partition(b"\r\n")[0]
        self.spent = float(said) if said else math.nan
        left = size - (len(data) - end - 4)
        while left:
            left -= len(self.socket.recv(min(left, 262_144)))
        return size


def latency(question: Question, seconds: float) -> list[tuple[float, float]]:
    """Times of sequential requests in milliseconds: at the client, and in the server."""
    connection, raw = Connection(question.url), question.raw()
    found = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        begin = time.perf_counter()
        connection.send(raw)
        connection.receive()
        found.append((1e3 * (time.perf_counter() - begin), connection.spent))
    connection.socket.close()
    return found


def rate(question: Question, seconds: float) -> float:
    """Requests per second with CONNECTIONS concurrent requests."""
    connections = [Connection(question.url) for _ in range(CONNECTIONS)]
    raw = question.raw()
    for each in connections:
        each.send(raw)
    count = 0
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        for each in connections:
            each.receive()
            each.send(raw)
        count += len(connections)
    spent = time.perf_counter() - begin
    for each in connections:
        each.receive()
        each.socket.close()
    return count / spent


def trace_body(verify: bool) -> bytes:
    """A trace request: a 2-8-8-1 network and one sample."""
    rng = np.random.default_rng(0)
    layers = [
        {
            "W": rng.standard_normal((n_out, n_in)).tolist(),
            "b": rng.standard_normal(n_out).tolist(),
            "activation": "tanh",
        }
        for n_in, n_out in pairwise(SIZES)
    ]
    return orjson.dumps({"layers": layers, "x": [0.5, -1.0], "target": [0.3], "verify": verify})


STEP = 100
PLAYED = "parameters,gradients,neurons,curves,health"
RECIPE = {
    "network": {"layers": [{"units": n, "activation": "tanh"} for n in SIZES[1:]]},
    "cost": {"name": "mse"},
}
VERIFIED, UNVERIFIED = "POST /trace, verified", "POST /trace, verify off"
FRAME, WHOLE_FRAME = "frame, as the page asks while it plays", "frame, all parts"


def questions(url: str) -> dict[str, Question]:
    """The requests to the server at ``url``."""
    answer = httpx.post(f"{url}{API}/experiments", json=RECIPE, timeout=60)
    frames = f"{url}{API}/experiments/{answer.json()['id']}/frames/{STEP}"
    # Visit the step, so that later requests find it in the cache.
    while httpx.get(frames, timeout=60).status_code == 202:
        pass
    trace = f"{url}{API}/trace"
    return {
        VERIFIED: Question(trace, "POST", trace_body(verify=True)),
        UNVERIFIED: Question(trace, "POST", trace_body(verify=False)),
        FRAME: Question(f"{frames}?include={PLAYED}&since={STEP - 1}&sample=0&arrays=base64"),
        WHOLE_FRAME: Question(f"{frames}?arrays=base64"),
    }


@contextmanager
def workings() -> Iterator[dict[str, Work]]:
    """Compute the same answers in this process, without a server."""
    explorer = Explorer(Settings())
    experiment = explorer.create(Recipe.model_validate(RECIPE)).recipe.id

    def trace(verify: bool) -> Callable[[], bytes]:
        body = trace_body(verify)

        def work() -> bytes:
            request = TraceRequest.model_validate(orjson.loads(body))
            problem = request.problem(Limits())
            return dumps(trace_answer(problem.trace, problem.notation, verify=request.verify))

        return work

    def frame(parts: Any, since: int, sample: int | None) -> Callable[[], bytes]:
        wanted = Wanted(parts_of(parts), since, 48, (0, 1), sample)

        def work() -> bytes:
            found = explorer.frame(experiment, STEP, wanted)
            return dumps(typed_frame(found))

        return work

    yield {
        VERIFIED: trace(verify=True),
        UNVERIFIED: trace(verify=False),
        FRAME: frame(PLAYED.split(","), STEP - 1, sample=0),
        WHOLE_FRAME: frame(PARTS, -1, sample=None),
    }
    explorer.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def empty_server() -> Iterator[str]:
    """Run a bare FastAPI application in a separate process."""
    port = _free_port()
    process = subprocess.Popen([sys.executable, "-c", EMPTY, str(port)], env=environment())
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                httpx.get(f"{url}/1")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait()


@contextmanager
def explorer(**variables: str) -> Iterator[str]:
    """Run a server of the program."""
    with tempfile.TemporaryDirectory() as folder:
        running = start_server(Path(folder), **variables)
        try:
            yield running.url
        finally:
            stop_server(running.process)


def rows(seconds: float = 1.0, rounds: int = 5) -> list[list[str]]:
    """A row for each number of workers and each request."""
    found: list[list[str]] = []
    with ExitStack() as stack:
        bare = stack.enter_context(empty_server())
        works = stack.enter_context(workings())
        starts: dict[str, Any] = {
            "one process": {"EXPLORER_WORKERS": "0"},
            f"server and {os.cpu_count()} workers": {"EXPLORER_WORKERS": str(os.cpu_count())},
        }
        for start, variables in starts.items():
            with explorer(**variables) as url:
                # Wait for the background work after the start: compressing files, imports.
                time.sleep(SETTLE_SECONDS)
                for name, question in questions(url).items():
                    alone = None if found and start != found[0][0] else works[name]
                    measured = _measure(question, alone, bare, seconds, rounds)
                    found.append([start, name, *measured])
    return found


def _measure(
    question: Question, alone: Work | None, bare: str, seconds: float, rounds: int
) -> list[str]:
    connection = Connection(question.url)
    connection.send(question.raw())
    size = connection.receive()
    connection.socket.close()
    empty = Question(f"{bare}/{size}", question.method, question.body)
    times: list[tuple[float, float]] = []
    rates: list[float] = []
    ratios: list[float] = []
    spent: list[float] = []
    ceilings: list[float] = []
    latency(question, seconds / 4)
    for _ in range(rounds):
        times += latency(question, seconds / 2)
        ours, theirs = rate(question, seconds), rate(empty, seconds)
        rates.append(ours)
        ratios.append(ours / theirs)
        if alone is not None:
            spent.append(1e-6 * microseconds({"alone": alone}, rounds=3)["alone"])
            ceilings.append(1.0 / (1.0 + theirs * spent[-1]))
    p50, p95 = np.percentile(times, [50, 95], axis=0)
    return [
        f"{size:,}",
        f"{p50[1]:.2f}",
        f"{p50[0]:.2f}",
        f"{p95[0]:.2f}",
        f"{statistics.median(rates):,.0f}",
        f"{statistics.median(ratios):.2f}",
        f"{1e3 * statistics.median(spent):.2f}" if spent else "",
        f"{statistics.median(ceilings):.2f}" if spent else "",
    ]


HEADER = [
    "started as",
    "request",
    "bytes",
    "in the server p50, ms",
    "for a client p50, ms",
    "p95, ms",
    "requests/s",
    "× empty route",
    "the working alone, ms",
    "ceiling, × empty route",
]

if __name__ == "__main__":
    os.chdir(ROOT)
    for row in rows(0.6, 3):
        print(" | ".join(row), flush=True)

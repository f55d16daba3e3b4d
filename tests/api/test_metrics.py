"""Request ids, log lines and /metrics."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
from collections import Counter
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Receive, Scope, Send

from backprop_explorer.api import metrics as observing
from backprop_explorer.api.metrics import ComputeCollector, LoopWatch, resident_bytes
from backprop_explorer.compute.fair_queue import CLIENT
from backprop_explorer.compute.logs import REQUEST_ID, JsonLines
from backprop_explorer.compute.pool import Pool
from backprop_explorer.engine.errors import Unavailable
from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.api import API, keep, read
from tests.helpers.clients import Client, MakeClient
from tests.helpers.processes import wait_until
from tests.helpers.serving import serving


def samples(client: Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """{(name, labels): value} of /metrics, read as Prometheus does."""
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def value(client: Client, name: str, **labels: str) -> float:
    return samples(client).get((name, frozenset(labels.items())), 0.0)


def test_requests_are_counted_by_route_and_status(client: Client) -> None:
    path = keep(client)
    for step in (0, 1, 2):
        read(client.get(f"{path}/frames/{step}?grid=4"))
    client.get(f"{path}/frames/1?grid=1")
    route = "/experiments/{id}/frames/{step}"
    for status, count in (("200", 3), ("422", 1)):
        assert (
            value(client, "explorer_requests_total", method="GET", route=route, status=status)
            == count
        )
    assert value(client, "explorer_request_seconds_count", route=route) == 4
    assert value(client, "explorer_request_seconds_bucket", route=route, le="+Inf") == 4
    assert 0 < value(client, "explorer_request_seconds_sum", route=route) < 60


def test_computed_frames_and_steps_are_counted(client: Client) -> None:
    path = keep(client)
    read(client.get(f"{path}/frames/100"))
    read(client.get(f"{path}/frames/50"))
    assert value(client, "explorer_frames_total") == 2
    assert value(client, "explorer_steps_total") >= 100
    assert value(client, "explorer_cache_entries") == 1
    assert value(client, "explorer_cache_bytes") > 1000
    assert value(client, "explorer_evictions_total") == 0


def test_all_processes_are_counted(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"workers": 2}))
    with (
        serving(app) as (port, _),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        # Both are ready, and one has an experiment.
        wait_until(lambda: value(client, "explorer_workers") == 2)
        path = keep(client)
        read(client.get(f"{path}/frames/1"))
        assert value(client, "explorer_cache_entries") >= 1
        assert value(client, "explorer_cache_bytes") > 1000
        # A worker that was used is then tidied, which is a task too.
        wait_until(lambda: value(client, "explorer_queue") == 0)
        assert value(client, "explorer_worker_restarts_total") == 0
        if sys.platform == "linux":
            # The imports, which the workers share.
            assert value(client, "explorer_memory_bytes", process="workers") > 30_000_000
            assert value(client, "explorer_memory_bytes", process="web") > 30_000_000


class Computed:
    """A pool with processes that do not exist."""

    ready_workers, restarts, load = 2, 6, 7
    pids = (os.getpid(),)

    def statistics(self) -> Counter[str]:
        """Five different numbers."""
        return Counter(frames=1, steps=2, evictions=3, entries=4, nbytes=5)


def test_waiting_tasks_are_counted() -> None:
    families = {
        each.name: each.samples for each in ComputeCollector(Computed(), LoopWatch()).collect()
    }
    assert {name: [each.value for each in samples] for name, samples in families.items()} == {
        "explorer_frames": [1],
        "explorer_steps": [2],
        "explorer_evictions": [3],
        "explorer_worker_restarts": [6],
        "explorer_cache_entries": [4],
        "explorer_cache_bytes": [5],
        "explorer_workers": [2],
        "explorer_queue": [7],
        "explorer_event_loop_pause_seconds": [0.0],
        "explorer_memory_bytes": [each.value for each in families["explorer_memory_bytes"]],
    }


def test_a_process_that_has_ended_has_no_memory() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with_it, without = resident_bytes([ended.pid]), resident_bytes([])
    assert with_it == without
    assert without in (0, None)


def test_evictions_are_counted(settings: Settings, make_client: MakeClient) -> None:
    limits = Limits(cache_bytes=1024 * 1024)
    app = create_app(settings.model_copy(update={"limits": limits}))
    client = make_client(app)
    for seed in range(3):
        layers = [{"units": 200}, {"units": 200}, {"units": 1, "activation": "sigmoid"}]
        read(client.get(f"{keep(client, network={'layers': layers, 'seed': seed})}/frames/1"))
    assert value(client, "explorer_evictions_total") >= 1
    assert value(client, "explorer_cache_entries") < 3


def test_the_memory_of_the_process_is_there(shared_client: Client) -> None:
    # The Prometheus client reads it from /proc.
    expected = 10_000_000 if sys.platform == "linux" else 0
    assert value(shared_client, "process_resident_memory_bytes") >= expected


def test_invented_methods_and_paths_are_no_labels(client: Client) -> None:
    for number in range(5):
        client.get(f"/made/up/{number}")
        client.request(f"MADEUP{number}", "/")
        client.get("/healthz", headers={"Host": f"evil{number}.example"})
    labels = [dict(found) for name, found in samples(client) if name == "explorer_requests_total"]
    assert "madeup" not in str(labels).lower()
    assert "evil" not in str(labels)
    assert len(labels) <= 6
    assert value(client, "explorer_requests_total", method="GET", route="none", status="404") == 5


def test_two_applications_count_for_themselves(client: Client, make_client: MakeClient) -> None:
    app = create_app(Settings(store=":memory:"))
    other = make_client(app)
    keep(other)
    route = "/experiments"
    read(other.get("/healthz"))
    assert value(other, "explorer_requests_total", method="POST", route=route, status="201") == 1.0
    assert value(client, "explorer_requests_total", method="POST", route=route, status="201") == 0.0


@pytest.mark.parametrize("url", ["/healthz", "/nowhere", "/", f"{API}/catalog"])
def test_every_answer_has_an_id(shared_client: Client, url: str) -> None:
    first, second = (shared_client.get(url).headers["x-request-id"] for _ in range(2))
    assert re.fullmatch(r"[0-9a-f]{16}", first)
    assert first != second
    refused_host = shared_client.get(url, headers={"Host": "evil.example"})
    assert len(refused_host.headers.get_list("x-request-id")) == 1


@pytest.mark.parametrize(
    ("address", "counted"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8::1:2:3:4", "2001:db8::/64"), (None, "")],
)
def test_the_client_of_a_request_is_known_to_its_tasks(
    settings: Settings, address: str | None, counted: str
) -> None:
    """One machine may have a whole network of IPv6 addresses."""
    found = []

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        found.append(CLIENT.get())

    async def nothing(*_given: Any) -> Any:
        pass

    client = None if address is None else (address, 1)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "client": client}
    instrumented = observing.RequestInstrumentation(app, observing.Metrics(Pool(settings)))
    asyncio.run(instrumented(scope, nothing, nothing))
    assert found == [counted]


@pytest.mark.parametrize("given", ["a", "5f0c-42.A_b", "x" * 64])
def test_a_valid_request_id_is_used(shared_client: Client, given: str) -> None:
    response = shared_client.get("/healthz", headers={"X-Request-ID": given})
    assert response.headers.get_list("x-request-id") == [given]


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a;b", 'a"b', "é", "<b>", "a\tb"])
def test_an_invalid_request_id_is_replaced(shared_client: Client, given: str) -> None:
    response = shared_client.get("/healthz", headers={"X-Request-ID": given.encode()})
    assert re.fullmatch(r"[0-9a-f]{16}", response.headers["x-request-id"])


def test_a_log_line_has_the_request_but_not_its_query(
    shared_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger=observing.__name__):
        shared_client.get("/healthz?name=secret", headers={"X-Request-ID": "abc"})
    [record] = [each for each in caplog.records if each.name == observing.__name__]
    line = JsonLines().format(record)
    assert "secret" not in line
    found = json.loads(line)
    assert found["message"] == "GET /healthz 200"
    assert (found["method"], found["path"], found["status"]) == ("GET", "/healthz", 200)
    assert 0 <= found["milliseconds"] < 10_000
    assert found["level"] == "info"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found["time"])


def test_log_lines_of_a_request_have_its_id(
    shared_client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: FastAPI = shared_client.app
    lines: list[dict[str, Any]] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(JsonLines().format(record)))

    def away(*_arguments: object) -> None:
        raise Unavailable("away")

    def broken(*_arguments: object) -> None:
        raise RuntimeError("secret")

    logger = logging.getLogger("backprop_explorer.api.errors")
    listener = Listener()
    logger.addHandler(listener)
    try:
        for number, failure in enumerate((away, broken)):
            explorer = app.state.pool.in_process.state().explorer
            monkeypatch.setattr(explorer, "initial_state", failure)
            answer = shared_client.get(
                f"{API}/experiments/{20 * '0'}", headers={"X-Request-ID": f"id{number}"}
            )
            assert answer.headers.get_list("x-request-id") == [f"id{number}"]
            assert "secret" not in answer.text
            assert "at 0x" not in answer.text
    finally:
        logger.removeHandler(listener)
    assert [line["request"] for line in lines] == ["id0", "id1"]
    assert "RuntimeError: secret" in lines[1]["exception"]
    assert REQUEST_ID.get() is None


def test_no_line_can_be_forged() -> None:
    record = logging.makeLogRecord({"msg": 'a\n{"level": "x"}\x1b[31m\ud800', "name": "x"})
    line = JsonLines().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"].startswith("a\n")


def test_no_telemetry_is_sent(shared_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """FastAPI's telemetry would send paths and queries to a collector."""
    monkeypatch.setattr("fastapi.telemetry._asgi._unconfigured", lambda _provider: False)
    assert FastAPI()._native_telemetry.enabled()
    assert not shared_client.app._native_telemetry.enabled()

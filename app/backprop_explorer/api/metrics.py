"""Monitoring: an id and a log line for each request, /healthz, and /metrics for Prometheus.

Log lines and labels have no query strings and no request bodies; labels have no experiment ids.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from fastapi.telemetry import TelemetryConfig
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backprop_explorer import __version__
from backprop_explorer.api.router import API
from backprop_explorer.classroom.rates import network_of
from backprop_explorer.compute.fair_queue import CLIENT
from backprop_explorer.compute.logs import REQUEST_ID
from backprop_explorer.compute.pool import Pool
from backprop_explorer.experiments.store import is_damaged

TICK_SECONDS = 0.05


class LoopWatch:
    """The longest pause of the event loop in seconds, since it was last read.

    A pause is what a callback computed without returning to the loop. Time in which other
    processes had the processor does not count, so that a busy machine is not reported as a defect.
    """

    def __init__(self) -> None:
        self._longest = 0.0

    def take(self) -> float:
        """The longest pause in seconds since the last call."""
        longest, self._longest = self._longest, 0.0
        return longest

    async def run(
        self,
        clock: Callable[[], float] = time.perf_counter,
        processor: Callable[[], float] = time.thread_time,
    ) -> None:
        """Measure until cancelled. ``processor`` is the processor time of the loop's thread."""
        while True:
            due, used = clock() + TICK_SECONDS, processor()
            await asyncio.sleep(TICK_SECONDS)
            self._longest = max(self._longest, min(clock() - due, processor() - used))


logger = logging.getLogger(__name__)

# For FastAPI(telemetry=…). Otherwise FastAPI would send paths, queries and error messages to the
# address in the environment, and check the environment at each request.
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
ID = b"x-request-id"
SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SHOWN_PATH = 200
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT")
# In seconds: from a cached file to a request that uses up its training budget.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class ComputeCollector(Collector):
    """Prometheus metrics of the workers and of the event loop."""

    def __init__(self, compute: Pool, loop_watch: LoopWatch) -> None:
        self.compute = compute
        self.loop_watch = loop_watch

    def collect(self) -> Iterator[Metric]:
        """Yield the counters and gauges."""
        pool, statistics = self.compute, self.compute.statistics()
        for name, text, value in (
            ("frames", "Frames computed", statistics["frames"]),
            ("steps", "Training steps made", statistics["steps"]),
            ("evictions", "Experiments dropped from memory", statistics["evictions"]),
            ("worker_restarts", "Workers that died or hung and were replaced", pool.restarts),
        ):
            yield CounterMetricFamily(f"explorer_{name}", text, value=value)
        gauges: tuple[tuple[str, str, float], ...] = (
            ("cache_entries", "Experiments in memory", statistics["entries"]),
            ("cache_bytes", "Memory for their checkpoints", statistics["nbytes"]),
            ("workers", "Workers that can compute", pool.ready_workers),
            ("queue", "Tasks that a worker has not finished yet", pool.load),
            (
                "event_loop_pause_seconds",
                "Longest computation in the event loop since the last scrape",
                self.loop_watch.take(),
            ),
        )
        for name, text, number in gauges:
            yield GaugeMetricFamily(f"explorer_{name}", text, value=number)
        memory = GaugeMetricFamily(
            "explorer_memory_bytes", "Resident memory of the processes", labels=("process",)
        )
        for process, pids in (("web", [os.getpid()]), ("workers", pool.pids)):
            resident = resident_bytes(pids)
            if resident is not None:
                memory.add_metric((process,), resident)
        yield memory


def resident_bytes(pids: Iterable[int]) -> int | None:
    """The memory of processes, shared pages counted once; None without Linux's /proc."""
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += 1024 * int(rollup.partition("\nPss:")[2].split()[0])
    return total


class Metrics:
    """The metrics of one application and of its workers."""

    def __init__(self, compute: Pool) -> None:
        self.loop_watch = LoopWatch()
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "explorer_requests",
            "Requests answered, by route",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "explorer_request_seconds",
            "From the request's head to the end of the answer",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        # By method, route and status: looking up labels takes half of the time to use a metric.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.registry.register(ComputeCollector(compute, self.loop_watch))
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that took ``seconds``."""
        known = self._known.get((method, route, status))
        if known is None:
            counted = self.requests.labels(method, route, str(status))
            known = self._known[method, route, status] = counted, self.seconds.labels(route)
        counter, histogram = known
        counter.inc()
        histogram.observe(seconds)

    def route(self) -> Route:
        """The route of GET /metrics, in Prometheus's text format."""

        async def metrics(_request: Request) -> Response:
            content = generate_latest(self.registry)
            headers = {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4, "Cache-Control": "no-store"}
            return Response(content, headers=headers)

        return Route("/metrics", metrics)


class RequestInstrumentation:
    """ASGI middleware: gives each request an id, counts it, and logs it at level info."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        given = next((value for name, value in scope["headers"] if name == ID), b"").decode(
            "latin1"
        )
        request_id = given if SANE_ID.fullmatch(given) else secrets.token_hex(8)
        status = 0

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        token = REQUEST_ID.set(request_id)
        client = CLIENT.set(network_of((scope.get("client") or ("",))[0]))
        try:
            await self.app(scope, receive, note_status)
        finally:
            self._note(scope, status, time.perf_counter() - began)
            REQUEST_ID.reset(token)
            CLIENT.reset(client)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        # Clients may invent methods; a label for each would fill the memory.
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.metrics.note(method, route, status, seconds)
        if logger.isEnabledFor(logging.INFO):
            fields = {
                "method": scope["method"][:16],
                "path": scope["path"][:SHOWN_PATH],
                "status": status,
                "milliseconds": round(seconds * 1000, 2),
                "client": (scope.get("client") or (None,))[0],
            }
            message = "%s %s %s"
            logger.info(
                message, *(fields["method"], fields["path"], status), extra={"fields": fields}
            )


def route_of(scope: Scope) -> str:
    """The route's template below API, such as /experiments/{id}; "none" if no route matched."""
    route = scope.get("route")
    return str(getattr(route, "path", None) or "none").removeprefix(API)


# The store's pages are checked at most so often.
CHECK_SECONDS = 10.0


class Health:
    """The state of a server. ``damaged`` stays set: a damaged store needs its operator."""

    def __init__(self, pool: Pool, store: str) -> None:
        self._pool = pool
        self._store = store
        self._checked = -CHECK_SECONDS
        self.damaged = False

    async def answer(self, _request: Request) -> JSONResponse:
        """200 once a worker has started and while the store is not damaged, else 503."""
        if not self.damaged and time.monotonic() - self._checked >= CHECK_SECONDS:
            self._checked = time.monotonic()
            self.damaged = await asyncio.to_thread(is_damaged, self._store) or self.damaged
        starting = "ok" if self._pool.ready else "starting"
        status = "damaged" if self.damaged else starting
        return JSONResponse(
            {"status": status, "version": __version__},
            status_code=200 if status == "ok" else 503,
            headers={"Retry-After": "1"} if status == "starting" else None,
        )

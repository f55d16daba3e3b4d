"""Mixed heavy load for minutes: a normal client must get its answers, memory must stay bounded.

    python -m bench mixed [--minutes 10] [--megabytes 1200] [--only far largest uploads unread raw]

Besides the normal client and slow sockets, each in a separate process: far steps and long
histories; the largest networks, batches and grids that the limits allow; uploads of the largest
tables; answers that are not read; raw bytes. Loopback only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import random
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from backprop_explorer.api.metrics import resident_bytes
from backprop_explorer.web.connections import allow_connections
from bench.attack import classes, statuses
from bench.honest import CLEAN, Honest, beside, milliseconds, slow_sockets
from tests.helpers.attacks import corpus, mutated
from tests.helpers.processes import memory, workers
from tests.helpers.raw_client import attack_all
from tests.helpers.servers import start_server, stop_server

API = "/api/v1"
SLOW_SOCKETS = 100
UNREAD = 30
THINK_SECONDS = 0.1


def far(stop: Any, url: str) -> None:
    """Request far steps and long histories of medium networks."""

    async def one(client: httpx.AsyncClient, seed: int) -> None:
        layers = [{"units": 64}, {"units": 64}, {"units": 1, "activation": "sigmoid"}]
        path = await kept(client, {"network": {"layers": layers, "seed": seed}})
        if seed % 2:
            await client.get(f"{path}/frames/1000000")
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3):
                    await client.get(f"{path}/history?every=100&until=999900")

    asyncio.run(several(stop, url, 4, one))


def largest(stop: Any, url: str) -> None:
    """Send requests at the limits, and above them."""
    limits = httpx.get(f"{url}{API}/catalog", timeout=60).json()["limits"]

    def bound(name: str) -> int:
        found = limits[name]
        return int(found["value"] if isinstance(found, dict) else found)

    units = min(bound("max_units"), int((bound("max_parameters") / 2) ** 0.5) - 2)

    async def one(client: httpx.AsyncClient, seed: int) -> None:
        layers = [{"units": units}] * (2 + seed % 2)
        recipe = {
            "dataset": {"samples": bound("max_samples"), "seed": seed},
            "network": {"layers": [*layers, {"units": 1, "activation": "sigmoid"}], "seed": seed},
            "batch": {"size": bound("max_trace_batch")},
        }
        path = await kept(client, recipe)
        grid = bound("max_grid") + seed % 2
        await client.get(f"{path}/frames/{seed % 5}?grid={grid}")
        await client.get(f"{path}/frames/1/trace?jacobians=true")
        await client.get(f"{path}/frames/1/trace?sample=0&jacobians=true")
        await client.get(f"{path}/frames/1/slice?kind=plane&points={grid}")
        await client.get(f"{path}/frames/1/shares?layer=2&full=true")
        await client.get(f"{path}/export/notebook?step=1")
        side = min(units, 300)
        rows = [[0.001 * k for k in range(side)]] * side
        layer = {"W": rows, "b": rows[0], "activation": "tanh"}
        givens = {"layers": [layer, layer], "x": rows, "target": rows, "cost": "mse"}
        await client.post(f"{API}/trace", json=givens)

    asyncio.run(several(stop, url, 2, one))


def uploads(stop: Any, url: str) -> None:
    """Upload tables at the limits, and slightly above them."""

    async def one(client: httpx.AsyncClient, seed: int) -> None:
        rng = random.Random(seed)
        width = rng.choice((2, 20, 64, 65))
        row = ",".join(f"{rng.random():.6f}" for _ in range(width))
        head = ",".join(f"c{k}" for k in range(width))
        most = (4 << 20) + 1000 if seed % 3 == 0 else 190_000 // width * len(row)
        table = "\n".join([head, *[row] * (most // (len(row) + 1)), "1" + row[1:]])
        csv = {"Content-Type": "text/csv"}
        await client.post(f"{API}/datasets?task=regression", content=table.encode(), headers=csv)

    asyncio.run(several(stop, url, 2, one))


def unread(stop: Any, url: str) -> None:
    """Request large answers and never read them."""
    parts = urlsplit(url)
    assert parts.hostname == "127.0.0.1"
    layers = [{"units": 300}, {"units": 300}, {"units": 1, "activation": "sigmoid"}]
    made = httpx.post(f"{url}{API}/experiments", json={"network": {"layers": layers}}, timeout=60)
    path = f"{API}/experiments/{made.json()['id']}/frames/1?grid=96"
    ask = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()

    async def one(_client: httpx.AsyncClient, _seed: int) -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1024)
        try:
            writer.write(ask * 3)
            await asyncio.sleep(5)
            await reader.read(1)
        finally:
            writer.transport.abort()

    asyncio.run(several(stop, url, UNREAD, one))


def raw(stop: Any, url: str) -> None:
    """Send raw bytes, a thousand at a time."""
    attacks = list(corpus(httpx.get(f"{url}{API}/openapi.json", timeout=60).json()))
    parts = urlsplit(url)
    endless = mutated(attacks, 1)
    while not stop.is_set():
        chosen = [*random.sample(attacks, 200), *itertools.islice(endless, 200)]
        asyncio.run(attack_all(str(parts.hostname), int(parts.port or 0), chosen, lanes=2))


async def kept(client: httpx.AsyncClient, recipe: dict[str, Any]) -> str:
    """Create an experiment and return its path; None if it is refused."""
    answer = await client.post(f"{API}/experiments", json=recipe)
    return f"{API}/experiments/{answer.json().get('id', 'refused')}"


async def several(
    stop: Any, url: str, lanes: int, one: Callable[[httpx.AsyncClient, int], Awaitable[None]]
) -> None:
    """Call ``one`` repeatedly in several concurrent tasks."""
    numbers = itertools.count()

    async def lane(client: httpx.AsyncClient) -> None:
        while not stop.is_set():
            with contextlib.suppress(httpx.HTTPError, OSError):
                await one(client, next(numbers))

    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        await asyncio.gather(*(lane(client) for _ in range(lanes)))


ATTACKS = {each.__name__: each for each in (far, largest, uploads, unread, raw)}


class Watch(threading.Thread):
    """Records the memory of a server and its workers every two seconds."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.sizes: list[float] = []
        self.web = 0.0
        self.ended = threading.Event()

    def run(self) -> None:
        """Record until ``ended`` is set."""
        while not self.ended.wait(2):
            self.sizes.append(memory(self.pid) / 1e6)
            self.web = max(self.web, (resident_bytes([self.pid]) or 0) / 1e6)

    def quarters(self) -> list[int]:
        """The largest memory in each quarter of the time."""
        length = -(-len(self.sizes) // 4)
        parts = [self.sizes[k : k + length] for k in range(0, len(self.sizes), length)]
        return [round(max(each)) for each in parts]


def main(arguments: list[str] | None = None) -> int:
    """Print times, statuses and memory. Returns 1 on a failure or too much memory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--megabytes", type=float, default=1200.0)
    parser.add_argument("--only", nargs="+", choices=ATTACKS, default=list(ATTACKS))
    options = parser.parse_args(arguments)
    allow_connections()
    opened, longest = CLEAN.Value("i", 0), CLEAN.Value("d", 0.0)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        running = start_server(Path(folder), EXPLORER_WORKERS="2")
        first = set(workers(running.process.pid))
        honest = Honest(running.url)
        alone = honest.frames(100, THINK_SECONDS)
        before = statuses(running.url)
        watch = Watch(running.process.pid)
        watch.start()
        for name in options.only:
            stack.enter_context(beside(ATTACKS[name], running.url))
        slow = (running.url, SLOW_SOCKETS, opened, longest)
        stack.enter_context(beside(slow_sockets, *slow))
        crowded: list[float] = []
        until = time.monotonic() + 60 * options.minutes
        while time.monotonic() < until:
            crowded += honest.frames(10, THINK_SECONDS)
        stack.close()
        watch.ended.set()
        watch.join()
        answers = statuses(running.url) - before
        kept_workers = set(workers(running.process.pid)) == first
        stop_server(running.process)
        log = running.log.read_text()
    errors = log.count('"level": "error"')
    print(
        f"{options.minutes:g} minutes: {answers.total():,} requests: {classes(answers)}; the "
        f"honest client made {len(crowded)} steps, p50 {milliseconds(crowded, 50):.0f} ms, p99 "
        f"{milliseconds(crowded, 99):.0f} ms (alone {milliseconds(alone, 99):.0f} ms), and failed "
        f"{honest.failed}; memory at most {watch.quarters()} MB in the quarters of the time, of "
        f"the web process {watch.web:.0f} MB; {opened.value} slow sockets, the longest life "
        f"{longest.value:.1f} s; {errors} errors in the log; the workers are "
        f"{'those from the beginning' if kept_workers else 'OTHERS'}"
    )
    if errors:
        print("\n".join(line for line in log.splitlines() if '"level": "error"' in line)[:6000])
    too_much = max(watch.sizes) > options.megabytes
    failed = [each for each in honest.failed if each != "503"]
    return int(bool(failed) or too_much or errors > 0 or not kept_workers or "500" in answers)


if __name__ == "__main__":
    sys.exit(main())

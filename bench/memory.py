"""Measure whether memory grows with the number of experiments ever created.

    python -m bench memory [--experiments 10000] [--warm-up 1500]

Creates experiments and reads two frames of each. The warm-up fills the caches of the workers; after
it the server and its workers may grow by at most 10 %. The result is valid only if the caches were
full after the warm-up: that is checked by the number of cached experiments. The server is started
on the loopback interface.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.helpers.processes import memory
from tests.helpers.servers import start_server, stop_server

API = "/api/v1"
LANES = 8
GROWTH = 1.10
SAMPLES = 20
# An idle worker loads modules in the background: memory is compared only after that.
SETTLE_SECONDS, SETTLED = 3.0, 0.01


class Sample(NamedTuple):
    """Memory in MB (all, web process, workers) and the number of cached experiments."""

    total: float
    web: float
    workers: float
    cached: int


def sample(url: str, pid: int) -> Sample:
    """Measure the server ``pid``."""
    text = httpx.get(f"{url}/metrics").raise_for_status().text
    found = {
        (each.name, each.labels.get("process")): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }
    web, workers = (found["explorer_memory_bytes", name] / 1e6 for name in ("web", "workers"))
    return Sample(memory(pid) / 1e6, web, workers, int(found["explorer_cache_entries", None]))


def settled(url: str, pid: int) -> Sample:
    """Measure the idle server once its memory has stopped changing."""
    before = sample(url, pid)
    while True:
        time.sleep(SETTLE_SECONDS)
        now = sample(url, pid)
        if abs(now.total / before.total - 1) < SETTLED:
            return now
        before = now


async def make(url: str, seeds: range) -> None:
    """Create an experiment for each seed and read two of its frames."""
    waiting = iter(seeds)

    async def lane(client: httpx.AsyncClient) -> None:
        for seed in waiting:
            recipe = {"dataset": {"seed": seed % 50}, "network": {"seed": seed}}
            made = await client.post(f"{API}/experiments", json=recipe)
            path = f"{API}/experiments/{made.raise_for_status().json()['id']}/frames"
            for step in (0, 30):
                (await client.get(f"{path}/{step}?grid=24")).raise_for_status()

    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        await asyncio.gather(*(lane(client) for _ in range(LANES)))


def main(arguments: list[str] | None = None) -> int:
    """Print the memory over time. Returns 1 for too much growth, 2 for too short a warm-up."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--experiments", type=int, default=10_000)
    parser.add_argument("--warm-up", type=int, default=1500)
    options = parser.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        running = start_server(Path(folder), EXPLORER_WORKERS="2")
        url, pid = running.url, running.process.pid
        start = settled(url, pid)
        asyncio.run(make(url, range(options.warm_up)))
        warm = settled(url, pid)
        print(f"start: {_text(start)}\nafter {options.warm_up} experiments: {_text(warm)}")
        step = max(1, (options.experiments - options.warm_up) // SAMPLES)
        later = []
        for first in range(options.warm_up, options.experiments, step):
            asyncio.run(make(url, range(first, min(first + step, options.experiments))))
            later.append(sample(url, pid))
            print(f"after {first + step}: {_text(later[-1])}", flush=True)
        later.append(settled(url, pid))
        stop_server(running.process)
    last = later[-1]
    print(f"at the end: {_text(last)}")
    growth = max(each.total for each in later) / warm.total
    print(
        f"{options.experiments} experiments in {time.monotonic() - began:.0f} s: "
        f"at most {growth - 1:+.1%} after the warm-up"
    )
    if last.cached > warm.cached:
        print(
            f"Not valid: the caches were not full after the warm-up ({warm.cached} experiments, "
            f"later {last.cached}). Use a longer --warm-up."
        )
        return 2
    return int(growth > GROWTH)


def _text(found: Sample) -> str:
    return (
        f"{found.total:.0f} MB (web {found.web:.0f}, workers {found.workers:.0f}), "
        f"{found.cached} experiments cached"
    )


if __name__ == "__main__":
    sys.exit(main())

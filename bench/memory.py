"""Does the memory grow with the number of experiments that were ever made?

    python -m bench memory [--experiments 10000] [--warm-up 1500]

Each experiment is kept and two of its frames are looked at. After the warm-up the caches are full:
from then on the server and its workers may grow by a tenth. Loopback only.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.conftest import start_server, stop_server
from tests.helpers.processes import memory

API = "/api/v1"
LANES = 8
GROWTH = 1.10
SAMPLES = 20


async def make(url: str, seeds: range) -> None:
    """Keep an experiment for each seed and look at it."""
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
    """Print the memory along the way; 1 if it grows by more than a tenth after the warm-up."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--experiments", type=int, default=10_000)
    parser.add_argument("--warm-up", type=int, default=1500)
    options = parser.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        running = start_server(Path(folder), EXPLORER_WORKERS="2")
        pid = running.process.pid
        sizes = [memory(pid) / 1e6]
        asyncio.run(make(running.url, range(options.warm_up)))
        sizes.append(memory(pid) / 1e6)
        step = max(1, (options.experiments - options.warm_up) // SAMPLES)
        for first in range(options.warm_up, options.experiments, step):
            asyncio.run(make(running.url, range(first, min(first + step, options.experiments))))
            sizes.append(memory(pid) / 1e6)
        stop_server(running.process)
    growth = max(sizes[2:], default=sizes[1]) / sizes[1]
    print(
        f"{options.experiments} experiments in {time.monotonic() - began:.0f} s: {sizes[0]:.0f} MB "
        f"at the start, {sizes[1]:.0f} MB after {options.warm_up}, then at most "
        f"{growth - 1:+.1%}: {', '.join(f'{each:.0f}' for each in sizes[2:])} MB"
    )
    return int(growth > GROWTH)


if __name__ == "__main__":
    sys.exit(main())

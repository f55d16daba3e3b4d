"""Hundreds of slow sockets beside a normal client: its delay, and when slow sockets are closed.

    python -m bench sockets [--count 500] [--rounds 5] [--steps 200]

The normal client reads frames with and without them, alternating, so that a slow machine
affects both. A third of the sockets send nothing, a third a slow header, a third a slow body; a
closed one is replaced. Loopback only; a round takes about half a minute.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from backprop_explorer.web.connections import allow_connections
from bench.honest import CLEAN, Honest, beside, milliseconds, slow_sockets
from tests.helpers.servers import start_server, stop_server

CUT_SECONDS = 15.0
RATIO = 2.0
THINK_SECONDS = 0.02
# Opening so many connections takes a while.
OPEN_SECONDS = 30.0


def main(arguments: list[str] | None = None) -> int:
    """Print the normal client's times. Returns 1 if they double or a socket stays open too long."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=200)
    options = parser.parse_args(arguments)
    allow_connections()
    alone: list[list[float]] = []
    crowded: list[list[float]] = []
    longest = CLEAN.Value("d", 0.0)
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        running = start_server(Path(folder))
        honest = Honest(running.url)
        for _ in range(options.rounds):
            alone.append(honest.frames(options.steps, THINK_SECONDS))
            opened = CLEAN.Value("i", 0)
            with beside(slow_sockets, running.url, options.count, opened, longest):
                deadline = time.monotonic() + OPEN_SECONDS
                while opened.value < options.count and time.monotonic() < deadline:
                    time.sleep(0.1)
                began = time.monotonic()
                crowded.append(honest.frames(options.steps, THINK_SECONDS))
                # Long enough for each socket to be closed once.
                while time.monotonic() < began + CUT_SECONDS:
                    crowded[-1] += honest.frames(10, THINK_SECONDS)
            total += opened.value
        stop_server(running.process)
    without, beside_them = (
        [milliseconds(each, 99) for each in rounds] for rounds in (alone, crowded)
    )
    ratio = statistics.median(beside_them) / statistics.median(without)
    print(
        f"{options.count} slow sockets ({total} opened in all): the honest client's p99 is "
        f"{statistics.median(beside_them):.1f} ms beside them, {statistics.median(without):.1f} ms "
        f"without ({ratio:.2f}×; medians of {options.rounds} rounds); p50 "
        f"{statistics.median(milliseconds(each, 50) for each in crowded):.1f} and "
        f"{statistics.median(milliseconds(each, 50) for each in alone):.1f} ms; the longest "
        f"life of a slow socket was {longest.value:.1f} s; the honest client failed {honest.failed}"
    )
    return int(ratio > RATIO or longest.value > CUT_SECONDS or bool(honest.failed))


if __name__ == "__main__":
    sys.exit(main())

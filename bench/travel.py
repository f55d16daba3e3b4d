"""Moving in a run of 100,000 steps: time of visited and unvisited steps, and memory.

A real server gives the times that a user waits; in this process the cost of reaching a step is
compared with the plain training loop, which keeps no checkpoints and no curves.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import numpy as np

from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.trainer import Trainer
from backprop_explorer.experiments.training_run import MAX_CHECKPOINTS, MAX_RECENT, TrainingRun
from backprop_explorer.limits import Limits
from backprop_explorer.tape import native
from tests.helpers.servers import start_server, stop_server

API = "/api/v1"
RECIPE: dict[str, Any] = {
    "network": {
        "layers": [
            {"units": 8, "activation": "tanh"},
            {"units": 8, "activation": "tanh"},
            {"units": 1, "activation": "sigmoid"},
        ]
    },
    "batch": {"size": 32},
}


def visit(client: httpx.Client, path: str, step: int) -> float:
    """Milliseconds until the frame of ``step`` is ready, including repeated requests."""
    begin = time.perf_counter()
    while client.get(f"{path}/{step}?arrays=base64").raise_for_status().status_code == 202:
        pass
    return 1e3 * (time.perf_counter() - begin)


def travel(steps: int, visits: int) -> dict[str, float]:
    """Milliseconds of the first run to the end, of unvisited and visited steps; megabytes."""
    rng = np.random.default_rng(0)
    chosen = rng.integers(0, steps, visits).tolist()
    with TemporaryDirectory() as folder:
        running = start_server(Path(folder), EXPLORER_WORKERS=str(os.cpu_count()))
        try:
            with httpx.Client(base_url=running.url, timeout=120) as client:
                answer = client.post(f"{API}/experiments", json=RECIPE).raise_for_status().json()
                path = f"{API}/experiments/{answer['id']}/frames"
                whole = visit(client, path, steps)
                first = [visit(client, path, step) for step in chosen]
                again = [visit(client, path, step) for step in rng.permutation(chosen).tolist()]
                metrics = client.get("/metrics").text
        finally:
            stop_server(running.process)
    held = next(line for line in metrics.splitlines() if line.startswith("explorer_cache_bytes "))
    return {
        "whole": whole,
        "unvisited": float(np.percentile(first, 95)),
        "p50": float(np.percentile(again, 50)),
        "p95": float(np.percentile(again, 95)),
        "megabytes": float(held.split()[1]) / 1e6,
    }


def beside_plain(steps: int, repeats: int) -> float:
    """The time of a run to ``steps``, as a multiple of the time of its updates alone."""
    limits = Limits()
    initial_state = InitialState(Recipe.model_validate(RECIPE), limits)
    initial_state.prepare()
    native.load()

    def plain() -> float:
        begin = time.process_time()
        trainer = Trainer(initial_state, initial_state.segments[0])
        trainer.parameters.flat[...] = initial_state.parameters.flat
        step = 0
        while step < steps:
            step, _ = trainer.advance(step, steps, float("inf"))
        return time.process_time() - begin

    def run() -> float:
        begin = time.process_time()
        TrainingRun(initial_state, limits.cache_bytes // 8).state(steps, float("inf"))
        return time.process_time() - begin

    ratios = []
    for _ in range(repeats):
        alone = plain()
        ratios.append(run() / alone)
    return statistics.median(ratios)


def rows(steps: int = 100_000, visits: int = 300, repeats: int = 3) -> list[list[str]]:
    """What was measured, and the goal."""
    found = travel(steps, visits)
    limits = Limits()
    return [
        [f"all {steps:,} steps once", f"{found['whole'] / 1e3:.1f} s", ""],
        ["a visited step, p50", f"{found['p50']:.1f} ms", ""],
        ["a visited step, p95", f"{found['p95']:.1f} ms", "≤ 30 ms"],
        ["an unvisited step behind the end, p95", f"{found['unvisited']:.1f} ms", ""],
        ["way to the end, × plain training", f"{beside_plain(steps, repeats):.2f}", "≤ 1.2"],
        ["memory of its checkpoints and curves", f"{found['megabytes']:.2f} MB", ""],
        [
            "bound: checkpoints of a run",
            f"{MAX_CHECKPOINTS} + {MAX_RECENT} states, or {limits.cache_bytes / 8e6:.0f} MB",
            "",
        ],
        ["bound: all runs of a server", f"{limits.cache_bytes / 1e6:.0f} MB", ""],
    ]


HEADER = ["", "measured", "goal"]

if __name__ == "__main__":
    for row in rows(*(int(argument) for argument in sys.argv[1:])):
        print(" | ".join(row))

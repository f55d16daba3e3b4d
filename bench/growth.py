"""Growth of an update's time with parameters, batch and depth, and of an answer's size.

Slopes are those of a line fitted to the points on a log-log plot, without the small sizes at which
calling NumPy takes most of the time. At most 1 means: at most proportional.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from backprop_explorer.compute.encoding import dumps
from backprop_explorer.compute.task_options import Extent
from backprop_explorer.compute.trace_answer import trace_answer
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import trace
from bench.timing import microseconds
from bench.updates import Case, SharedData, ours

# Below this the calls are most of an update's time.
OVERHEAD = 2.5


@dataclass(frozen=True)
class Sweep:
    """A size that varies while all others are fixed."""

    title: str
    unit: str
    sizes: tuple[int, ...]
    cases: tuple[Case, ...]


def _sweep(title: str, unit: str, sizes: Sequence[int], make: Any) -> Sweep:
    return Sweep(title, unit, tuple(sizes), tuple(make(size) for size in sizes))


def _parameters(case: Case) -> int:
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise(case.sizes))


SWEEPS = (
    _sweep("width", "units", (8, 16, 32, 64, 128, 256, 512), lambda n: Case((n, n, n, n), 64)),
    _sweep("batch", "samples", (8, 32, 128, 512, 2048, 8192), lambda n: Case((8, 16, 16, 1), n)),
    _sweep("depth", "layers", (2, 4, 8, 16, 32, 64), lambda n: Case((16, *[16] * n), 64)),
)
BARS = " ▁▂▃▄▅▆▇█"


def slope(x: Sequence[float], y: Sequence[float]) -> float:
    """The slope of the least-squares line of log y against log x."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def measure(sweep: Sweep, rounds: int) -> list[float]:
    """Time of an update in µs at each size: the best of ``rounds``."""
    found = []
    for case in sweep.cases:
        own = ours(SharedData(case))
        spent = microseconds({"ours": own.work}, rounds=rounds, of=min)["ours"]
        found.append(spent / own.updates)
    return found


def plot(times: Sequence[float]) -> str:
    """A bar chart of the logarithms."""
    logs = np.log(times)
    low, high = logs.min(), max(logs.max(), logs.min() + 1e-9)
    return "".join(BARS[1 + round(7 * float(v - low) / float(high - low))] for v in logs)


def rows(rounds: int = 7, largest: int | None = None) -> list[list[str]]:
    """A row for each sweep, without sizes above ``largest``."""
    found = []
    for sweep in SWEEPS:
        kept = [k for k, n in enumerate(sweep.sizes) if largest is None or n <= largest]
        cases = tuple(sweep.cases[k] for k in kept)
        times = measure(Sweep(sweep.title, sweep.unit, sweep.sizes, cases), rounds)
        # The x axis: the number of parameters if the width varies, else the size itself.
        x = [
            float(_parameters(case) if sweep.title == "width" else sweep.sizes[k])
            for k, case in zip(kept, cases, strict=True)
        ]
        beyond = [k for k, t in enumerate(times) if t > OVERHEAD * times[0]] or [len(times) - 1]
        begin = max(0, min(beyond[0] - 1, len(times) - 3))
        points = ", ".join(f"{sweep.sizes[k]}: {t:,.0f}" for k, t in zip(kept, times, strict=True))
        found.append(
            [sweep.title, f"{points} µs", plot(times), f"{slope(x[begin:], times[begin:]):.2f}"]
        )
    return found


HEADER = [
    "what grows",
    "units, samples or layers: time of an update",
    "log",
    "slope beyond overhead",
]


def answers(widths: Sequence[int] = (16, 32, 64, 128, 256, 400)) -> list[list[str]]:
    """Bytes of a trace by number of parameters: whole, without large values, one line only."""
    found = []
    for width in widths:
        case = Case((width, width, width, 1), 1)
        problem = SharedData(case)
        made = trace(
            problem.network,
            problem.parameters,
            objective=Objective(),
            x=problem.x,
            target=problem.target,
        )
        notation = Notation.of("column", single=True, reduction="mean")
        sizes = [
            len(dumps(trace_answer(made, notation, verify=False, extent=extent)))
            for extent in (Extent(), Extent(10_000), Extent(lines=frozenset({"dC_dW2"})))
        ]
        parameters = problem.network.parameter_count
        found.append(
            [
                f"{parameters:,}",
                *(f"{size / 1e3:,.0f} kB" for size in sizes),
                f"{sizes[0] / parameters:.0f}",
            ]
        )
    return found


ANSWERS_HEADER = [
    "parameters",
    "whole",
    "values of ≤ 10,000 numbers",
    "one line",
    "bytes of the whole per parameter",
]

if __name__ == "__main__":
    for row in (*rows(*map(int, sys.argv[1:])), *answers()):
        print(" | ".join(row), flush=True)

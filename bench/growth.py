"""How the time of an update grows with parameters, batch and depth, and answers with questions.

Slopes are those of a line through the points on a log-log plot, beyond the sizes at which the time
is that of calling NumPy and not of its work. At most 1 means: no worse than in proportion.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from backprop_explorer.compute.encoding import dumps
from backprop_explorer.compute.trace_answer import Extent, trace_answer
from backprop_explorer.engine.backprop import Objective
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import trace

from bench.timing import microseconds
from bench.updates import Case, Problem, ours

# Below this the calls are most of an update's time.
OVERHEAD = 2.5


@dataclass(frozen=True)
class Sweep:
    """One size that grows, all others fixed."""

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
    """Of the least-squares line of log y against log x."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def measure(sweep: Sweep, rounds: int) -> list[float]:
    """µs of an update at each size: the best of ``rounds``, since others use the machine too."""
    found = []
    for case in sweep.cases:
        own = ours(Problem(case))
        spent = microseconds({"ours": own.work}, rounds=rounds, of=min)["ours"]
        found.append(spent / own.updates)
    return found


def plot(times: Sequence[float]) -> str:
    """The logarithms as bars."""
    logs = np.log(times)
    low, high = logs.min(), max(logs.max(), logs.min() + 1e-9)
    return "".join(BARS[1 + round(7 * float(v - low) / float(high - low))] for v in logs)


def rows(rounds: int = 7, largest: int | None = None) -> list[list[str]]:
    """A row for each sweep; ``largest`` leaves out sizes beyond it."""
    found = []
    for sweep in SWEEPS:
        kept = [k for k, n in enumerate(sweep.sizes) if largest is None or n <= largest]
        cases = tuple(sweep.cases[k] for k in kept)
        times = measure(Sweep(sweep.title, sweep.unit, sweep.sizes, cases), rounds)
        # What it grows with: parameters where the width does, else the size itself.
        x = [
            float(_parameters(case) if sweep.title == "width" else sweep.sizes[k])
            for k, case in zip(kept, cases, strict=True)
        ]
        beyond = [k for k, t in enumerate(times) if t > OVERHEAD * times[0]] or [len(times) - 1]
        begin = max(0, min(beyond[0] - 1, len(times) - 3))
        points = ", ".join(f"{sweep.sizes[k]}: {t:,.0f}" for k, t in zip(kept, times, strict=True))
        found.append(
            [
                sweep.title,
                f"{points} µs",
                plot(times),
                f"{slope(x[begin:], times[begin:]):.2f}",
            ]
        )
    return found


HEADER = [
    "what grows",
    "units, samples or layers: time of an update",
    "log",
    "slope beyond overhead",
]


def answers(widths: Sequence[int] = (16, 32, 64, 128, 256, 400)) -> list[list[str]]:
    """Bytes of a working by parameters: all of it, without large values, one line of them."""
    found = []
    for width in widths:
        case = Case((width, width, width, 1), 1)
        problem = Problem(case)
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

"""``python -m bench [updates] [agreement] [exports]``: measure, print, and write bench/results.md.

Absolute times are of the machine that ran it; what counts are the ratios within one run.

``python -m bench TRIAL [--help]`` puts a server of this machine to a trial, prints what became of
it and fails where something did that must not: attack, chaos, classroom, memory, mixed, sockets.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

# Before NumPy is imported: small products gain nothing from a second thread.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

RESULTS = Path(__file__).with_name("results.md")


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def updates() -> str:
    """One update with all gradients, against every peer that is installed."""
    from bench.timing import microseconds
    from bench.updates import CASES, contestants

    rows: list[list[str]] = []
    names: list[str] = []
    for case in CASES:
        times = microseconds(contestants(case))
        names = [name for name in times if name not in ("ours", "floor")]
        ratios = [f"{times[name]:,.1f} ({times[name] / times['ours']:.1f}×)" for name in names]
        over = times["ours"] / times["floor"]
        rows.append([case.title, f"{times['ours']:,.1f}", f"{over:.2f}", *ratios])
    header = ["network, batch", "ours, µs", "ours / floor", *(f"{n}, µs (× ours)" for n in names)]
    return (
        "## One update with all gradients\n\n"
        "float64, tanh, squared error, gradient descent; medians of rounds in which all take "
        "turns.\nThe floor is the matrix products and tanh calls of the same update alone.\n\n"
        + _table(header, rows)
    )


def agreement() -> str:
    """The largest difference to PyTorch after 100 updates."""
    if importlib.util.find_spec("torch") is None:
        return "## Agreement with PyTorch\n\nPyTorch is not installed: `pip install torch`."
    from bench.agreement import UPDATES, rows

    found = rows()
    table = _table(
        ["optimizer", "hidden", "cost", "λ₂", "largest difference"],
        [[o, h, c, f"{l2:g}", f"{d:.1e}"] for o, h, c, l2, d in found],
    )
    worst = max(d for *_, d in found)
    verdict = "all within 1e-9" if worst <= 1e-9 else f"NOT within 1e-9: {worst:.1e}"
    return f"## Agreement with PyTorch after {UPDATES} updates, float64: {verdict}\n\n{table}"


def exports() -> str:
    """Whether exported PyTorch code finds the same gradients and the same update."""
    if importlib.util.find_spec("torch") is None:
        return "## Exported PyTorch code\n\nPyTorch is not installed: `pip install torch`."
    from bench.exports import rows

    found = rows()
    wrong = [[name, verdict] for name, verdict in found if verdict != "agrees"]
    verdict = f"{len(found) - len(wrong)} of {len(found)} agree within 1e-9"
    table = f"\n\n{_table(['case', 'what went wrong'], wrong)}" if wrong else ""
    return f"## Exported PyTorch code, run: {verdict}{table}"


MEASUREMENTS: dict[str, Callable[[], str]] = {
    "updates": updates,
    "agreement": agreement,
    "exports": exports,
}


# Their modules have a main(arguments) each.
TRIALS = ("attack", "chaos", "classroom", "memory", "mixed", "sockets")


def _machine() -> str:
    import numpy as np

    return (
        f"Python {platform.python_version()}, NumPy {np.__version__}, "
        f"{os.cpu_count()} cores, {platform.machine()}"
    )


def main(arguments: list[str]) -> int:
    """Run the measurements named in ``arguments``, or all of them."""
    if arguments and arguments[0] in TRIALS:
        code: int = importlib.import_module(f"bench.{arguments[0]}").main(arguments[1:])
        return code
    unknown = [name for name in arguments if name not in MEASUREMENTS]
    if unknown:
        print(
            f"unknown: {', '.join(unknown)}; known: {', '.join([*MEASUREMENTS, *TRIALS])}",
            file=sys.stderr,
        )
        return 2
    parts = [f"# Measurements\n\n{_machine()}"]
    for name in arguments or MEASUREMENTS:
        part = MEASUREMENTS[name]()
        print(part, end="\n\n", flush=True)
        parts.append(part)
    if not arguments:
        RESULTS.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
        print(f"written to {RESULTS.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

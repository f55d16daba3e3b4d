"""``python -m bench [--quick] [NAME ...]``: measure, print, and write bench/results.md.

Names: updates, sweeps, growth, service, page, travel, start, agreement, exports, programs,
program-pages; by default all of them, each in its own process, in under ten minutes. ``--quick``
takes one or two minutes, is noisy, and writes nothing. Absolute times depend on the machine;
compare the ratios within one run.

``python -m bench TRIAL [--help]`` starts a server on this machine, puts load on it, prints the
results and fails if a condition is violated: attack, chaos, class, classroom, memory,
mixed, sockets.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# Set before NumPy is imported: small products gain nothing from a second thread. A benchmark that
# uses more threads sets them itself.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

RESULTS = Path(__file__).with_name("results.md")
ROOT = RESULTS.parent.parent
# A multiple of what the longest benchmark takes on an idle machine.
MOST_SECONDS = 900


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def updates(quick: bool) -> str:
    """One update with all gradients, compared with every installed library."""
    from bench.timing import ROUNDS
    from bench.updates import CASES, times

    rows: list[list[str]] = []
    names: list[str] = []
    for case in CASES:
        found = times(case, rounds=3 if quick else ROUNDS)
        own, floors = found.pop("ours"), (found.pop("floor"), found.pop("bare floor"))
        over = [f"{own / floor:.2f}" for floor in floors]
        names = list(found)
        ratios = [f"{each:,.1f} ({each / own:.1f}×)" for each in found.values()]
        rows.append([case.title, f"{own:,.2f}", *over, *ratios])
    header = [
        "network, batch",
        "ours, µs",
        "ours / floor",
        "ours / bare floor",
        *(f"{name}, µs (× ours)" for name in names),
    ]
    return (
        "## One update with all gradients\n\n"
        "float64, tanh, squared error, gradient descent; medians of rounds in which all take "
        "turns.\nThe floor is the matrix products and tanh calls of the same update alone, by the "
        "fastest calls from Python; the bare floor is the same calls without Python in between, as "
        "the program makes them.\nThe program makes 64 updates per call (4 of the largest), each "
        "on its own batch; in one column JAX does so too. All may use all processors.\n\n"
        + _table(header, rows)
    )


def growth(quick: bool) -> str:
    """Time of an update by size, and size of a trace by request."""
    from bench.growth import ANSWERS_HEADER, HEADER, answers, rows

    times = rows(rounds=2, largest=64) if quick else rows()
    return (
        "## Growth\n\nOne update, as above; the slope is that of a log-log plot. An update of n "
        "layers has 3 n - 1 matrix products, since nothing is passed on below the first: against n "
        "their number alone has a slope of 1.03 from 4 to 64 layers.\n\n"
        + _table(HEADER, times)
        + "\n\nThe working of one sample as JSON.\n\n"
        + _table(ANSWERS_HEADER, answers((16, 32) if quick else (16, 32, 64, 128, 256, 400)))
    )


def service(quick: bool) -> str:
    """Requests compared with an empty FastAPI route."""
    from bench.service import HEADER, rows

    return (
        "## Requests\n\nA 2-8-8-1 network; four connections. The empty route sends as many bytes "
        "from one process of uvicorn. The ceiling is the rate of an empty route that also computes "
        "the answer: a leaner server cannot exceed it.\n\n"
        + _table(HEADER, rows(0.3, 1) if quick else rows())
    )


def page(quick: bool) -> str:
    """The page compared with TensorFlow Playground."""
    from bench import painted
    from bench.page import HEADER, rows

    return (
        "## The page at full speed\n\nHeadless Chromium, all panels open. Playground makes 55 and "
        "27 epochs/s there.\n\n"
        + _table(HEADER, rows(2.0, 6, 1) if quick else rows())
        + "\n\nThe default network, a step a frame; the ceiling is an empty page with a canvas of "
        "the same size.\n\n"
        + _table(painted.HEADER, painted.rows(2.0, 1) if quick else painted.rows())
    )


def travel(quick: bool) -> str:
    """Moving between the steps of a long run."""
    from bench.travel import HEADER, rows

    steps = 5_000 if quick else 100_000
    return f"## Going to any step of a run of {steps:,}\n\n" + _table(
        HEADER, rows(steps, 20, 1) if quick else rows(steps)
    )


def start(quick: bool) -> str:
    """Start-up time and page load."""
    from bench.start import HEADER, rows

    return (
        "## Start\n\nSeconds from the start of the process for the server, from the request for "
        "the page.\n\n" + _table(HEADER, rows(1 if quick else 5))
    )


def agreement(_quick: bool) -> str:
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


def exports(_quick: bool) -> str:
    """Whether exported PyTorch code computes the same gradients and the same update."""
    if importlib.util.find_spec("torch") is None:
        return "## Exported PyTorch code\n\nPyTorch is not installed: `pip install torch`."
    from bench.exports import rows

    found = rows()
    wrong = [[name, verdict] for name, verdict in found if verdict != "agrees"]
    verdict = f"{len(found) - len(wrong)} of {len(found)} agree within 1e-9"
    table = f"\n\n{_table(['case', 'what went wrong'], wrong)}" if wrong else ""
    return f"## Exported PyTorch code, run: {verdict}{table}"


def sweeps(quick: bool) -> str:
    """Maps of runs compared with scikit-learn and JAX."""
    from bench.sweeps import HEADER, STEPS, rows

    return (
        f"## Maps of runs\n\n{STEPS} steps of 2-4-2-1 with batches of 10 in every cell, float64; "
        "without JAX if it is not installed. All in one run; scikit-learn from 64 cells.\n\n"
        + _table(HEADER, rows((16,) if quick else (64, 256)))
    )


def programs(quick: bool) -> str:
    """Recording a NumPy program, and its proof."""
    from bench.programs import HEADER, rows

    return (
        "## Programs explained\n\nRecording runs the program, checks the recording by computing it "
        "again, and computes every gradient; it may take 400 µs an operation. A program of 300 "
        "operations may take 1.5 s with its proof.\n\n"
        + _table(HEADER, rows(2, small=True) if quick else rows())
    )


def program_pages(quick: bool) -> str:
    """Opening a program's page and going to a line, compared with the explorer's page."""
    from bench.program_pages import HEADER, rows

    return (
        "## Pages of programs\n\nEmpty cache; p50 / p95. A page of 300 operations may take "
        "1,200 ms and a line 150 ms; of the processor 600 ms and 60 ms.\n\n"
        + _table(HEADER, rows(1, 5) if quick else rows())
    )


MEASUREMENTS: dict[str, Callable[[bool], str]] = {
    "updates": updates,
    "sweeps": sweeps,
    "growth": growth,
    "service": service,
    "page": page,
    "travel": travel,
    "start": start,
    "agreement": agreement,
    "exports": exports,
    "programs": programs,
    "program-pages": program_pages,
}


# Each of these modules has a function main(arguments).
TRIALS = {
    **{name: name for name in ("attack", "chaos", "classroom", "memory", "mixed", "sockets")},
    "class": "live_class",
}


def _machine() -> str:
    import numpy as np
    from threadpoolctl import threadpool_info

    # OPENBLAS_CORETYPE, if it is set, may keep NumPy from what suits the processor, and no peer.
    kernels = ", ".join(
        f"{each['internal_api']} for {each['architecture']}"
        for each in threadpool_info()
        if "architecture" in each
    )
    return (
        f"Python {platform.python_version()}, NumPy {np.__version__} ({kernels}), "
        f"{os.cpu_count()} cores, {platform.machine()}"
    )


def _apart(name: str) -> tuple[str, bool]:
    """Run a benchmark in its own process. Returns its output and whether it succeeded."""
    command = [sys.executable, "-m", "bench", name]
    # In a group of its own: a server and a browser end with it.
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said, errors = process.communicate(timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"## {name}\n\nNot measured: it took more than {MOST_SECONDS} s.", False
    if process.returncode == 0:
        return said.strip(), True
    print(errors, file=sys.stderr)
    last = (errors.strip().splitlines() or ["no word"])[-1][:300]
    return f"## {name}\n\nNot measured: {last}", False


def _all() -> int:
    """Run all benchmarks; if one fails, the others still run."""
    parts, good = [f"# Measurements\n\n{_machine()}"], True
    for name in MEASUREMENTS:
        part, ended = _apart(name)
        print(part, end="\n\n", flush=True)
        parts.append(part)
        good = good and ended
    RESULTS.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"written to {RESULTS.name}")
    return 0 if good else 1


def main(arguments: list[str]) -> int:
    """Run the benchmarks named in ``arguments`` (default: all), or a trial."""
    if arguments and arguments[0] in TRIALS:
        code: int = importlib.import_module(f"bench.{TRIALS[arguments[0]]}").main(arguments[1:])
        return code
    quick = "--quick" in arguments
    names = [name for name in arguments if name != "--quick"]
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(
            f"unknown: {', '.join(unknown)}; known: {', '.join([*MEASUREMENTS, *TRIALS])}",
            file=sys.stderr,
        )
        return 2
    if not names and not quick:
        return _all()
    for name in names or MEASUREMENTS:
        print(MEASUREMENTS[name](quick), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

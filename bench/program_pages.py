"""Pages of programs in a headless Chromium: opening one with an empty cache, and going to a line.

Opening ends when the page is ready, which is before its gradients are proved. Times of processors
are those of the page's main thread (scripts, styles, layout, painting) and of the server's
processes: other processes disturb them less than a clock. The explorer's own page is the peer, in
the same turns.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import Browser, CDPSession, sync_playwright

from backprop_explorer import explain
from backprop_explorer.record import to_json
from bench.programs import programs
from tests.browser import expect_ready
from tests.helpers.browsers import CHROMIUM_FLAGS, DESK, chromium_path
from tests.helpers.processes import family, processor_seconds
from tests.helpers.servers import RunningServer, start_server, stop_server

API, JSON = "/api/v1", {"Content-Type": "application/json"}
READY = "conv_digit"
HEADER = [
    *("page", "operations", "ready, ms", "page's processor, ms", "server's, ms", "both, ms"),
    *("a line shown, ms", "a line's processor, ms", "requests", "kB"),
]
PEER = "the explorer"
# Until a key's effect is on screen; the next line where there is one, else the one before.
STEP = """async () => {
    const working = document.querySelector('[data-panel="working"]');
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const press = async (key) => {
        const [before, begin] = [working.dataset.line, performance.now()];
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        while (working.dataset.line === before && performance.now() < begin + 1000) await frame();
        await frame();
        return working.dataset.line === before ? null : performance.now() - begin;
    };
    return await press('ArrowLeft') ?? await press('ArrowRight');
}"""


@dataclass(frozen=True)
class Opened:
    """Milliseconds of a visit; those of lines are one for each."""

    ready: float
    page: float
    server: float
    requests: int
    nbytes: float
    lines: list[float]
    of_lines: list[float]


def chain(lines: int) -> str:
    """The source of a function with as many lines, each of one operation and with its own name."""
    steps = [f"    h{k} = np.{('tanh', 'sin')[k % 2]}(h{k - 1})" for k in range(1, lines)]
    last = f"    return np.mean(h{lines - 1})"
    return "\n".join(["import numpy as np", "", "", "def chain(h0):", *steps, last, ""])


def long_chain(folder: Path, lines: int) -> Callable[..., Any]:
    """That function, in a file: what is recorded has one."""
    file = folder / "chain.py"
    file.write_text(chain(lines), encoding="utf-8")
    spec = spec_from_file_location("chain", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[..., Any] = module.chain
    return found


def recorded(folder: Path) -> dict[str, tuple[str, int]]:
    """Recordings of generated programs, with the number of their operations, by name."""
    generated: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
        "chain": (long_chain(folder, 300), (np.linspace(-1, 1, 6).reshape(2, 3),)),
        **programs(small=False),
    }
    found = {}
    for name in ("dense", "recurrent", "convolution", "chain"):
        f, args = generated[name]
        recording = explain(f, *args).recording
        count = len(recording.graph.of_role("forward", "cost"))
        found[name] = (to_json(recording, source=True), count)
    return found


def visit(browser: Browser, running: RunningServer, address: str, lines: int) -> Opened:
    """Open a page with an empty cache; once its proof is there, go from line to line."""
    context = browser.new_context(base_url=running.url, viewport=DESK)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    asked: set[str] = set()  # pictures that are addresses of their own are none
    sizes: list[float] = []

    def on_answer(event: dict[str, Any]) -> None:
        if event["response"]["url"].startswith("http"):
            asked.add(event["requestId"])

    def on_end(event: dict[str, Any]) -> None:
        if event["requestId"] in asked:
            sizes.append(event["encodedDataLength"])

    session.on("Network.responseReceived", on_answer)
    session.on("Network.loadingFinished", on_end)
    before = processor_seconds(*family(running.process.pid))
    begin = time.perf_counter()
    page.goto(address)
    expect_ready(page)
    ready = time.perf_counter() - begin
    spent = busy(session)
    server = processor_seconds(*family(running.process.pid)) - before
    count, nbytes = len(sizes), sum(sizes)
    page.wait_for_load_state("networkidle")
    shown, of_lines = [], []
    for _ in range(lines):
        already = busy(session)
        shown.append(float(page.evaluate(STEP)))
        of_lines.append(1e3 * (busy(session) - already))
    context.close()
    return Opened(1e3 * ready, 1e3 * spent, 1e3 * server, count, nbytes, shown, of_lines)


def busy(session: CDPSession) -> float:
    """Seconds of the processor that the page's main thread has had."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def rows(rounds: int = 7, lines: int = 20) -> list[list[str]]:
    """A row for each page: p50 and p95 of ``rounds`` visits, and of the lines of all visits."""
    visits: dict[tuple[str, int], list[Opened]] = defaultdict(list)
    with sync_playwright() as playwright, TemporaryDirectory() as name:
        folder = Path(name)
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        running = start_server(folder)
        try:
            pages = {
                (PEER, 0): "/",
                (
                    f"the largest ready program, {READY}",
                    ready_count(running.url),
                ): f"/programs/{READY}",
            }
            for title, (content, count) in recorded(folder).items():
                kept = httpx.post(f"{running.url}{API}/graphs", content=content, headers=JSON)
                pages[title, count] = f"/graphs/{kept.raise_for_status().json()['id']}"
            for k in range(rounds + 1):  # not measured: the first visit fills the server's caches
                for page, address in pages.items():
                    opened = visit(browser, running, address, lines)
                    if k:
                        visits[page].append(opened)
        finally:
            browser.close()
            stop_server(running.process)
    return [_row(title, count, found) for (title, count), found in visits.items()]


def _row(title: str, count: int, found: list[Opened]) -> list[str]:
    def times(values: Iterable[float]) -> str:
        return " / ".join(f"{each:.0f}" for each in np.percentile([*values], [50, 95]))

    return [
        *(title, str(count or "")),
        times(each.ready for each in found),
        times(each.page for each in found),
        times(each.server for each in found),
        times(each.page + each.server for each in found),
        times(ms for each in found for ms in each.lines),
        times(ms for each in found for ms in each.of_lines),
        f"{np.median([each.requests for each in found]):.0f}",
        f"{np.median([each.nbytes for each in found]) / 1e3:.0f}",
    ]


def ready_count(url: str) -> int:
    """The number of operations of the ready program."""
    answer = httpx.get(f"{url}{API}/programs/{READY}/trace?verify=false&formulas=none").json()
    return sum(line["phase"] != "backward" for line in answer["lines"])


if __name__ == "__main__":
    for row in rows(*(int(argument) for argument in sys.argv[1:])):
        print(" | ".join(row))

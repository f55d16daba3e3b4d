"""Start-up: times from ``python -m backprop_explorer`` to a usable page, and bytes transferred.

Warm: the program has been started on this machine before, as ``make run`` does. The browser's cache
is empty at the first visit and full at the second.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.helpers.browsers import CHROMIUM_FLAGS, chromium_path
from tests.helpers.environment import ROOT, environment
from tests.helpers.servers import stop_server

API = "/api/v1"


@dataclass(frozen=True)
class Start:
    """Times in seconds since the start of the process."""

    listening: float
    experiment: float
    frame: float


@dataclass(frozen=True)
class Visit:
    """Seconds until the page is usable, and bytes of all answers including headers."""

    ready: float
    nbytes: float


def start(folder: Path) -> tuple[Start, subprocess.Popen[str], str]:
    """Start a server; create an experiment and read a frame as soon as it listens."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "backprop_explorer", "--port", "0"],
        cwd=ROOT,
        env=environment(XDG_DATA_HOME=str(folder)),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    listening = time.perf_counter() - begin
    assert found is not None
    url = found.group()
    with httpx.Client(base_url=url, timeout=30) as client:
        kept = client.post(f"{API}/experiments", json={}).raise_for_status().json()
        experiment = time.perf_counter() - begin
        client.get(f"{API}/experiments/{kept['id']}/frames/1").raise_for_status()
        frame = time.perf_counter() - begin
    return Start(listening, experiment, frame), process, url


def visit(context: BrowserContext, url: str) -> Visit:
    """Open the page and wait for its first frame and trace."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    begin = time.perf_counter()
    page.goto(url)
    page.wait_for_selector("body[data-ready='true']", state="attached")
    page.wait_for_selector("[data-panel='working'] td[data-index]", state="attached")
    ready = time.perf_counter() - begin
    # Count later requests too.
    page.wait_for_load_state("networkidle")
    page.close()
    return Visit(ready, sum(sizes))


def visits(browser: Browser, url: str) -> tuple[Visit, Visit]:
    """Visit the page with an empty cache, and again with a full one."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    first, again = visit(context, url), visit(context, url)
    context.close()
    return first, again


def rows(repeats: int = 5) -> list[list[str]]:
    """Rows of medians and goals."""
    starts: list[Start] = []
    first: list[Visit] = []
    again: list[Visit] = []
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        # Not measured: the first start fills Python's caches, the first visit the browser's.
        for k in range(repeats + 1):
            one, process, url = start(Path(folder) / str(k))
            pair = visits(browser, url)
            stop_server(process)
            if k:
                starts.append(one)
                first.append(pair[0])
                again.append(pair[1])
        browser.close()
    median = statistics.median
    return [
        ["server listens", f"{median(s.listening for s in starts):.2f} s", "≤ 1.0 s"],
        ["first experiment computed", f"{median(s.experiment for s in starts):.2f} s", ""],
        ["first frame computed", f"{median(s.frame for s in starts):.2f} s", ""],
        ["page ready, empty cache", f"{median(v.ready for v in first):.2f} s", "≤ 1.5 s"],
        ["page ready, revisited", f"{median(v.ready for v in again):.2f} s", ""],
        ["bytes of the first load", f"{median(v.nbytes for v in first) / 1e6:.2f} MB", "≤ 1.5 MB"],
        ["bytes when revisited", f"{median(v.nbytes for v in again) / 1e3:.0f} kB", "≤ 60 kB"],
    ]


HEADER = ["", "measured", "goal"]

if __name__ == "__main__":
    os.chdir(ROOT)
    for row in rows(*(int(argument) for argument in sys.argv[1:])):
        print(" | ".join(row))

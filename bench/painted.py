"""Painted frames of the default network, a step in each, beside what the browser can paint.

All panels are live. A frame counts if network, working and read-outs show a step that no earlier
frame showed. The ceiling is an empty page with a canvas of the size of the window, filled anew in
each animation frame: what is left of 60 frames a second without a graphics card.
"""

from __future__ import annotations

import os
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import action, open_page
from tests.helpers.browsers import CHROMIUM_FLAGS, chromium_path
from tests.helpers.servers import start_server, stop_server

SIZES = ((1440, 900), (390, 844))
WARM_SECONDS = 2.0
HEADER = ["window", "frames/s", "ceiling, frames/s", "× ceiling", "longest frame, ms"]

COUNT = """async (seconds) => {
    const text = (selector) => document.querySelector(selector)?.textContent;
    const working = document.querySelector('[data-panel="working"]');
    const network = document.querySelector('[data-figure="network"]');
    const step = () => {
        const shown = text('[data-readout="step"]');
        const spoken = /step (\\d+)/.exec(network?.ariaLabel ?? '')?.[1];
        // on a phone another tab may cover the network
        return working.dataset.step === shown && (spoken ?? shown) === shown ? shown : null;
    };
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const filled = window.fill ? () => window.fill() : step;
    let [frames, longest, last] = [0, 0, filled()];
    const begin = performance.now();
    for (let before = begin; before - begin < 1000 * seconds; ) {
        await frame();
        const now = performance.now();
        const shown = filled();
        if (shown === null || shown === last) continue;
        [frames, longest, last] = [frames + 1, Math.max(longest, now - before), shown];
        before = now;
    }
    return [(1000 * frames) / (performance.now() - begin), longest];
}"""
EMPTY = """() => {
    const canvas = document.body.appendChild(document.createElement('canvas'));
    [canvas.width, canvas.height] = [innerWidth, innerHeight];
    const context = canvas.getContext('2d');
    let count = 0;
    window.fill = () => {
        context.fillStyle = ['red', 'blue'][count % 2];
        context.fillRect(0, 0, innerWidth, innerHeight);
        return count++;
    };
}"""


def _counted(page: Page, seconds: float) -> tuple[float, float]:
    page.wait_for_timeout(1000 * WARM_SECONDS)
    frames, longest = page.evaluate(COUNT, seconds)
    return frames, longest


def visit(browser: Browser, url: str, size: tuple[int, int], seconds: float) -> list[float]:
    """Frames/s and longest frame of the page, and frames/s of the empty page, one after another."""
    width, height = size
    context = browser.new_context(base_url=url, viewport={"width": width, "height": height})
    page = context.new_page()
    open_page(page)
    action(page, "play").click()
    frames, longest = _counted(page, seconds)
    page.goto("about:blank")
    page.evaluate(EMPTY)
    ceiling, _ = _counted(page, seconds)
    context.close()
    return [frames, longest, ceiling]


def rows(seconds: float = 6.0, repeats: int = 3) -> list[list[str]]:
    """A row for each window: medians of ``repeats`` visits."""
    found = []
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        running = start_server(Path(folder), EXPLORER_WORKERS=str(os.cpu_count()))
        try:
            for width, height in SIZES:
                visits = [
                    visit(browser, running.url, (width, height), seconds) for _ in range(repeats)
                ]
                frames, longest, ceiling = map(statistics.median, zip(*visits, strict=True))
                size = f"{width}×{height}"
                ratio = f"{frames / ceiling:.2f}"
                found.append([size, f"{frames:.0f}", f"{ceiling:.0f}", ratio, f"{longest:.0f}"])
        finally:
            browser.close()
            stop_server(running.process)
    return found


if __name__ == "__main__":
    for row in rows(*(float(a) for a in sys.argv[1:2])):
        print(" | ".join(row))

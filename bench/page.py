"""The page at full speed in a headless Chromium, on both configurations of TensorFlow Playground.

A real server with workers, all panels open. Measured: epochs and drawn frames a second, and the
time from a key press or click to its effect on screen while training plays. Playground keeps
half of its 500 points for testing, so that an epoch has 250 points, here too.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import action, neuron_place, open_page, readout
from tests.helpers.browsers import CHROMIUM_FLAGS, chromium_path
from tests.helpers.servers import start_server, stop_server

WARM_SECONDS = 4.0
# An input without an effect after this many milliseconds counts as lost.
NEVER = 5000.0


@dataclass(frozen=True)
class Configuration:
    """A configuration: hidden layers, batch size, and Playground's epochs per second."""

    title: str
    hidden: tuple[int, ...]
    batch: int
    playground: float

    @property
    def steps_per_epoch(self) -> int:
        """Number of updates in an epoch of 250 points."""
        return -(-250 // self.batch)

    @property
    def fragment(self) -> str:
        """The address of the experiment."""
        parts = [
            "dataset.name=circles",
            "dataset.samples=500",
            "dataset.test_fraction=0.5",
            "cost.name=mse",
            "cost.reduction=half_sum",
            "optimizer.name=sgd",
            "optimizer.learning_rate=0.001",
            f"batch.size={self.batch}",
        ]
        for k, units in enumerate((*self.hidden, 1)):
            parts += [f"network.layers.{k}.units={units}", f"network.layers.{k}.activation=tanh"]
        return "#" + "&".join(parts)


CONFIGURATIONS = (
    Configuration("2-4-2-1, batch 10, 250 points", (4, 2), 10, 55),
    Configuration("2-8-8-1, batch 30, 250 points", (8, 8), 30, 27),
)

# Checked in each animation frame: the displayed step, and whether the last input took effect.
WATCH = """() => {
    const step = document.querySelector('[data-readout="step"]');
    const marks = {
        key: () => document.querySelector('[data-panel="working"]').dataset.line,
        sample: () =>
            document.querySelector('[data-panel="working"] [data-variable="x"]').innerText,
        click: () => document.querySelector('.over-chosen .chosen')?.outerHTML,
    };
    const watch = window.watch = { frames: 0, long: 0, answers: [], asked: null };
    let [shown, last] = [step.textContent, performance.now()];
    const look = () => {
        const now = performance.now();
        if (step.textContent !== shown) {
            shown = step.textContent;
            watch.frames += 1;
            watch.long = Math.max(watch.long, now - last);
            last = now;
        }
        const { asked } = watch;
        if (asked && marks[asked.kind]() !== asked.before) {
            watch.answers.push(now - asked.time);
            watch.asked = null;
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    const note = (way) => (event) => {
        const kind = '[]'.includes(event.key) ? 'sample' : way;
        watch.asked = { kind, before: marks[kind](), time: event.timeStamp };
    };
    addEventListener('keydown', note('key'), true);
    addEventListener('pointerdown', note('click'), true);
}"""
FASTEST = """range => {
    range.value = range.max;
    range.dispatchEvent(new Event('input', {bubbles: true}));
}"""
READ = """() => [
    Number(document.querySelector('[data-readout="step"]').textContent),
    window.watch.frames,
    performance.now(),
]"""


@dataclass(frozen=True)
class Played:
    """The measured values."""

    epochs: float
    frames: float
    longest: float
    keys: list[float]
    samples: list[float]
    clicks: list[float]


def play(browser: Browser, url: str, wanted: Configuration, seconds: float, inputs: int) -> Played:
    """Play for ``seconds`` without input, then with ``inputs`` key presses and clicks.

    Keys are those to another line and, until its numbers are in the working, to another sample.
    """
    context = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    open_page(page, wanted.fragment)
    places = [neuron_place(page, 2), neuron_place(page, 3)]
    page.evaluate(WATCH)
    page.locator('[data-control="speed"]').evaluate(FASTEST)
    action(page, "play").click()
    expect(readout(page, "step")).not_to_have_text("0")
    page.wait_for_timeout(1000 * WARM_SECONDS)
    page.evaluate("() => { window.watch.long = 0; }")
    before = page.evaluate(READ)
    page.wait_for_timeout(1000 * seconds)
    after = page.evaluate(READ)
    longest = float(page.evaluate("() => window.watch.long"))
    steps, frames, spent = (b - a for a, b in zip(before, after, strict=True))
    # Back and forth, because a key has no effect beyond the last line.
    ways = ["ArrowRight"] * (inputs // 2) + ["ArrowLeft"] * (inputs // 2)
    keys = _answers(page, [lambda way=way: page.keyboard.press(way) for way in ways])
    # Back at the first line, whose working has x.
    samples = _answers(page, [lambda: page.keyboard.press("]")] * inputs)
    clicks = _answers(
        page, [lambda place=place: page.mouse.click(*place) for place in places * (inputs // 2)]
    )
    context.close()
    return Played(
        1e3 * steps / spent / wanted.steps_per_epoch,
        1e3 * frames / spent,
        longest,
        keys,
        samples,
        clicks,
    )


def _answers(page: Page, inputs: list) -> list[float]:
    """Milliseconds from each input to the animation frame that shows its effect."""
    page.evaluate("() => { window.watch.answers = []; window.watch.asked = null; }")
    for k, each in enumerate(inputs):
        each()
        deadline = time.perf_counter() + NEVER / 1e3
        while page.evaluate("() => window.watch.asked !== null"):
            if time.perf_counter() > deadline:
                script = "ms => { window.watch.answers.push(ms); window.watch.asked = null; }"
                page.evaluate(script, NEVER)
        page.wait_for_timeout(40 + 17 * (k % 5))
    return list(page.evaluate("() => window.watch.answers"))


HEADER = [
    "network, batch, data",
    "epochs/s",
    "× Playground",
    "frames/s",
    "longest frame, ms",
    "key p50 / p95, ms",
    "another sample p50 / p95, ms",
    "click p50 / p95, ms",
]


def rows(seconds: float = 8.0, inputs: int = 40, repeats: int = 3) -> list[list[str]]:
    """A row for each configuration: medians of ``repeats`` visits; input times of all visits."""
    found = []
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        running = start_server(Path(folder), EXPLORER_WORKERS=str(os.cpu_count()))
        try:
            for each in CONFIGURATIONS:
                played = [play(browser, running.url, each, seconds, inputs) for _ in range(repeats)]
                found.append(_row(each, played))
        finally:
            browser.close()
            stop_server(running.process)
    return found


def _row(configuration: Configuration, played: list[Played]) -> list[str]:
    epochs = statistics.median(each.epochs for each in played)
    keys = np.percentile([ms for each in played for ms in each.keys], [50, 95])
    samples = np.percentile([ms for each in played for ms in each.samples], [50, 95])
    clicks = np.percentile([ms for each in played for ms in each.clicks], [50, 95])
    return [
        configuration.title,
        f"{epochs:,.0f}",
        f"{epochs / configuration.playground:.0f}",
        f"{statistics.median(each.frames for each in played):.0f}",
        f"{statistics.median(each.longest for each in played):.0f}",
        f"{keys[0]:.0f} / {keys[1]:.0f}",
        f"{samples[0]:.0f} / {samples[1]:.0f}",
        f"{clicks[0]:.0f} / {clicks[1]:.0f}",
    ]


if __name__ == "__main__":
    for row in rows(*(float(a) for a in sys.argv[1:2]), inputs=20, repeats=1):
        print(" | ".join(row))

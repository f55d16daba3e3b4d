"""The learning rate: too small, right, too large, in a case that can be worked out."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content.further.shared import experiment
from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import frames
from backprop_explorer.lessons.working import lesson_problem
from backprop_explorer.tutor.problem import Problem

SLOW, GOOD, FAST, STEPS = 0.001, 0.1, 3.0, 200


def sine(learning_rate: float, seed: int) -> dict[str, Any]:
    """A sine, learned by 8 tanh units."""
    dataset = {"name": "sine", "samples": 60, "noise": 0.1, "seed": seed}
    return experiment(dataset, [(8, "tanh"), (1, "identity")], "mse", learning_rate, seed=seed)


def _unit(draw: Draw) -> Problem:
    """One linear unit with one input; the learning rate is between a third and half of the best."""

    def make() -> Problem:
        x = float(draw.normal(1)[0])
        rate = float(np.round(draw.rng.uniform(0.3, 0.45) / (x * x + 1.0) / 2.0, 3))
        return lesson_problem(
            [([[float(draw.normal(1)[0])]], draw.normal(1, scale=0.5), "identity")],
            [x],
            draw.normal(1),
            learning_rate=rate,
        )

    def tells(working: Problem) -> bool:
        miss = abs(float((working["a1"] - working["target"])[0]))
        x = abs(float(working["x"][0]))
        return 0.4 < x < 2.0 and 0.4 < miss < 3.0

    return first(make, tells)


def _bad(draw: Draw) -> int:
    """A seed for which the three rates do what is said of them."""

    def tells(seed: int) -> bool:
        slow, good = (frames(sine(rate, seed), 0, STEPS) for rate in (SLOW, GOOD))
        fast = frames(sine(FAST, seed), STEPS)[0]
        start = slow[0]["cost"]["train"]
        return bool(
            slow[1]["cost"]["train"] > 2.5 * good[1]["cost"]["train"]
            and start > slow[1]["cost"]["train"]
            and fast["diverged"]
        )

    return first(lambda: int(draw.rng.integers(10_000)), tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """One unit by hand, then three runs."""
    unit = _unit(draw)
    rate, x = (float(unit.trace["learning_rate"]), float(unit["x"][0]))
    miss = float((unit["a1"] - unit["target"])[0])
    curve = x * x + 1.0
    factor = 1.0 - 2.0 * rate * curve
    best = 1.0 / (2.0 * curve)
    seed = _bad(draw)
    start, slow = (frame["cost"]["train"] for frame in frames(sine(SLOW, seed), 0, STEPS))
    good = frames(sine(GOOD, seed), STEPS)[0]["cost"]["train"]
    step = frames(sine(FAST, seed), STEPS)[0]["diverged"]["step"]
    return {
        "unit": unit,
        "rate": rate,
        "miss": miss,
        "factor": factor,
        "curve": curve,
        "x": x,
        "best": best,
        "slow_run": sine(SLOW, seed),
        "start": start,
        "slow": slow,
        "good": good,
        "fast_run": sine(FAST, seed),
        "good_run": sine(GOOD, seed),
        "step": step,
    }

"""Schedules: learning rates by step."""

from __future__ import annotations

import pytest

from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.engine.updates import Update


@pytest.mark.parametrize(
    ("schedule", "parameters", "rates"),
    [
        ("constant", {}, {0: 0.8, 10_000: 0.8}),
        ("step", {"every": 10, "factor": 0.5}, {0: 0.8, 9: 0.8, 10: 0.4, 29: 0.2, 30: 0.1}),
        ("step", {"every": 1, "factor": 1e-6}, {0: 0.8, 1: 8e-7, 1_000_000: 0.0}),
        ("cosine", {"steps": 100, "floor": 0.0}, {0: 0.8, 50: 0.4, 100: 0.0, 500: 0.0}),
        ("cosine", {"steps": 90, "floor": 0.5}, {0: 0.8, 30: 0.7, 45: 0.6, 90: 0.4, 91: 0.4}),
    ],
)
def test_schedules(schedule: str, parameters: dict[str, float], rates: dict[int, float]) -> None:
    update = Update("sgd", 0.8, schedule=schedule, schedule_parameters=parameters)
    for step, rate in rates.items():
        assert update.rate(step) == pytest.approx(rate, rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_never_raises_the_rate(schedule: str) -> None:
    update = Update("sgd", 0.3, schedule=schedule)
    rates = [update.rate(step) for step in range(0, 5000, 50)]
    assert rates[0] == 0.3
    assert rates == sorted(rates, reverse=True)

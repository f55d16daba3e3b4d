"""Learning-rate schedules: η as a function of the step. To add one, add one entry to SCHEDULES."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from backprop_explorer.engine.registry import Parameter, Registry


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule: η at step τ (from 0) is ``rate(base, τ, *parameters)``.

    The letter t is reserved for Adam's count of updates, which starts at 1.
    """

    name: str
    title: str
    description: str
    formula: str
    entry: str
    rate: Callable[..., float]
    parameters: tuple[Parameter, ...] = ()


def _step(base: float, step: float, every: float, factor: float) -> float:
    return base * math.pow(factor, step // every)


def _cosine(base: float, step: float, steps: float, floor: float) -> float:
    progress = min(step / steps, 1.0)
    return base * (floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * progress)))


SCHEDULES: Registry[Schedule] = Registry(
    "schedule",
    Schedule(
        name="constant",
        title="constant",
        description="The same learning rate throughout.",
        formula=r"\eta_\tau = \eta_0",
        entry="{0}",
        rate=lambda base, step: base,
    ),
    Schedule(
        name="step",
        title="step decay",
        description="Multiplies the learning rate by a factor every so many steps.",
        formula=r"\eta_\tau = \eta_0 \cdot \gamma^{\lfloor \tau / k \rfloor}",
        entry="{0}·{3}^⌊{1}/{2}⌋",
        rate=_step,
        parameters=(
            Parameter("every", "every k steps", 500, 1, 1_000_000, integer=True),
            Parameter("factor", "factor γ", 0.5, 1e-6, 1.0),
        ),
    ),
    Schedule(
        name="cosine",
        title="cosine",
        description="Decreases from the learning rate to a floor along half a cosine.",
        formula=r"\eta_\tau = \eta_0 \left(f + \frac{1 - f}{2}"
        r"\left(1 + \cos\frac{\pi \min(\tau, T)}{T}\right)\right)",
        entry="{0}·({3} + (1 − {3})/2·(1 + cos(π·min({1}/{2}, 1))))",
        rate=_cosine,
        parameters=(
            Parameter("steps", "over T steps", 2000, 1, 1_000_000, integer=True),
            Parameter("floor", "floor f", 0.0, 0.0, 1.0),
        ),
    ),
)

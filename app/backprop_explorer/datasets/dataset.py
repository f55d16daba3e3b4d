"""The entry of the data set registry, and what the families of sets share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backprop_explorer.datasets.table import Table
from backprop_explorer.engine.registry import Parameter


@dataclass(frozen=True)
class Dataset:
    """All that is known of one data set.

    parameters: what the set can be adjusted by; none for a bundled one.
    size: how many rows a bundled set has; None where the parameter ``samples`` says it.
    features: how many columns.
    classes: how many classes by default; the parameter ``classes``, if there is one, says it for a
        table. 0 for regression.
    targets: how many numbers a regression predicts for each row.
    make: called as ``make(seed=…, <parameter>=…)`` with every parameter, whole numbers as ``int``,
        all within their bounds; the same call makes the same table, bit for bit.
    """

    name: str
    title: str
    description: str
    task: Literal["classification", "regression"]
    parameters: tuple[Parameter, ...]
    size: int | None
    features: int
    classes: int
    make: Callable[..., Table]
    targets: int = 1


SAMPLES = Parameter("samples", "Samples", 300, 4, 10_000, integer=True)


def noise_parameter(
    default: float, maximum: float, title: str = "Noise (standard deviation)"
) -> Parameter:
    """Return the parameter ``noise``; 0 always means none."""
    return Parameter("noise", title, default, 0, maximum)


def classes_parameter(default: int, title: str = "Classes", maximum: int = 5) -> Parameter:
    """Return the parameter ``classes``, from 2 up."""
    return Parameter("classes", title, default, 2, maximum, integer=True)

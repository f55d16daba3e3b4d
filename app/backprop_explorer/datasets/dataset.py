"""The entry of the data set registry, and parameters that several sets share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backprop_explorer.datasets.table import Table
from backprop_explorer.engine.registry import Parameter


@dataclass(frozen=True)
class Dataset:
    """One data set.

    parameters: the adjustable parameters; none for a bundled set.
    size: number of rows of a bundled set; None if the parameter ``samples`` sets it.
    features: number of columns.
    classes: default number of classes, which the parameter ``classes`` (if any) overrides; 0 for
    regression.
    targets: numbers to predict per row of a regression.
    make: called as ``make(seed=…, <parameter>=…)`` with every parameter checked, whole numbers as
    ``int``. The same call makes the same table, bit for bit.
    """

    name: str
    title: str
    description: str
    task: Literal["classification", "regression"]
    features: int
    make: Callable[..., Table]
    parameters: tuple[Parameter, ...] = ()
    size: int | None = None
    classes: int = 0
    targets: int = 1


SAMPLES = Parameter("samples", "Samples", 300, 4, 10_000, integer=True)


def noise_parameter(
    default: float, maximum: float, title: str = "Noise (standard deviation)"
) -> Parameter:
    """Return the parameter ``noise``; 0 means no noise."""
    return Parameter("noise", title, default, 0, maximum)


def classes_parameter(default: int, title: str = "Classes", maximum: int = 5) -> Parameter:
    """Return the parameter ``classes``, at least 2."""
    return Parameter("classes", title, default, 2, maximum, integer=True)

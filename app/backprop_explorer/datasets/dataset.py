"""A data set as arrays, its entry in the registry, and parameters that several sets share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.registry import Parameter

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def frozen(values: Any, dtype: type[np.float64] | type[np.int64]) -> NDArray[Any]:
    """Return a C-contiguous, read-only copy of ``values``; the caller's array stays writable."""
    array = np.array(values, dtype=dtype, order="C", copy=True)
    array.setflags(write=False)
    return array


# eq=False: comparing arrays has no single truth value, so a table equals only itself.
@dataclass(frozen=True, eq=False)
class Table:
    """``N`` rows of ``d`` features with their targets. The arrays are copied and read-only.

    features: (N, d) float64, finite.
    target: (N,) int64 class indices 0..k-1 with ``class_names``; else float64, (N,) or (N, m) for a
    regression of m targets.
    feature_names: d names.   class_names: k names, none for regression.
    image_shape: (height, width) if a row is an image with height * width = d, else None.
    """

    features: Floats
    target: Floats | Ints
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    target_name: str
    image_shape: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        target_type = np.int64 if self.class_names else np.float64
        object.__setattr__(self, "features", frozen(self.features, np.float64))
        object.__setattr__(self, "target", frozen(self.target, target_type))


def numbered_inputs(count: int) -> tuple[str, ...]:
    """Return x₀, x₁, … as names for features without names."""
    digits = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    return tuple(f"x{number}".translate(digits) for number in range(count))


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
    source: of a set of scikit-learn's, the lines that make it, as exported programs have them, with
    the parameters in braces; "" for others.
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
    source: str = ""

    def lines(self, seed: int, parameters: Mapping[str, float]) -> str:
        """Return ``source`` with its import and numbers: it makes ``features`` and ``labels``."""
        [function] = re.findall(r"(?:make|load)_\w+(?=\()", self.source)
        made = self.source.format(seed=seed, **parameters)
        if function.startswith("load"):
            made += "\nfeatures, labels = bunch.data, bunch.target"
        return f"from sklearn.datasets import {function}\n\n{made}"


def of_library(
    class_names: str | Sequence[str],
    target_name: str,
    image_shape: tuple[int, int] | None = None,
    **entry: Any,
) -> Dataset:
    """Return a set that its own ``source`` makes: exported programs have the same lines.

    ``class_names`` are those of the classes, or the word before their numbers. scikit-learn takes
    a second to import, so the source imports it when the set is made.
    """

    def make(*, seed: int, **parameters: float) -> Table:
        made: dict[str, Any] = {"np": np}
        exec(dataset.lines(seed, parameters), made)  # noqa: S102 - a constant and checked numbers
        features, labels = made["features"], made["labels"]
        count = features.shape[1]
        columns = made["bunch"].feature_names if "bunch" in made else numbered_inputs(count)
        names = class_names
        if isinstance(names, str):
            names = [f"{names} {k}" for k in range(1, int(parameters["classes"]) + 1)]
        columns = tuple(map(str, columns))
        return Table(features, labels, columns, tuple(names), target_name, image_shape)

    dataset = Dataset(make=make, **entry)
    return dataset


SAMPLES = Parameter("samples", "Samples", 300, 4, 10_000, integer=True)


def noise_parameter(
    default: float, maximum: float, title: str = "Noise (standard deviation)"
) -> Parameter:
    """Return the parameter ``noise``; 0 means no noise."""
    return Parameter("noise", title, default, 0, maximum)


def classes_parameter(default: int, title: str = "Classes", maximum: int = 5) -> Parameter:
    """Return the parameter ``classes``, at least 2."""
    return Parameter("classes", title, default, 2, maximum, integer=True)

"""A data set as arrays: rows of features with their targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

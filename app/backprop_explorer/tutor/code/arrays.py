"""Read numbers from what a program holds: arrays, lists, boxes of autograd, tensors, tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Larger arrays and longer lists are not compared.
MAX_ENTRIES = 200_000


def plain(value: Any) -> Any:
    """Return ``value`` without the wrapper of autograd, torch, TensorFlow, JAX or pandas.

    Other values are returned unchanged.
    """
    # autograd's ArrayBox holds its value in ``_value``, one box for each level of ``grad``.
    while hasattr(value, "_value") and hasattr(value, "_trace"):
        value = value._value
    if isinstance(value, np.ndarray | type):
        return value
    if hasattr(value, "detach"):
        value = value.detach()
        if hasattr(value, "resolve_conj"):
            value = value.cpu().resolve_conj().resolve_neg()
    for convert in ("to_numpy", "numpy"):
        if callable(getattr(value, convert, None)):
            return getattr(value, convert)()
    return value


def numbers(value: Any) -> Array | None:
    """Return ``value`` as a new float64 array if it is an array, a float or a list of numbers.

    Integers alone are counters and sizes: None for them, and for everything else.
    """
    if isinstance(value, bool | int | str | bytes) or value is None:
        return None
    if isinstance(value, float | np.floating):
        return np.array(float(value))
    if isinstance(value, list | tuple):
        return _from_list(value)
    if not isinstance(value, np.ndarray):
        try:
            value = plain(value)
        except (TypeError, ValueError, RuntimeError):
            return None
        if isinstance(value, float | np.floating):
            return np.array(float(value))
    if not isinstance(value, np.ndarray) or value.size > MAX_ENTRIES:
        return None
    if value.dtype == object and value.size and all(map(_is_number, value.flat)):
        return value.astype(np.float64)
    if value.dtype.kind not in "fiu":
        return None
    return np.array(value, dtype=np.float64)


def is_single_precision(value: Any) -> bool:
    """Whether a value is an array or tensor of float32, or a number of it."""
    return str(getattr(value, "dtype", "")).endswith("float32")


def without_ones(value: Array, one: float = 1.0) -> Array | None:
    """Return an array without its first or last entry, column or row of ones, None without one.

    Programs that have b among the entries of W append a 1 to the input of each layer.
    """
    if value.ndim not in (1, 2) or min(value.shape) < 2:
        return None
    for axis in range(value.ndim - 1, -1, -1):
        for end, rest in ((0, slice(1, None)), (-1, slice(None, -1))):
            if np.all(value.take(end, axis=axis) == one):
                return value[(slice(None),) * axis + (rest,)]
    return None


def _from_list(value: list[Any] | tuple[Any, ...]) -> Array | None:
    """Return a list of numbers, or of lists of numbers, as an array."""
    if not value or len(value) > MAX_ENTRIES:
        return None
    first = value[0]
    if isinstance(first, list | tuple):
        rows = all(isinstance(row, list | tuple) and len(row) == len(first) for row in value)
        if not rows or not first or not all(_is_number(each) for row in value for each in row):
            return None
    elif not all(_is_number(each) for each in value):
        return None
    if not any(isinstance(each, float | np.floating) for each in np.ravel(np.array(value, object))):
        return None
    return np.array(value, dtype=np.float64)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)

"""Convert what a notebook holds to NumPy: lists, autograd boxes, torch tensors, pandas tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import notebook as texts

Array = NDArray[np.float64]


def as_array(value: Any, field: str) -> Array:
    """Return ``value`` as a new float64 array.

    Raises InvalidInput naming ``field`` if it is no array of real, finite numbers.
    """
    try:
        raw = plain(value)
        if isinstance(raw, list | tuple):
            raw = [plain(each) for each in raw]
        raw_array = np.asarray(raw)
        if np.iscomplexobj(raw_array):
            raise InvalidInput(field, texts.NOT_COMPLEX)
        array = np.array(raw_array, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidInput(field, texts.array_of_numbers(type(value).__name__)) from None
    if not np.isfinite(array).all():
        raise InvalidInput(field, texts.NOT_FINITE)
    return array


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

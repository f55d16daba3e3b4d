"""Vectors and matrices in requests: finite numbers in nested lists, or typed arrays in base64."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PlainValidator

from backprop_explorer.experiments.recipe_fields import MAX_NUMBER, MAX_SIDE, Number
from backprop_explorer.experiments.typed_arrays import (
    MAX_ENTRIES,
    TypedArrayGiven,
    is_typed,
    read_typed,
)

Array = NDArray[np.float64]

# What the OpenAPI document says of them.
_Row = Annotated[list[Number], Field(min_length=1, max_length=MAX_SIDE)]
_Rows = Annotated[list[_Row], Field(min_length=1, max_length=MAX_SIDE)]


_NEEDED = {
    (1,): "must be a list of numbers",
    (2,): "must be a list of rows, each a list of numbers",
    (1, 2): "must be a list of numbers, or of rows of them",
}
_NUMBERS = {int, float}


def _fit(numbers: Sequence[float]) -> bool:
    """Whether all numbers are finite and at most MAX_NUMBER in size, long integers included."""
    # max and min may miss NaN; a sum with NaN is NaN.
    return (
        max(numbers) <= MAX_NUMBER and min(numbers) >= -MAX_NUMBER and not math.isnan(sum(numbers))
    )


def _check_row(row: list[Any], index: int | None = None) -> None:
    if 1 <= len(row) <= MAX_SIDE and _NUMBERS.issuperset(map(type, row)):
        if _fit(row):
            return
        problem = f"must hold finite numbers, at most {MAX_NUMBER:g} in size"
    elif 1 <= len(row) <= MAX_SIDE:
        problem = "must hold numbers only"
    else:
        problem = f"must have 1 to {MAX_SIDE:,} numbers"
    raise ValueError(problem if index is None else f"row {index} {problem}")


def _matrix(rows: list[Any]) -> Array | None:
    """``rows`` as an array, or None if a row is invalid. Checks all rows at once, which is fast."""
    if not {list}.issuperset(map(type, rows)) or len(set(map(len, rows))) > 1:
        return None
    numbers = list(chain.from_iterable(rows))
    fits = 1 <= len(rows[0]) <= MAX_SIDE and _NUMBERS.issuperset(map(type, numbers))
    return np.array(numbers, np.float64).reshape(len(rows), -1) if fits and _fit(numbers) else None


def _array(value: Any, dimensions: tuple[int, ...]) -> Array:
    if isinstance(value, np.ndarray):
        return value
    if is_typed(value):
        return _typed(value, dimensions)
    if not isinstance(value, list):
        raise ValueError(_NEEDED[dimensions])
    nested = bool(value) and isinstance(value[0], list)
    if (2 if nested else 1) not in dimensions:
        raise ValueError(
            "must be one list of numbers, not a list of rows" if nested else _NEEDED[dimensions]
        )
    if not nested:
        _check_row(value)
        return np.array(value, dtype=np.float64)
    if len(value) > MAX_SIDE:
        raise ValueError(f"must have at most {MAX_SIDE:,} rows")
    if len(value) * len(value[0]) > MAX_ENTRIES:
        raise ValueError(f"must have at most {MAX_ENTRIES:,} numbers")
    found = _matrix(value)
    if found is not None:
        return found
    # A row is invalid: find it and say where.
    for index, row in enumerate(value):
        if not isinstance(row, list):
            raise ValueError(f"row {index} must be a list")
        _check_row(row, index)
        if len(row) != len(value[0]):
            raise ValueError(f"row {index} has {len(row)} numbers, row 0 has {len(value[0])}")
    return np.array(value, dtype=np.float64)


def _typed(value: dict[Any, Any], dimensions: tuple[int, ...]) -> Array:
    array = read_typed(value).astype(np.float64)
    if array.ndim not in dimensions:
        raise ValueError(f"{_NEEDED[dimensions]}; a typed array of {array.ndim} axes was given")
    if not all(1 <= side <= MAX_SIDE for side in array.shape):
        raise ValueError(f"must have 1 to {MAX_SIDE:,} rows and columns")
    if not (np.isfinite(array) & (np.abs(array) <= MAX_NUMBER)).all():
        raise ValueError(f"must hold finite numbers, at most {MAX_NUMBER:g} in size")
    return array


Vector = Annotated[
    Array,
    PlainValidator(
        lambda value: _array(value, (1,)), json_schema_input_type=_Row | TypedArrayGiven
    ),
]
Matrix = Annotated[
    Array,
    PlainValidator(
        lambda value: _array(value, (2,)), json_schema_input_type=_Rows | TypedArrayGiven
    ),
]
VectorOrMatrix = Annotated[
    Array,
    PlainValidator(
        lambda value: _array(value, (1, 2)), json_schema_input_type=_Row | _Rows | TypedArrayGiven
    ),
]


def _bias(value: Any) -> Array | None:
    """A vector, or one row or column of a matrix."""
    if value is None:
        return None
    array = _array(value, (1, 2))
    if array.ndim == 2 and min(array.shape) > 1:
        raise ValueError("must be one list of numbers, or one row or column")
    return array.ravel()


def _targets(value: Any) -> Array:
    """A vector or a matrix, or one class number."""
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise ValueError("a class number must be 0 or more")
        value = [value]
    return _array(value, (1, 2))


Bias = Annotated[
    Array,
    PlainValidator(_bias, json_schema_input_type=_Row | _Rows | TypedArrayGiven | None),
]
Targets = Annotated[
    Array,
    PlainValidator(
        _targets,
        json_schema_input_type=Annotated[int, Field(ge=0)] | _Row | _Rows | TypedArrayGiven,
    ),
]

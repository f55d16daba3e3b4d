"""Vectors and matrices in requests: finite numbers in nested lists, or typed arrays in base64.

Submitted arrays may also be printed text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PlainValidator

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.recipe_fields import MAX_NUMBER, MAX_SIDE, Number
from backprop_explorer.experiments.typed_arrays import (
    MAX_ENTRIES,
    TypedArrayGiven,
    is_typed,
    read_typed,
)
from backprop_explorer.texts import compute as texts
from backprop_explorer.tutor.reading.printed_array import (
    MAX_DEPTH,
    MAX_SIZE,
    PrintedArray,
    check_size,
    from_array,
    from_nested,
)

Array = NDArray[np.float64]

# What the OpenAPI document says of them.
_Row = Annotated[list[Number], Field(min_length=1, max_length=MAX_SIDE)]
_Rows = Annotated[list[_Row], Field(min_length=1, max_length=MAX_SIDE)]


_NEEDED = {(1,): texts.LIST, (2,): texts.ROWS, (1, 2): texts.LIST_OR_ROWS}
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
        problem = texts.finite_numbers(MAX_NUMBER)
    elif 1 <= len(row) <= MAX_SIDE:
        problem = texts.ONLY_NUMBERS
    else:
        problem = texts.most_numbers_in_list(MAX_SIDE)
    raise ValueError(problem if index is None else texts.in_row(index, problem))


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
        raise ValueError(texts.ONE_LIST if nested else _NEEDED[dimensions])
    if not nested:
        _check_row(value)
        return np.array(value, dtype=np.float64)
    if len(value) > MAX_SIDE:
        raise ValueError(texts.most_rows(MAX_SIDE))
    if len(value) * len(value[0]) > MAX_ENTRIES:
        raise ValueError(texts.most_numbers(MAX_ENTRIES))
    array = _matrix(value)
    if array is not None:
        return array
    # A row is invalid: find it and say where.
    for index, row in enumerate(value):
        if not isinstance(row, list):
            raise ValueError(texts.row_not_list(index))
        _check_row(row, index)
        if len(row) != len(value[0]):
            raise ValueError(texts.row_length(index, len(row), len(value[0])))
    return np.array(value, dtype=np.float64)


def _typed(value: dict[Any, Any], dimensions: tuple[int, ...]) -> Array:
    array = read_typed(value).astype(np.float64)
    if array.ndim not in dimensions:
        raise ValueError(texts.axes_given(_NEEDED[dimensions], array.ndim))
    if not all(1 <= side <= MAX_SIDE for side in array.shape):
        raise ValueError(texts.most_rows_and_columns(MAX_SIDE))
    if not (np.isfinite(array) & (np.abs(array) <= MAX_NUMBER)).all():
        raise ValueError(texts.finite_numbers(MAX_NUMBER))
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
        raise ValueError(texts.ONE_ROW_OR_COLUMN)
    return array.ravel()


def _targets(value: Any) -> Array:
    """A vector or a matrix, or one class number."""
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise ValueError(texts.CLASS_NUMBER)
        value = [value]
    return _array(value, (1, 2))


Bias = Annotated[
    Array, PlainValidator(_bias, json_schema_input_type=_Row | _Rows | TypedArrayGiven | None)
]
Targets = Annotated[
    Array,
    PlainValidator(
        _targets,
        json_schema_input_type=Annotated[int, Field(ge=0)] | _Row | _Rows | TypedArrayGiven,
    ),
]


def read_submitted(value: Any) -> PrintedArray:
    """Read one submitted line. Raises ValueError, which becomes the field's message."""
    from backprop_explorer.tutor.reading.arrays import parse_array

    try:
        if is_typed(value):
            return _submitted(value)
        return parse_array(value) if isinstance(value, str) else from_nested(value, "")
    except InvalidInput as error:
        raise ValueError(error.message) from None


def _submitted(value: dict[Any, Any]) -> PrintedArray:
    """Read a typed array in base64; numbers from memory are not rounded for printing."""
    array = read_typed(value)
    check_size(array.size, "")
    if array.ndim > MAX_DEPTH:
        raise ValueError(texts.most_axes(MAX_DEPTH))
    if not array.size or not (np.abs(array.astype(np.float64)) <= MAX_SIZE).all():
        raise ValueError(texts.ONLY_FINITE)
    return from_array(array)

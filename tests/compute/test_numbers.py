"""Vectors and matrices in requests: every entry is checked, too large ones are refused early."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from backprop_explorer.compute.numbers import MAX_ENTRIES, MAX_SIDE, Matrix, Vector, VectorOrMatrix
from tests.helpers.cases import examples


class Given(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    vector: Vector | None = None
    matrix: Matrix | None = None
    either: VectorOrMatrix | None = None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vector", [1, 2.5, -0.0]),
        ("vector", [2**60, -(2**60)]),
        ("vector", [1e100, -1e100]),
        ("vector", [0] * MAX_SIDE),
        ("matrix", [[1.0, 2.0], [3.0, 4.0]]),
        ("matrix", [[5e-324]]),
        ("either", [1.0]),
        ("either", [[1.0]]),
    ],
)
def test_numbers_become_arrays(field: str, value: Any) -> None:
    made = getattr(Given.model_validate({field: value}), field)
    assert made.dtype == np.float64
    assert made.tolist() == value
    # An array that is there already stays what it is.
    assert getattr(Given.model_validate({field: made}), field) is made


REFUSED: list[tuple[str, Any, str]] = [
    ("vector", [], "must have 1 to 2,048 numbers"),
    ("vector", [0] * (MAX_SIDE + 1), "must have 1 to 2,048 numbers"),
    ("vector", [[1.0]], "must be one list"),
    ("vector", [1, [2]], "must hold numbers only"),
    ("vector", "1, 2", "must be a list of numbers"),
    ("vector", {"0": 1}, "must be a list of numbers"),
    ("vector", [True], "must hold numbers only"),
    ("vector", [None], "must hold numbers only"),
    ("vector", ["1"], "must hold numbers only"),
    ("vector", [float("nan")], "must hold finite numbers"),
    ("vector", [float("inf")], "must hold finite numbers"),
    ("vector", [1e101], "must hold finite numbers"),
    ("vector", [int("9" * 300)], "must hold finite numbers"),
    ("vector", [int("9" * 4000)], "must hold finite numbers"),
    ("matrix", [1.0], "must be a list of rows"),
    ("matrix", "[[1]]", "must be a list of rows, each a list of numbers"),
    ("matrix", [], "must be a list of rows"),
    ("matrix", [[]], "row 0 must have 1 to 2,048 numbers"),
    ("matrix", [[1.0], [1.0, 2.0]], "row 1 has 2 numbers, row 0 has 1"),
    ("matrix", [[1.0], 2.0], "row 1 must be a list"),
    ("matrix", [[[1.0]]], "row 0 must hold numbers only"),
    ("matrix", [[1.0], [False]], "row 1 must hold numbers only"),
    ("matrix", [[0]] * (MAX_SIDE + 1), "at most 2,048 rows"),
    ("matrix", [[0] * 500] * 2001, "at most 1,000,000 numbers"),
    ("either", [], "must have 1 to 2,048 numbers"),
    ("either", 3, "or of rows"),
]


@pytest.mark.parametrize(("field", "value", "words"), REFUSED)
def test_invalid_arrays_are_refused_with_a_message(field: str, value: Any, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Given.model_validate({field: value})
    assert words in caught.value.errors()[0]["msg"]


@pytest.mark.parametrize("side", [MAX_SIDE, 10_000])
def test_a_huge_matrix_is_refused_before_it_is_converted(side: int) -> None:
    begin = time.process_time()
    assert side * side > MAX_ENTRIES
    with pytest.raises(ValidationError) as caught:
        Given.model_validate({"matrix": [[0.0] * side] * side})
    assert time.process_time() - begin < 1
    # The text of the error would write all of it out: only its message is looked at.
    assert "at most" in caught.value.errors(include_input=False)[0]["msg"]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just("1"),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=examples(200), deadline=None, derandomize=True)
@given(ANY)
def test_anything_is_an_array_of_finite_numbers_or_refused(value: Any) -> None:
    for field in ("vector", "matrix", "either"):
        try:
            made = getattr(Given.model_validate({field: value}), field)
        except ValidationError:
            continue
        assert made is None or np.isfinite(made).all()

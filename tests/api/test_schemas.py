"""Inconsistent givens: the message names the field to change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.trace_requests import ProblemRequest
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.limits import Limits

RNG = np.random.default_rng(7)


def numbers(*shape: int) -> Any:
    return RNG.standard_normal(shape).round(2).tolist()


def wrong(convention: str, **changes: Any) -> tuple[str, str]:
    """The errors for a layer of 2 inputs and 4 units with some givens changed."""
    W = numbers(4, 2) if convention == "column" else numbers(2, 4)
    layer = {"W": W, "b": numbers(4), **changes.pop("layer", {})}
    givens = {"layers": [layer], "x": numbers(3, 2), "target": numbers(3, 4), **changes}
    request = ProblemRequest.model_validate({**givens, "convention": convention})
    with pytest.raises(InvalidInput) as caught:
        _ = request.problem(Limits()).trace
    return caught.value.field, caught.value.message


@pytest.mark.parametrize("convention", ["column", "row"])
def test_a_weight_matrix_the_wrong_way_round_is_not_blamed_on_x(convention: str) -> None:
    """Four samples, and a transposed W has four inputs: only b shows which one is wrong."""
    turned = numbers(2, 4) if convention == "column" else numbers(4, 2)
    field, message = wrong(convention, layer={"W": turned}, x=numbers(4, 2), target=numbers(4, 4))
    assert field == "layers.0.W"
    assert message.startswith("W takes 4 inputs and x has 2")


@pytest.mark.parametrize("x", [numbers(3, 5), numbers(5)], ids=["rows", "one"])
def test_x_of_no_shape_that_fits(x: Any) -> None:
    target = numbers(*np.shape(x)[:-1], 4)
    assert wrong("column", x=x, target=target)[0] == "layers.0.W"


def test_a_target_has_as_many_dimensions_as_x() -> None:
    one = wrong("column", x=numbers(2), target=numbers(2, 4))
    assert one == ("target", "must be one list, like x")
    batch = wrong("column", target=numbers(4))
    assert batch == ("target", "must be a list of rows, like x")


def test_targets_in_columns_get_the_expected_shape() -> None:
    field, message = wrong("column", target=numbers(4, 3))
    assert field == "target"
    assert message.startswith("target has shape (4, 3), (3, 4) needed: one row per sample")

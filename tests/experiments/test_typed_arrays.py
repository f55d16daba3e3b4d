"""Typed arrays in requests: every dtype is read, and bad ones are refused with the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.encoding import typed
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.typed_arrays import DTYPES, MAX_ENTRIES, as_lists, read_typed

GOOD = typed(np.array([[1.5, -2.0], [0.0, 4.0]]), "f8")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(6,), (2, 3), (3, 1, 2)])
def test_what_the_server_writes_is_read_again(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(6.0).reshape(shape)
    read = read_typed(typed(array, dtype))
    assert read.shape == shape
    assert read.tolist() == array.tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dtype": "f2"}, "dtype must be one of f8, f4, i4, u1"),
        ({"dtype": None}, "dtype must be one of"),
        ({"bdata": 3}, "bdata must be text"),
        ({"bdata": "%%%%"}, "bdata is not base64"),
        ({"bdata": "AAAA"}, "bdata has 3 bytes, no multiple of the 8 of f8"),
        ({"shape": "3,2"}, "shape 3,2 needs 6 numbers, bdata has 4"),
        ({"shape": [2, 2]}, "shape must be lengths of axes"),
        ({"shape": "2,-2"}, "shape must be lengths of axes"),
        ({"shape": "1,1,1,2,2"}, "shape must be lengths of axes"),
        ({"name": "W"}, "must be nested lists, or"),
        ({"bdata": "A" * (12 * MAX_ENTRIES)}, "must have at most 1,000,000 numbers"),
    ],
)
def test_what_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_typed({**GOOD, **change})


def test_a_field_that_is_missing_is_named_by_an_example() -> None:
    with pytest.raises(ValueError, match='"dtype": "f8"'):
        as_lists({"dtype": "f8"})


def test_a_recipe_has_one_id_in_both_forms() -> None:
    x = np.array([[0.25, 1.0], [-1.5, 2.0], [0.5, 0.125]])
    weights = [{"W": np.array([[0.5], [-0.25]]), "b": np.array([0.75])}]

    def recipe(form: Any, classes: Any) -> Recipe:
        return Recipe.model_validate(
            {
                "dataset": {
                    "name": "points",
                    "x": form(x),
                    "target": classes,
                    "classes": ["no", "yes"],
                },
                "network": {
                    "layers": [{"units": 1, "activation": "sigmoid"}],
                    "weights": [{name: form(each[name]) for name in each} for each in weights],
                },
            }
        )

    lists = recipe(np.ndarray.tolist, [0, 1, 1])
    for dtype in ("i4", "u1", "f8"):
        assert recipe(lambda a: typed(a, "f8"), typed(np.array([0, 1, 1]), dtype)).id == lists.id

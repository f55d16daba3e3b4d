"""POST /trace: what is refused, and how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.encoding import typed
from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE
from tests.helpers.api import API, refused
from tests.helpers.clients import Client

URL = f"{API}/trace"


W = [[0.5, -0.3], [0.8, 0.2]]
LAYER = {"W": W, "b": [0.1, -0.1], "activation": "sigmoid"}
LAST = {"W": [[0.7, -0.4]], "b": [0.05], "activation": "sigmoid"}
WIDE = {"W": [[0.001] * 512] * 512, "b": [0] * 512, "activation": "relu"}

BAD: list[tuple[Any, str, str]] = [
    ({}, "layers", "required"),
    ([], "", "object"),
    ({"layers": []}, "layers", "at least 1"),
    ({"layers": [LAYER, {"W": [[1]], "b": [0]}]}, "layers.1.W", "layer 1 has 2"),
    ({"layers": [{"W": [[1]], "b": [0]}]}, "layers.0.W", "x has 2"),
    ({"layers": [{**LAYER, "b": [1]}, LAST]}, "layers.0.b", "b has 1 entries"),
    ({"layers": [{**LAYER, "W": []}, LAST]}, "layers.0.W", "list of rows"),
    ({"layers": [{**LAYER, "W": "[[1]]"}, LAST]}, "layers.0.W", "list of numbers"),
    ({"layers": [{**LAYER, "W": [[1], [2, 3]]}, LAST]}, "layers.0.W", "row 1 has 2"),
    ({"layers": [{**LAYER, "W": [[True, 1], [1, 1]]}, LAST]}, "layers.0.W", "numbers only"),
    ({"layers": [{**LAYER, "W": [[1e101, 1], [1, 1]]}, LAST]}, "layers.0.W", "at most 1e+100"),
    ({"layers": [{**LAYER, "activation": "rely"}, LAST]}, "layers.0.activation", "'relu'"),
    ({"layers": [{**LAYER, "activation": 3}, LAST]}, "layers.0.activation", "text"),
    ({"layers": [{**LAYER, "bias": [1]}, LAST]}, "layers.0.bias", "not a known field"),
    ({"layers": [LAYER] * 257}, "layers", "at most 24 layers, 257 given"),
    ({"layers": [*[LAYER] * 24, LAST]}, "layers", "at most 24 layers, 25 given"),
    ({"layers": [WIDE], "x": [0] * 512, "target": [0] * 512}, "layers", "250,000 parameters"),
    ({"layers": [{"W": [[0.1, 0.2]] * 513, "b": [0] * 513}]}, "layers.0.units", "at most 512"),
    ({"layers": [{"W": [[1] * 513], "b": [0]}], "x": [1] * 513}, "x", "at most 512 inputs"),
    ({"x": []}, "x", "1 to 2,048"),
    ({"x": [1, 2, 3]}, "layers.0.W", "x has 3"),
    ({"x": [[1, 2]], "target": [1, 2]}, "target", "like x"),
    ({"x": [[1, 2]], "target": [[1], [2]]}, "target", "one row per sample"),
    ({"x": [[1, 2]] * 513, "target": [[1]] * 513}, "x", "at most 512 samples"),
    ({"x": [[1, 2]] * 2, "target": [[1]]}, "target", "one row per sample"),
    ({"target": [1, 2]}, "target", "one number per output"),
    ({"target": None}, "target", "list"),
    ({"cost": "mean"}, "cost", "unknown cost"),
    ({"reduction": "average"}, "reduction", "unknown reduction"),
    ({"convention": "columns"}, "convention", "'column'"),
    ({"penalty": {"l1": -1}}, "penalty.l1", "at least 0"),
    ({"penalty": {"l3": 1}}, "penalty.l3", "not a known field"),
    ({"optimizer": {"name": "sdg"}}, "optimizer.name", "'sgd'"),
    ({"optimizer": {"momentum": 1}}, "optimizer.momentum", "no such parameter"),
    ({"optimizer": "adam"}, "optimizer", "object"),
    ({"verify": "yes"}, "verify", "true or false"),
    ({"jacobians": 1}, "jacobians", "true or false"),
    ({"seed": 1}, "seed", "not a known field"),
]


@pytest.mark.parametrize(("changes", "field", "words"), BAD)
def test_what_is_wrong_is_named(
    shared_client: Client, changes: Any, field: str, words: str
) -> None:
    whole = changes if changes in ({}, []) else {**TRACE_EXAMPLE, **changes}
    found = refused(shared_client.post(URL, json=whole))
    assert field in found, found
    assert words in found[field]


def test_jacobians_that_are_too_large_are_refused(shared_client: Client) -> None:
    layer = {"W": [[0.1] * 60] * 60, "b": [0] * 60}
    body = {"layers": [layer], "x": [0] * 60, "target": [0] * 60, "jacobians": True}
    assert "jacobians" in refused(shared_client.post(URL, json=body))


def test_invalid_queries_are_refused(shared_client: Client) -> None:
    assert "arrays" in refused(shared_client.post(f"{URL}?arrays=hex", json=TRACE_EXAMPLE))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("x", np.array([np.nan, 1.0]), "must hold finite numbers"),
        ("x", np.ones((1, 2, 1)), "a typed array of 3 axes was given"),
        ("x", np.ones((1, 3000)), "must have 1 to 2,048 rows and columns"),
        ("x", np.ones(0), "must have 1 to 2,048 rows and columns"),
    ],
)
def test_bad_arrays_in_base64(shared_client: Client, field: str, value: Any, message: str) -> None:
    errors = refused(
        shared_client.post(URL, json={**TRACE_EXAMPLE, field: typed(value, "f8")}), 422
    )
    assert message in errors[field]

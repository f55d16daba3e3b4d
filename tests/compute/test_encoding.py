"""JSON keeps every bit of a number; typed arrays decode to the same numbers."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import orjson
import pytest

from backprop_explorer.compute.encoding import dumps, is_finite, typed, typed_all, typed_frame
from tests.helpers.experiments import explorer, fitting, frame, recipe


def decoded(value: dict[str, str]) -> np.ndarray:
    """Decode a typed array as decode.js and Plotly do."""
    dtype = {"f8": "<f8", "f4": "<f4", "i4": "<i4", "u1": "u1"}[value["dtype"]]
    flat = np.frombuffer(base64.b64decode(value["bdata"]), dtype=dtype)
    shape = value.get("shape")
    return flat.reshape([int(n) for n in shape.split(",")]) if shape else flat


def test_numbers_come_back_bit_for_bit() -> None:
    values = np.array([0.1, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308, 2**53 + 2.0])
    back = np.array(json.loads(dumps({"v": values}))["v"], dtype=np.float64)
    assert back.tobytes() == values.tobytes()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), b"null"),
        (float("-inf"), b"null"),
        (np.float64("inf"), b"null"),
        (np.array([1.0, np.nan, np.inf]), b"[1.0,null,null]"),
        (np.float64(0.5), b"0.5"),
        (np.int64(3), b"3"),
        (np.bool_(True), b"true"),
        (np.arange(6).reshape(2, 3).T, b"[[0,3],[1,4],[2,5]]"),
        (np.arange(6.0)[::2], b"[0.0,2.0,4.0]"),
        (np.zeros((0, 3)), b"[]"),
        ({1: (np.arange(2, dtype=np.intp), None)}, b'{"1":[[0,1],null]}'),
        ("σ", '"σ"'.encode()),
    ],
)
def test_values_in_json(value: Any, expected: bytes) -> None:
    assert dumps(value) == expected
    assert dumps(value) == expected


def test_a_number_in_an_array_without_axes_stays_a_number() -> None:
    assert dumps(np.array(0.5)) == b"0.5"


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError):
        dumps({"x": object()})


def test_finite() -> None:
    assert is_finite(1.0)
    assert is_finite(np.zeros((2, 2)))
    assert is_finite(3)
    assert not is_finite(np.array([1.0, np.inf]))
    assert not is_finite(float("nan"))
    assert not is_finite(np.float64("nan"))


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", "u1"])
def test_typed_arrays_decode_to_the_same_numbers(dtype: str) -> None:
    values = np.arange(12).reshape(3, 4)
    encoded = typed(values.T, dtype)
    assert encoded["shape"] == "4,3"
    assert (decoded(encoded) == values.T).all()
    assert "shape" not in typed(values[0], dtype)


def test_a_typed_frame_decodes_to_the_frame() -> None:
    for experiment, axes in [
        (recipe(), (0, 1)),
        (fitting("iris"), (2, 3)),
        (fitting("sine"), (0,)),
    ]:
        asked = explorer()
        asked.create(experiment)
        plain = orjson.loads(dumps(frame(asked, experiment, 20, axes=axes, grid=7)))
        shown = orjson.loads(dumps(typed_frame(frame(asked, experiment, 20, axes=axes, grid=7))))
        assert set(shown) == set(plain)
        for layer, expected in zip(shown["layers"], plain["layers"], strict=True):
            for name in ("W", "b", "dC_dW", "dC_db"):
                assert decoded(layer[name]).tolist() == expected[name]
        for name, column in plain["curves"].items():
            assert decoded(shown["curves"][name]).tolist() == column
        for name in {"x", "y", "z", "confidence"} & set(plain["boundary"]):
            expected = np.array(plain["boundary"][name], dtype=np.float32)
            assert decoded(shown["boundary"][name]).tolist() == expected.tolist()


def test_missing_values_of_a_column_are_nan() -> None:
    asked, experiment = explorer(), recipe(dataset={"samples": 20, "test_fraction": 0})
    asked.create(experiment)
    shown = typed_frame(frame(asked, experiment, 3))
    assert np.isnan(decoded(shown["curves"]["cost_test"])).all()
    empty = typed_frame(frame(asked, experiment, 3, since=3))
    assert decoded(empty["curves"]["W_norm"]).size == 0


def test_a_boundary_too_large_for_float32_stays_finite() -> None:
    huge = {"layers": [], "boundary": {"z": np.array([1e200, -1e200, 1.5, np.nan])}}
    found = decoded(typed_frame(huge)["boundary"]["z"])
    assert found[:3].tolist() == [np.finfo(np.float32).max, -np.finfo(np.float32).max, 1.5]
    assert np.isnan(found[3])


def test_typed_all_types_floats_and_nothing_else() -> None:
    answer = typed_all({"a": [np.ones((2, 2)), 3], "rows": np.arange(2), "n": None, "s": "x"})
    assert decoded(answer["a"][0]).tolist() == [[1, 1], [1, 1]]
    assert answer["a"][1] == 3
    assert answer["rows"].tolist() == [0, 1]
    assert (answer["n"], answer["s"]) == (None, "x")

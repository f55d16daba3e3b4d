"""Activations with a parameter: network, trace, proof, exports, experiment, catalog, check."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.check_requests import CheckRequest
from backprop_explorer.compute.trace_requests import ProblemRequest
from backprop_explorer.engine.activation_parameters import identifier, name_with, split_name
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.errors import UnknownName
from backprop_explorer.engine.ops import OPS
from backprop_explorer.limits import Limits
from backprop_explorer.tutor.mistakes.search import MISCONCEPTIONS
from tests.helpers.clients import Client
from tests.helpers.oracles import check_autograd, check_finite_differences
from tests.helpers.replays import differing_lines

NAMES = ("leaky_relu(0.1)", "leaky_relu(0.001)", "elu(0.5)", "elu(2)")
Z = np.array([[-2.0, -0.5, 0.5, 3.0]])


def request(activation: Any, **more: Any) -> dict[str, Any]:
    rng = np.random.default_rng(2)
    return {
        "layers": [
            {"W": rng.normal(size=(3, 4)).tolist(), "b": [0.1] * 4, "activation": activation},
            {"W": rng.normal(size=(4, 2)).tolist(), "b": [0.1] * 2, "activation": "identity"},
        ],
        "x": rng.normal(size=(5, 3)).tolist(),
        "target": rng.normal(size=(5, 2)).tolist(),
        "convention": "row",
        **more,
    }


def test_values_and_slopes() -> None:
    leaky, elu = ACTIVATIONS["leaky_relu(0.1)"], ACTIVATIONS["elu(2)"]
    np.testing.assert_allclose(leaky.compute(Z), [[-0.2, -0.05, 0.5, 3.0]])
    np.testing.assert_allclose(elu.compute(Z), [[2 * np.expm1(-2), 2 * np.expm1(-0.5), 0.5, 3.0]])
    assert leaky.derivative is not None
    assert elu.derivative is not None
    np.testing.assert_allclose(leaky.derivative(Z), [[0.1, 0.1, 1.0, 1.0]])
    np.testing.assert_allclose(elu.derivative(Z), [[2 * np.exp(-2), 2 * np.exp(-0.5), 1.0, 1.0]])


@pytest.mark.parametrize("base", ["leaky_relu", "elu"])
def test_the_usual_parameter_is_the_usual_activation(base: str) -> None:
    usual = {"leaky_relu": "leaky_relu(0.01)", "elu": "elu(1)"}[base]
    np.testing.assert_array_equal(ACTIVATIONS[base].compute(Z), ACTIVATIONS[usual].compute(Z))
    assert name_with(*(split_name(usual) or ("", 0.0))) == base


@pytest.mark.parametrize(
    "name", ["relu(0.1)", "leaky_relu(-1)", "leaky_relu(2)", "elu(x)", "elu()", "leaky_relu(0.1"]
)
def test_other_names_are_unknown(name: str) -> None:
    with pytest.raises(UnknownName):
        ACTIVATIONS.find(name, "activation")
    assert f"{name}_backward" not in OPS


def test_the_table_lists_no_derived_names() -> None:
    assert "leaky_relu(0.1)" in ACTIVATIONS
    assert not any("(" in name for name in ACTIVATIONS)


@pytest.mark.parametrize("name", NAMES)
def test_a_trace_replays_and_agrees_with_both_proofs(name: str) -> None:
    made = ProblemRequest.model_validate(request(name)).problem(Limits()).trace
    assert list(differing_lines(made)) == []
    assert check_autograd(made).passed
    assert check_finite_differences(made).passed


@pytest.mark.parametrize(
    "written", ["LeakyReLU(0.1)", "leaky relu( 0.1 )", {"name": "leaky_relu", "slope": 0.1}]
)
def test_spellings_in_a_request(written: Any) -> None:
    assert ProblemRequest.model_validate(request(written)).layers[0].activation == "leaky_relu(0.1)"


@pytest.mark.parametrize("name", ["leaky_relu(0.1)", "elu(0.5)"])
@pytest.mark.parametrize("kind", ["script", "pytorch"])
def test_an_export_has_the_parameter(shared_client: Client, name: str, kind: str) -> None:
    source = shared_client.post(f"/api/v1/trace/export/{kind}", json=request(name)).text
    compile(source, "exported.py", "exec")
    assert identifier(name) in source or "torch" in source
    if kind == "script":
        run = subprocess.run(
            [sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=False
        )
        assert run.returncode == 0, run.stderr


def test_an_experiment_trains_with_a_parameter(shared_client: Client) -> None:
    ids = set()
    for name in ("leaky_relu(0.2)", "leaky_relu(0.20)"):
        layers = [{"units": 3, "activation": name}, {"units": 1, "activation": "sigmoid"}]
        made = shared_client.post("/api/v1/experiments", json={"network": {"layers": layers}})
        assert made.status_code in (200, 201), made.text
        ids.add(made.json()["id"])
    assert len(ids) == 1
    frame = shared_client.get(f"/api/v1/experiments/{ids.pop()}/frames/20")
    assert frame.status_code == 200, frame.text


def test_the_catalog_lists_the_parameters(shared_client: Client) -> None:
    activations = shared_client.get("/api/v1/catalog").json()["activations"]
    named = {a["name"]: [p["name"] for p in a["parameters"]] for a in activations}
    assert named["leaky_relu"] == ["slope"]
    assert named["elu"] == ["alpha"]
    assert named["relu"] == []


def test_the_check_takes_the_slope_and_names_another() -> None:
    asked = ProblemRequest.model_validate(request("leaky_relu(0.1)"))
    made = asked.problem(Limits()).trace
    lines = {k: made.line_values[k].tolist() for k in ("z1", "a1", "z2", "dC_dz1", "dC_dW1")}
    right = CheckRequest.model_validate(request("leaky_relu(0.1)", submitted=lines))
    assert right.result(Limits()).verdict == "correct"
    other = CheckRequest.model_validate(request("leaky_relu(0.2)", submitted=lines))
    result = other.result(Limits())
    assert result.diagnoses[0].misconception == "slope_below_zero"
    assert "0.1" in result.diagnoses[0].message


def test_another_slope_that_an_activation_cannot_have_is_no_mistake_of_it() -> None:
    """An α of 2 is one of ELU; a leaky ReLU of the same network cannot have it."""
    z = np.array([[-1.0, 2.0]])
    for rule in MISCONCEPTIONS["slope_below_zero"].rules:
        assert callable(rule.compute)
        values = (z,) * (len(rule.operands) - 1)
        assert rule.compute("2", ACTIVATIONS["leaky_relu"], *values) is None
        assert rule.compute("2", ACTIVATIONS["elu"], *values) is not None

"""POST /trace: fields, conventions, verification."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.encoding import typed
from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE, TraceRequest
from backprop_explorer.engine.trace import present
from backprop_explorer.experiments.recipe import OptimizerPart
from backprop_explorer.limits import Limits
from tests.helpers.api import API, read, refused
from tests.helpers.clients import Client

URL = f"{API}/trace"


def trace(client: Client, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = read(client.post(URL, json={**TRACE_EXAMPLE, **changes}))
    return made


def by_id(answer: dict[str, Any]) -> dict[str, Any]:
    return {each["id"]: each for each in (*answer["givens"], *answer["lines"])}


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("convention", ["column", "row", "lecture"])
@pytest.mark.parametrize("batch", [False, True])
def test_the_text_belongs_to_this_trace(
    shared_client: Client, convention: str, reduction: str, batch: bool
) -> None:
    """Cached text is not used for another notation, optimizer or cost."""
    W = np.array([[0.5, -0.3], [0.8, 0.2]])
    given: dict[str, Any] = {
        "layers": [{"W": W.tolist(), "b": [0.1, -0.1], "activation": "tanh"}],
        "x": [[0.6, -1.2]] if batch else [0.6, -1.2],
        "target": [[1.0, 0.0]] if batch else [1.0, 0.0],
    }
    chosen = {"convention": convention, "reduction": reduction, "verify": False}
    for cost, optimizer in (("mse", None), ("mae", {"name": "adam"}), ("mse", {"name": "sgd"})):
        answer = trace(shared_client, **given, **chosen, cost=cost, optimizer=optimizer)
        request = TraceRequest(**{**TRACE_EXAMPLE, **given, **chosen, "cost": cost})
        request = request.model_copy(
            update={"optimizer": OptimizerPart(**optimizer) if optimizer else None}
        )
        problem = request.problem(Limits())
        givens, lines = present(problem.trace, problem.notation)
        for shown, expected in zip(answer["givens"] + answer["lines"], givens + lines, strict=True):
            value, symbol = expected.pop("value"), expected.pop("symbol")
            latex = expected.pop("formula", None)
            assert expected.items() <= shown.items()
            assert shown["symbol"]["latex"] == symbol
            assert latex is None or shown["formula"]["latex"] == latex
            assert np.array_equal(shown["value"], value)


def turned(convention: str) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = TRACE_EXAMPLE["layers"]
    if convention == "column":
        return layers
    return [{**layer, "W": np.array(layer["W"]).T.tolist()} for layer in layers]


@pytest.mark.parametrize("convention", ["row", "lecture"])
def test_conventions_turn_the_weights_and_change_no_number(
    shared_client: Client, convention: str
) -> None:
    expected = by_id(trace(shared_client))
    found = by_id(trace(shared_client, convention=convention, layers=turned(convention)))
    for name, line in found.items():
        value = np.array(line["value"])
        if "W" in name and value.ndim == 2:
            value = value.T
        assert value.tolist() == expected[name]["value"]


def test_a_batch_has_rows_and_one_row_is_one_sample(shared_client: Client) -> None:
    single = trace(shared_client)
    batch = trace(shared_client, x=[TRACE_EXAMPLE["x"]], target=[TRACE_EXAMPLE["target"]])
    assert (single["batch"], batch["batch"]) == (None, 1)
    for name in ("z1", "a2", "dC_dz1"):
        assert by_id(batch)[name]["value"] == [by_id(single)[name]["value"]]
    assert by_id(batch)["dC_dW1"]["value"] == by_id(single)["dC_dW1"]["value"]


@pytest.mark.parametrize("convention", ["column", "row", "lecture"])
def test_the_jacobian_by_the_weights_stands_as_they_do(
    shared_client: Client, convention: str
) -> None:
    W = [[0.5, -0.3], [0.8, 0.2], [0.1, 0.7]]
    shown = W if convention == "column" else np.transpose(W).tolist()
    layers = [{"W": shown, "b": [0.1, -0.1, 0.2], "activation": "sigmoid"}]
    asked = {"layers": layers, "target": [1, 0, 1], "convention": convention}
    lines = by_id(trace(shared_client, **asked, jacobians=True))
    jacobian = np.array(lines["dz1_dW1"]["value"])
    assert jacobian.shape == (3, *np.shape(shown))
    dz = np.array(lines["dC_dz1"]["value"])
    np.testing.assert_allclose(
        np.tensordot(dz, jacobian, axes=1), lines["dC_dW1"]["value"], rtol=1e-12
    )


def test_targets_that_do_not_sum_to_one_are_not_fused(shared_client: Client) -> None:
    """The gradient "prediction minus target" is wrong for such targets."""
    layers = [{"W": [[0.5, -0.3], [0.8, 0.2]], "b": [0.1, -0.1], "activation": "softmax"}]
    for target, together in ([0.2, 0.8], True), ([0.2, 0.3], False):
        answer = trace(
            shared_client, layers=layers, target=target, cost="cross_entropy", fused=True
        )
        assert answer["fused"] is together
        assert ("dC_da1" in by_id(answer)) is not together


def test_verification_can_be_turned_off(shared_client: Client) -> None:
    assert trace(shared_client, verify=False)["verification"] is None


def test_what_is_not_finite_is_null_and_says_so(shared_client: Client) -> None:
    huge = [{"W": [[1e100, 1e100]], "b": [0], "activation": "identity"}] + [
        {"W": [[1e100]], "b": [0], "activation": "identity"}
    ] * 3
    answer = trace(shared_client, layers=huge, x=[1e100, 1e100], target=[0])
    lines = by_id(answer)
    assert (lines["z4"]["value"], lines["z4"]["finite"]) == ([None], False)
    assert answer["cost"] is None
    assert "finite" not in lines["z1"]
    assert answer["verification"]["autograd"]["max_relative_error"] is None
    assert answer["verification"]["autograd"]["passed"] is False


def test_the_largest_network_and_batch_answer_soon(shared_client: Client) -> None:
    """24 layers of 102 units have nearly the largest number of parameters.

    In processor time of this process, which computes it in a thread; others may be busy.
    """
    rng = np.random.default_rng(0)
    sizes = [64, *[102] * 23, 10]
    layers = [
        {
            "W": np.round(rng.normal(0, 0.1, (n_out, n_in)), 3).tolist(),
            "b": [0] * n_out,
            "activation": "tanh",
        }
        for n_in, n_out in itertools.pairwise(sizes)
    ]
    body = {
        "layers": layers,
        "x": rng.integers(0, 9, (106, 64)).tolist(),
        "target": [[0] * 10] * 106,
        "optimizer": None,
    }
    begin = time.process_time()
    answer = read(shared_client.post(f"{URL}?arrays=base64", json=body))
    assert time.process_time() - begin < 15
    verdict = answer["verification"]["finite_differences"]
    assert verdict["passed"]
    assert verdict["entries_tried"]["dC_dW1"] == 8
    small = trace(shared_client)["verification"]["finite_differences"]
    assert small["entries_tried"] == {"dC_da1": 1, "dC_dz1": 1}


def as_typed(given: dict[str, Any]) -> dict[str, Any]:
    """The same givens with their arrays in base64."""

    def form(value: Any) -> Any:
        return typed(np.array(value, dtype=np.float64), "f8")

    layers = [{**each, "W": form(each["W"]), "b": form(each["b"])} for each in given["layers"]]
    return {**given, "layers": layers, "x": form(given["x"]), "target": form(given["target"])}


def test_arrays_in_base64_give_the_same_answer(shared_client: Client) -> None:
    answers = [
        shared_client.post(URL, json=each) for each in (TRACE_EXAMPLE, as_typed(TRACE_EXAMPLE))
    ]
    assert read(answers[0]) == read(answers[1])
    batch = {
        **TRACE_EXAMPLE,
        "x": typed(np.array([[0.6, -1.2], [0.25, 0.5]]), "f4"),
        "target": typed(np.array([[1.0], [0.0]]), "u1"),
    }
    given = by_id(read(shared_client.post(URL, json=batch)))
    assert given["x"]["value"] == [[np.float32(0.6), np.float32(-1.2)], [0.25, 0.5]]


def test_a_notebook_of_given_numbers_runs(shared_client: Client) -> None:
    answer = shared_client.post(f"{URL}/export/notebook", json=TRACE_EXAMPLE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ipynb+json"
    import nbformat  # here, because it takes a second

    notebook = nbformat.reads(answer.content.decode(), as_version=4)
    nbformat.validate(notebook)
    names: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    assert names["C"] == pytest.approx(trace(shared_client)["cost"], rel=1e-12)


def test_a_rate_for_each_layer(shared_client: Client) -> None:
    sgd = {"name": "sgd", "learning_rate": 0.1}
    depth = len(TRACE_EXAMPLE["layers"])
    factors = [0.5 + k for k in range(depth)]
    found = by_id(trace(shared_client, optimizer={**sgd, "layer_factors": factors}))
    for layer, factor in enumerate(factors, start=1):
        assert found[f"learning_rate{layer}"]["value"] == 0.1 * factor
        assert f"learning_rate{layer}" in found[f"W{layer}_next"]["inputs"]
    body = {**TRACE_EXAMPLE, "optimizer": {**sgd, "layer_factors": [1.0] * (depth + 1)}}
    assert "optimizer.layer_factors" in refused(shared_client.post(URL, json=body))

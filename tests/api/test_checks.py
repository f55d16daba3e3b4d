"""POST /check and /check/parse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.check_requests import CHECK_EXAMPLE, MAX_LINES
from backprop_explorer.compute.encoding import typed
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS
from tests.corpus.marks import as_list, as_text
from tests.corpus.problems import PROBLEMS
from tests.corpus.right import right_lines
from tests.helpers.api import read, refused
from tests.helpers.cases import each_value_once, exhaustive
from tests.helpers.clients import Client

URL = "/api/v1/check"


def post(client: Client, submitted: Any, **changes: Any) -> Any:
    body = {**CHECK_EXAMPLE, "submitted": submitted, **changes}
    return client.post(URL, json=body)


@pytest.mark.parametrize("name", ["two layers", "lecture", "batch", "iris", "adam"])
def test_the_lines_of_a_trace_are_marked_right(shared_client: Client, name: str) -> None:
    """Every line of /trace, submitted unchanged."""
    request = PROBLEMS[name].draw(2).request()
    trace = shared_client.post("/api/v1/trace", json={**request, "verify": False}).json()
    submitted = {line["id"]: line["value"] for line in trace["lines"]}
    answer = shared_client.post(URL, json={**request, "submitted": submitted}).json()
    assert answer["verdict"] == "correct"
    assert list(answer["lines"]) == [line["id"] for line in trace["lines"]]
    assert {line["verdict"] for line in answer["lines"].values()} == {"correct"}


@pytest.mark.parametrize("name", ["two layers", "lecture", "batch"])
def test_every_entry_is_marked_where_it_stands(shared_client: Client, name: str) -> None:
    request = PROBLEMS[name].draw(2).request()
    trace = shared_client.post("/api/v1/trace", json={**request, "verify": False}).json()
    lines = {line["id"]: line["value"] for line in trace["lines"]}
    first = np.array(lines["dC_dW1"])
    first[0, 1] += 0.5
    submitted = {"dC_dW1": first.tolist(), "dC_db1": [0.0, *lines["dC_db1"]], "C": lines["C"]}
    marks = shared_client.post(URL, json={**request, "submitted": submitted}).json()["lines"]
    wanted = np.ones(first.shape, dtype=bool)
    wanted[0, 1] = False
    assert marks["dC_dW1"]["entries"] == wanted.tolist()
    assert marks["dC_db1"]["entries"] is None
    assert marks["C"]["entries"] is True


def test_lists_text_and_numbers_mix(shared_client: Client) -> None:
    problem = PROBLEMS["two layers"].draw(2)
    lines = right_lines(problem)
    cost = float(((lines["a2"] - problem.y) ** 2).mean())
    submitted = {"z1": as_list(lines["z1"]), "a1": as_text(lines["a1"]), "C": cost, "z2": "0.1"}
    answer = shared_client.post(URL, json={**problem.request(), "submitted": submitted}).json()
    marks = {n: m["verdict"] for n, m in answer["lines"].items() if m["verdict"] != "missing"}
    assert marks == {"z1": "correct", "a1": "correct", "C": "correct", "z2": "wrong"}


def test_arrays_in_base64_are_marked_like_lists(shared_client: Client) -> None:
    a1 = CHECK_EXAMPLE["submitted"]["a1"]
    answers = [
        read(shared_client.post(URL, json={**CHECK_EXAMPLE, "submitted": {"a1": each}}))
        for each in (a1, typed(np.array(a1), "f8"))
    ]
    assert answers[0] == answers[1]
    for value, message in (
        (np.array([np.inf, 1.0]), "must contain only finite numbers"),
        (np.ones(300_001), "300,000"),
    ):
        body = {**CHECK_EXAMPLE, "submitted": {"a1": typed(value, "f8")}}
        assert message in refused(shared_client.post(URL, json=body))["submitted.a1"]


def test_a_decimal_comma_is_understood(shared_client: Client) -> None:
    problem = PROBLEMS["two layers"].draw(2)
    lines = right_lines(problem)
    cost = float(((lines["a2"] - problem.y) ** 2).mean())
    rows = "\n".join("\t".join(f"{v:.8f}" for v in row) for row in as_list(lines["dC_dW1"]))
    written = {"z1": as_text(lines["z1"]), "dC_dW1": rows, "C": f"{cost:.8f}"}
    submitted = {name: text.replace(".", ",") for name, text in written.items()}
    answer = shared_client.post(URL, json={**problem.request(), "submitted": submitted}).json()
    assert answer["notes"] == []
    assert answer["verdict"] == "correct"


def test_one_comma_is_a_decimal_one_where_one_number_is_needed(shared_client: Client) -> None:
    given = {"x": [1.0], "target": [0.0], "cost": "mse"}
    layers = [{"W": [[0.5]], "b": [0.0], "activation": "identity"}]
    submitted = {"z1": "[0,5]", "a_1": "0,5", "C": "0,25"}
    body = {**given, "layers": layers, "submitted": submitted}
    answer = shared_client.post(URL, json=body).json()
    assert (answer["verdict"], answer["notes"]) == ("correct", [])


@pytest.mark.parametrize(
    "name", ["∂C/∂a2", "da2", "dL_da2", "dC/da2", "dC_da_2", "dloss_da2", "d_a2", "dJ/da_2"]
)
def test_dC_da_of_a_fused_output_has_other_names_too(shared_client: Client, name: str) -> None:  # noqa: N802
    problem = PROBLEMS["binary"].draw(2)
    submitted = {name: as_list(right_lines(problem)["dC_da2"])}
    answer = shared_client.post(URL, json={**problem.request(), "submitted": submitted}).json()
    assert answer["verdict"] == "correct"
    assert answer["lines"]["dC_da2"]["verdict"] == "correct"


@pytest.mark.parametrize("name", ["δ2", "da1", "∂C/∂z2"])
def test_other_names_leave_the_output_fused(shared_client: Client, name: str) -> None:
    problem = PROBLEMS["binary"].draw(2)
    answer = shared_client.post(URL, json={**problem.request(), "submitted": {name: 0.5}}).json()
    assert "dC_da2" not in answer["lines"]


@pytest.mark.parametrize(
    ("submitted", "field", "words"),
    [
        ({"dC_dzz2": [1.0]}, "submitted.dC_dzz2", "did you mean dC_dz2?"),
        ({"da2_dz9": [1.0]}, "submitted.da2_dz9", "did you mean da2_dz2?"),
        ({"nothing like it": [1.0]}, "submitted.nothing like it", "no such line"),
        ({"z1": "[1 ... 2]"}, "submitted.z1", "set_printoptions(threshold"),
        ({"z1": [[1, 2], [3]]}, "submitted.z1", "row 1 has 1 entries"),
        ({"z1": True}, "submitted.z1", "must be a number"),
        ({"z1": {"a": 1}}, "submitted.z1", "must be a number"),
        ({"z1": [1.0], "z_1": [1.0]}, "submitted.z_1", "already submitted"),
        ({f"z{k}": 1.0 for k in range(MAX_LINES + 1)}, "submitted", "at most"),
        ("z1", "submitted", "must be an object"),
    ],
)
def test_invalid_lines_are_refused_with_their_field(
    shared_client: Client, submitted: Any, field: str, words: str
) -> None:
    response = post(shared_client, submitted)
    assert response.status_code == 422
    error = response.json()["errors"][0]
    assert error["field"] == field
    assert words in error["message"]


def test_an_update_needs_an_optimizer(shared_client: Client) -> None:
    response = post(shared_client, {"W1_next": [[1.0]]}, optimizer=None)
    assert response.status_code == 422
    assert "optimizer" in response.json()["detail"]


def test_a_wrong_shape_is_an_answer(shared_client: Client) -> None:
    answer = post(shared_client, {"z1": [1, 2, 3]}).json()
    assert answer["verdict"] == "wrong"
    assert answer["lines"]["z1"]["max_relative_error"] is None
    assert answer["notes"] == [
        {"kind": "shape", "line": "z1", "message": "z1 has shape (3,), expected (2,)."}
    ]


@pytest.mark.parametrize(
    ("exponent", "printed"),
    [
        *each_value_once([-320, -160, 155, 300], [True, False]),
        *(exhaustive(e, printed) for e in (-300, 100, 153, 160, 200) for printed in (True, False)),
    ],
)
def test_numbers_of_any_size_are_answered(
    shared_client: Client, exponent: int, printed: bool
) -> None:
    """Squares of such numbers are 0 or too large for a float; printed ones are rounded as well."""
    made = read(post(shared_client, {}))
    factor = 10.0**exponent
    names = [name for name in made["lines"] if name.startswith("dC_d")]
    trace = {key: value for key, value in CHECK_EXAMPLE.items() if key != "submitted"}
    lines = read(shared_client.post("/api/v1/trace", json={**trace, "verify": False}))["lines"]
    values = {line["id"]: np.asarray(line["value"]) * factor for line in lines}
    large = {name: values[name].tolist() for name in names}
    submitted = {name: str(value) if printed else value for name, value in large.items()}
    for chosen in ({name: submitted[name]} for name in names):
        assert read(post(shared_client, chosen))["verdict"] == "wrong"
    assert read(post(shared_client, submitted))["verdict"] == "wrong"


def test_the_catalog_lists_the_misconceptions(shared_client: Client) -> None:
    listed = shared_client.get("/api/v1/catalog").json()["misconceptions"]
    assert [entry["name"] for entry in listed] == list(MISCONCEPTIONS)
    for entry in listed:
        assert set(entry) >= {"name", "title", "description", "families"}

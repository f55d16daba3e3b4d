"""Givens in the shapes that programs have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from backprop_explorer.compute.check_requests import CheckRequest
from backprop_explorer.compute.trace_requests import ProblemRequest
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.limits import Limits
from backprop_explorer.notebook.checked import check
from backprop_explorer.tutor.checker import CheckResult
from backprop_explorer.tutor.spellings import usual_name
from tests.corpus.marks import as_list
from tests.corpus.problems import PROBLEMS, Problem
from tests.corpus.right import right_lines

IRIS = PROBLEMS["iris mean"].draw(5)
TWO = PROBLEMS["two layers"].draw(5)
SQUARE = PROBLEMS["batch as wide"].draw(5)


def checked(problem: Problem, submitted: dict[str, Any], **changes: Any) -> CheckResult:
    request = {**problem.request(), **changes}
    lines = {name: as_list(value) for name, value in submitted.items()}
    return CheckRequest.model_validate({**request, "submitted": lines}).result(Limits())


def kinds(result: CheckResult) -> list[str]:
    return [note.kind for note in result.notes]


def lines(problem: Problem) -> dict[str, Any]:
    return {k: v for k, v in right_lines(problem).items() if k != "dC_da2"}


@pytest.mark.parametrize("shape", [(1, -1), (-1, 1)], ids=["row", "column"])
def test_biases_may_be_matrices(shape: tuple[int, int]) -> None:
    layers = TWO.request()["layers"]
    for layer in layers:
        layer["b"] = np.reshape(layer["b"], shape).tolist()
    assert checked(TWO, lines(TWO), layers=layers).verdict == "correct"


def test_a_bias_with_two_rows_is_refused() -> None:
    layers = TWO.request()["layers"]
    layers[0]["b"] = [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]
    with pytest.raises(ValidationError, match="one row or column"):
        checked(TWO, {}, layers=layers)


@pytest.mark.parametrize("missing", ["left out", "null"])
def test_a_missing_bias_is_zero(missing: str) -> None:
    layers = TWO.request()["layers"]
    for layer in layers:
        if missing == "null":
            layer["b"] = None
        else:
            del layer["b"]
    z1 = TWO.W[0] @ TWO.x
    assert checked(TWO, {"z1": z1}, layers=layers).verdict == "correct"


def test_class_numbers_stand_for_rows_of_zeros_and_a_one() -> None:
    classes = IRIS.y.argmax(axis=1).tolist()
    for target in (classes, [[k] for k in classes]):
        result = checked(IRIS, lines(IRIS), target=target)
        assert (result.verdict, kinds(result)) == ("correct", ["class_targets"])


def test_one_class_number() -> None:
    flower = PROBLEMS["one flower"].draw(5)
    for target in (int(flower.y.argmax()), [int(flower.y.argmax())]):
        assert checked(flower, lines(flower), target=target).verdict == "correct"


def test_classes_counted_from_one_are_refused() -> None:
    with pytest.raises(InvalidInput, match="counted from 0"):
        checked(IRIS, {}, target=(IRIS.y.argmax(axis=1) + 1).tolist())


def test_a_list_of_targets_for_one_output() -> None:
    binary = PROBLEMS["binary"].draw(5)
    result = checked(binary, lines(binary), target=binary.y.ravel().tolist())
    assert (result.verdict, kinds(result)) == ("correct", [])


@pytest.mark.parametrize(
    ("written", "name"),
    [("ReLU", "relu"), ("linear", "identity"), ("Leaky ReLU", "leaky_relu"), ("LeakyReLU",
     "leaky_relu"), ("Sigmoid", "sigmoid"), ("swish", "silu"), ("softMax", "softmax")],
)  # fmt: skip
def test_spellings_of_activations(written: str, name: str) -> None:
    assert usual_name(written, ACTIVATIONS) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [("MSE", "mse"), ("CrossEntropy", "cross_entropy"), ("BCE", "binary_cross_entropy"),
     ("categorical_crossentropy", "cross_entropy"), ("Huber", "huber")],
)  # fmt: skip
def test_spellings_of_costs(written: str, name: str) -> None:
    assert usual_name(written, COSTS) == name


def test_other_spellings_are_accepted_in_a_request() -> None:
    layers = IRIS.request()["layers"]
    for layer, name in zip(layers, ("ReLU", "Softmax"), strict=True):
        layer["activation"] = name
    assert checked(IRIS, lines(IRIS), layers=layers, cost="CE").verdict == "correct"


def test_samples_as_columns_are_transposed_with_a_note() -> None:
    request = {"x": IRIS.x.T.tolist(), "target": IRIS.y.T.tolist()}
    result = checked(IRIS, lines(IRIS), **request)
    assert result.verdict == "correct"
    assert "samples_as_columns" in kinds(result)


def test_one_column_is_one_sample() -> None:
    request = {"x": TWO.x[:, None].tolist(), "target": TWO.y[:, None].tolist()}
    result = checked(TWO, lines(TWO), **request)
    assert (result.verdict, kinds(result)) == ("correct", [])


def test_square_samples_as_columns_are_recognised_by_the_numbers() -> None:
    request = {"x": SQUARE.x.T.tolist(), "target": SQUARE.y.T.tolist()}
    columns = {
        k: v.T if k.startswith(("z", "a", "dC_dz", "dC_da")) else v
        for k, v in right_lines(SQUARE).items()
    }
    for submitted in (lines(SQUARE), columns):
        result = checked(SQUARE, submitted, **request)
        assert result.verdict == "correct"
        assert "samples_as_columns" in kinds(result)


def test_the_targets_of_a_square_x_tell_that_samples_are_columns() -> None:
    rng = np.random.default_rng(2)
    W, x, y = rng.normal(size=(3, 2)), rng.normal(size=(3, 3)), rng.normal(size=(3, 2))
    result = check({"z1": x @ W}, [(W, None)], x.T, y.T, activations=["linear"], convention="row")
    assert (result.verdict, kinds(result)) == ("correct", ["samples_as_columns"])


def folded(problem: Problem, end: str) -> list[dict[str, Any]]:
    """The layers with b as the first or last row of W."""
    layers = []
    for W, b, activation in zip(problem.W, problem.b, problem.activations, strict=True):
        rows = (b[None], W) if end == "first" else (W, b[None])
        layers.append({"W": np.vstack(rows).tolist(), "activation": activation})
    return layers


@pytest.mark.parametrize("end", ["first", "last"])
def test_a_bias_row_in_the_weights(end: str) -> None:
    right = right_lines(IRIS)
    submitted = {k: right[k] for k in ("z1", "a2", "C")}
    for k in (1, 2):
        rows = (right[f"dC_db{k}"][None], right[f"dC_dW{k}"])
        submitted[f"dW{k}"] = np.vstack(rows if end == "first" else rows[::-1])
    ones = np.ones((len(IRIS.x), 1))
    parts = (ones, right["a1"]) if end == "first" else (right["a1"], ones)
    submitted["a1"] = np.hstack(parts)
    result = checked(IRIS, submitted, layers=folded(IRIS, end))
    assert result.verdict == "correct"
    assert result.lines["dC_db1"].verdict == "correct"
    assert "bias_in_weights" in kinds(result)


def test_a_trace_takes_the_same_givens() -> None:
    request = {**IRIS.request(), "x": IRIS.x.T.tolist(), "target": IRIS.y.argmax(1).tolist()}
    made = ProblemRequest.model_validate(request).problem(Limits()).trace
    np.testing.assert_allclose(made.line_values["a2"], right_lines(IRIS)["a2"])


def test_numbers_in_a_notebook_take_the_same_givens() -> None:
    result = check(
        {"Z1": right_lines(IRIS)["z1"]},
        list(zip(IRIS.W, [b[:, None] for b in IRIS.b], strict=True)),
        IRIS.x,
        IRIS.y.argmax(axis=1),
        activations=["ReLU", "softmax"],
        cost="CE",
        reduction="batch_mean",
        convention="row",
    )
    assert result.verdict == "correct"


@pytest.mark.parametrize(
    ("penalty", "factor"),
    [
        ({"square": "whole"}, 0.5),
        ({"divided_by": "samples"}, 5.0),
        ({"square": "whole", "divided_by": "samples"}, 2.5),
    ],
)
def test_penalties_in_other_definitions(penalty: dict[str, str], factor: float) -> None:
    """λ Σ W² has twice the gradient of λ/2 Σ W², and λ/N an N-th of it."""
    ridge = PROBLEMS["ridge square"].draw(5)
    assert len(ridge.x) == 5
    given = {"l2": 0.1 * factor, **penalty}
    assert checked(ridge, lines(ridge), penalty=given).verdict == "correct"
    assert checked(ridge, lines(ridge), penalty={"l2": 0.2 * factor, **penalty}).verdict == "wrong"

"""Mistakes that real programs have, each named first and without a misleading other one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_explorer.tutor.checker import CheckResult
from tests.corpus.marks import as_list, as_text, mark
from tests.corpus.problems import PROBLEMS, Problem
from tests.corpus.right import right_lines

Lines = dict[str, Any]
BINARY = PROBLEMS["binary"].draw(6)
BATCH = PROBLEMS["batch"].draw(6)
IRIS = PROBLEMS["iris apart"].draw(6)
RIDGE = PROBLEMS["ridge square"].draw(6)
LEAKY = PROBLEMS["square relu"].draw(6)


def named(problem: Problem, lines: Lines, write: Any = as_list) -> list[str]:
    result = checked(problem, lines, write)
    return [diagnosis.misconception for diagnosis in result.diagnoses]


def checked(problem: Problem, lines: Lines, write: Any = as_list) -> CheckResult:
    return mark(problem, {name: write(value) for name, value in lines.items()})[0]


def gradients(lines: Lines) -> Lines:
    return {k: v for k, v in lines.items() if k.startswith(("dC_dW", "dC_db"))}


@pytest.mark.parametrize("mean", [False, True])
def test_predictions_and_targets_broadcast_to_a_square(mean: bool) -> None:
    """(N, 1) − (N,) → (N, N)."""
    lines = right_lines(BINARY)
    a, y, n = lines["a2"], BINARY.y.ravel(), len(BINARY.x)
    difference = (a - y) / (n * n if mean else n)
    assert difference.shape == (n, n)
    forward = {k: lines[k] for k in ("z1", "a1", "z2", "a2")}
    result = checked(BINARY, {**forward, "dC_dz2": difference})
    assert result.first_wrong == "dC_dz2"
    assert result.diagnoses[0].misconception == "broadcast_columns"


def test_a_cost_of_all_pairs() -> None:
    problem = PROBLEMS["batch deep"].draw(6)
    lines = right_lines(problem)
    cost = np.mean((lines["a4"] - problem.y.ravel()) ** 2)
    assert named(problem, {"a4": lines["a4"], "C": cost})[0] == "broadcast_columns_in_cost"


def test_the_gradient_of_z_called_that_of_a() -> None:
    lines = right_lines(IRIS)
    n = {"sum": 1.0, "batch_mean": len(IRIS.x)}[IRIS.reduction]
    delta = (lines["a2"] - IRIS.y) / n
    shown = {k: lines[k] for k in ("z1", "a1", "z2", "a2")}
    found = named(IRIS, {**shown, "dC_da2": delta, "dC_dz2": delta})
    assert found[0] == "dC_dz_used_as_dC_da"


@pytest.mark.parametrize("slope", [0.1, 0.2, 0.001])
def test_leaky_relu_with_another_slope_is_told_which(slope: float) -> None:
    lines = right_lines(LEAKY)
    z2 = lines["z2"]
    result = checked(LEAKY, {"z2": z2, "a2": np.where(z2 > 0, z2, slope * z2)})
    assert result.diagnoses[0].misconception == "slope_below_zero"
    assert str(slope) in result.diagnoses[0].message


def test_another_slope_backward_than_forward() -> None:
    lines = right_lines(LEAKY)
    dC_dz2 = lines["dC_da2"] * np.where(lines["z2"] > 0, 1.0, 0.2)
    shown = {k: lines[k] for k in ("z1", "a1", "z2", "a2", "dC_da2")}
    result = checked(LEAKY, {**shown, "dC_dz2": dC_dz2})
    assert result.diagnoses[0].misconception == "wrong_activation_derivative"
    assert "0.2 where z < 0" in result.diagnoses[0].message


def outer(p: Problem, dz: Any, a: Any) -> Any:
    return np.outer(a, dz)


def one_matrix_for_each_sample(p: Problem, dz: Any, a: Any) -> Any:
    return np.einsum("nj,ni->nij", dz, a)


def samples_last(p: Problem, dz: Any, a: Any) -> Any:
    return np.einsum("nj,ni->jin", dz, a)


@pytest.mark.parametrize("wrong", [outer, one_matrix_for_each_sample, samples_last])
@pytest.mark.parametrize("write", [as_list, as_text])
def test_weight_gradients_that_are_not_summed(wrong: Callable[..., Any], write: Any) -> None:
    lines = right_lines(BATCH)
    shown = {k: lines[k] for k in ("a1", "a2", "dC_dz2")}
    result = checked(BATCH, {**shown, "dC_dW2": wrong(BATCH, lines["dC_dz2"], lines["a1"])}, write)
    assert result.diagnoses[0].misconception == "weight_gradient_not_summed"


def clipped_entries(gradient: Any) -> Any:
    return np.clip(gradient, -0.01, 0.01)


def clipped_length(gradient: Any) -> Any:
    return gradient * min(1.0, 0.01 / np.linalg.norm(gradient))


@pytest.mark.parametrize("clip", [clipped_entries, clipped_length])
def test_clipped_gradients(clip: Callable[[Any], Any]) -> None:
    lines = right_lines(BATCH)
    clipped = {k: clip(v) for k, v in gradients(lines).items()}
    assert named(BATCH, {**clipped, "dC_dz2": lines["dC_dz2"]})[0] == "gradient_clipped"


def together(lines: Lines, limit: float, epsilon: float = 0.0) -> Lines:
    length = np.sqrt(sum(np.square(v).sum() for v in lines.values()))
    assert length > limit
    return {k: v * (limit / (length + epsilon)) for k, v in lines.items()}


@pytest.mark.parametrize("write", [as_list, as_text])
@pytest.mark.parametrize("epsilon", [0.0, 1e-6], ids=["exact", "torch"])
@pytest.mark.parametrize("limit", [0.01, 0.025])
def test_gradients_clipped_by_the_length_of_all(limit: float, epsilon: float, write: Any) -> None:
    """The ∂C/∂z show that the gradients were right before."""
    lines = right_lines(BATCH)
    clipped = together(gradients(lines), limit, epsilon)
    forward = {k: lines[k] for k in ("a1", "a2", "dC_dz1", "dC_dz2")}
    for shown in ({}, forward):
        result = checked(BATCH, {**shown, **clipped}, write)
        assert result.diagnoses[0].misconception == "gradient_clipped"
        assert f"together with all others to the length {limit:g}" in result.diagnoses[0].message
    assert result.first_wrong == "dC_dW2"
    assert [d.misconception for d in result.diagnoses] == ["gradient_clipped"]


def test_only_the_weights_clipped_together() -> None:
    lines = right_lines(BATCH)
    weights = {k: v for k, v in gradients(lines).items() if k.startswith("dC_dW")}
    biases = {k: v for k, v in lines.items() if k.startswith("dC_db")}
    result = checked(BATCH, {**together(weights, 0.02), **biases})
    assert result.diagnoses[0].misconception == "gradient_clipped"
    assert "those of the other W" in result.diagnoses[0].message


def test_a_constant_added_to_the_weight_gradients() -> None:
    lines = right_lines(BATCH)
    lines = {k: v + 0.002 if k.startswith("dC_dW") else v for k, v in gradients(lines).items()}
    result = checked(BATCH, lines)
    assert [d.misconception for d in result.diagnoses] == ["constant_added"]
    assert "0.002" in result.diagnoses[0].message


def test_bias_gradients_n_times_too_large() -> None:
    lines = right_lines(BATCH)
    n = len(BATCH.x)
    lines = {k: v * n if k.startswith("dC_db") else v for k, v in gradients(lines).items()}
    assert named(BATCH, lines)[0] in ("bias_gradient_not_summed", "batch_scale")


def test_a_penalty_with_the_weights_of_another_layer() -> None:
    lines = gradients(right_lines(RIDGE))
    lines["dC_dW1"] = lines["dC_dW1"] + 0.1 * (RIDGE.W[1] - RIDGE.W[0])
    assert named(RIDGE, lines) == ["penalty_of_wrong_layer"]


@pytest.mark.parametrize(("factor", "words"), [(2.0, "twice as large"), (0.2, "divided by")])
def test_a_wrong_cost_from_the_penalty(factor: float, words: str) -> None:
    lines = right_lines(RIDGE)
    penalty = 0.05 * sum(np.square(W).sum() for W in RIDGE.W)
    data = lines["C"] - penalty
    result = checked(RIDGE, {"a2": lines["a2"], "C": data + factor * penalty})
    assert result.diagnoses[0].misconception == "penalty_scale_in_cost"
    assert words in result.diagnoses[0].message


def test_a_penalty_with_the_biases_in_the_cost() -> None:
    lines = right_lines(RIDGE)
    biases = 0.05 * sum(np.square(b).sum() for b in RIDGE.b)
    result = checked(RIDGE, {"a2": lines["a2"], "C": lines["C"] + biases})
    assert result.diagnoses[0].misconception == "penalty_scale_in_cost"
    assert "biases" in result.diagnoses[0].message


def test_two_slips_are_both_named() -> None:
    """A sign at the output, and ReLU's slope taken as 1 everywhere."""
    lines = right_lines(BATCH)
    dC_dz2 = -lines["dC_dz2"]
    below = dC_dz2 @ BATCH.W[1].T
    found = named(
        BATCH,
        {
            "z1": lines["z1"], "a1": lines["a1"], "a2": lines["a2"], "dC_dz2": dC_dz2,
            "dC_dW2": lines["a1"].T @ dC_dz2, "dC_dz1": below, "dC_dW1": BATCH.x.T @ below,
        },
    )  # fmt: skip
    assert found[0] == "cost_gradient_sign"
    assert {"missing_activation_derivative", "wrong_activation_derivative"} & set(found)

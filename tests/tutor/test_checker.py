"""Marks: follow-through, subsets, shapes, precision, other conventions and scalings."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.tutor.checker import check
from backprop_explorer.tutor.problem import trace_requirements
from backprop_explorer.tutor.spellings import known_id, line_ids
from tests.corpus.marks import as_list, as_rounded_list, as_single_text, as_text, mark
from tests.corpus.problems import PROBLEMS, Problem
from tests.corpus.right import COST_DERIVATIVES, COSTS, factor_of, right_lines
from tests.helpers.marks import BATCH, TWO, gradients, marked, verdicts


def without_derivative_of_layer_two(p: Problem) -> dict[str, Any]:
    lines = right_lines(p)
    lines["dC_dz2"] = lines["dC_da2"]
    lines["dC_dW2"] = np.outer(lines["dC_dz2"], lines["a1"])
    lines["dC_db2"] = lines["dC_dz2"]
    lines["dC_da1"] = p.W[1].T @ lines["dC_dz2"]
    lines["dC_dz1"] = lines["dC_da1"] * p.df[0](lines["z1"])
    lines["dC_dW1"] = np.outer(lines["dC_dz1"], p.x)
    lines["dC_db1"] = lines["dC_dz1"]
    return lines


@pytest.mark.parametrize("write", [as_list, as_text, as_rounded_list])
def test_carried_errors_follow(write: Any) -> None:
    result = marked(TWO, without_derivative_of_layer_two(TWO), write)
    assert result.verdict == "wrong"
    assert result.first_wrong == "dC_dz2"
    expected = dict.fromkeys(verdicts(result), "follows")
    expected |= dict.fromkeys(("z1", "a1", "z2", "a2", "C", "dC_da2"), "correct")
    expected["dC_dz2"] = "wrong"
    assert verdicts(result) == expected
    assert result.lines["dC_dz2"].misconception == "missing_activation_derivative"
    assert result.diagnoses[0].misconception == "missing_activation_derivative"
    assert result.diagnoses[0].lines == ("dC_dz2",)
    assert "follow" not in result.summary or "7 lines" in result.summary


def test_only_the_gradients_are_enough() -> None:
    result = marked(TWO, gradients(without_derivative_of_layer_two(TWO)))
    assert result.verdict == "wrong"
    assert result.first_wrong == "dC_dW2"
    assert result.diagnoses[0].misconception == "missing_activation_derivative"
    assert result.diagnoses[0].lines == ("dC_dz2",)
    assert result.lines["dC_dz2"].verdict == "missing"


def test_lines_after_an_unknown_mistake_follow() -> None:
    lines = right_lines(TWO)
    lines["z1"] = lines["z1"] + np.array([0.1, 0.0, 0.0])
    lines["a1"] = TWO.f[0](lines["z1"])
    lines["z2"] = TWO.W[1] @ lines["a1"] + TWO.b[1]
    result = marked(TWO, {k: lines[k] for k in ("z1", "a1", "z2", "a2")}, as_text)
    assert verdicts(result) == {"z1": "wrong", "a1": "follows", "z2": "follows", "a2": "correct"}
    assert result.diagnoses == ()
    assert [note.kind for note in result.notes] == ["entries"]
    assert "[0]" in result.notes[0].message
    assert result.lines["z1"].entries.tolist() == [False, True, True]


def test_two_mistakes_in_different_lines_are_both_found() -> None:
    lines = right_lines(TWO)
    lines["z1"] = TWO.W[0] @ TWO.x
    lines["dC_dW2"] = -lines["dC_dW2"].T
    lines["dC_dW1"] = np.outer(lines["dC_da1"], TWO.x)
    result = marked(TWO, {k: lines[k] for k in ("z1", "a1", "dC_da1", "dC_dz1", "dC_dW1")})
    named = [d.misconception for d in result.diagnoses]
    assert named[0] == "missing_bias"
    assert "dC_da_instead_of_dC_dz" in named
    assert result.lines["a1"].verdict == "correct"


def test_a_correct_subset_is_correct() -> None:
    lines = right_lines(TWO)
    for subset in (lines, gradients(lines), {"dC_db1": lines["dC_db1"]}):
        result = marked(TWO, subset)
        assert result.verdict == "correct"
        assert result.first_wrong is None
        assert result.diagnoses == ()
        assert set(result.lines) == set(right_lines(TWO)) | {"C"}


@pytest.mark.parametrize("submitted", [{}, {"z1": None}, {"z1": ""}, {"z1": [None, 1.0, 2.0]}])
def test_nothing_filled_in_is_incomplete(submitted: dict[str, Any]) -> None:
    result, _ = mark(TWO, submitted)
    assert result.verdict == "incomplete"
    lines = right_lines(TWO)
    result, _ = mark(TWO, {"a1": as_list(lines["a1"]), "z2": None})
    assert result.verdict == "incomplete"
    result, _ = mark(TWO, {"a1": [1.0, 2.0, 3.0], "z2": None})
    assert result.verdict == "wrong"


@pytest.mark.parametrize("name", ["dC_dz9", "dC_dWW1", "q", "W1_next"])
def test_lines_that_do_not_exist_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as error:
        mark(TWO, {name: [1.0]})
    assert error.value.field == f"submitted.{name}"
    if name.startswith("dC"):
        assert "did you mean dC_d" in error.value.message
    if name == "W1_next":
        assert "optimizer" in error.value.message


@pytest.mark.parametrize(
    ("alias", "line"),
    [("dW1", "dC_dW1"), ("db2", "dC_db2"), ("dL_dW1", "dC_dW1"), ("delta2", "dC_dz2"),
     ("dC/da1", "dC_da1"), ("dC_dz_1", "dC_dz1"), ("predict", "a2"), ("z_1", "z1")],
)  # fmt: skip
def test_common_names_are_understood(alias: str, line: str) -> None:
    value = as_list(right_lines(TWO)[line])
    result, _ = mark(TWO, {alias: value})
    assert verdicts(result) == {line: "correct"}


@pytest.mark.parametrize(
    ("names", "line"),
    [("∂a1/∂z1 da_1_dz_1 da1/dz1 d_a1_d_z1 da_dz1 da/dz_1 da1_dz", "da1_dz1"),
     ("∂z2/∂a1 dz_2_da_1 dz2/da1", "dz2_da1"),
     ("∂z1/∂W1 dz_dW1 dz_1_dW_1 dz1/dW", "dz1_dW1"), ("dz_db2 ∂z2_∂b2", "dz2_db2")],
)  # fmt: skip
def test_names_of_jacobians_are_understood(names: str, line: str) -> None:
    known = line_ids(2)
    for name in names.split():
        assert known_id(name, known, 2) == line
        assert trace_requirements([name], 2).jacobians
    for name in ("da1_dz2", "dz_da1", "dz_dz1", "da_dW1", "dz1_da1"):
        assert known_id(name, known, 2) is None


@pytest.mark.parametrize(
    "shape", [lambda v: v[:, None], lambda v: v[None, :]], ids=["column", "row"]
)
def test_vectors_may_be_rows_or_columns(shape: Any) -> None:
    lines = {k: shape(right_lines(TWO)[k]) for k in ("z1", "a2", "dC_dz1", "dC_db2")}
    assert marked(TWO, lines).verdict == "correct"


def test_a_wrong_shape_is_reported() -> None:
    result = marked(TWO, {"z1": np.ones(5)})
    assert result.verdict == "wrong"
    assert result.lines["z1"].max_relative_error is None
    assert "(5,)" in result.summary
    assert "(3,)" in result.summary


def test_the_whole_array_for_a_bias_is_recognised() -> None:
    lines = right_lines(BATCH)
    result = marked(BATCH, {"dC_dz2": lines["dC_dz2"], "dC_db2": lines["dC_dz2"]})
    assert result.diagnoses[0].misconception == "bias_gradient_not_summed"
    assert result.first_wrong == "dC_db2"


def test_samples_as_columns_are_right() -> None:
    lines = right_lines(BATCH)
    result = marked(BATCH, {"z1": lines["z1"].T, "dC_dz2": lines["dC_dz2"].T})
    assert result.verdict == "correct"
    assert [note.kind for note in result.notes] == ["other_convention"]


def test_one_sample_as_a_column_is_right() -> None:
    one = Problem("one of a batch", (4, 5, 3), ("relu", "sigmoid"), 1, convention="row").draw(3)
    lines = right_lines(one)
    result = marked(one, {"z1": lines["z1"].T, "dC_dz2": lines["dC_dz2"].T})
    assert result.verdict == "correct"
    assert [note.kind for note in result.notes] == ["other_convention"]


# Outputs of softmax that were not divided by their sum, or of another function.
OWN_OUTPUTS = [
    ("iris", np.exp),
    ("one flower", lambda z: 0.3 + 0.1 * np.abs(z)),
    ("binary", lambda z: 1 / (1 + np.exp(z)) + 0.01),
    ("softmax mse", np.exp),
]


@pytest.mark.parametrize("write", [as_list, as_text, as_single_text])
@pytest.mark.parametrize(("name", "f"), OWN_OUTPUTS, ids=[name for name, _ in OWN_OUTPUTS])
def test_the_lines_after_an_own_output_follow(name: str, f: Any, write: Any) -> None:
    """The program computes C from z, and softmax's backward step needs its full Jacobian."""
    p = PROBLEMS[name].draw(4)
    lines = right_lines(p)
    a = f(lines["z2"])
    factor = factor_of(p, *np.atleast_2d(p.y).shape)
    dC_da = factor * COST_DERIVATIVES[p.cost](a, p.y)
    dC_dz = dC_da * a * (1 - a)
    if p.activations[-1] == "softmax":
        dC_dz = a * (dC_da - np.sum(dC_da * a, axis=-1, keepdims=True))
    own = {"z2": lines["z2"], "a2": a, "C": factor * np.sum(COSTS[p.cost](a, p.y))}
    own |= {"dC_dz2": dC_dz, "dC_db2": np.atleast_2d(dC_dz).sum(axis=0)}
    result = marked(p, own, write)
    assert verdicts(result) == {
        "z2": "correct", "a2": "wrong", "C": "follows", "dC_dz2": "follows", "dC_db2": "follows",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "made", "f"),
    [
        ("iris", "wrong_activation", lambda z: 1 / (1 + np.exp(-z))),
        ("one flower", "softmax_not_normalised", np.exp),
        ("binary", "activation_sign", lambda z: 1 / (1 + np.exp(z))),
    ],
)
def test_a_mistake_in_the_output_is_seen_in_the_cost_alone(name: str, made: str, f: Any) -> None:
    p = PROBLEMS[name].draw(4)
    a = f(right_lines(p)["z2"])
    factor = factor_of(p, *np.atleast_2d(p.y).shape)
    result = marked(p, {"C": factor * np.sum(COSTS[p.cost](a, p.y))})
    assert (result.verdict, result.first_wrong) == ("wrong", "C")
    named = [(diagnosis.misconception, diagnosis.lines) for diagnosis in result.diagnoses]
    assert (made, ("a2",)) in named


@pytest.mark.parametrize("z", [5.0, 20.0, 30.0, 36.0])
def test_the_plain_logarithm_of_a_certain_output_is_right(z: float) -> None:
    """1 − a and C have few digits there."""
    p = Problem("certain", (1, 1), ("sigmoid",), 2, "binary_cross_entropy", "sum", "row", "bits")
    p = p.draw(0)
    p.W[0][...], p.b[0][...], p.x[...], p.y[...] = 1.0, 0.0, [[z], [0.1]], 0.0
    lines = right_lines(p)
    assert marked(p, {"a1": lines["a1"], "C": lines["C"]}).verdict == "correct"
    assert marked(p, {"a1": lines["a1"], "C": 1.1 * lines["C"]}).verdict == "wrong"


def test_nan_is_wrong_and_reported() -> None:
    lines = right_lines(TWO)
    result, _ = mark(TWO, {"z1": "[nan 0.1 0.2]", "a1": as_text(lines["a1"])})
    assert verdicts(result) == {"z1": "wrong", "a1": "correct"}
    assert "nan" in result.summary


def test_a_mistake_after_a_line_that_nothing_explains_is_named() -> None:
    """The search for the first line leaves budget for the next ones."""
    p = Problem("small square", (2, 2, 2), ("tanh", "sigmoid")).draw(3)
    dC_dz = right_lines(p)["dC_dz1"] + np.array([0.1, 0.05])
    own = {"dC_dz1": dC_dz, "dC_db1": dC_dz, "dC_dW1": np.outer(dC_dz, p.x).T}
    result = marked(p, own)
    assert verdicts(result) == {"dC_dz1": "wrong", "dC_dW1": "wrong", "dC_db1": "follows"}
    assert result.lines["dC_dW1"].misconception == "gradient_transposed"
    assert [d.misconception for d in result.diagnoses] == ["gradient_transposed"]
    assert "line is dC_dz1. No known mistake" in result.summary
    assert "Likely in dC_dW1: ∂C/∂W transposed." in result.summary


# ------------------------------------------------------------------------- speed


def test_a_search_in_four_layers_is_fast() -> None:
    deep = PROBLEMS["deep"].draw(9)
    rng = np.random.default_rng(0)
    nothing_fits = {k: rng.normal(size=v.shape) for k, v in gradients(right_lines(deep)).items()}
    mark(deep, {k: as_list(v) for k, v in nothing_fits.items()})
    _, seconds = mark(deep, {k: as_list(v) for k, v in nothing_fits.items()})
    assert seconds < 0.4, "200 ms on an idle machine"


def test_large_networks_are_answered_in_time() -> None:
    wide = Problem("wide", (64, *[128] * 6, 10), ("tanh",) * 7, 64, convention="row").draw(0)
    lines = {k: 1.1 * v for k, v in gradients(right_lines(wide)).items()}
    lines["dC_dW3"] = lines["dC_dW3"] + 1
    trace, notation, printed = wide.working({k: as_list(v) for k, v in lines.items()})
    start = time.thread_time()
    assert check(trace, notation, printed).verdict == "wrong"
    assert time.thread_time() - start < 8

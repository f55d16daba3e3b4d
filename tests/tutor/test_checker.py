"""Marks: follow-through, subsets, shapes, precision, other conventions and scalings."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.tutor.checker import CheckResult, check
from backprop_explorer.tutor.checker.line_names import line_ids, trace_requirements
from backprop_explorer.tutor.names import known_id
from tests.corpus.marks import as_list, as_rounded_list, as_single_text, as_text, mark
from tests.corpus.problems import PROBLEMS, Problem
from tests.corpus.right import (
    COST_DERIVATIVES,
    COSTS,
    as_four_digits,
    as_single_precision,
    draw_problem,
    factor_of,
    in_single_precision,
    right_lines,
)
from tests.helpers.cases import every_nth, examples

TWO = PROBLEMS["two layers"].draw(3)
BATCH = PROBLEMS["batch"].draw(3)


def marked(problem: Problem, lines: dict[str, Any], write: Any = as_list) -> CheckResult:
    return mark(problem, {name: write(value) for name, value in lines.items()})[0]


def gradients(lines: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in lines.items() if k.startswith(("dC_dW", "dC_db"))}


def verdicts(result: CheckResult) -> dict[str, str]:
    return {n: m.verdict for n, m in result.lines.items() if m.verdict != "missing"}


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


# ------------------------------------------------------------------ precision


@pytest.mark.parametrize("name", ["two layers", "deep", "batch", "iris", "binary", "gates"])
@pytest.mark.parametrize("write", [as_four_digits, as_single_precision, as_rounded_list])
def test_rounded_lines_are_correct(name: str, write: Any) -> None:
    problem = PROBLEMS[name].draw(5)
    lines = right_lines(problem)
    lines.pop(f"dC_da{problem.L}")
    if write is as_four_digits:
        # Four decimals of a number below a thousandth are too few.
        lines = {k: v for k, v in lines.items() if np.abs(v).max() > 0.1}
    assert marked(problem, lines, write).verdict == "correct"


@pytest.mark.parametrize("seed", range(40))
def test_lines_from_printed_givens_are_correct(seed: int) -> None:
    """A student computes with all digits, and pastes givens as NumPy printed them."""
    rng = np.random.default_rng(seed)
    lines: dict[str, Any] = {"overflowed": np.inf}
    while not all(np.isfinite(v).all() for v in lines.values()):
        problem = draw_problem(rng, seed)
        with np.errstate(all="ignore"):
            lines = gradients(right_lines(problem))
    for values in (problem.W, problem.b, [problem.x], [problem.y]):
        for array in values:
            array[...] = np.round(array, 8)
    assert marked(problem, lines, as_text).verdict == "correct"


@pytest.mark.parametrize("seed", every_nth(3, range(20)))
def test_lines_computed_in_float32_are_correct(seed: int) -> None:
    """All lines are computed in float32, including cancelled digits, and printed by NumPy."""
    rng = np.random.default_rng(seed)
    problem = draw_problem(rng, seed)
    with np.errstate(all="ignore"):
        lines = right_lines(in_single_precision(problem))
    if problem.fused:
        lines.pop(f"dC_da{problem.L}")
    lines = {name: value for name, value in lines.items() if np.isfinite(value).all()}
    for write in (as_single_precision, as_single_text):
        assert marked(problem, lines, write).verdict == "correct"


def test_deviations_in_the_seventh_digit_are_correct_with_a_note() -> None:
    """A float32 number was used in a float64 computation."""
    dC_dW1 = right_lines(in_single_precision(TWO))["dC_dW1"].astype(float)
    result = marked(TWO, {"dC_dW1": dC_dW1 * (1 + 3e-9)})
    assert result.verdict == "correct"
    assert [note.kind for note in result.notes] == ["single_precision"]
    assert marked(TWO, {"dC_dW1": dC_dW1 * (1 + 3e-6)}).verdict == "wrong"


def test_an_update_in_float64_of_gradients_in_float32_is_right() -> None:
    problem = PROBLEMS["descent"].draw(3)
    lines = right_lines(in_single_precision(problem))
    dW = {f"dC_dW{k}": lines[f"dC_dW{k}"] for k in (1, 2)}
    new = {f"W{k}_next": problem.W[k - 1] - 0.1 * dW[f"dC_dW{k}"].astype(float) for k in (1, 2)}
    submitted = {name: as_single_text(value) for name, value in dW.items()}
    submitted |= {name: as_list(value) for name, value in new.items()}
    assert mark(problem, submitted)[0].verdict == "correct"


@pytest.mark.parametrize("optimizer", ["adagrad", "rmsprop", "adam"])
def test_an_update_from_a_gradient_that_is_lost_in_float32(optimizer: str) -> None:
    """tanh(10) is 1 in float32 and its slope 0, so the step is 0."""
    choice = {"name": optimizer, "learning_rate": 0.1}
    p = Problem("flat", (1, 1), ("tanh",), reduction="half_sum", optimizer=choice).draw(0)
    p.W[0][...], p.b[0][...], p.x[...], p.y[...] = 10.0, 0.0, 1.0, 0.0
    own = {"a1": [1.0], "dC_dW1": [[0.0]], "W1_next": [[10.0]]}
    assert mark(p, own)[0].verdict == "correct"
    # A step in the wrong direction is wrong.
    assert mark(p, {"W1_next": [[10.1]]})[0].verdict == "wrong"


# ------------------------------------------ lines computed from rounded lines


def rounded_at_each_line(p: Problem, digits: int, mistake: str | None = None) -> dict[str, Any]:
    """Compute each line from rounded earlier lines, with a mistake in the line ``mistake``."""
    lines: dict[str, Any] = {}

    def write(name: str, value: Any) -> Any:
        lines[name] = np.round(value, digits) + (0.01 if name == mistake else 0.0)
        return lines[name]

    z1 = write("z1", p.W[0] @ p.x + p.b[0])
    a1 = write("a1", p.f[0](z1))
    z2 = write("z2", p.W[1] @ a1 + p.b[1])
    a2 = write("a2", p.f[1](z2))
    dC_da2 = write("dC_da2", 2 / a2.size * (a2 - p.y))
    dC_dz2 = write("dC_dz2", dC_da2 * p.df[1](z2))
    write("dC_dW2", np.outer(dC_dz2, a1))
    dC_da1 = write("dC_da1", p.W[1].T @ dC_dz2)
    dC_dz1 = write("dC_dz1", dC_da1 * p.df[0](z1))
    write("dC_dW1", np.outer(dC_dz1, p.x))
    return lines


@pytest.mark.parametrize("digits", [4, 6, 8])
@pytest.mark.parametrize("seed", range(4))
def test_lines_from_rounded_lines_are_correct(digits: int, seed: int) -> None:
    p = Problem("rounded", (2, 3, 4), ("tanh", "sigmoid"), scale=3.0).draw(seed)
    result = marked(p, rounded_at_each_line(p, digits))
    assert set(verdicts(result).values()) == {"correct"}
    assert result.verdict == "correct"


@pytest.mark.parametrize("mistake", ["z1", "a1", "a2", "dC_da2", "dC_dz2", "dC_da1", "dC_dz1"])
@pytest.mark.parametrize("digits", [4, 8])
def test_a_mistake_among_rounded_lines_is_found(mistake: str, digits: int) -> None:
    p = Problem("rounded", (2, 3, 4), ("tanh", "sigmoid"), scale=3.0).draw(1)
    result = marked(p, rounded_at_each_line(p, digits, mistake))
    assert result.first_wrong == mistake
    assert [name for name, verdict in verdicts(result).items() if verdict == "wrong"] == [mistake]


def test_single_precision_is_noted() -> None:
    result = marked(TWO, right_lines(TWO), as_single_precision)
    assert [note.kind for note in result.notes] == ["single_precision"]


def small(scale: float) -> tuple[Problem, np.ndarray]:
    """Return a problem whose ∂C/∂W1 is about ``scale``."""
    problem = Problem("small", (2, 3, 2), ("sigmoid", "sigmoid")).draw(1)
    problem.W[1] *= scale
    return problem, right_lines(problem)["dC_dW1"]


def test_a_tiny_gradient_printed_as_zero_is_right() -> None:
    problem, gradient = small(1e-8)
    assert np.abs(gradient).max() < 5e-9
    assert marked(problem, {"dC_dW1": gradient}, as_rounded_list).verdict == "correct"
    with np.printoptions(suppress=True):
        assert marked(problem, {"dC_dW1": gradient}, as_text).verdict == "correct"


@pytest.mark.parametrize("scale", [1.0, 1e-2, 1e-5])
def test_zeros_instead_of_a_small_gradient_are_wrong(scale: float) -> None:
    problem, gradient = small(scale)
    for write in (as_list, as_text):
        assert marked(problem, {"dC_dW1": np.zeros_like(gradient)}, write).verdict == "wrong"


@pytest.mark.parametrize("scale", [1.0, 1e-5, 1e-9, 1e-14])
def test_half_a_vanishing_gradient_is_wrong(scale: float) -> None:
    problem, gradient = small(scale)
    assert marked(problem, {"dC_dW1": gradient}).verdict == "correct"
    assert marked(problem, {"dC_dW1": gradient / 2}).verdict == "wrong"
    assert marked(problem, {"dC_dW1": gradient / 2}, as_text).verdict == "wrong"


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(["two layers", "deep", "batch", "iris", "gates"]), st.integers(0, 10**6))
def test_one_changed_entry_is_never_right(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = PROBLEMS[name].draw(seed % 7)
    lines = right_lines(problem)
    lines.pop(f"dC_da{problem.L}")
    line = str(rng.choice(sorted(lines)))
    value = np.array(lines[line], dtype=float)
    at = tuple(rng.integers(n) for n in value.shape)
    value[at] += max(1e-6, 1e-4 * np.abs(value).max())
    lines[line] = value
    result = marked(problem, lines, [as_list, as_text, as_rounded_list][seed % 3])
    assert result.verdict == "wrong"
    assert result.lines[line].verdict != "correct"


def test_pytorchs_four_decimals_are_right() -> None:
    problem = PROBLEMS["two layers"].draw(4)
    lines = gradients(right_lines(problem))
    for line in lines:
        lines[line] = f"tensor({np.array2string(np.round(lines[line], 4), separator=', ')})"
    assert mark(problem, lines)[0].verdict == "correct"
    small = Problem("small", (1, 1), ("sigmoid",)).draw(0)
    small.W[0][...], small.b[0][...], small.x[...], small.y[...] = 0.31, 0.1, 0.02, 0.4
    assert mark(small, {"dC_dW1": "tensor([[0.0013]])"})[0].verdict == "correct"
    assert mark(small, {"dC_dW1": "tensor([[0.0014]])"})[0].verdict == "wrong"


def test_zeros_do_not_match_another_convention() -> None:
    """With W transposed all units are dead, so that zeros fit everywhere."""
    p = Problem("dead", (2, 2), ("relu",), convention="row").draw(0)
    p.W[0][...], p.b[0][...] = [[1.0, -3.0], [-0.5, -4.0]], 0.0
    p.x[...], p.y[...] = [1.0, 0.4], 1.0
    assert marked(p, {"dC_dW1": np.zeros((2, 2)), "dC_db1": np.zeros(2)}).verdict == "wrong"
    assert marked(p, gradients(right_lines(p))).verdict == "correct"


def test_one_transposed_line_in_a_square_batch_is_wrong() -> None:
    square = PROBLEMS["batch as wide"].draw(3)
    lines = right_lines(square)
    result = marked(square, {**lines, "dC_dz2": lines["dC_dz2"].T})
    assert (result.verdict, result.first_wrong) == ("wrong", "dC_dz2")
    turned = {
        k: v.T if k[0] in "za" or k[:5] in ("dC_dz", "dC_da") else v for k, v in lines.items()
    }
    result = marked(square, turned)
    assert result.verdict == "correct"
    assert [note.kind for note in result.notes] == ["other_convention"]


# -------------------------------------------------- other conventions and scalings


def rescaled(problem: Problem, reduction: str) -> dict[str, Any]:
    return right_lines(Problem(**{**problem.__dict__, "reduction": reduction}))


def test_half_the_sum_instead_of_the_mean_is_another_scaling() -> None:
    one = PROBLEMS["one layer"].draw(2)
    result = marked(one, gradients(rescaled(one, "half_sum")))
    assert result.verdict == "correct"
    assert [(n.kind, n.factor) for n in result.notes] == [("other_scaling", pytest.approx(1.5))]
    assert "1.5 times" in result.summary


def test_the_mean_instead_of_half_the_sum_is_another_scaling() -> None:
    one = PROBLEMS["one layer"].draw(2)
    asked = Problem(**{**one.__dict__, "reduction": "half_sum"})
    result = marked(asked, gradients(rescaled(asked, "mean")))
    assert (result.verdict, result.notes[0].kind) == ("correct", "other_scaling")


@pytest.mark.parametrize(
    ("asked", "given"), [("sum", "mean"), ("batch_mean", "mean"), ("sum", "batch_mean")]
)
def test_an_extra_division_is_a_mistake_with_a_note_on_scaling(asked: str, given: str) -> None:
    problem = Problem(**{**BATCH.__dict__, "reduction": asked})
    result = marked(problem, gradients(rescaled(problem, given)))
    assert result.verdict == "wrong"
    named = [diagnosis.misconception for diagnosis in result.diagnoses]
    assert "cost_gradient_scale" in named
    assert [note.kind for note in result.notes] == ["other_scaling"]


def test_a_missing_factor_is_a_mistake_with_a_note_on_scaling() -> None:
    result = marked(TWO, gradients(rescaled(TWO, "sum")))
    assert result.verdict == "wrong"
    assert result.diagnoses[0].misconception == "cost_gradient_scale"
    assert result.diagnoses[0].detail == "4.0"
    assert [note.kind for note in result.notes] == ["other_scaling"]


def test_the_cost_decides_between_scaling_and_mistake() -> None:
    lines = gradients(rescaled(TWO, "sum"))
    error = right_lines(TWO)["a2"] - TWO.y
    assert marked(TWO, {**lines, "C": np.sum(error**2)}).verdict == "correct"
    result = marked(TWO, {**lines, "C": np.mean(error**2)})
    assert result.verdict == "wrong"
    assert result.diagnoses[0].misconception == "cost_gradient_scale"


def test_a_factor_of_no_scaling_is_a_mistake() -> None:
    lines = {k: 0.7 * v for k, v in gradients(right_lines(TWO)).items()}
    result = marked(TWO, lines, as_text)
    assert result.diagnoses[0].misconception == "cost_gradient_scale"
    assert "0.7 times" in result.diagnoses[0].message


def test_another_convention_is_noted() -> None:
    lines = gradients(right_lines(TWO))
    turned = {k: v.T for k, v in lines.items()}
    result = marked(TWO, turned)
    assert "correct for W of shape (n_in, n_out)" in result.summary
    assert result.diagnoses[0].misconception == "gradient_transposed"


def test_an_update_decides_between_convention_and_mistake() -> None:
    problem = PROBLEMS["descent"].draw(4)
    lines = right_lines(problem)
    wanted = {k: v.T for k, v in lines.items() if k.startswith(("dC_dW", "W"))}
    result = marked(problem, wanted)
    assert result.verdict == "correct"
    assert [note.kind for note in result.notes] == ["other_convention"]
    wanted |= {k: lines[k] for k in ("W1_next", "W2_next")}
    result = marked(problem, wanted)
    assert result.verdict == "wrong"
    assert result.diagnoses[0].misconception == "gradient_transposed"


def test_square_weights_in_the_other_convention_are_correct() -> None:
    square = PROBLEMS["square"].draw(6)
    row = Problem(**{**square.__dict__, "convention": "row"})
    result = marked(square, right_lines(row))
    assert result.verdict == "correct"
    assert result.notes[0].kind == "other_convention"
    forward = {k: v for k, v in right_lines(row).items() if k in ("z1", "a1")}
    assert marked(square, forward).diagnoses[0].misconception == "transposed_weights"


def test_mistakes_with_the_same_numbers_are_both_named() -> None:
    one = PROBLEMS["one layer"].draw(8)
    dC_da = right_lines(one)["dC_da1"]
    result = marked(one, {"dC_dW1": np.outer(dC_da, one.x), "dC_db1": dC_da})
    assert [d.misconception for d in result.diagnoses] == [
        "missing_activation_derivative",
        "dC_da_instead_of_dC_dz",
    ]


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

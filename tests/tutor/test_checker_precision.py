"""Marks of lines with few digits, in single precision, and of tiny numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpus.marks import as_list, as_rounded_list, as_single_text, as_text, mark
from tests.corpus.problems import PROBLEMS, Problem
from tests.corpus.right import (
    as_four_digits,
    as_single_precision,
    draw_problem,
    in_single_precision,
    right_lines,
)
from tests.helpers.cases import every_nth, examples
from tests.helpers.marks import TWO, gradients, marked, verdicts

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


def test_a_slope_that_no_activation_can_have_is_no_mistake_with_a_name() -> None:
    batch = PROBLEMS["batch"].draw(3)
    problem = replace(batch, activations=("relu", *batch.activations[1:]))
    lines = right_lines(problem)
    lines["a1"] = np.where(lines["z1"] < 0.0, 2.0 * lines["z1"], lines["a1"])
    assert np.count_nonzero(lines["z1"] < 0.0) > 1
    assert marked(problem, lines).first_wrong == "a1"

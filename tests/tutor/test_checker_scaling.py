"""Marks of other scalings and conventions of the cost and of weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.corpus.marks import as_text
from tests.corpus.problems import PROBLEMS, Problem
from tests.corpus.right import right_lines
from tests.helpers.marks import BATCH, TWO, gradients, marked

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

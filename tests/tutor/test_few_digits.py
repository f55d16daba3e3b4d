"""Givens and numbers with few digits: right programs stay right, mistakes are still found."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backprop_explorer.tutor.reading.arrays import parse_array
from tests.corpus.marks import as_list, mark
from tests.corpus.problems import PROBLEMS, Problem
from tests.corpus.real import RealCase, mark_real, real_cases
from tests.corpus.right import right_lines
from tests.helpers.cases import exhaustive

RIGHT = [case for case in real_cases() if case.expressible and case.expected_verdict == "correct"]


def rounded(value: Any, decimals: int) -> Any:
    if isinstance(value, list):
        return [rounded(each, decimals) for each in value]
    return round(value, decimals) if isinstance(value, float) else value


def with_rounded_givens(case: RealCase, decimals: int) -> RealCase:
    givens = copy.deepcopy(case.givens)
    for layer in givens["layers"]:
        layer |= {key: rounded(layer[key], decimals) for key in ("W", "b")}
    givens |= {key: rounded(givens[key], decimals) for key in ("x", "target")}
    return replace(case, givens=givens)


def with_rounded_numbers(case: RealCase, decimals: int) -> RealCase:
    lines = {
        name: np.round(parse_array(text).values, decimals).tolist()
        for name, text in case.submitted.items()
    }
    return replace(case, submitted=lines)


def with_both_rounded(case: RealCase, decimals: int) -> RealCase:
    return with_rounded_givens(with_rounded_numbers(case, decimals), decimals)


@pytest.mark.parametrize(
    ("change", "decimals"),
    [
        exhaustive(with_both_rounded, 4),
        (with_both_rounded, 3),
        (with_rounded_givens, 4),
        exhaustive(with_rounded_givens, 5),
        (with_rounded_numbers, 3),
    ],
)
def test_right_programs_stay_right(
    change: Callable[[RealCase, int], RealCase], decimals: int
) -> None:
    marks = [mark_real(change(case, decimals)) for case in RIGHT[::2]]
    assert [(m.case.id, m.named, m.refused) for m in marks if m.grade != "right"] == []


def test_a_mistake_is_found_in_four_decimals() -> None:
    problem = PROBLEMS["batch"].draw(3)
    lines = right_lines(problem)
    lines["dC_dz2"] = lines["dC_da2"]
    submitted = {
        k: np.round(lines[k], 4).tolist() for k in ("z1", "a1", "z2", "a2", "dC_da2", "dC_dz2")
    }
    few = replace(
        problem,
        W=[np.round(W, 4) for W in problem.W],
        b=[np.round(b, 4) for b in problem.b],
        x=np.round(problem.x, 4),
    )
    result, _ = mark(few, submitted)
    assert result.first_wrong == "dC_dz2"
    assert result.diagnoses[0].misconception == "missing_activation_derivative"


def test_a_mistake_that_all_digits_show_is_wrong_whatever_the_givens() -> None:
    """A bias of 0.001 left out is within the rounding of 3 decimals, but the numbers show it."""
    problem = PROBLEMS["one layer"].draw(3)
    W, x = np.round(problem.W[0], 3), np.round(problem.x, 3)
    few = replace(problem, W=[W], b=[np.array([0.001, -0.001, 0.001])], x=x)
    result, _ = mark(few, {"z1": as_list(W @ x)})
    assert result.verdict == "wrong"
    assert result.diagnoses[0].misconception == "missing_bias"


def test_zeros_in_few_decimals_are_not_right() -> None:
    problem = PROBLEMS["two layers"].draw(3)
    lines = right_lines(problem)
    submitted = {k: np.round(lines[k], 3).tolist() for k in ("z1", "a1", "z2")}
    result, _ = mark(problem, {**submitted, "dC_db1": [0.0, 0.0, 0.0]})
    assert result.lines["dC_db1"].verdict == "wrong"


@pytest.mark.parametrize("decimals", [3, 4, 5, 6])
@pytest.mark.parametrize("name", ["two layers", "batch deep", "square relu", "iris mean"])
def test_right_programs_with_tiny_gradients_stay_right(name: str, decimals: int) -> None:
    """Weights near 0: whole gradients round to zeros, and givens to one digit."""
    problem = PROBLEMS[name].draw(5)
    W = [0.02 * w for w in problem.W]
    small = Problem(**{**problem.__dict__, "W": W, "b": [0.02 * b for b in problem.b]})
    lines = right_lines(small)
    given = Problem(
        **{
            **small.__dict__,
            "W": [np.round(w, decimals) for w in small.W],
            "b": [np.round(b, decimals) for b in small.b],
            "x": np.round(small.x, decimals),
        }
    )
    handed_in = {k: np.round(v, decimals).tolist() for k, v in lines.items() if "next" not in k}
    result, _ = mark(given, {k: v for k, v in handed_in.items() if k != "dC_da2"})
    assert result.verdict == "correct", result.summary


def test_zeros_in_place_of_a_gradient_that_shows_are_wrong() -> None:
    problem = PROBLEMS["batch deep"].draw(5)
    lines = {k: np.round(v, 4) for k, v in right_lines(problem).items()}
    assert np.abs(lines["dC_dW1"]).max() > 1e-3
    lines["dC_dW1"] = np.zeros_like(lines["dC_dW1"])
    result, _ = mark(problem, {k: v.tolist() for k, v in lines.items()})
    assert (result.verdict, result.first_wrong) == ("wrong", "dC_dW1")
    assert "unfilled" in [note.kind for note in result.notes]


def test_zeros_that_may_be_rounded_get_a_note() -> None:
    problem = PROBLEMS["two layers"].draw(5)
    small = Problem(**{**problem.__dict__, "W": [1e-4 * w for w in problem.W]})
    lines = {k: np.round(v, 4) for k, v in right_lines(small).items() if k != "dC_da2"}
    assert not np.any(lines["dC_dW1"])
    result, _ = mark(small, {k: v.tolist() for k, v in lines.items()})
    assert result.verdict == "correct"
    assert any("zeros are right to the decimals" in note.message for note in result.notes)

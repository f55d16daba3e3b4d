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
from tests.corpus.problems import PROBLEMS
from tests.corpus.real import RealCase, mark_real, real_cases
from tests.corpus.right import right_lines

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
        (with_both_rounded, 4),
        (with_both_rounded, 3),
        (with_rounded_givens, 4),
        (with_rounded_givens, 5),
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

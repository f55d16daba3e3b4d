"""Correct workings in another form: gradients per sample, a small number inside the logarithm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.tutor.checker import CheckResult
from tests.corpus.marks import as_list, as_single_text, as_text, mark
from tests.corpus.problems import PROBLEMS
from tests.corpus.right import right_lines

BINARY = PROBLEMS["binary"].draw(4)
IRIS = PROBLEMS["iris mean"].draw(4)


def lines_per_sample(right: dict[str, Any], samples: int) -> dict[str, Any]:
    """∂C/∂z and ∂C/∂a without 1/N."""
    deltas = ("dC_dz", "dC_da")
    return {k: v * samples if k.startswith(deltas) else v for k, v in right.items()}


def kinds(result: CheckResult) -> list[str]:
    return [note.kind for note in result.notes]


@pytest.mark.parametrize("write", [as_list, as_text, as_single_text])
@pytest.mark.parametrize("problem", [BINARY, IRIS], ids=["binary", "iris"])
def test_gradients_of_each_sample_alone_are_right(problem: Any, write: Any) -> None:
    lines = lines_per_sample(right_lines(problem), len(problem.x))
    result, _ = mark(problem, {k: write(v) for k, v in lines.items() if k != "dC_da2"})
    assert (result.verdict, result.diagnoses) == ("correct", ())
    assert "per_sample" in kinds(result)


def test_a_mistake_beside_gradients_per_sample_is_the_only_one_named() -> None:
    lines = lines_per_sample(right_lines(IRIS), len(IRIS.x))
    lines["dC_db2"] = lines["dC_dz2"].sum(axis=1) / len(IRIS.x)
    result, _ = mark(IRIS, {k: as_list(v) for k, v in lines.items() if k != "dC_da2"})
    assert result.first_wrong == "dC_db2"
    assert [d.misconception for d in result.diagnoses] == ["bias_gradient_not_summed"]


def test_weights_divided_by_the_samples_again_stay_a_mistake() -> None:
    lines = right_lines(IRIS)
    changed = {
        k: v / len(IRIS.x) if k.startswith(("dC_dW", "dC_db")) else v
        for k, v in lines.items()
        if k != "dC_da2"
    }
    for write in (as_list, as_single_text):
        result, _ = mark(IRIS, {k: write(v) for k, v in changed.items()})
        assert result.diagnoses[0].misconception == "batch_scale"
        assert "per_sample" not in kinds(result)


@pytest.mark.parametrize("epsilon", [1e-7, 1e-9, 1e-5])
def test_a_small_number_inside_the_logarithm_is_recognised(epsilon: float) -> None:
    right = right_lines(BINARY)
    a, y = right["a2"], BINARY.y
    added = -np.mean(y * np.log(a + epsilon) + (1 - y) * np.log(1 - a + epsilon))
    result, _ = mark(BINARY, {"C": float(added), "a2": as_list(a)})
    assert result.verdict == "correct"
    assert abs(added - right["C"]) < 1e-9 or "log_epsilon" in kinds(result)


def test_another_small_difference_of_the_cost_is_wrong() -> None:
    result, _ = mark(BINARY, {"C": float(right_lines(BINARY)["C"] * (1 + 3e-6))})
    assert result.verdict == "wrong"


def test_a_factor_with_the_opposite_sign_is_named_as_both() -> None:
    problem = PROBLEMS["two layers"].draw(3)
    lines = {k: as_list(-0.2 * v) for k, v in right_lines(problem).items() if k.startswith("dC_d")}
    result, _ = mark(problem, lines)
    named = [d.misconception for d in result.diagnoses]
    assert named[:2] == ["cost_gradient_sign", "cost_gradient_scale"]
    assert "opposite sign" not in result.diagnoses[1].message


def test_the_cost_of_another_exercise_is_named_with_its_scaling() -> None:
    a, y = right_lines(BINARY)["a2"], BINARY.y
    result, _ = mark(BINARY, {"C": float(-np.sum(y * np.log(a)))})
    assert result.diagnoses[0].misconception == "wrong_cost_value"
    assert "cross-entropy" in result.diagnoses[0].message

"""Follow-through: for the correct operation on own numbers, not for zeros, constants, copies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.tutor.checker import CheckResult
from backprop_explorer.tutor.mistakes.cost import format_factor
from tests.corpus.carried import Change, worked_lines
from tests.corpus.marks import as_list, as_text, mark
from tests.corpus.problems import PROBLEMS, Problem
from tests.corpus.right import right_lines

TWO = PROBLEMS["two layers"].draw(3)
BATCH = PROBLEMS["batch"].draw(3)


def marked(problem: Problem, lines: dict[str, Any], write: Any = as_list) -> CheckResult:
    return mark(problem, {name: write(value) for name, value in lines.items()})[0]


def verdicts(result: CheckResult) -> dict[str, str]:
    return {n: m.verdict for n, m in result.lines.items() if m.verdict != "missing"}


def filled_from(problem: Problem, first: str, fill: Change) -> dict[str, Any]:
    """Return correct lines, with ``fill`` applied from ``first`` on."""
    lines = right_lines(problem)
    order = list(worked_lines(problem, "", lambda value: value))
    return {n: fill(lines[n]) if order.index(n) >= order.index(first) else lines[n] for n in order}


def follows(result: CheckResult) -> list[str]:
    return [name for name, verdict in verdicts(result).items() if verdict == "follows"]


@pytest.mark.parametrize("problem", [TWO, BATCH], ids=["one sample", "batch"])
@pytest.mark.parametrize("first", ["dC_da2", "dC_dz2", "dC_da1"])
@pytest.mark.parametrize("write", [as_list, as_text])
def test_zeros_do_not_follow_from_zeros(problem: Problem, first: str, write: Any) -> None:
    lines = filled_from(problem, first, np.zeros_like)
    result = marked(problem, lines, write)
    assert result.first_wrong == first
    assert follows(result) == []


def test_a_constant_does_not_follow_from_itself() -> None:
    assert follows(marked(TWO, filled_from(TWO, "dC_dz2", np.ones_like))) == []


def test_copies_alone_do_not_follow() -> None:
    lines = right_lines(TWO)
    copied = lines["a2"]
    own = {**lines, "dC_dz2": copied, "dC_db2": copied, "dC_dW2": np.zeros((4, 3))}
    assert follows(marked(TWO, own)) == []


def test_a_copy_follows_if_the_operation_copies() -> None:
    """∂C/∂b of one sample equals ∂C/∂z."""
    dC_dz = right_lines(TWO)["dC_dz1"] + np.array([0.1, -0.2, 0.05])
    result = marked(TWO, {"dC_dz1": dC_dz, "dC_db1": dC_dz})
    assert verdicts(result) == {"dC_dz1": "wrong", "dC_db1": "follows"}


def test_lines_computed_from_a_copied_gradient_follow() -> None:
    """∂C/∂z is a copy of ∂C/∂a, a mistake; ∂C/∂b is a copy of ∂C/∂z and follows."""
    p = PROBLEMS["two layers"].draw(5)
    own = worked_lines(p, "dC_dz2", lambda value: right_lines(p)["dC_da2"][None])
    result = marked(p, {name: own[name] for name in ("dC_da2", "dC_dz2", "dC_dW2", "dC_db2")})
    assert follows(result) == ["dC_dW2", "dC_db2"]
    assert result.lines["dC_dz2"].misconception == "missing_activation_derivative"


@pytest.mark.parametrize("samples", [None, 4])
def test_zeros_behind_dead_relus_follow(samples: int | None) -> None:
    p = Problem("dead", (2, 3, 2), ("relu", "sigmoid"), samples).draw(1)
    own = worked_lines(p, "z1", lambda value: -1.0 - np.abs(value))
    result = marked(p, own)
    assert not np.any(own["a1"])
    assert not np.any(own["dC_dz1"])
    assert {"a1", "dC_dz1", "dC_dW1", "dC_db1"} <= set(follows(result))
    assert [name for name, verdict in verdicts(result).items() if verdict == "wrong"] == ["z1"]


# ------------------------------------------------------------------- unfilled arrays


def test_zeros_are_reported_as_unfilled_before_a_mistake() -> None:
    """The derivative of softmax with one unit is 0, and so is an inverted slope of ReLU."""
    p = Problem("one unit", (2, 3, 1), ("relu", "sigmoid")).draw(1)
    p.W[0][...], p.b[0][...], p.x[...] = np.abs(p.W[0]), 1.0, np.abs(p.x)
    result = marked(p, filled_from(p, "dC_dz2", np.zeros_like))
    assert result.diagnoses == ()
    assert {note.kind for note in result.notes} == {"unfilled"}
    assert "dC_dz2 contains 0" in result.summary
    result = marked(p, filled_from(p, "dC_dz1", np.zeros_like))
    assert (result.first_wrong, result.diagnoses) == ("dC_dz1", ())


@pytest.mark.parametrize("which", ["gradients", "one"])
def test_zeros_alone_are_reported_as_unfilled(which: str) -> None:
    lines = {k: np.zeros_like(v) for k, v in right_lines(TWO).items() if "_d" in k}
    lines = {"dC_dW1": lines["dC_dW1"]} if which == "one" else lines
    result = marked(TWO, lines)
    assert set(verdicts(result).values()) == {"wrong"}
    assert result.diagnoses == ()
    assert [note.line for note in result.notes] == [n for n in result.lines if n in lines]


def test_values_of_np_empty_are_reported_as_unfilled() -> None:
    lines = {"z1": right_lines(TWO)["z1"], "a1": np.array([6.9e-310, 0.0, 4.6e-310])}
    result = marked(TWO, lines)
    assert [note.kind for note in result.notes] == ["unfilled"]
    assert "np.empty" in result.summary


def test_zeros_that_other_lines_use_may_be_a_mistake() -> None:
    """ReLU instead of tanh gives zeros; the lines after it show that it was computed."""
    p = Problem("tanh", (2, 3, 2), ("tanh", "sigmoid")).draw(1)
    p.b[0][...] -= 10.0
    result = marked(p, worked_lines(p, "a1", np.zeros_like))
    assert result.lines["a1"].misconception == "wrong_activation"


@pytest.mark.parametrize("factor", [-2.0, -0.3, -1 / 3])
def test_a_negative_factor_is_named_with_its_sign(factor: float) -> None:
    lines = {k: factor * v for k, v in right_lines(TWO).items() if k.startswith("dC_d")}
    sign, size = (each.message for each in marked(TWO, lines).diagnoses)
    assert "the opposite sign" in sign
    assert f"it is {format_factor(-factor)} times the correct one" in size


def test_a_positive_factor_is_named() -> None:
    lines = {k: 3.0 * v for k, v in right_lines(TWO).items() if k.startswith("dC_d")}
    assert "it is 3 times the correct one" in marked(TWO, lines).diagnoses[0].message

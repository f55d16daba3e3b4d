"""How sure a diagnosis is, arrays that were never filled in, and another activation's name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.tutor.checker import CheckResult
from backprop_explorer.tutor.reading.arrays import parse_array
from tests.corpus.marks import as_list, mark
from tests.corpus.problems import PROBLEMS
from tests.corpus.right import right_lines

TWO = PROBLEMS["two layers"].draw(3)
ONE = PROBLEMS["one layer"].draw(3)
LEFTOVER = [6.9e-310, 0.25, 4.6e-310]


def checked(lines: dict[str, Any], problem: Any = TWO) -> CheckResult:
    return mark(problem, {k: v if isinstance(v, str) else as_list(v) for k, v in lines.items()})[0]


def without_slope() -> dict[str, Any]:
    right = right_lines(TWO)
    lines = {k: right[k] for k in ("z1", "a1", "z2", "a2", "dC_da2")}
    return {**lines, "dC_dz2": right["dC_da2"]}


def test_a_mistake_that_alone_gives_all_lines_is_sure() -> None:
    [diagnosis] = checked(without_slope()).diagnoses
    assert diagnosis.misconception == "missing_activation_derivative"
    assert (diagnosis.certainty, diagnosis.alternative) == ("all_lines", False)


def test_mistakes_with_the_same_numbers_are_alternatives() -> None:
    right = right_lines(ONE)
    lines = {"dC_dW1": np.outer(right["dC_da1"], ONE.x), "dC_db1": right["dC_da1"]}
    first, second, *_ = checked(lines, ONE).diagnoses
    assert (first.certainty, first.alternative) == ("one_of_several", False)
    assert (second.certainty, second.alternative) == ("one_of_several", True)


def test_a_line_that_nothing_explains_leaves_a_doubt() -> None:
    rng = np.random.default_rng(1)
    lines = {**without_slope(), "dC_dW1": rng.normal(size=(3, 2))}
    result = checked(lines)
    assert {d.certainty for d in result.diagnoses} == {"some_lines"}


@pytest.mark.parametrize(
    ("values", "words"),
    [([0.0, 0.0, 0.0], "only zeros"), (LEFTOVER, "np.empty"), ("[nan nan nan]", "only nan")],
)
def test_an_unfilled_array_is_called_that_and_no_mistake_is_guessed(
    values: Any, words: str
) -> None:
    right = right_lines(TWO)
    lines = {k: right[k] for k in ("z1", "a1", "z2", "a2", "dC_dW2", "dC_db2", "dC_da1")}
    result = checked({**lines, "dC_db1": values})
    assert (result.verdict, result.first_wrong) == ("wrong", "dC_db1")
    assert result.diagnoses == ()
    [note] = [note for note in result.notes if note.line == "dC_db1"]
    assert note.kind == "unfilled"
    assert words in note.message


def test_a_line_that_nothing_explains_has_no_mistake() -> None:
    """The slope that was left out before it does not give these numbers."""
    lines = {**without_slope(), "dC_db1": [0.0, 0.0, 0.0], "dC_dW1": [[1.5, 2.5]] * 3}
    result = checked(lines)
    assert result.lines["dC_dz2"].misconception == "missing_activation_derivative"
    assert result.lines["dC_dW1"].misconception is None
    assert result.lines["dC_db1"].misconception is None
    assert "unfilled" in [note.kind for note in result.notes if note.line == "dC_db1"]


@pytest.mark.parametrize("text", ["None", "[None None]", "[[None, None], [None, nan]]", "[]"])
def test_none_is_not_filled_in(text: str) -> None:
    assert parse_array(text).blank
    right = right_lines(TWO)["z1"]
    result = checked({"z1": right, "a1": text})
    assert result.verdict == "incomplete"
    assert [note.message for note in result.notes] == ["a1 is empty or None: never filled in."]
    result = checked({"z1": [1.5 * value for value in right], "a1": text, "db1": "None"})
    assert result.verdict == "wrong"
    assert "a1, db1 are empty or None: never filled in." in [n.message for n in result.notes]


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sigmoid", "tanh"),
        ("tanh", "identity"),
        ("relu", "leaky_relu(0.2)"),
        ("leaky_relu", "leaky_relu(0.3)"),
        ("elu", "elu(0.5)"),
    ],
)
def test_the_activation_that_a_layer_was_computed_with_is_named(given: str, used: str) -> None:
    """With it instead of the given one the same numbers are right."""
    problem = replace(PROBLEMS["batch"].draw(3), activations=(given, "sigmoid"))
    z = np.asarray(right_lines(problem)["z1"])
    lines = {"z1": z, "a1": ACTIVATIONS[used].compute(z)}
    diagnoses = checked(lines, problem).diagnoses
    assert [each.activations for each in diagnoses] == [{1: used}] * len(diagnoses)
    assert diagnoses
    instead = replace(problem, activations=(used, "sigmoid"))
    assert checked(lines, instead).diagnoses == ()
    assert checked(lines, instead).lines["a1"].verdict == "correct"


def test_a_mistake_of_another_kind_names_no_activation() -> None:
    [diagnosis] = checked(without_slope()).diagnoses
    assert diagnosis.activations == {}

"""Numbers that a lesson declares in its front matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.notation import Notation
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.reading import templates
from backprop_explorer.lessons.reading.declared import declared_numbers
from backprop_explorer.lessons.reading.error import LessonError
from backprop_explorer.lessons.reading.source import read_source
from backprop_explorer.tutor.problem import Problem

LAYER = """numbers:
  W: normal(2, 3)
  b: normal(2, scale=0.5)
  x: normal(3)
  target: uniform(0.1, 0.9, 2)
working:
  layers: [sigmoid]
"""
RUN = """experiments:
  run:
    dataset: {name: moons, samples: 40, seed: "@{seed}"}
    network:
      layers: [{units: 1, activation: sigmoid}]
    cost: {name: binary_cross_entropy}
    optimizer: {name: sgd, learning_rate: 0.5}
"""


def made(front: str, seed: int = 1) -> dict[str, Any]:
    source = read_source(Path("lesson.md"), f"---\n{front}---\n# T\n")
    return declared_numbers(source.path, source.front, source.lines, Draw.of("lesson", seed))


def test_a_working_in_the_column_convention() -> None:
    found = made(LAYER)
    working = found["working"]
    assert isinstance(working, Problem)
    assert working.notation == Notation.of("column", single=True, reduction="mean")
    np.testing.assert_array_equal(working["W1"], found["W"])
    np.testing.assert_allclose(working["z1"], found["W"] @ working["x"] + working["b1"])
    assert np.all(np.round(found["W"], 2) == found["W"])


def test_a_batch_in_rows() -> None:
    text = LAYER.replace("W: normal(2, 3)", "W: normal(3, 2)").replace(
        "x: normal(3)", "x: normal(4, 3)"
    )
    text = text.replace("uniform(0.1, 0.9, 2)", "uniform(0.1, 0.9, 4, 2)")
    working = made(f"{text}  convention: row\n  learning_rate: 0.1\n")["working"]
    assert working["a1"].shape == (4, 2)
    assert working["W1_next"].shape == (3, 2)


def test_other_seeds_give_other_numbers() -> None:
    one, again, other = made(LAYER, 1), made(LAYER, 1), made(LAYER, 2)
    np.testing.assert_array_equal(one["W"], again["W"])
    assert not np.array_equal(one["W"], other["W"])


def test_required_conditions_hold() -> None:
    text = (
        f"{LAYER}require:\n  - min(abs(dC_da1)) > 0.2\n  - z1[0] > 0\n"
        "compute:\n  slope: a1 * (1 - a1)\n"
    )
    for seed in range(5):
        found = made(text, seed)
        assert np.abs(found["working"]["dC_da1"]).min() > 0.2
        assert found["working"]["z1"][0] > 0
        a = found["working"]["a1"]
        np.testing.assert_allclose(found["slope"], a * (1 - a))


def test_an_experiment_and_a_point_of_it() -> None:
    found = made(f"{RUN}points:\n  start: run at 0\n  end: run at 20\n")
    assert found["run"]["dataset"]["seed"] == 1
    assert found["end"].cost < found["start"].cost


def test_constants_choices_and_one_hot_targets() -> None:
    found = made(
        "values:\n  eta: 0.5\nnumbers:\n  k: integer(3, 5)\n  word: choice('a', 'b')\n"
        "  t: one_hot(3)\n  several: one_hot(3, 4)\n  twice: 2 * eta\n"
    )
    assert found["k"] in (3, 4, 5)
    assert found["word"] in ("a", "b")
    assert (found["t"].shape, found["t"].sum()) == ((3,), 1.0)
    assert found["several"].shape == (4, 3)
    assert found["twice"] == 1.0


@pytest.mark.parametrize(
    ("front", "line", "message"),
    [
        ("numbers:\n  W: normla(2)\n", 3, "unknown value 'normla'"),
        ("numbers:\n  W: normal(0)\n", 3, "a shape is whole numbers above 0"),
        ("numbers:\n  W: normal(1000, 1000)\n", 3, "at most 10,000 numbers"),
        ("numbers: 3\n", 2, "numbers must be lines name: value"),
        (LAYER.replace("[sigmoid]", "[sigmod]"), 7, "did you mean sigmoid?"),
        (LAYER.replace("layers", "layer"), 7, "did you mean layers?"),
        (LAYER.replace("  x: normal(3)\n", ""), 6, "needs x: normal"),
        (LAYER.replace("x: normal(3)", "x: normal(4)"), 7, "working:"),
        (f"{LAYER}  cost: mze\n", 7, "did you mean 'mse'?"),
        ("numbers:\n  W: normal(2, decimals=10**9)\n", 3, "at most 17 digits"),
        ("numbers:\n  t: one_hot(200, 200)\n", 3, "at most 10,000 numbers"),
        (f"{LAYER}require: z1[0] > 100\n", 9, "no draw of 1,000 meets the conditions"),
        (RUN.replace("moons", "mons"), 3, "moons"),
        (f"{RUN}points:\n  end: rum at 20\n", 10, "as in: run at 100"),
        (f"{RUN}points:\n  end: run at 9999\n", 10, "up to 1000"),
    ],
)
def test_a_problem_has_its_line(front: str, line: int, message: str) -> None:
    with pytest.raises(LessonError) as error:
        made(front)
    assert message in error.value.message
    assert error.value.line == line


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("W[0,0]|fixed(10**9)", "at most 17 digits"),
        ("W[0,0]|tex(10**9)", "at most 17 digits"),
        ("W|listed(10**9)", "at most 17 digits"),
        ("round(W, 10**9)", "at most 17 digits"),
        ("((10**100)**100)**100", "at most 10¹⁰⁰"),
        ("exp(2 * W, W)", "takes at most 1 value"),
        ("max(2 * W, 0, W)", "takes at most 2 values"),
        ("maximum(2, 2 * W, out=W)", "no argument out"),
        ("mean(W, where=W > 2)", "no argument where"),
    ],
)
def test_an_expression_ends_and_changes_no_value(source: str, message: str) -> None:
    W = np.ones((2, 2))
    with pytest.raises(templates.TextError, match=message):
        templates.text(f"@{{{source}}}")({"W": W})
    assert (W == 1.0).all()


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("round(x, 2)|code('x')", "x = np.array([0.0, 0.5])"),
        ("0 * x", "[0, 0]"),
        ("x|listed(2)", "[0, 0.5]"),
        ("-(1000 * x)", "[1, -500]"),
        ("(0 * x)|printed", "[0. 0.]"),
        ("x[0]|fixed(2)", "0.00"),
        ("(0 * x[0])|general", "0"),
        ("(0 * x[0])|digits(2)", "0"),
    ],
)
def test_no_text_shows_minus_zero_or_loses_a_sign(source: str, shown: str) -> None:
    x = np.array([-0.001, 0.5])
    assert templates.text(f"@{{{source}}}")({"x": x}) == shown

"""The functions of the solution notebook: exercises 2 to 5 are right, 6 is explained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from tests.corpus.code.program import load
from tests.corpus.code.solution_notebook import SOURCE

RNG = np.random.default_rng(2024)
NAMES = load(SOURCE, "<cell solution notebook>")
W, B = RNG.normal(size=(3, 2)), RNG.normal(size=3)
LAYERS = [(W, B), (RNG.normal(size=(4, 3)), RNG.normal(size=4))]
X, TARGET = RNG.random(2), RNG.random(4)
ONE = {"layers": [(W, B)], "x": X, "target": TARGET[:3], "activations": [NAMES["sigmoid"]]}
TWO = {"layers": LAYERS, "x": X, "target": TARGET, "activations": [NAMES["sigmoid"]] * 2}
MIXED = {**TWO, "activations": [NAMES["sigmoid"], NAMES["ReLU"]]}
FUNCTIONS = MIXED["activations"]
DERIVATIVES = [NAMES["sigmoid_der"], NAMES["ReLU_der"]]


@pytest.mark.parametrize(
    ("function", "arguments", "givens"),
    [
        ("feed_forward_one_layer", (W, B, X), ONE),
        ("cost_one_layer", (W, B, X, TARGET[:3]), ONE),
        ("exercise_3", (W, B, X, TARGET[:3]), ONE),
        ("exercise_4", (LAYERS, X, TARGET), TWO),
        ("feed_forward_two_layers", (LAYERS, X), TWO),
        ("cost_two_layers", (LAYERS, X, TARGET), TWO),
        ("feed_forward", (X, LAYERS, FUNCTIONS), MIXED),
        ("cost", (LAYERS, X, FUNCTIONS, TARGET), MIXED),
        ("feed_forward_saver", (X, LAYERS, FUNCTIONS), MIXED),
        ("backpropagation", (X, LAYERS, FUNCTIONS, TARGET, DERIVATIVES), MIXED),
    ],
)
def test_exercises_2_to_5_are_right(
    function: str, arguments: tuple[Any, ...], givens: dict[str, Any]
) -> None:
    found = bx.check_code(NAMES[function], *arguments, **givens)
    part = function.startswith(("feed_forward", "cost"))
    assert (found.verdict, found.first_wrong) == ("incomplete" if part else "correct", None), found


@pytest.mark.parametrize("function", ["mse_der", "sigmoid_der", "ReLU_der", "sigmoid", "mse"])
def test_the_helpers_of_one_layer_are_never_called_wrong(function: str) -> None:
    working = bx.trace(**ONE)
    arguments = (working["a1"], TARGET[:3]) if function.startswith("mse") else (working["z1"],)
    found = bx.check_code(NAMES[function], *arguments, **ONE)
    assert found.verdict != "wrong", found


def batch() -> dict[str, Any]:
    layers = [(V.T, c) for V, c in LAYERS]
    return {
        "layers": layers,
        "x": RNG.random((10, 2)),
        "target": RNG.random((10, 4)),
        "activations": FUNCTIONS,
        "convention": "row",
        "reduction": "batch_mean",
    }


def test_the_forward_pass_of_exercise_6_is_right() -> None:
    givens = batch()
    arguments = (givens["x"], givens["layers"], FUNCTIONS)
    for function in ("feed_forward_batch", "feed_forward_saver_batch"):
        found = bx.check_code(NAMES[function], *arguments, **givens)
        assert (found.verdict, found.first_wrong) == ("incomplete", None)


@pytest.mark.parametrize("reduction", ["batch_mean", "mean"])
@pytest.mark.parametrize("rows", [True, False])
def test_exercise_6_is_explained(rows: bool, reduction: str) -> None:
    """It transposes ∂C/∂a, and multiplies by the diagonal of f'(z) of a batch."""
    givens = batch() | {"reduction": reduction}
    if not rows:
        givens["target"] = givens["target"][0]
    found = bx.check_code(
        NAMES["backpropagation_batch"],
        givens["x"],
        givens["layers"],
        FUNCTIONS,
        givens["target"],
        DERIVATIVES,
        **givens,
    )
    source = SOURCE.splitlines()
    assert found.verdict == "wrong"
    assert source[found.first_wrong - 1] == "    return 2/len(predict) * (predict - target).T"
    assert "transposed" in found.summary
    assert "(10, 4)" in found.summary
    assert "ValueError" in found.error.error
    assert source[found.error.source_line - 1].strip() == "dC_dz = dC_da @ activation_der(z)"
    assert "(4, 10)" in found.error.message


def test_the_wrong_cost_of_exercise_6_is_named() -> None:
    givens = batch() | {"activations": ["sigmoid", "sigmoid"]}
    functions = [NAMES["sigmoid"]] * 2
    found = bx.check_code(
        NAMES["cost_batch"],
        givens["layers"], givens["x"], functions, givens["target"],
        **givens,
    )  # fmt: skip
    assert found.verdict == "wrong"
    assert found.diagnoses[0].misconception == "wrong_cost_value"
    assert SOURCE.splitlines()[found.first_wrong - 1].endswith("# NOT THE CORRECT COST FUNCTION")

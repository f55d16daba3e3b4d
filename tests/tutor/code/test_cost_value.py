"""A wrong cost in a program with right gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from tests.corpus.code.program import load

SOURCE = """\
import numpy as np

def train(x, y, W1, b1):
    a = x @ W1 + b1
    {cost}
    d = 2 * (a - y) / y.size
    accuracy = np.mean(np.round(a) == y)
    return {returned}, x.T @ d, d.sum(0)
"""
RNG = np.random.default_rng(5)
LAYERS = [(RNG.normal(size=(3, 2)), RNG.normal(size=2))]
X, Y = RNG.normal(size=(6, 3)), RNG.normal(size=(6, 2))


def check(cost: str, returned: str = "cost", **options: Any) -> Any:
    source = SOURCE.format(cost=cost, returned=returned)
    names = load(source, f"<cell cost {abs(hash(source))}>")
    givens = {"layers": LAYERS, "x": X, "target": Y, "activations": "identity", **options}
    return bx.check_code(names["train"], X, Y, *LAYERS[0], convention="row", **givens)


@pytest.mark.parametrize(
    ("cost", "mistake"),
    [
        ("cost = -np.mean((a - y) ** 2)", "cost_sign"),
        ("cost = np.sum((a - y) ** 2)", "cost_scale"),
        ("cost = np.mean(np.abs(a - y))", "wrong_cost_value"),
    ],
)
def test_a_wrong_cost_is_found_beside_right_gradients(cost: str, mistake: str) -> None:
    found = check(cost)
    assert (found.verdict, found.first_wrong) == ("wrong", 5)
    assert found.diagnoses[0].misconception == mistake


@pytest.mark.parametrize(
    ("cost", "returned"),
    [
        ("cost = np.mean((a - y) ** 2)", "cost"),
        ("cost = np.sum((a - y) ** 2) / y.size", "accuracy"),
        ("cost = np.mean((a - y) ** 2 + 1e-9)", "cost"),
        ("cost = np.sum((a - y) ** 2)", "accuracy"),  # printed, but not handed back
    ],
)
def test_other_numbers_are_no_wrong_cost(cost: str, returned: str) -> None:
    assert check(cost, returned).verdict == "correct"

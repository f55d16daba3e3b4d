"""Shapes that NumPy combines silently: the line, both shapes, and what fits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from tests.corpus.code.program import load

BATCH = """\
import numpy as np
def sig(z): return 1 / (1 + np.exp(-z))
def go(W1, b1, W2, b2, X, y):
    a1 = sig(X @ W1 + b1)
    a2 = sig(a1 @ W2 + b2)
    d = 2 * (a2 - y) / len(y)
    d2 = d * a2 * (1 - a2)
    return a1.T @ d2, d2.sum(0)
"""
SINGLE = """\
import numpy as np
def sig(z): return 1 / (1 + np.exp(-z))
def go(W1, b1, W2, b2, x, y):
    z1 = W1 @ x + b1
    a1 = sig(z1)
    z2 = W2 @ a1 + b2
    a2 = sig(z2)
    d2 = 2 / len(y) * (a2 - y) * a2 * (1 - a2)
    d1 = W2.T @ d2 * a1 * (1 - a1)
    return np.outer(d2, a1), d2, np.outer(d1, x), d1
"""
RNG = np.random.default_rng(1)


def check_batch(source: str, target: np.ndarray) -> Any:
    W1, b1, W2, b2 = (RNG.normal(size=s) for s in ((3, 4), 4, (4, 1), 1))
    X = RNG.normal(size=(5, 3))
    return bx.check_code(
        load(source, f"<cell {hash(source)}>")["go"],
        *(W1, b1, W2, b2, X, target),
        layers=[(W1, b1), (W2, b2)],
        x=X,
        target=target,
        convention="row",
        reduction="batch_mean",
    )


def check_single(source: str, *, bias_column: bool = False) -> Any:
    W1, b1, W2, b2 = (RNG.normal(size=s) for s in ((4, 3), 4, (2, 4), 2))
    x, y = RNG.normal(size=3), RNG.random(2)
    biases = (b1[:, None], b2[:, None]) if bias_column else (b1, b2)
    return bx.check_code(
        load(source, f"<cell {hash(source)}>")["go"],
        *(W1, biases[0], W2, biases[1], x, y),
        layers=[(W1, b1), (W2, b2)],
        x=x,
        target=y,
    )


def test_a_flat_target_beside_a_column_of_predictions() -> None:
    found = check_batch(BATCH, RNG.random(5))
    assert (found.verdict, found.first_wrong) == ("wrong", 6)
    assert found.diagnoses[0].misconception == "broadcast_columns"
    assert "a2 (5, 1) − y (5,) gives (5, 5)" in found.summary
    assert "Give both the shape (5, 1)." in found.summary


def test_the_right_program_has_columns_on_both_sides() -> None:
    source = BATCH.replace("return a1.T @ d2, d2.sum(0)", "return a1.T @ d2, d2.sum(0)")
    assert (
        check_batch(source.replace("(a2 - y)", "(a2 - y[:, None])"), RNG.random(5)).diagnoses == ()
    )


def test_a_bias_that_is_a_column_makes_a_later_line_raise() -> None:
    found = check_single(SINGLE, bias_column=True)
    assert (found.verdict, found.first_wrong) == ("wrong", 4)
    assert "W1 @ x (4,) + b1 (4, 1) gives (4, 4)" in found.summary
    assert "Give both the shape (4,) or both (4, 1)." in found.summary
    assert found.error is not None
    assert found.error.source_line == 8


@pytest.mark.parametrize(
    ("text", "wrong", "message"),
    [
        ("* a2 * (1 - a2)", "* (a2 * (1 - a2)).reshape(-1, 1)", "(2, 1) gives (2, 2)"),
        ("(a2 - y)", "np.subtract(a2, y[:, None])", "a2 (2,) − y[:, None] (2, 1) gives (2, 2)"),
    ],
)
def test_a_column_beside_a_vector(text: str, wrong: str, message: str) -> None:
    found = check_single(SINGLE.replace(text, wrong))
    assert (found.verdict, found.first_wrong) == ("wrong", 8)
    assert message in found.summary


def test_an_outer_product_by_broadcasting_is_right() -> None:
    source = SINGLE.replace("np.outer(d2, a1)", "d2[:, None] * a1")
    assert check_single(source).verdict == "correct"
    # A wrong factor of it is no wrong shape.
    found = check_single(source.replace("* a2 * (1 - a2)", "* (1 - a2)"))
    assert found.diagnoses[0].misconception == "wrong_activation_derivative"
    assert "NumPy combines" not in found.summary

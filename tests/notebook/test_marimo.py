"""marimo shows the results of the Python API as it shows its own."""

from __future__ import annotations

import numpy as np
import pytest

import backprop_explorer as bx

RNG = np.random.default_rng(2)
LAYERS = [(RNG.normal(size=(3, 2)), RNG.normal(size=3))]
X, TARGET = RNG.random(2), RNG.random(3)


def backprop(W: np.ndarray, b: np.ndarray, x: np.ndarray, target: np.ndarray) -> np.ndarray:
    z = W @ x + b
    a = 1 / (1 + np.exp(-z))
    delta = 2 / len(a) * (a - target) * a
    return np.outer(delta, x)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: bx.trace(LAYERS, X, TARGET), "✓ checked"),
        (lambda: bx.check({"z1": [1, 2, 3]}, LAYERS, X, TARGET), "bx-wrong"),
        (
            lambda: bx.check_code(
                backprop, *LAYERS[0], X, TARGET, layers=LAYERS, x=X, target=TARGET
            ),
            'class="bx-bad"',
        ),
        (bx.experiment, "accuracy"),
    ],
    ids=["trace", "check", "check_code", "experiment"],
)
def test_results_are_html(make: object, text: str) -> None:
    import marimo  # here, because it takes half a second

    assert callable(make)
    assert text in marimo.as_html(make()).text


def test_a_figure_is_a_plotly_figure() -> None:
    import marimo

    html = marimo.as_html(bx.trace(LAYERS, X, TARGET).figure("gradient flow")).text
    assert "plotly" in html

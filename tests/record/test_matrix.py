"""``np.matrix`` under the recorder gives what it gives without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.notebook.code import check_code
from backprop_explorer.record.numpy_functions import NumpyRecorder
from backprop_explorer.record.numpy_proxy import stand_in
from tests.corpus.code.program import load

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize(
    "expression",
    """x * y
2 * x - x / 3
np.multiply(x, x) + np.exp(-x)
x[1]
x[:, 2]
x[1, 2] * x[0]
x[1:, :2] * y[:2]
x.T * x
(x * x.T) ** 2
x.A * x.A
x.A1
x.sum(axis=1) + np.mean(x, 1)
np.sum(x, axis=0) * y
x.sum() * x.mean()
x.flatten()
[row * y for row in x][1]
x.A * np.asmatrix(np.ones((4, 4)))
np.asmatrix([1.0, 2.0, 3.0]) * x
np.dot(np.ones(x.shape[0]), x)
np.ones(x.shape[0]) @ x
np.dot(x, y).transpose()
np.isnan(x).any() or isinstance(x, np.matrix)""".splitlines(),
)
def test_the_result_is_that_of_a_matrix(expression: str) -> None:
    recorder = NumpyRecorder()
    proxy = stand_in(recorder, np)
    found = eval(
        expression,
        {"np": proxy, "x": proxy.matrix(recorder.start(X)), "y": proxy.matrix(recorder.start(Y))},
    )
    wanted: Any = eval(expression, {"np": np, "x": np.matrix(X), "y": np.matrix(Y)})
    assert np.shape(found) == np.shape(wanted)
    np.testing.assert_allclose(np.asarray(found), np.asarray(wanted))


PROGRAM = """
import numpy as np

def train(data, labels, rounds=2):
    X, t = np.asmatrix(data), np.asmatrix(labels).transpose()
    w = np.ones((X.shape[1], 1))
    for _ in range(rounds):
        error = t - 1 / (1 + np.exp(-(X * w)))
        w = w + 0.1 * X.transpose() * error
    return w
"""


@pytest.mark.parametrize(("new", "verdict"), [("w + 0.1", "correct"), ("w - 0.1", "wrong")])
def test_a_program_of_matrices_is_checked(new: str, verdict: str) -> None:
    names = load(PROGRAM.replace("w + 0.1", new), f"<cell matrices {verdict}>")
    found = check_code(names["train"], X.tolist(), [1.0, 0.0, 1.0])
    assert found.verdict == verdict

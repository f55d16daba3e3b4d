"""Programs that name an array twice, change it in place, or look at a part of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

START = """\
import numpy as np

def sig(z):
    return 1 / (1 + np.exp(-z))

def go(W1, b1, W2, b2, x, y):
"""
PROBLEM = Problem("aliases", (3, 4, 4), ("sigmoid", "sigmoid"))


def check(body: str) -> Any:
    """Check a function with this body, which begins in line 7."""
    source = START + "".join(f"    {line}\n" for line in body.splitlines())
    program = Program(
        "aliases", source, "go", PROBLEM, lambda p, _: (p.W[0], p.b[0], p.W[1], p.b[1], p.x, p.y)
    )
    return program.right().check(3)


TWICE = """\
z1 = W1 @ x + b1
out = hidden = sig(z1)
z2 = W2 @ hidden + b2
result = sig(z2)
error = result - y
d = error
d = d * 0.5
d = d * result * (1 - result)
dz = d
e = W2.T @ dz * out * (1 - out)
return np.outer(e, x), e, np.outer(d, hidden), dz
"""
IN_PLACE = """\
z = W1 @ x
z += b1
a = sig(z)
cache = [x, a]
z = W2 @ a
z += b2
grad = sig(z)
slope = grad * (1 - grad)
grad -= y
grad *= 0.5
grad *= slope
db2 = grad.copy()
dW2 = np.outer(grad, cache[-1])
grad = W2.T @ grad
grad *= a
grad *= 1 - a
return np.outer(grad, x), grad, dW2, db2
"""
VIEWS = """\
theta = np.concatenate([W1.ravel(), b1])
W, b = theta[:12].reshape(4, 3), theta[12:]
both = np.zeros((2, 4))
both[0] = sig(W @ x + b)
both[1] = sig(W2 @ both[0] + b2)
first, second = both
delta = (second - y) / 2 * second * (1 - second)
grads = np.zeros(12 + 4)
back = (delta @ W2) * first * (1 - first)
grads[:12].reshape(4, 3)[:] = np.outer(back, x)
grads[12:] = back
return grads[:12].reshape(4, 3), grads[12:], np.outer(delta, first), delta
"""


LOOP = """\
bag, box = [x], []
for W, b in ((W1, b1), (W2, b2)):
    z = W @ bag[-1] + b
    box.append(z)
    bag.append(sig(z))
g = (bag[-1] - y) / 2
grads = []
for k in (1, 0):
    g = g * bag[k + 1] * (1 - bag[k + 1])
    grads.append(np.outer(g, bag[k]))
    grads.append(g)
    g = (W1, W2)[k].T @ g
return grads
"""


@pytest.mark.parametrize("body", [LOOP, TWICE, IN_PLACE, VIEWS])
def test_right_programs(body: str) -> None:
    found = check(body)
    assert found.verdict == "correct", found


@pytest.mark.parametrize(
    ("body", "text", "wrong", "line", "name"),
    [
        (TWICE, "d = d * result * (1 - result)\n", "", 14, "missing_activation_derivative"),
        (LOOP, "bag.append(sig(z))", "bag.append(z)", 11, "missing_activation"),
        (LOOP, "g = (W1, W2)[k].T @ g", "g = g + 0", 18, "missing_weights_backward"),
        (TWICE, "d = error", "d = -error", 12, "cost_gradient_sign"),
        (TWICE, "W2 @ hidden", "W2 @ z1", 9, "z_passed_on"),
        (IN_PLACE, "grad *= slope", "grad *= 1", 17, "missing_activation_derivative"),
        (IN_PLACE, "grad -= y", "grad += y", 15, None),
        (IN_PLACE, "grad *= 1 - a", "grad *= 1 + a", 22, "wrong_activation_derivative"),
        (IN_PLACE, "z += b2", "z -= b2", 12, "bias_subtracted"),
        (VIEWS, "(delta @ W2)", "(W2 @ delta)", 15, "weights_transposed_backward"),
    ],
)
def test_wrong_programs(body: str, text: str, wrong: str, line: int, name: str | None) -> None:
    assert body.count(text) == 1
    found = check(body.replace(text, wrong))
    assert (found.verdict, found.first_wrong) == ("wrong", line), found
    if name is not None:
        assert found.diagnoses[0].misconception == name

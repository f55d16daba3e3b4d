"""Exceptions of a student's program: which product cannot fit, with both shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from tests.corpus.code.program import load

RNG = np.random.default_rng(3)
BATCH = {
    "layers": [
        (RNG.normal(size=(3, 4)), RNG.normal(size=4)),
        (RNG.normal(size=(4, 2)), RNG.normal(size=2)),
    ],
    "x": RNG.normal(size=(6, 3)),
    "target": RNG.normal(size=(6, 2)),
    "activations": ["tanh", "identity"],
    "convention": "row",
    "reduction": "sum",
}  # fmt: skip
SOURCE = """\
import numpy as np

def backprop(layers, x, target):
    (W1, b1), (W2, b2) = layers
    z1 = x @ W1 + b1
    a1 = np.tanh(z1)
    z2 = a1 @ W2 + b2
    dz2 = 2 * (z2 - target)
    dW2 = a1.T @ dz2
    db2 = dz2.sum(axis=0)
    da1 = dz2 @ W2.T
    dz1 = da1 * (1 - a1 ** 2)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0)
    return dW1, db1, dW2, db2
"""


def checked(text: str, wrong: str, **changes: Any) -> Any:
    assert SOURCE.count(text) == 1
    source = SOURCE.replace(text, wrong)
    names = load(source, f"<cell shapes {abs(hash(source))}>")
    given = {**BATCH, **changes}
    return bx.check_code(names["backprop"], given["layers"], given["x"], given["target"], **given)


def test_the_right_program_is_right() -> None:
    assert checked("import numpy as np\n", "import numpy as np\n").verdict == "correct"


@pytest.mark.parametrize(
    ("text", "wrong", "line", "misconception", "words"),
    [
        ("dz2 @ W2.T", "dz2 @ W2", 11, "weights_transposed_backward",
         ["∂C/∂z⁽²⁾ (6, 2)", "W⁽²⁾ (4, 2)", "(6, 2) @ (2, 4)"]),
        ("z1 = x @ W1 + b1", "z1 = W1 @ x + b1", 5, "transposed_weights",
         ["W⁽¹⁾ (3, 4)", "x (6, 3)", "(6, 3) @ (3, 4)"]),
        ("a1 @ W2 + b2", "a1 @ W2.T + b2", 7, "transposed_weights",
         ["a⁽¹⁾ (6, 4)", "(2, 4)", "(6, 4) @ (4, 2)"]),
        ("dW2 = a1.T @ dz2", "dW2 = a1 @ dz2", 9, None,
         ["a⁽¹⁾ (6, 4)", "∂C/∂z⁽²⁾ (6, 2)", "(4, 6) @ (6, 2)"]),
        ("dz2 @ W2.T", "dz2 @ W1.T", 11, "weights_of_wrong_layer", ["W⁽¹⁾", "∂C/∂a⁽¹⁾"]),
    ],
)  # fmt: skip
def test_a_product_that_cannot_fit(
    text: str, wrong: str, line: int, misconception: str | None, words: list[str]
) -> None:
    found = checked(text, wrong)
    assert (found.verdict, found.first_wrong) == ("wrong", line), found
    assert [each.misconception for each in found.diagnoses] == (
        [misconception] if misconception else []
    )
    assert "ValueError" in found.error.error
    for word in words:
        assert word in found.error.message, found.error.message


def test_a_mistake_before_the_exception_is_named_first() -> None:
    found = checked("2 * (z2 - target)", "2 * (target - z2)\n    _ = z2 @ z2")
    assert found.first_wrong == 8
    assert found.diagnoses[0].misconception == "cost_gradient_sign"
    assert found.error.source_line == 9


def test_an_exception_at_the_end_of_a_right_program_names_no_mistake() -> None:
    found = checked("return dW1, db1, dW2, db2", "return dict([dW1], start=1)")
    assert found.diagnoses == ()
    assert found.first_wrong == 15


@pytest.mark.parametrize(
    ("wrong", "error"),
    [("dz2 @ W3.T", "NameError"), ("layers[5]", "IndexError"), ("int('a')", "ValueError")],
)
def test_other_exceptions_are_reported_with_their_line(wrong: str, error: str) -> None:
    found = checked("dz2 @ W2.T", wrong)
    assert (found.verdict, found.first_wrong) == ("wrong", 11)
    assert error in found.error.error

"""Numbers as printed in a student's notebook."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.tutor.checker import CheckResult, check
from backprop_explorer.tutor.reading.arrays import parse_array
from tests.corpus.problems import Problem
from tests.helpers.pasted import named_arrays

ONE_LAYER = {
    "dC_da1": "[0.23130578 0.49200586 0.13473569]",
    "dC_dW1": "[[0.00071956 0.04156912]\n [0.00119779 0.06919653]\n [0.0005225  0.03018487]]",
    "dC_db1": "[0.04217315 0.07020202 0.03062348]",
}
SLOPES = (
    "[[0.1823264  0.         0.        ]\n"
    " [0.         0.14268532 0.        ]\n"
    " [0.         0.         0.22728557]]"
)
TWO_LAYERS = """[[0.00186133 0.00228897]
 [0.00066551 0.00081841]
 [0.00173739 0.00213655]] [0.00319644 0.00114287 0.00298359]
[[0.01307715 0.01134609 0.00998665]
 [0.00605096 0.00524998 0.00462095]
 [0.00256883 0.00222878 0.00196174]
 [0.00504424 0.00437652 0.00385215]] [0.0160403  0.00742205 0.00315089 0.00618721]"""
SIGMOID_RELU = """[(array([[ 0.09724526,  0.15364005],
       [ 0.0366406 ,  0.05788934],
       [-0.15925263, -0.25160695]]), array([ 0.16196256,  0.06102514, -0.26523622])),
 (array([[0.        , 0.        , 0.        ],
       [0.06314564, 0.05086566, 0.05101922],
       [0.41967321, 0.33805906, 0.33907962],
       [0.02285746, 0.01841236, 0.01846794]]),
  array([0.        , 0.084113  , 0.55902472, 0.03044723]))]"""
# Ten samples: one row per output, with the factor 2 / len(predict).
BATCHED = """
[[-0.02547315 -0.02836122 -0.02359569 -0.02044567 -0.02749925 -0.01731853
  -0.03517198 -0.03761136 -0.03630514 -0.03540921]
 [-0.04641806 -0.04641806 -0.04641806 -0.04641806 -0.04641806 -0.04641806
  -0.04641806 -0.04641806 -0.04641806 -0.04641806]
 [-0.10000785 -0.10000785 -0.10000785 -0.10000785 -0.10000785 -0.10000785
  -0.10000785 -0.10000785 -0.10000785 -0.10000785]
 [ 0.15618219  0.18558829  0.17317283  0.18189949  0.05345909  0.14726545
   0.04293775  0.0702213   0.17608983  0.15369665]]
"""


def marked(problem: Problem, submitted: dict[str, Any], **changes: Any) -> CheckResult:
    trace, notation, printed = problem.working(submitted)
    return check(trace, notation, printed)


def one_layer() -> Problem:
    x = np.array([0.01706205, 0.9856773])
    a = np.array([0.7601415, 0.8275892, 0.6507131])
    W = np.random.default_rng(1).normal(size=(3, 2))
    return Problem(
        "notebook", (2, 3), ("sigmoid",), W=[W], b=[np.log(a / (1 - a)) - W @ x], x=x,
        y=np.array([0.4131828, 0.0895804, 0.4486095]),
    )  # fmt: skip


def two_layers(text: str, last: str) -> tuple[Problem, dict[str, Any]]:
    """Return weights, inputs and target that give the printed gradients."""
    printed = named_arrays(text)
    dW1, db1, dW2, db2 = (printed[n].values for n in ("dC_dW1", "dC_db1", "dC_dW2", "dC_db2"))
    x = db1 @ dW1 / (db1 @ db1)
    a1 = db2 @ dW2 / (db2 @ db2)
    if last == "sigmoid":
        z2 = np.array([0.4, 0.1, -0.2, 0.3])
        a2 = 1 / (1 + np.exp(-z2))
        target = a2 - 2 * db2 / (a2 * (1 - a2))
    else:
        z2 = np.array([-0.5, 1.0, 2.0, 0.7])
        target = np.maximum(z2, 0) - 2 * db2
    W1 = np.random.default_rng(2).normal(size=(3, 2))
    W2 = np.outer(db2, db1 / (a1 * (1 - a1))) / (db2 @ db2)
    problem = Problem(
        "notebook", (2, 3, 4), ("sigmoid", last), W=[W1, W2],
        b=[np.log(a1 / (1 - a1)) - W1 @ x, z2 - W2 @ a1], x=x, y=target,
    )  # fmt: skip
    with np.printoptions(precision=8):
        return problem, {name: str(array.values) for name, array in printed.items()}


def test_the_one_layer_results_are_right() -> None:
    assert marked(one_layer(), ONE_LAYER).verdict == "correct"
    assert marked(one_layer(), {**ONE_LAYER, "da1_dz1": SLOPES}).verdict == "correct"
    diagonal = "[0.1823264  0.14268532 0.22728557]"
    assert marked(one_layer(), {"da1_dz1": diagonal}).verdict == "correct"


def test_the_two_layer_results_are_right() -> None:
    assert marked(*two_layers(TWO_LAYERS, "sigmoid")).verdict == "correct"


def test_the_sigmoid_then_relu_results_are_right() -> None:
    assert marked(*two_layers(SIGMOID_RELU, "relu")).verdict == "correct"


def test_the_printed_wrong_derivative_is_named() -> None:
    """The code has exp(−z) / (1 + exp(−z))·2, with one star instead of two."""
    problem = one_layer()
    dC_da = parse_array(ONE_LAYER["dC_da1"]).values
    z = problem.W[0] @ problem.x + problem.b[0]
    dC_dz = dC_da * np.exp(-z) / (1 + np.exp(-z)) * 2
    submitted = {"dC_dW1": str(np.outer(dC_dz, problem.x)), "dC_db1": str(dC_dz)}
    result = marked(problem, submitted)
    assert result.diagnoses[0].misconception == "wrong_activation_derivative"
    assert "·2" in result.diagnoses[0].message


def test_the_batched_attempt_is_diagnosed() -> None:
    """The student divides by the number of samples only, and has one column per sample.

    The lines before ∂C/∂a are unknown, so the test uses any network with these outputs.
    """
    printed = parse_array(BATCHED).values
    target = np.array([0.9, 0.2320903, 0.50003925, 0.1])
    outputs = printed.T * 5 + target
    problem = Problem(
        "notebook", (10, 4), ("identity",), samples=10, convention="row", W=[outputs],
        b=[np.zeros(4)], x=np.eye(10), y=np.tile(target, (10, 1)),
    )  # fmt: skip
    result = marked(problem, {"dC_da1": BATCHED})
    assert result.verdict == "wrong"
    assert result.diagnoses[0].misconception == "cost_gradient_scale"
    assert "4 times" in result.diagnoses[0].message
    assert {note.kind for note in result.notes} == {"other_scaling", "other_convention"}

"""The solution notebook of the exercises: every function and every printed number of one sample."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.engine.initializers import initialize
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace, present, trace
from tests.helpers.networks import build
from tests.helpers.solution_notebook import (
    MSE,
    PRINTED,
    Array,
    assert_printed,
    assert_proved,
    notebook_backpropagation,
    sigmoid_der,
)


def logit(a: Array) -> Array:
    return np.log(a / (1 - a))


def column(network: Network, layers: list[tuple[Array, Array]], x: Array, target: Array) -> Trace:
    """A trace from the notebook's weights: W (n_out, n_in) and vectors."""
    parameters = Parameters.from_layers(network, [(W.T, b) for W, b in layers])
    return trace(network, parameters, MSE, x[None], target[None], jacobians=True)


def shown(worked: Trace, convention: str = "column") -> dict[str, Array]:
    """The displayed values, which have the notebook's shapes."""
    notation = Notation.of(convention, single=worked.samples == 1, reduction="mean")
    return {each["id"]: each["value"] for part in present(worked, notation) for each in part}


# -------------------------------------------------------------------------------- exercises 2 and 3

X = np.array([0.01706205, 0.9856773])
A = np.array([0.7601415, 0.8275892, 0.6507131])
TARGET = np.array([0.4131828, 0.0895804, 0.4486095])


@pytest.mark.parametrize("seed", [0, 1])
def test_one_sigmoid_layer(seed: int) -> None:
    """Any W, with b = logit(a) − W x: the gradients depend on x, a and the target alone."""
    rng = np.random.default_rng(seed)
    W = rng.standard_normal((3, 2))
    worked = column(build(2, (3, "sigmoid")), [(W, logit(A) - W @ X)], X, TARGET)
    line = shown(worked)
    assert_printed(line["a1"], A)
    # Cell 496: its own derivative, and autograd's.
    assert_printed(line["dC_da1"], [0.23130578, 0.49200586, 0.13473569])
    # Cell 497: a matrix.
    assert_printed(line["da1_dz1"], np.diag([0.1823264, 0.14268532, 0.22728557]))
    # Cells 495, 500 and 501: autograd, by hand, autograd again.
    assert_printed(
        line["dC_dW1"],
        [[0.00071956, 0.04156912], [0.00119779, 0.06919653], [0.0005225, 0.03018487]],
    )
    assert_printed(line["dC_db1"], [0.04217315, 0.07020202, 0.03062348])
    # Cells 498 and 499: the shapes, and the tensor that contains only x and zeros.
    assert line["dC_da1"].shape == line["dC_dz1"].shape == (3,)
    assert line["da1_dz1"].shape == (3, 3)
    np.testing.assert_array_equal(line["dz1_dW1"], np.tensordot(np.eye(3), X, axes=0))
    np.testing.assert_array_equal(line["dz1_db1"], np.eye(3))
    assert worked.cost == pytest.approx(np.mean((A - TARGET) ** 2), abs=1e-7)
    assert_proved(worked)


def test_the_printed_derivative_is_not_the_one_that_was_run() -> None:
    """The printed formula, with ``*2``, does not give the printed matrix."""
    z = logit(A)
    as_printed = np.diag(np.exp(-z) / (1 + np.exp(-z)) * 2)
    right = [0.1823264, 0.14268532, 0.22728557]
    assert np.abs(np.diag(as_printed) - right).min() > 0.1
    np.testing.assert_allclose(np.diag(sigmoid_der(z)), right, atol=PRINTED)


# --------------------------------------------------------------------------------------- exercise 4


def recovered(dW: Array, db: Array) -> Array:
    """Recover the input of a layer: solve ∂C/∂W = ∂C/∂b ⊗ input by least squares."""
    return db @ dW / (db @ db)


def weights_with(db_above: Array, dC_da: Array, seed: int) -> Array:
    """Some W (n_out, n_in) with Wᵀ ∂C/∂z = ∂C/∂a."""
    W = np.random.default_rng(seed).random((len(db_above), len(dC_da)))
    return W + np.outer(db_above, dC_da - W.T @ db_above) / (db_above @ db_above)


TWO_DW1 = np.array([[0.00186133, 0.00228897], [0.00066551, 0.00081841], [0.00173739, 0.00213655]])
TWO_DB1 = np.array([0.00319644, 0.00114287, 0.00298359])
TWO_DW2 = np.array(
    [
        [0.01307715, 0.01134609, 0.00998665],
        [0.00605096, 0.00524998, 0.00462095],
        [0.00256883, 0.00222878, 0.00196174],
        [0.00504424, 0.00437652, 0.00385215],
    ]
)
TWO_DB2 = np.array([0.0160403, 0.00742205, 0.00315089, 0.00618721])


def test_ratios_of_the_printed_gradients_are_the_layers_inputs() -> None:
    """Each row of ∂C/∂W over its entry of ∂C/∂b is the same vector: x, and a1."""
    x, a1 = recovered(TWO_DW1, TWO_DB1), recovered(TWO_DW2, TWO_DB2)
    np.testing.assert_allclose(x, [0.582314, 0.716100], atol=1e-6)
    np.testing.assert_allclose(a1, [0.815268, 0.707349, 0.622598], atol=1e-6)
    np.testing.assert_allclose(TWO_DW1, np.outer(TWO_DB1, x), atol=2e-8)
    np.testing.assert_allclose(TWO_DW2, np.outer(TWO_DB2, a1), atol=2e-8)


@pytest.mark.parametrize("seed", [0, 1])
def test_two_sigmoid_layers(seed: int) -> None:
    """Recover x and a1. W is random where the printed numbers do not determine it."""
    rng = np.random.default_rng(seed)
    x, a1 = recovered(TWO_DW1, TWO_DB1), recovered(TWO_DW2, TWO_DB2)
    W1 = rng.random((3, 2))
    # ∂C/∂z1 = ∂C/∂a1 ⊙ a1 (1 − a1) is printed as ∂C/∂b1.
    W2 = weights_with(TWO_DB2, TWO_DB1 / (a1 * (1 - a1)), seed)
    a2 = rng.uniform(0.3, 0.9, 4)
    # ∂C/∂z2 = 2/4 (a2 − t) a2 (1 − a2) is printed as ∂C/∂b2.
    target = a2 - 2 * TWO_DB2 / (a2 * (1 - a2))
    layers = [(W1, logit(a1) - W1 @ x), (W2, logit(a2) - W2 @ a1)]
    worked = column(build(2, (3, "sigmoid"), (4, "sigmoid")), layers, x, target)
    line = shown(worked)
    assert_printed(line["dC_dW1"], TWO_DW1)
    assert_printed(line["dC_db1"], TWO_DB1)
    assert_printed(line["dC_dW2"], TWO_DW2)
    assert_printed(line["dC_db2"], TWO_DB2)
    # Exercise 4b: ∂z2/∂a1 is W2. The notebook's text has a vector of row sums, which is wrong.
    np.testing.assert_array_equal(line["dz2_da1"], W2)
    assert_proved(worked)


# --------------------------------------------------------------------------------------- exercise 5

DEEP_DW1 = np.array([[0.09724526, 0.15364005], [0.0366406, 0.05788934], [-0.15925263, -0.25160695]])
DEEP_DB1 = np.array([0.16196256, 0.06102514, -0.26523622])
DEEP_DW2 = np.array(
    [
        [0.0, 0.0, 0.0],
        [0.06314564, 0.05086566, 0.05101922],
        [0.41967321, 0.33805906, 0.33907962],
        [0.02285746, 0.01841236, 0.01846794],
    ]
)
DEEP_DB2 = np.array([0.0, 0.084113, 0.55902472, 0.03044723])


def sigmoid_then_relu(seed: int) -> tuple[list[tuple[Array, Array]], Array, Array]:
    """Layers, x and target that give the printed gradients. The first ReLU is off."""
    rng = np.random.default_rng(seed)
    x, a1 = recovered(DEEP_DW1, DEEP_DB1), recovered(DEEP_DW2, DEEP_DB2)
    W1 = rng.standard_normal((3, 2))
    W2 = weights_with(DEEP_DB2, DEEP_DB1 / (a1 * (1 - a1)), seed)
    z2 = np.array([-0.5, 0.9, 1.7, 0.4])
    target = np.maximum(z2, 0) - 2 * DEEP_DB2
    return [(W1, logit(a1) - W1 @ x), (W2, z2 - W2 @ a1)], x, target


@pytest.mark.parametrize("seed", [0, 1])
def test_sigmoid_then_relu(seed: int) -> None:
    layers, x, target = sigmoid_then_relu(seed)
    worked = column(build(2, (3, "sigmoid"), (4, "relu")), layers, x, target)
    line = shown(worked)
    assert_printed(line["dC_dW1"], DEEP_DW1)
    assert_printed(line["dC_db1"], DEEP_DB1)
    assert_printed(line["dC_dW2"], DEEP_DW2)
    assert_printed(line["dC_db2"], DEEP_DB2)
    assert not line["dC_dW2"][0].any()
    np.testing.assert_array_equal(line["da2_dz2"], np.diag([0.0, 1.0, 1.0, 1.0]))
    assert_proved(worked)


@pytest.mark.parametrize(
    "layers",
    [
        [(3, "sigmoid")],
        [(3, "sigmoid"), (4, "relu")],
        [(5, "relu"), (4, "sigmoid"), (3, "relu"), (2, "sigmoid")],
        [(2, "sigmoid")] * 8,
    ],
)
def test_any_depth_agrees_with_the_notebooks_loop(layers: list[tuple[int, str]]) -> None:
    rng = np.random.default_rng(5)
    network = build(2, *layers)
    parameters = initialize(network, "normal", rng)
    x, target = rng.random(2), rng.random(network.outputs)
    given = [(W.T, b) for W, b in zip(parameters.W, parameters.b, strict=True)]
    line = shown(column(network, given, x, target))
    theirs = notebook_backpropagation(x, given, [name for _, name in layers], target)
    for k, (dW, db) in enumerate(theirs, start=1):
        np.testing.assert_allclose(line[f"dC_dW{k}"], dW, rtol=1e-11, atol=1e-300)
        np.testing.assert_allclose(line[f"dC_db{k}"], db, rtol=1e-11, atol=1e-300)

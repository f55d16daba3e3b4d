"""The solution notebook of the exercises: reproduce every function and every printed number.

The expected numbers are those that the notebook printed. It drew some random numbers without a
seed; they are recovered from the printed results. The functions below are its single-sample
formulas, with one correction: its print shows ``*2`` for ``**2`` in ``sigmoid_der``.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.backprop import predict
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.initializers import initialize
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, present, trace
from backprop_explorer.proof import check_autograd, check_finite_differences
from tests.helpers.networks import build

Array = NDArray[np.float64]
MSE = Objective("mse", "mean")
PRINTED = 1e-7  # The notebook printed eight decimals; recovered values contain their rounding.


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


def assert_printed(value: Array, printed: object) -> None:
    np.testing.assert_allclose(value, printed, rtol=0, atol=PRINTED)
    assert np.shape(value) == np.shape(printed)


def assert_proved(worked: Trace) -> None:
    assert check_autograd(worked).passed
    assert check_finite_differences(worked).passed


# -------------------------------------------------------------------------- the notebook's formulas


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def relu(z: Array) -> Array:
    return np.where(z > 0, z, 0)


def mse_der(predict: Array, target: Array) -> Array:
    return 2 / len(predict) * (predict - target).T


def sigmoid_der(z: Array) -> Array:
    return np.diag(np.exp(-z) / (1 + np.exp(-z)) ** 2)


def relu_der(z: Array) -> Array:
    return np.diag(np.where(z > 0, 1, 0))


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


def notebook_backpropagation(
    x: Array, layers: list[tuple[Array, Array]], names: list[str], target: Array
) -> list[tuple[Array, Array]]:
    """The loop of exercise 5a as in the notebook, for one sample."""
    functions = {"sigmoid": (sigmoid, sigmoid_der), "relu": (relu, relu_der)}
    layer_inputs, zs, a = [], [], x
    for (W, b), name in zip(layers, names, strict=True):
        layer_inputs.append(a)
        zs.append(W @ a + b)
        a = functions[name][0](zs[-1])
    gradients: list[tuple[Array, Array]] = []
    dC_dz = np.zeros(0)
    for i in reversed(range(len(layers))):
        dC_da = mse_der(a, target) if i == len(layers) - 1 else dC_dz @ layers[i + 1][0]
        dC_dz = dC_da @ functions[names[i]][1](zs[i])
        dC_dW = dC_dz @ np.tensordot(np.eye(len(zs[i])), layer_inputs[i], axes=0)
        gradients.insert(0, (dC_dW, dC_dz))
    return gradients


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


# --------------------------------------------------------------------------------------- exercise 6


def create_layers(inputs: int, outputs: list[int]) -> Parameters:
    return initialize(
        build(inputs, *((units, "relu") for units in outputs)), "normal", np.random.default_rng(0)
    )


def test_create_layers_and_its_batch_form() -> None:
    """One sample uses W (n_out, n_in), a batch Wᵀ: the same layer in two conventions."""
    parameters = create_layers(2, [3, 4])
    assert [(W.shape, b.shape) for W, b in zip(parameters.W, parameters.b, strict=True)] == [
        ((2, 3), (3,)),
        ((3, 4), (4,)),
    ]
    row = Notation.of("row", single=False, reduction="mean")
    single = Notation.of("column", single=True, reduction="mean")
    assert [row.show(W, "ij").shape for W in parameters.W] == [(2, 3), (3, 4)]
    assert [single.show(W, "ij").shape for W in parameters.W] == [(3, 2), (4, 3)]


def test_create_layers_draws_what_the_notebook_draws() -> None:
    """``np.random.randn(n_out, n_in)``, then ``np.random.randn(n_out)``, layer by layer."""
    state = np.random.RandomState(7)
    W1, b1, W2, b2 = (state.randn(*shape) for shape in ((3, 2), (3,), (4, 3), (4,)))
    legacy = np.random.RandomState(7)
    parameters = initialize(build(2, (3, "relu"), (4, "relu")), "normal", legacy)  # type: ignore[arg-type]
    for ours, theirs in zip([*parameters.named().values()], [W1.T, b1, W2.T, b2], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_feed_forward_batch() -> None:
    rng = np.random.default_rng(6)
    network = build(2, (3, "sigmoid"), (4, "relu"))
    parameters = initialize(network, "normal", rng)
    inputs = rng.random((10, 2))
    W, b = parameters.W, parameters.b
    expected = relu(sigmoid(inputs @ W[0] + b[0]) @ W[1] + b[1])
    np.testing.assert_allclose(predict(network, parameters, inputs), expected, rtol=1e-13)
    one = relu(W[1].T @ sigmoid(W[0].T @ inputs[3] + b[0]) + b[1])
    np.testing.assert_allclose(predict(network, parameters, inputs)[3], one, rtol=1e-13)


# fmt: off
PRINTED_BATCH = np.array(
    [
        [-0.02547315, -0.02836122, -0.02359569, -0.02044567, -0.02749925,
         -0.01731853, -0.03517198, -0.03761136, -0.03630514, -0.03540921],
        [-0.04641806] * 10,
        [-0.10000785] * 10,
        [0.15618219, 0.18558829, 0.17317283, 0.18189949, 0.05345909,
         0.14726545, 0.04293775, 0.0702213, 0.17608983, 0.15369665],
    ]
)
# fmt: on


def test_the_batch_that_ended_in_a_value_error() -> None:
    """Cell 511 applies single-sample formulas to ten samples and fails; the engine does not.

    Printed before the error: ∂C/∂a, transposed by ``.T`` to (4, 10), and ``[1 0 0 1]``, the four
    *diagonal* entries of z > 0 that ``np.diag`` takes from a matrix. 2/len(predict) is 2/10 there:
    the reduction "batch_mean". Units 2 and 3 were off for all samples, so that −2/10·t is printed.
    """
    target = np.array([0.3, 0.04641806 / 0.2, 0.10000785 / 0.2, 0.05])
    a = PRINTED_BATCH.T / 0.2 + target
    np.testing.assert_allclose(a[:, 1:3], 0.0, atol=1e-15)
    z = np.where(a > 1e-12, a, -0.7)
    dC_da = mse_der(relu(z), target)
    assert_printed(dC_da, PRINTED_BATCH)
    assert relu_der(z).tolist() == [1, 0, 0, 1]
    # The product in the printed cell fails with another message than the printed one. So the
    # factors were in the other order when the cell ran.
    with pytest.raises(ValueError, match=re.escape("size 4 is different from 10")):
        dC_da @ relu_der(z)
    with pytest.raises(ValueError, match=re.escape("size 3 is different from 10")):
        (relu_der(z) @ dC_da) @ np.ones((3, 4))
    # The engine: ten inputs as rows, one target for each, and the gradient of each layer.
    network = build(10, (4, "relu"))
    parameters = Parameters.from_layers(network, [(z, np.zeros(4))])
    worked = trace(
        network,
        parameters,
        Objective("mse", "batch_mean"),
        np.eye(10),
        np.tile(target, (10, 1)),
    )
    np.testing.assert_allclose(worked["dC_da1"], PRINTED_BATCH.T, atol=PRINTED)
    np.testing.assert_array_equal(worked["dC_dz1"], worked["dC_da1"] * (z > 0))
    assert worked["dC_dW1"].shape == (10, 4)
    assert_proved(worked)


def test_a_target_for_one_sample_is_refused_for_ten() -> None:
    """The notebook's last cell had a target of shape (4,), which NumPy would have broadcast."""
    network = build(2, (3, "sigmoid"), (4, "relu"))
    parameters = create_layers(2, [3, 4])
    with pytest.raises(InvalidInput, match=re.escape("(10, 4) needed")):
        trace(network, parameters, MSE, np.ones((10, 2)), np.ones((1, 4)))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_batch_equals_the_notebooks_loop_over_its_samples(reduction: str) -> None:
    rng = np.random.default_rng(8)
    network = build(2, (3, "sigmoid"), (4, "relu"))
    parameters = initialize(network, "normal", rng)
    x, target = rng.random((10, 2)), rng.random((10, 4))
    worked = trace(network, parameters, Objective("mse", reduction), x, target)
    given = [(W.T, b) for W, b in zip(parameters.W, parameters.b, strict=True)]
    each = [
        notebook_backpropagation(x[n], given, ["sigmoid", "relu"], target[n]) for n in range(10)
    ]
    # The notebook's mse is already a mean over the 4 outputs.
    scale = {"mean": 1 / 10, "sum": 4.0}[reduction]
    for layer in (1, 2):
        dW = scale * sum(gradients[layer - 1][0] for gradients in each)
        db = scale * sum(gradients[layer - 1][1] for gradients in each)
        np.testing.assert_allclose(worked[f"dC_dW{layer}"].T, dW, rtol=1e-12)
        np.testing.assert_allclose(worked[f"dC_db{layer}"], db, rtol=1e-12)


# ------------------------------------------------------------------------------------------ week 41


def test_week_41_first_layer() -> None:
    """Seed 2024: x, W1, b1 in this order, all standard normal; a1 as the exercise prints it."""
    legacy = np.random.RandomState(2024)
    x = legacy.randn(2)
    network = build(2, (4, "relu"))
    parameters = initialize(network, "normal", legacy)  # type: ignore[arg-type]
    a1 = predict(network, parameters, x[None])[0]
    np.testing.assert_allclose(a1, [0.60610368, 4.0076268, 0.0, 0.56469864], atol=1e-8)


def test_week_41_no_activation_is_one_layer() -> None:
    """Affine maps compose: one layer with W = W1 W2 W3, b = (b1 W2 + b2) W3 + b3 is the same."""
    rng = np.random.default_rng(9)
    network = build(3, (5, "identity"), (4, "identity"), (2, "identity"))
    parameters = initialize(network, "normal", rng)
    (W1, W2, W3), (b1, b2, b3) = parameters.W, parameters.b
    one = Parameters.from_layers(
        build(3, (2, "identity")), [(W1 @ W2 @ W3, (b1 @ W2 + b2) @ W3 + b3)]
    )
    x = rng.standard_normal((6, 3))
    np.testing.assert_allclose(
        predict(network, parameters, x), predict(one.network, one, x), rtol=1e-11
    )


def test_week_41_a_relu_output_has_exact_zeros() -> None:
    parameters = create_layers(8, [10, 16, 6, 2])
    x = np.random.default_rng(10).standard_normal((200, 8))
    prediction = predict(parameters.network, parameters, x)
    assert prediction.min() == 0.0
    assert (prediction == 0.0).mean() > 0.1


def test_week_41_softmax_on_a_thousand_samples() -> None:
    network = build(4, (12, "relu"), (10, "relu"), (3, "softmax"))
    rng = np.random.default_rng(11)
    prediction = predict(network, initialize(network, "normal", rng), rng.random((1000, 4)))
    assert prediction.shape == (1000, 3)
    np.testing.assert_allclose(prediction.sum(axis=1), 1.0, rtol=1e-14)


def test_softmax_does_not_use_the_maximum_over_the_batch() -> None:
    """For a batch of one, exp(z − max over the *batch*) is 1 for every class: a common mistake."""
    z = np.array([[0.2, -1.3, 2.2]])
    faulty = np.exp(z - z.max(axis=0)) / np.exp(z - z.max(axis=0)).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(faulty, 1 / 3)
    ours = ACTIVATIONS["softmax"].compute(z)
    assert ours.argmax() == 2
    assert ours.max() > 0.8


def test_week_42_softmax_and_cross_entropy_give_prediction_minus_target() -> None:
    rng = np.random.default_rng(12)
    network = build(4, (8, "sigmoid"), (3, "softmax"))
    parameters = initialize(network, "normal", rng)
    x, target = rng.random((20, 4)), np.eye(3)[rng.integers(3, size=20)]
    worked = trace(network, parameters, Objective("cross_entropy", "sum"), x, target)
    np.testing.assert_array_equal(worked["dC_dz2"], worked["a2"] - target)
    assert worked.cost == pytest.approx(-np.sum(target * np.log(worked["a2"])), rel=1e-12)
    unfused = trace(network, parameters, Objective("cross_entropy", "sum", fused=False), x, target)
    np.testing.assert_allclose(unfused["dC_dz2"], worked["dC_dz2"], rtol=1e-9, atol=1e-14)
    assert_proved(unfused)

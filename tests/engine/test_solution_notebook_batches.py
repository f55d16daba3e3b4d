"""The solution notebook of the exercises: layers of any number, batches, and week 41."""

from __future__ import annotations

import re

import numpy as np
import pytest

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.dense import predict
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.initializers import initialize
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import trace
from tests.helpers.networks import build
from tests.helpers.solution_notebook import (
    MSE,
    PRINTED,
    assert_printed,
    assert_proved,
    mse_der,
    notebook_backpropagation,
    relu,
    relu_der,
    sigmoid,
)

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
        network, parameters, Objective("mse", "batch_mean"), np.eye(10), np.tile(target, (10, 1))
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

"""Programs in the style of public repositories, with their own names, shapes and scalings."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.check_requests import CheckRequest
from backprop_explorer.limits import Limits
from backprop_explorer.tutor.checker import CheckResult

Numbers = dict[str, Any]


def sigmoid(z: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-z))


def checked(
    layers: list[tuple[Any, Any, Any]], x: Any, y: Any, own: Numbers, **options: Any
) -> Any:
    request = {
        "layers": [
            {"W": W.tolist(), "b": None if b is None else b.tolist(), "activation": activation}
            for W, b, activation in layers
        ],
        "x": x.tolist(),
        "target": y.tolist(),
        "submitted": {name: np.asarray(value).tolist() for name, value in own.items()},
        **options,
    }
    return CheckRequest.model_validate(request).result(Limits())


def named(result: CheckResult) -> list[str]:
    return [each.misconception for each in result.diagnoses]


# ------------------------------------------------------------------------------------- programs


def eleven_lines(rng: np.random.Generator) -> tuple[Any, Any, Any, Numbers]:
    """The network of eleven lines: errors beside deltas, target minus output."""
    x, y = rng.normal(size=(5, 3)), rng.random((5, 1))
    syn0, syn1 = rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
    l1 = sigmoid(x @ syn0)
    l2 = sigmoid(l1 @ syn1)
    l2_error = y - l2
    l2_delta = l2_error * l2 * (1 - l2)
    l1_error = l2_delta @ syn1.T
    l1_delta = l1_error * l1 * (1 - l1)
    own = {"l1": l1, "l2": l2, "l2_error": l2_error, "l2_delta": l2_delta}
    own |= {"l1_error": l1_error, "l1_delta": l1_delta}
    return [(syn0, None, "sigmoid"), (syn1, None, "sigmoid")], x, y, own


def test_errors_beside_deltas() -> None:
    layers, x, y, own = eleven_lines(np.random.default_rng(1))
    result = checked(layers, x, y, own, reduction="half_sum", convention="row")
    assert (result.first_wrong, named(result)[0]) == ("dC_da2", "cost_gradient_sign")
    followed = ["dC_dz2", "dC_da1", "dC_dz1"]
    assert [result.lines[line].verdict for line in followed] == ["follows"] * 3
    own = {k: -v if k.endswith(("_error", "_delta")) else v for k, v in own.items()}
    assert checked(layers, x, y, own, reduction="half_sum", convention="row").verdict == "correct"


def test_activations_that_are_the_sums_and_an_array_called_error() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(4, 2)), rng.random((4, 1))
    hidden_weights, hidden_bias = rng.random((2, 3)), rng.random((1, 3))
    output_weights, output_bias = rng.random((3, 1)), rng.random((1, 1))
    hidden_layer_activation = x @ hidden_weights + hidden_bias
    hidden_layer_output = sigmoid(hidden_layer_activation)
    output_layer_activation = hidden_layer_output @ output_weights + output_bias
    predicted_output = sigmoid(output_layer_activation)
    error = predicted_output - y
    d_predicted_output = error * predicted_output * (1 - predicted_output)
    error_hidden_layer = d_predicted_output @ output_weights.T
    own = {
        "hidden_layer_activation": hidden_layer_activation,
        "hidden_layer_output": hidden_layer_output,
        "output_layer_activation": output_layer_activation,
        "predicted_output": predicted_output,
        "error": error,
        "d_predicted_output": d_predicted_output,
        "error_hidden_layer": error_hidden_layer,
        "d_hidden_layer": error_hidden_layer * hidden_layer_output * (1 - hidden_layer_output),
    }
    layers = [(hidden_weights, hidden_bias, "sigmoid"), (output_weights, output_bias, "sigmoid")]
    result = checked(layers, x, y, own, reduction="half_sum", convention="row")
    assert result.verdict == "correct"
    lines = {name for name, mark in result.lines.items() if mark.verdict == "correct"}
    assert lines == {"z1", "a1", "z2", "a2", "dC_da2", "dC_dz2", "dC_da1", "dC_dz1"}
    own |= {"error": -error, "d_predicted_output": -d_predicted_output}
    result = checked(layers, x, y, own, reduction="half_sum", convention="row")
    assert (result.first_wrong, named(result)[0]) == ("dC_da2", "cost_gradient_sign")


@pytest.mark.parametrize("slip", [False, True])
def test_gradients_named_by_the_loss(slip: bool) -> None:
    """dLoss_Yh, dLoss_Z2, …; the 1/m stands in the gradients of the parameters."""
    rng = np.random.default_rng(3)
    m = 6
    X, Y = rng.normal(size=(3, m)), (rng.random((1, m)) > 0.5).astype(float)
    W1, b1 = rng.normal(size=(4, 3)), rng.normal(size=(4, 1))
    W2, b2 = rng.normal(size=(1, 4)), rng.normal(size=(1, 1))
    Z1 = W1 @ X + b1
    A1 = np.maximum(0, Z1)
    Z2 = W2 @ A1 + b2
    Yh = sigmoid(Z2)
    dLoss_Yh = -(Y / Yh - (1 - Y) / (1 - Yh))
    dLoss_Z2 = dLoss_Yh * Yh * (1 - Yh)
    dLoss_A1 = W2.T @ dLoss_Z2
    dLoss_Z1 = dLoss_A1 * (A1 if slip else Z1 > 0)
    own = {
        "Z1": Z1, "A1": A1, "Z2": Z2, "Yh": Yh,
        "loss": -(Y @ np.log(Yh).T + (1 - Y) @ np.log(1 - Yh).T) / m,
        "dLoss_Yh": dLoss_Yh, "dLoss_Z2": dLoss_Z2, "dLoss_A1": dLoss_A1, "dLoss_Z1": dLoss_Z1,
        "dLoss_W2": dLoss_Z2 @ A1.T / m, "dLoss_b2": dLoss_Z2.sum(axis=1, keepdims=True) / m,
        "dLoss_W1": dLoss_Z1 @ X.T / m, "dLoss_b1": dLoss_Z1.sum(axis=1, keepdims=True) / m,
    }  # fmt: skip
    layers = [(W1, b1, "relu"), (W2, b2, "sigmoid")]
    options = {"cost": "BCE", "reduction": "batch_mean", "convention": "column"}
    result = checked(layers, X, Y, own, **options)
    assert "per_sample" in [note.kind for note in result.notes]
    if slip:
        assert (result.first_wrong, named(result)[0]) == (
            "dC_dz1", "activation_instead_of_derivative",
        )  # fmt: skip
    else:
        assert result.verdict == "correct"


@pytest.mark.parametrize("divided", [True, False])
def test_scores_and_class_numbers(divided: bool) -> None:
    rng = np.random.default_rng(4)
    n, k = 8, 3
    x, y = rng.normal(size=(n, 2)), rng.integers(0, k, n)
    W, b = rng.normal(size=(2, 5)), np.full((1, 5), 0.1)
    W2, b2 = rng.normal(size=(5, k)), rng.normal(size=(1, k))
    hidden_layer = np.maximum(0, x @ W + b)
    scores = hidden_layer @ W2 + b2
    probs = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    dscores = probs.copy()
    dscores[range(n), y] -= 1
    dscores = dscores / n if divided else dscores
    dhidden = dscores @ W2.T
    dhidden[hidden_layer <= 0] = 0
    own = {
        "hidden_layer": hidden_layer, "scores": scores, "probs": probs, "dscores": dscores,
        "dW2": hidden_layer.T @ dscores, "db2": dscores.sum(axis=0, keepdims=True),
        "dhidden": dhidden, "dW1": x.T @ dhidden, "db1": dhidden.sum(axis=0, keepdims=True),
    }  # fmt: skip
    layers = [(W, b, "ReLU"), (W2, b2, "Softmax")]
    options = {"cost": "CrossEntropy", "reduction": "batch_mean", "convention": "row"}
    result = checked(layers, x, y, own, **options)
    assert result.verdict == ("correct" if divided else "wrong")
    if not divided:
        assert (result.first_wrong, named(result)) == ("dC_dz2", ["cost_gradient_scale"])


def test_the_parts_of_a_neuron_are_net_and_out() -> None:
    rng = np.random.default_rng(5)
    w1, b1 = rng.random((2, 2)), np.full(2, 0.35)
    w2, b2 = rng.random((2, 2)), np.full(2, 0.6)
    i, t = np.array([0.05, 0.1]), np.array([0.01, 0.99])
    net_h = w1 @ i + b1
    out_h = sigmoid(net_h)
    net_o = w2 @ out_h + b2
    out_o = sigmoid(net_o)
    dE_dout_o = out_o - t
    dE_dnet_o = dE_dout_o * out_o * (1 - out_o)
    own = {
        "net_h": net_h, "out_h": out_h, "net_o": net_o, "out_o": out_o,
        "E_total": 0.5 * np.square(t - out_o).sum(), "dE_dout_o": dE_dout_o,
        "dE_dnet_o": dE_dnet_o, "dE_dW2": np.outer(dE_dnet_o, out_h),
        "dE_dout_h": w2.T @ dE_dnet_o,
    }  # fmt: skip
    layers = [(w1, b1, "logistic"), (w2, b2, "logistic")]
    result = checked(layers, i, t, own, reduction="half_sum", convention="column")
    assert result.verdict == "correct"


def test_biases_in_theta_and_layers_counted_from_the_input() -> None:
    """a2 is the hidden layer, with its column of ones."""
    rng = np.random.default_rng(6)
    n = 6
    theta1, theta2 = rng.normal(size=(4, 4)), rng.normal(size=(2, 5))
    x, y = rng.normal(size=(n, 3)), np.eye(2)[rng.integers(0, 2, n)]
    a1 = np.c_[np.ones(n), x]
    z2 = a1 @ theta1.T
    a2 = np.c_[np.ones(n), sigmoid(z2)]
    z3 = a2 @ theta2.T
    a3 = sigmoid(z3)
    delta3 = a3 - y
    delta2 = (delta3 @ theta2)[:, 1:] * sigmoid(z2) * (1 - sigmoid(z2))
    own = {
        "z2": z2, "a2": a2, "z3": z3, "a3": a3, "delta3": delta3, "delta2": delta2,
        "Theta1_grad": delta2.T @ a1 / n, "Theta2_grad": delta3.T @ a2 / n,
    }  # fmt: skip
    layers = [(theta1, None, "sigmoid"), (theta2, None, "sigmoid")]
    options = {"cost": "BCE", "reduction": "batch_mean", "convention": "column"}
    assert checked(layers, x, y, own, **options).verdict == "correct"


def regression(slope: float, seed: int = 7) -> tuple[Any, Any, Any, Numbers]:
    """Three layers of leaky ReLU; lists z, a, delta from the first layer."""
    rng = np.random.default_rng(seed)
    sizes = [3, 5, 4, 2]
    W = [rng.normal(size=pair) for pair in pairwise(sizes)]
    b = [rng.normal(size=n) for n in sizes[1:]]
    x, y = rng.normal(size=(9, 3)), rng.normal(size=(9, 2))
    a, z = [x], []
    for k in range(3):
        z.append(a[-1] @ W[k] + b[k])
        a.append(np.where(z[-1] > 0, z[-1], slope * z[-1]) if k < 2 else z[-1])
    delta = [2 * (a[3] - y) / y.size]
    for k in (1, 0):
        delta.insert(0, delta[0] @ W[k + 1].T * np.where(z[k] > 0, 1.0, slope))
    name = f"leaky_relu({slope})"
    layers = [(W[0], b[0], name), (W[1], b[1], name), (W[2], b[2], "linear")]
    own = {"z": z, "a": a[1:], "delta": delta}
    own["dW"] = [a[k].T @ delta[k] for k in range(3)]
    own["db"] = [each.sum(axis=0) for each in delta]
    return layers, x, y, own


def numbered(lists: Numbers, *names: str, order: int = 1) -> Numbers:
    """z → z1, z2, …; with ``order`` −1 the last layer has number 1."""
    return {
        f"{name}{k}": value
        for name in names
        for k, value in enumerate(lists[name][::order], start=1)
    }


def test_three_deltas_counted_from_the_output() -> None:
    """The middle one has the same number in both directions."""
    layers, x, y, own = regression(0.01)
    result = checked(layers, x, y, numbered(own, "delta", order=-1), convention="row")
    assert (result.verdict, [note.kind for note in result.notes]) == ("correct", ["numbering"])
    own["delta"][0] = 1.5 * own["delta"][0]
    result = checked(layers, x, y, numbered(own, "delta", order=-1), convention="row")
    assert result.first_wrong == "dC_dz1"


# Gradients alone show the usual slopes only.
@pytest.mark.parametrize(
    ("slope", "shown"),
    [
        (0.3, ("z", "a", "delta")),
        (0.125, ("z", "a", "delta")),
        (0.3, ("dW", "db")),
        (0.05, ("dW", "db")),
    ],
)
def test_a_program_with_another_slope_is_told_which(slope: float, shown: Any) -> None:
    layers, x, y, own = regression(slope)
    given = [(W, b, "LeakyReLU" if name != "linear" else name) for W, b, name in layers]
    assert checked(layers, x, y, numbered(own, *shown), convention="row").verdict == "correct"
    result = checked(given, x, y, numbered(own, *shown), convention="row")
    assert named(result) == ["slope_below_zero"]
    assert f"with {slope} as its slope" in result.diagnoses[0].message


@pytest.mark.parametrize("alpha", [0.5, 0.7])
def test_a_program_with_another_alpha_is_told_which(alpha: float) -> None:
    rng = np.random.default_rng(8)
    W, b, x, y = (rng.normal(size=shape) for shape in ((3, 4), 4, (5, 3), (5, 4)))
    z = x @ W + b
    a = np.where(z > 0, z, alpha * np.expm1(z))
    dz = 2 * (a - y) / y.size * np.where(z > 0, 1, alpha * np.exp(z))
    own = {"Z1": z, "A1": a, "dZ1": dz}
    elu = {"name": "ELU", "alpha": alpha}
    assert checked([(W, b, elu)], x, y, own, convention="row").verdict == "correct"
    result = checked([(W, b, "elu")], x, y, own, convention="row")
    assert (result.first_wrong, named(result)) == ("a1", ["slope_below_zero"])
    assert str(alpha) in result.diagnoses[0].message


def test_a_delta_of_all_pairs_without_the_line_before() -> None:
    rng = np.random.default_rng(9)
    W, b, x, y = (rng.normal(size=shape) for shape in ((3, 1), 1, (6, 3), 6))
    y_hat = x @ W + b
    own = {"y_hat": y_hat, "delta": 2 * (y_hat - y) / 6}
    result = checked([(W, b, "identity")], x, y, own, convention="row")
    assert (result.first_wrong, named(result)[0]) == ("dC_dz1", "broadcast_columns")


@pytest.mark.parametrize("seed", range(6))
def test_three_decimals_are_no_mistake(seed: int) -> None:
    """Givens and numbers at three decimals; ∂C/∂z of each sample, and no 1e-3 in the logarithm."""
    rng = np.random.default_rng(seed)
    m = 7
    X, Y = rng.normal(size=(3, m)), (rng.random((1, m)) > 0.5).astype(float)
    W1, b1 = 0.7 * rng.normal(size=(4, 3)), 0.3 * rng.normal(size=(4, 1))
    W2, b2 = rng.normal(size=(1, 4)), rng.normal(size=(1, 1))
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    dZ2 = A2 - Y
    dZ1 = W2.T @ dZ2 * (1 - A1**2)
    own = {
        "Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "dZ2": dZ2, "dZ1": dZ1,
        "cost": -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)),
        "dW2": dZ2 @ A1.T / m, "db2": dZ2.sum(axis=1, keepdims=True) / m,
        "dW1": dZ1 @ X.T / m, "db1": dZ1.sum(axis=1, keepdims=True) / m,
    }  # fmt: skip
    layers = [
        (np.round(W1, 3), np.round(b1, 3), "tanh"),
        (np.round(W2, 3), np.round(b2, 3), "sigmoid"),
    ]
    result = checked(
        layers, np.round(X, 3), Y, {k: np.round(v, 3) for k, v in own.items()},
        cost="BCE", reduction="batch_mean", convention="column",
    )  # fmt: skip
    assert result.verdict == "correct"
    assert "log_epsilon" not in [note.kind for note in result.notes]


def test_unknown_names_are_read_by_shape_where_only_one_line_has_it() -> None:
    """The gradient is wrong, so that its numbers say nothing."""
    layers, x, y, own = regression(0.01)
    wrong = {"z1": own["z"][0], "foo": -own["dW"][1], "bar": own["dW"][0]}
    result = checked(layers, x, y, wrong, convention="row")
    assert result.first_wrong == "dC_dW2"
    messages = [note.message for note in result.notes if note.kind == "read_as"]
    assert any("foo as ∂C/∂W⁽²⁾, the only line of its shape" in message for message in messages)

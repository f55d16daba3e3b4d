"""Both oracles detect every wrong gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace
from backprop_explorer.proof import AUTOGRAD_TOLERANCE, BELOW_RESOLUTION
from tests.helpers.breaking import break_operation
from tests.helpers.networks import build, traced
from tests.helpers.oracles import (
    ORACLES,
    assert_confirmed,
    check_autograd,
    check_finite_differences,
)


def halved(compute: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *inputs, **options: 0.5 * compute(*inputs)


def negated(compute: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *inputs, **options: -compute(*inputs)


def transposed(compute: Callable[..., Any]) -> Callable[..., Any]:
    return lambda dC_dz, W, **options: dC_dz @ W


def first_sample_only(compute: Callable[..., Any]) -> Callable[..., Any]:
    return lambda dC_dz, **options: dC_dz[0].copy()


def mean_of_samples(compute: Callable[..., Any]) -> Callable[..., Any]:
    return lambda dC_dz, **options: dC_dz.mean(axis=0)


def unchanged_gradient(compute: Callable[..., Any]) -> Callable[..., Any]:
    return lambda dC_da, z, **options: dC_da.copy()


def derivative_of_a(compute: Callable[..., Any]) -> Callable[..., Any]:
    """A common mistake: σ'(a) instead of σ'(z), because σ'(·) = a (1 − a) is written with a."""
    return lambda dC_da, z, **options: compute(dC_da, 1 / (1 + np.exp(-z)))


def printed_derivative(compute: Callable[..., Any]) -> Callable[..., Any]:
    """The formula as printed in the notebook: exp(−z) / (1 + exp(−z))·2."""
    return lambda dC_da, z, **options: dC_da * np.exp(-z) / (1 + np.exp(-z)) * 2


def own_output_only(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Softmax as if its Jacobian were diagonal."""
    return lambda dC_da, a, **options: dC_da * a * (1 - a)


def without_l2(compute: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, dz, W, l1, l2, **options: compute(a, dz, W, l1, 0.0)


def twice_l2(compute: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, dz, W, l1, l2, **options: compute(a, dz, W, l1, 2 * l2)


def without_l1(compute: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, dz, W, l1, l2, **options: compute(a, dz, W, 0.0, l2)


def l1_alone(compute: Callable[..., Any]) -> Callable[..., Any]:
    return lambda dz, b, l1, l2, **options: compute(dz, b, l1, 0.0)


def off_by_a_millionth(compute: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *inputs, **options: (1 + 1e-4) * compute(*inputs)


MSE = Objective("mse", "mean")


MUTATIONS: list[tuple[str, Callable[..., Any], Objective, str, str]] = [
    ("mse_gradient", halved, MSE, "sigmoid", "dC_da3"),
    ("mse_gradient", negated, MSE, "sigmoid", "dC_da3"),
    ("mae_gradient", halved, Objective("mae"), "sigmoid", "dC_da3"),
    ("huber_gradient", negated, Objective("huber"), "sigmoid", "dC_da3"),
    ("sigmoid_backward", unchanged_gradient, MSE, "sigmoid", "dC_dz3"),
    ("sigmoid_backward", derivative_of_a, MSE, "sigmoid", "dC_dz3"),
    ("sigmoid_backward", printed_derivative, MSE, "sigmoid", "dC_dz3"),
    ("sigmoid_backward", halved, MSE, "sigmoid", "dC_dz3"),
    *(
        (f"{name}_backward", change, MSE, name, "dC_dz3")
        for name in ACTIVATIONS
        for change in (halved, negated, off_by_a_millionth)
    ),
    ("softmax_backward", own_output_only, MSE, "softmax", "dC_dz3"),
    ("weight_gradient", halved, MSE, "tanh", "dC_dW3"),
    ("weight_gradient", negated, MSE, "tanh", "dC_dW3"),
    ("bias_gradient", first_sample_only, MSE, "tanh", "dC_db3"),
    ("bias_gradient", mean_of_samples, MSE, "tanh", "dC_db3"),
    ("input_gradient", transposed, MSE, "tanh", "dC_da2"),
    ("input_gradient", negated, MSE, "tanh", "dC_da2"),
    ("penalized_weight_gradient", without_l2, Objective(l2=0.1), "tanh", "dC_dW3"),
    ("penalized_weight_gradient", twice_l2, Objective(l2=0.1), "tanh", "dC_dW3"),
    ("penalized_weight_gradient", without_l1, Objective(l1=0.1), "tanh", "dC_dW3"),
    ("penalized_bias_gradient", halved, Objective(l2=0.1, biases=True), "tanh", "dC_db3"),
    ("penalized_bias_gradient", l1_alone, Objective(l2=0.1, biases=True), "tanh", "dC_db3"),
    ("softmax_cross_entropy_gradient", halved, Objective("cross_entropy"), "softmax", "dC_dz3"),
    (
        "sigmoid_binary_cross_entropy_gradient",
        negated,
        Objective("binary_cross_entropy"),
        "sigmoid",
        "dC_dz3",
    ),
    (
        "cross_entropy_gradient",
        halved,
        Objective("cross_entropy", fused=False),
        "softmax",
        "dC_da3",
    ),
    (
        "binary_cross_entropy_gradient",
        halved,
        Objective("binary_cross_entropy", fused=False),
        "sigmoid",
        "dC_da3",
    ),
]


@pytest.mark.parametrize("oracle", ORACLES)
@pytest.mark.parametrize(
    ("operation", "change", "objective", "output", "first"),
    MUTATIONS,
    ids=[f"{each[0]}-{each[1].__name__}" for each in MUTATIONS],
)
def test_a_broken_operation_is_detected(
    monkeypatch: pytest.MonkeyPatch,
    oracle: str,
    operation: str,
    change: Callable[..., Any],
    objective: Objective,
    output: str,
    first: str,
) -> None:
    """Each oracle fails, and the first line above the tolerance is the line with the mistake."""
    break_operation(monkeypatch, operation, change)
    # Square weights, so that a transposed matrix still fits.
    network = build(3, (3, output), (3, output), (3, output))
    worked = traced(np.random.default_rng(11), network, objective, samples=4)
    check = ORACLES[oracle](worked)
    assert not check.passed
    faulted = [
        name
        for name, error in check.by_line.items()
        if isinstance(error, float) and error > check.tolerance
    ]
    assert faulted[0] == first


@pytest.mark.parametrize("activation", [n for n in ACTIVATIONS if n != "identity"])
def test_a_missing_activation_derivative_is_detected(
    monkeypatch: pytest.MonkeyPatch, activation: str
) -> None:
    break_operation(monkeypatch, f"{activation}_backward", unchanged_gradient)
    worked = traced(
        np.random.default_rng(12), build(3, (4, activation), (3, activation)), samples=4
    )
    for oracle in ORACLES.values():
        assert not oracle(worked).passed


def deep_sigmoid(layers: int) -> Trace:
    network = build(3, *((4, "sigmoid") for _ in range(layers)))
    return traced(np.random.default_rng(13), network, samples=2)


@pytest.mark.parametrize("change", [halved, negated, off_by_a_millionth])
def test_a_wrong_vanishing_gradient_fails(
    monkeypatch: pytest.MonkeyPatch, change: Callable[..., Any]
) -> None:
    """24 sigmoid layers: the gradient of the first layer is about 1e-15 and wrong."""
    right = deep_sigmoid(24)
    assert np.abs(right["dC_dW1"]).max() < 1e-12
    assert_confirmed(right)
    break_operation(monkeypatch, "weight_gradient", change)
    wrong = deep_sigmoid(24)
    # A check with an absolute tolerance would pass.
    np.testing.assert_allclose(wrong["dC_dW1"], right["dC_dW1"], atol=1e-8)
    autograd = check_autograd(wrong)
    assert not autograd.passed
    error = autograd.by_line["dC_dW1"]
    assert isinstance(error, float)
    assert error > AUTOGRAD_TOLERANCE
    differences = check_finite_differences(wrong)
    # They cannot resolve 1e-15 of a cost of order 1, and report this instead of passing it.
    assert differences.by_line["dC_dW1"] == BELOW_RESOLUTION
    assert not differences.passed

"""Both oracles: they confirm every correct gradient and detect every wrong one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, trace
from backprop_explorer.proof import (
    AUTOGRAD_TOLERANCE,
    BELOW_RESOLUTION,
    DIFFERENCES_TOLERANCE,
    check_autograd,
    check_finite_differences,
)
from tests.helpers.breaking import break_operation
from tests.helpers.cases import examples, exhaustive
from tests.helpers.networks import build, data, deep, draw, traced

ORACLES = {"autograd": check_autograd, "finite_differences": check_finite_differences}


def assert_confirmed(worked: Trace, what: str = "") -> list[str | float]:
    """Assert that both oracles checked every gradient line and passed. Returns the errors."""
    verdicts: list[str | float] = []
    for name, oracle in ORACLES.items():
        check = oracle(worked)
        assert list(check.by_line) == worked.gradient_lines()
        assert check.oracle == name
        assert check.passed, f"{what} {name}: {check.by_line}"
        verdicts += check.by_line.values()
    return verdicts


@pytest.mark.parametrize("depths", [(1, 2, 4), exhaustive((3, 5, 6))], ids=str)
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_gradient_is_confirmed(activation: str, cost: str, depths: tuple[int, ...]) -> None:
    """Several depths, one sample and five, fused and unfused, some with penalty.

    The reductions take turns, since they change only the factor of the cost's gradient: each has
    both numbers of samples here.
    """
    place = [list(ACTIVATIONS).index(activation), list(COSTS).index(cost)]
    rng = np.random.default_rng(place)
    reductions = cycle(list(REDUCTIONS)[sum(place) % len(REDUCTIONS) :] + list(REDUCTIONS))
    verdicts = []
    for depth in depths:
        network = deep(activation, depth, cost)
        for samples in (1, 5):
            reduction = next(reductions)
            for fused in (True, False):
                penalty = 0.02 if (depth + samples) % 3 == 0 else 0.0
                objective = Objective(cost, reduction, l1=penalty, l2=penalty, fused=fused)
                if not fused and not objective.entry.fused:
                    continue
                worked = traced(rng, network, objective, samples=samples)
                what = f"{reduction}, depth {depth}, {samples} samples, fused={fused}"
                verdicts += assert_confirmed(worked, what)
    # Unresolved lines are not confirmed, so there must be few.
    unresolved = verdicts.count(BELOW_RESOLUTION)
    assert unresolved <= 0.12 * len(verdicts)


@given(
    seed=st.integers(0, 2**32 - 1),
    inputs=st.integers(1, 4),
    layers=st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from(list(ACTIVATIONS))), min_size=1, max_size=6
    ),
    samples=st.integers(1, 6),
    cost=st.sampled_from(list(COSTS)),
    reduction=st.sampled_from(list(REDUCTIONS)),
    penalty=st.sampled_from([(0.0, 0.0), (0.1, 0.0), (0.0, 0.1), (0.03, 0.3)]),
    scale=st.sampled_from([0.05, 1.0, 4.0, 25.0]),
    biases=st.booleans(),
    fused=st.booleans(),
)
@settings(max_examples=examples(150), deadline=None, derandomize=True)
def test_any_network_is_confirmed(
    seed: int,
    inputs: int,
    layers: list[tuple[int, str]],
    samples: int,
    cost: str,
    reduction: str,
    penalty: tuple[float, float],
    scale: float,
    fused: bool,
    biases: bool,
) -> None:
    """Mixed activations and widths; weights from nearly 0 to completely saturated."""
    last = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
    if cost in last:
        layers = [*layers[:-1], (layers[-1][0], last[cost])]
    objective = Objective(cost, reduction, *penalty, fused=fused, biases=biases)
    rng = np.random.default_rng(seed)
    assert_confirmed(traced(rng, build(inputs, *layers), objective, samples=samples, scale=scale))


@pytest.mark.parametrize("scale", [4.0, 12.0, 40.0])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softmax", "gelu", "silu", "softplus"])
def test_saturated_networks_are_confirmed(activation: str, scale: float) -> None:
    """Autograd resolves most lines to 1e-9; finite differences may report BELOW_RESOLUTION."""
    rng = np.random.default_rng(2)
    resolved = []
    for cost in COSTS:
        for depth in (1, 2, 4):
            objective = Objective(cost, "mean")
            worked = traced(rng, deep(activation, depth, cost), objective, samples=3, scale=scale)
            assert_confirmed(worked)
            resolved += [e != BELOW_RESOLUTION for e in check_autograd(worked).by_line.values()]
    assert np.mean(resolved) > 0.8


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_at_a_corner_any_slope_between_both_sides_passes(activation: str) -> None:
    """All z are 0: autograd and the engine use the left slope, differences find both slopes."""
    network = build(2, (3, activation), (2, "identity"))
    rng = np.random.default_rng(3)
    parameters = draw(rng, network)
    parameters.W[0][...] = parameters.b[0][...] = 0.0
    x, target = data(rng, network, "mse", 2)
    assert_confirmed(trace(network, parameters, Objective(), x, target))


def test_mae_is_confirmed_at_its_corner() -> None:
    rng = np.random.default_rng(4)
    network = build(2, (3, "tanh"), (2, "identity"))
    parameters = draw(rng, network)
    x, target = data(rng, network, "mse", 2)
    worked = trace(network, parameters, Objective("mae"), x, target)
    target = worked["a2"].copy()
    target[0] += 1.0
    assert_confirmed(trace(network, parameters, Objective("mae"), x, target))


def test_a_gradient_of_zero_is_confirmed_as_zero() -> None:
    rng = np.random.default_rng(5)
    network = build(2, (3, "tanh"), (2, "identity"))
    parameters = draw(rng, network)
    x, target = data(rng, network, "mse", 2)
    target = trace(network, parameters, Objective(), x, target)["a2"]
    worked = trace(network, parameters, Objective(), x, target)
    assert set(check_autograd(worked).by_line.values()) == {0.0}
    assert check_finite_differences(worked).passed


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
    (
        "softmax_cross_entropy_gradient",
        halved,
        Objective("cross_entropy"),
        "softmax",
        "dC_dz3",
    ),
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


def test_tolerances() -> None:
    assert AUTOGRAD_TOLERANCE <= 1e-9
    assert DIFFERENCES_TOLERANCE <= 1e-5


def test_gradients_that_cancel_at_a_minimum_are_confirmed() -> None:
    """At the least-squares solution, the gradients of the samples sum to 0, except for rounding."""
    rng = np.random.default_rng(14)
    network = build(2, (1, "identity"))
    x, target = rng.standard_normal((30, 2)), rng.standard_normal((30, 1))
    solved = np.linalg.lstsq(np.hstack([x, np.ones((30, 1))]), target, rcond=None)[0]
    parameters = Parameters.from_layers(network, [(solved[:2], solved[2])])
    worked = trace(network, parameters, Objective(), x, target)
    assert np.abs(worked["dC_dW1"]).max() < 1e-14 < 1e-3 < np.abs(worked["dC_dz1"]).max()
    assert_confirmed(worked)
    assert isinstance(check_autograd(worked).by_line["dC_dz1"], float)


def test_a_correct_prediction_near_probability_one_is_confirmed() -> None:
    """a − y is a rounding error of 1e-16 in sample 1, and the ReLU of sample 2 is dead."""
    network = build(1, (1, "relu"), (2, "softmax"))
    layers = [(np.array([[1.0]]), np.array([0.0])), (np.array([[9.0, -9.0]]), np.zeros(2))]
    x, target = np.array([[2.0], [-1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    worked = trace(
        network, Parameters.from_layers(network, layers), Objective("cross_entropy"), x, target
    )
    assert_confirmed(worked)

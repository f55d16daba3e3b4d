"""The two oracles: they agree with every gradient of the working, and they notice what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.backprop import Objective
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.initializers import initialize
from backprop_explorer.engine.network import Layer, Network, Parameters
from backprop_explorer.engine.trace import Trace, trace
from backprop_explorer.proof import (
    AUTOGRAD_TOLERANCE,
    BELOW_RESOLUTION,
    DIFFERENCES_TOLERANCE,
    MAX_ENTRIES,
    Check,
    check_autograd,
    check_finite_differences,
    relative_error,
)
from backprop_explorer.proof import finite_differences as differences
from backprop_explorer.proof.comparison import norm, relative_errors
from backprop_explorer.proof.rounding_bounds import uncertainties
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.breaking import break_operation
from tests.helpers.networks import build, data, deep, draw, traced

ORACLES = {"autograd": check_autograd, "finite_differences": check_finite_differences}


def assert_confirmed(worked: Trace, what: str = "") -> list[str | float]:
    """Both oracles saw every gradient line, and neither contradicts one. Returns the verdicts."""
    verdicts: list[str | float] = []
    for name, oracle in ORACLES.items():
        check = oracle(worked)
        assert list(check.by_line) == worked.gradient_lines()
        assert check.oracle == name
        assert check.passed, f"{what} {name}: {check.by_line}"
        verdicts += check.by_line.values()
    return verdicts


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_gradient_is_confirmed(activation: str, cost: str) -> None:
    """Every reduction, depth 1 to 6, one sample and five, fused and unfused, some with penalty."""
    rng = np.random.default_rng([list(ACTIVATIONS).index(activation), list(COSTS).index(cost)])
    verdicts = []
    for reduction in REDUCTIONS:
        for depth in range(1, 7):
            network = deep(activation, depth, cost)
            for samples in (1, 5):
                for fused in (True, False):
                    penalty = 0.02 if (depth + samples) % 3 == 0 else 0.0
                    objective = Objective(cost, reduction, l1=penalty, l2=penalty, fused=fused)
                    if not fused and not objective.entry.fused:
                        continue
                    worked = traced(rng, network, objective, samples=samples)
                    what = f"{reduction}, depth {depth}, {samples} samples, fused={fused}"
                    verdicts += assert_confirmed(worked, what)
    # A check that could resolve nothing would confirm nothing.
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
    fused=st.booleans(),
)
@settings(max_examples=150, deadline=None, derandomize=True)
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
) -> None:
    """Mixed activations, any widths; weights from nearly 0 to hopelessly saturated."""
    last = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
    if cost in last:
        layers = [*layers[:-1], (layers[-1][0], last[cost])]
    objective = Objective(cost, reduction, l1=penalty[0], l2=penalty[1], fused=fused)
    rng = np.random.default_rng(seed)
    assert_confirmed(traced(rng, build(inputs, *layers), objective, samples=samples, scale=scale))


@pytest.mark.parametrize("scale", [4.0, 12.0, 40.0])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softmax", "gelu", "silu", "softplus"])
def test_saturated_networks_are_confirmed(activation: str, scale: float) -> None:
    """Autograd resolves nearly all of them, to 1e-9; differences say where they cannot."""
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
def test_at_a_corner_any_slope_between_is_right(activation: str) -> None:
    """All z are 0: autograd and we take the slope below, and differences see both sides."""
    network = build(2, (3, activation), (2, "identity"))
    rng = np.random.default_rng(3)
    parameters = draw(rng, network)
    parameters.W[0][...] = parameters.b[0][...] = 0.0
    x, target = data(rng, network, "mse", 2)
    assert_confirmed(trace(network, parameters, Objective(), x, target))


def test_mae_at_its_corner() -> None:
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


def test_of_a_large_array_some_entries_are_tried() -> None:
    worked = traced(np.random.default_rng(6), build(30, (20, "tanh"), (1, "identity")), samples=2)
    check = check_finite_differences(worked)
    assert check.passed
    assert check.checked == {"dC_dW1": MAX_ENTRIES}
    assert check_autograd(worked).checked == {}


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
    """σ'(a) in the place of σ'(z), since a looks like the argument of σ'(·) = a (1 − a)."""
    return lambda dC_da, z, **options: compute(dC_da, 1 / (1 + np.exp(-z)))


def printed_derivative(compute: Callable[..., Any]) -> Callable[..., Any]:
    """The notebook as it was printed: exp(−z) / (1 + exp(−z))·2."""
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
def test_a_broken_operation_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
    oracle: str,
    operation: str,
    change: Callable[..., Any],
    objective: Objective,
    output: str,
    first: str,
) -> None:
    """Each oracle alone fails, and the first line that it faults is where the mistake is."""
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
def test_a_missing_activation_derivative_is_noticed(
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
def test_a_wrong_vanishing_gradient_does_not_pass_for_being_small(
    monkeypatch: pytest.MonkeyPatch, change: Callable[..., Any]
) -> None:
    """24 sigmoid layers: the first layer's gradient is 1e-15 and wrong by a half."""
    right = deep_sigmoid(24)
    assert np.abs(right["dC_dW1"]).max() < 1e-12
    assert_confirmed(right)
    break_operation(monkeypatch, "weight_gradient", change)
    wrong = deep_sigmoid(24)
    # An absolute tolerance, as gradient checks often have, would let it pass.
    np.testing.assert_allclose(wrong["dC_dW1"], right["dC_dW1"], atol=1e-8)
    autograd = check_autograd(wrong)
    assert not autograd.passed
    error = autograd.by_line["dC_dW1"]
    assert isinstance(error, float)
    assert error > AUTOGRAD_TOLERANCE
    differences = check_finite_differences(wrong)
    # Those cannot resolve 1e-15 of a cost of order 1, and say so instead of passing it.
    assert differences.by_line["dC_dW1"] == BELOW_RESOLUTION
    assert not differences.passed


def test_what_differences_resolve_gets_less_with_depth() -> None:
    """The honest answer: shallow lines have numbers, the deepest have none, nothing is passed."""
    by_line = check_finite_differences(deep_sigmoid(24)).by_line
    assert isinstance(by_line["dC_dW24"], float)
    assert by_line["dC_dW1"] == BELOW_RESOLUTION
    unresolved = [name for name, error in by_line.items() if error == BELOW_RESOLUTION]
    first = list(by_line).index(unresolved[0])
    assert first > 20


def test_relative_error_of_simple_pairs() -> None:
    one = np.array([3.0, 4.0])
    assert relative_error(one, one) == 0.0
    assert relative_error(one, -one) == 1.0
    assert relative_error(one, 0 * one) == 1.0
    assert relative_error(one, 0.5 * one) == pytest.approx(1 / 3)
    assert relative_error(0 * one, 0 * one) == 0.0


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e-15, 1.0, 1e160, 1e300])
def test_relative_error_does_not_depend_on_scale(scale: float) -> None:
    p, q = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.1, 2.0], [3.0, 4.0]])
    assert relative_error(scale * p, scale * q) == pytest.approx(relative_error(p, q), rel=1e-9)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_wrong(bad: float) -> None:
    p = np.array([1.0, bad])
    assert relative_error(p, np.array([1.0, 1.0])) == np.inf
    assert relative_error(np.array([1.0, 1.0]), p) == np.inf


def test_the_largest_error_is_of_the_lines_that_were_resolved() -> None:
    check = Check("autograd", 1e-9, {"a": 1e-12, "b": BELOW_RESOLUTION, "c": 1e-10}, {})
    assert check.max_relative_error == 1e-10
    assert check.passed
    assert not Check("autograd", 1e-9, {"a": 1e-8}, {}).passed
    assert Check("autograd", 1e-9, {"a": BELOW_RESOLUTION}, {}).max_relative_error == 0.0


def test_tolerances_are_what_float64_allows() -> None:
    assert AUTOGRAD_TOLERANCE <= 1e-9
    assert DIFFERENCES_TOLERANCE <= 1e-5


# ------------------------------------------------------------------------------ where digits cancel


def test_at_a_minimum_the_samples_pulls_cancel() -> None:
    """Least squares solved exactly: each sample pulls, all together do not, but for rounding."""
    rng = np.random.default_rng(14)
    network = build(2, (1, "identity"))
    x, target = rng.standard_normal((30, 2)), rng.standard_normal((30, 1))
    solved = np.linalg.lstsq(np.hstack([x, np.ones((30, 1))]), target, rcond=None)[0]
    parameters = Parameters.from_layers(network, [(solved[:2], solved[2])])
    worked = trace(network, parameters, Objective(), x, target)
    assert np.abs(worked["dC_dW1"]).max() < 1e-14 < 1e-3 < np.abs(worked["dC_dz1"]).max()
    assert_confirmed(worked)
    assert isinstance(check_autograd(worked).by_line["dC_dz1"], float)


def test_a_certain_and_right_prediction() -> None:
    """a − y is 1e-16 of rounding in the first sample, and the second sample's ReLU is dead."""
    network = build(1, (1, "relu"), (2, "softmax"))
    layers = [(np.array([[1.0]]), np.array([0.0])), (np.array([[9.0, -9.0]]), np.zeros(2))]
    x, target = np.array([[2.0], [-1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    worked = trace(
        network, Parameters.from_layers(network, layers), Objective("cross_entropy"), x, target
    )
    assert_confirmed(worked)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("cost", COSTS)
def test_the_allowance_for_rounding_hides_nothing(activation: str, cost: str) -> None:
    """In an ordinary network it is far below the size of any mistake, in every line."""
    rng = np.random.default_rng(15)
    network = deep(activation, 3, cost)
    worked = traced(rng, network, Objective(cost, "mean", l2=0.01), samples=5)
    allowed = uncertainties(worked)
    assert list(allowed) == worked.gradient_lines()
    for name, bound in allowed.items():
        assert bound.shape == worked[name].shape
        assert (bound >= 0).all()
        assert norm(bound) <= 1e-9 * norm(worked[name]) or norm(worked[name]) < 1e-14, name


@pytest.mark.parametrize("scale", [0.0, 1e-300, 1e-40, 1.0, 1e40, 1e300, np.inf, np.nan])
def test_errors_found_together_are_those_found_one_by_one(scale: float) -> None:
    rng = np.random.default_rng(0)
    p = [rng.standard_normal(shape) for shape in ((3, 4), (4,), (1, 1), (2, 5))]
    q = [array + 1e-7 * rng.standard_normal(array.shape) for array in p]
    p[1], q[1] = p[1] * scale, q[1] * scale
    together = relative_errors(p, q)
    assert together == pytest.approx([relative_error(a, b) for a, b in zip(p, q, strict=True)])


@pytest.mark.parametrize("batch", [1, 5])
def test_lines_tried_together_are_found_as_alone(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(2)
    network = Network(3, (Layer(4, "tanh"), Layer(5, "relu"), Layer(2, "sigmoid")))
    parameters = initialize(network, "xavier_normal", rng)
    x, target = rng.standard_normal((batch, 3)), rng.random((batch, 2))
    worked = trace(network, parameters, Objective("mse", "mean", 0.1, 0.2), x, target)
    together = check_finite_differences(worked).by_line
    monkeypatch.setattr(differences, "MAX_MERGED_NUMBERS", 0)
    alone = check_finite_differences(worked).by_line
    assert list(together) == list(alone) == worked.gradient_lines()
    assert together == pytest.approx(alone, abs=1e-8)
    # In so small parts that the copies of one line go through the network one by one.
    monkeypatch.setattr(differences, "MAX_ROWS", batch)
    assert check_finite_differences(worked).by_line == pytest.approx(alone, abs=1e-8)

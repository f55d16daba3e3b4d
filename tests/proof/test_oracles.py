"""Both oracles: they confirm every correct gradient and detect every wrong one."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import trace
from backprop_explorer.proof import AUTOGRAD_TOLERANCE, BELOW_RESOLUTION, DIFFERENCES_TOLERANCE
from tests.helpers.cases import examples, exhaustive
from tests.helpers.networks import build, data, deep, draw, traced
from tests.helpers.oracles import assert_confirmed, check_autograd, check_finite_differences


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

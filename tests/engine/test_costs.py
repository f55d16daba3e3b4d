"""Costs and reductions: values, slopes, fused forms and extreme predictions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.ops import OPS
from tests.helpers.cases import examples
from tests.helpers.networks import OUTPUT

FUSED = [(activation, name) for name, cost in COSTS.items() for activation in cost.fused]


def both(cost: str, a: float, target: float) -> tuple[float, float]:
    entry = COSTS[cost]
    at, y = np.array([[a]]), np.array([[target]])
    return float(entry.loss(at, y)[0, 0]), float(entry.derivative(at, y)[0, 0])


@pytest.mark.parametrize(
    ("cost", "a", "target", "loss", "derivative"),
    [
        ("mse", 0.75, 0.25, 0.25, 1.0),
        ("mse", -1.0, 2.0, 9.0, -6.0),
        ("mae", 0.75, 0.25, 0.5, 1.0),
        ("mae", -1.0, 2.0, 3.0, -1.0),
        ("mae", 2.0, 2.0, 0.0, 0.0),
        ("huber", 0.5, 0.0, 0.125, 0.5),  # ½ (½)²
        ("huber", 1.0, 0.0, 0.5, 1.0),  # where both branches meet
        ("huber", -3.0, 0.0, 2.5, -1.0),  # 3 − ½
        ("binary_cross_entropy", 0.25, 1.0, math.log(4), -4.0),
        ("binary_cross_entropy", 0.25, 0.0, math.log(4 / 3), 4 / 3),
        ("binary_cross_entropy", 0.5, 0.5, math.log(2), 0.0),
        ("cross_entropy", 0.25, 1.0, math.log(4), -4.0),
        ("cross_entropy", 0.25, 0.0, 0.0, 0.0),
    ],
)
def test_loss_and_slope_by_hand(
    cost: str, a: float, target: float, loss: float, derivative: float
) -> None:
    assert both(cost, a, target) == pytest.approx((loss, derivative), rel=1e-15)


@pytest.mark.parametrize("cost", COSTS)
@given(a=st.floats(0.02, 0.98), target=st.floats(0.0, 1.0))
@settings(max_examples=examples(60), deadline=None, derandomize=True)
def test_derivatives_match_difference_quotients(cost: str, a: float, target: float) -> None:
    """The central difference at a equals the derivative up to h² (mae: away from its corner)."""
    h = 1e-5
    if cost == "mae" and abs(a - target) < 2 * h:
        target = a + 0.1
    chord = (both(cost, a + h, target)[0] - both(cost, a - h, target)[0]) / (2 * h)
    assert both(cost, a, target)[1] == pytest.approx(chord, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("cost", ["mse", "mae", "huber"])
def test_a_perfect_prediction_costs_nothing(cost: str) -> None:
    assert both(cost, 0.3, 0.3) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("reduction", "factor"),
    [
        ("mean", 1 / 20),
        ("half_sum", 1 / 2),
        ("sum", 1.0),
        ("batch_mean", 1 / 5),
        ("half_mean", 1 / 40),
        ("half_batch_mean", 1 / 10),
    ],
)
@pytest.mark.parametrize("cost", COSTS)
def test_reductions_scale_cost_and_gradient_alike(cost: str, reduction: str, factor: float) -> None:
    """For 5 samples of 4 outputs, C and ∂C/∂a are the sums times the reduction's factor."""
    assert REDUCTIONS[reduction].factor(5, 4) == factor
    rng = np.random.default_rng(0)
    a, target = rng.uniform(0.1, 0.9, (5, 4)), rng.uniform(0.1, 0.9, (5, 4))
    entry = COSTS[cost]
    assert OPS[cost].compute(a, target, factor) == pytest.approx(
        factor * entry.loss(a, target).sum(), rel=1e-15
    )
    np.testing.assert_allclose(
        OPS[f"{cost}_gradient"].compute(a, target, factor),
        factor * entry.derivative(a, target),
        rtol=1e-15,
    )


def test_the_mean_is_the_notebooks_mse() -> None:
    rng = np.random.default_rng(1)
    a, target = rng.random(3), rng.random(3)
    factor = REDUCTIONS["mean"].factor(1, 3)
    assert OPS["mse"].compute(a[None], target[None], factor) == pytest.approx(
        np.mean((a - target) ** 2), rel=1e-15
    )
    np.testing.assert_allclose(
        OPS["mse_gradient"].compute(a[None], target[None], factor)[0],
        2 / 3 * (a - target),
        rtol=1e-14,
    )


@pytest.mark.parametrize(("activation", "cost"), FUSED)
@pytest.mark.parametrize("soft", [False, True])
def test_fused_is_unfused_where_both_can_be_computed(
    activation: str, cost: str, soft: bool
) -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(0, 3, (6, 4))
    target = np.eye(4)[rng.integers(4, size=6)]
    if soft:
        target = rng.dirichlet(np.ones(4), 6)
    a = ACTIVATIONS[activation].compute(z)
    fused = COSTS[cost].fused[activation]
    np.testing.assert_allclose(fused.loss(z, target), COSTS[cost].loss(a, target), rtol=1e-11)
    unfused = OPS[f"{activation}_backward"].compute(
        COSTS[cost].derivative(a, target), a if activation == "softmax" else z
    )
    np.testing.assert_allclose(fused.gradient(a, target), unfused, rtol=1e-10, atol=1e-14)


def test_softmax_gradient_of_targets_that_do_not_sum_to_one() -> None:
    """The fused gradient must equal the unfused one, which does not assume Σy = 1."""
    rng = np.random.default_rng(3)
    z, target = rng.normal(size=(2, 3)), rng.random((2, 3)) * 2
    a = ACTIVATIONS["softmax"].compute(z)
    unfused = OPS["softmax_backward"].compute(COSTS["cross_entropy"].derivative(a, target), a)
    fused = COSTS["cross_entropy"].fused["softmax"].gradient(a, target)
    np.testing.assert_allclose(fused, unfused, rtol=1e-12)
    assert not np.allclose(fused, a - target)


@pytest.mark.parametrize("z", [1e3, 1e5, 1e300])
def test_the_cost_of_an_extremely_wrong_prediction_is_its_z(z: float) -> None:
    """The log of a probability that underflows to 0 would be −inf; computed from z it is −z."""
    bce = COSTS["binary_cross_entropy"].fused["sigmoid"]
    assert bce.loss(np.array([[z]]), np.array([[0.0]])).item() == z
    assert bce.loss(np.array([[-z]]), np.array([[1.0]])).item() == z
    assert bce.loss(np.array([[z]]), np.array([[1.0]])).item() == 0.0
    ce = COSTS["cross_entropy"].fused["softmax"]
    row = np.array([[z, 0.0, -z]])
    assert ce.loss(row, np.array([[0.0, 1.0, 0.0]])).sum() == z
    assert ce.loss(row, np.array([[1.0, 0.0, 0.0]])).sum() == 0.0


@pytest.mark.parametrize("cost", ["binary_cross_entropy", "cross_entropy"])
@pytest.mark.parametrize("a", [0.0, 1e-320, 1e-310, 1.0])
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_probabilities_of_exactly_0_and_1_are_bounded(cost: str, a: float, target: float) -> None:
    loss, derivative = both(cost, a, target)
    assert 0.0 <= loss < 700.0
    assert math.isfinite(derivative)


@pytest.mark.parametrize("cost", COSTS)
def test_losses_are_not_negative(cost: str) -> None:
    rng = np.random.default_rng(4)
    a, target = rng.uniform(0, 1, (50, 3)), rng.integers(2, size=(50, 3)).astype(float)
    assert (COSTS[cost].loss(a, target) >= 0).all()


def test_costs_with_a_logarithm_have_a_pole_distance() -> None:
    a = np.array([[0.25, 0.9]])
    for name, cost in COSTS.items():
        assert (cost.pole_distance is not None) == (name in OUTPUT)
    bce, ce = COSTS["binary_cross_entropy"].pole_distance, COSTS["cross_entropy"].pole_distance
    assert bce is not None
    assert ce is not None
    np.testing.assert_allclose(bce(a), [[0.25, 0.1]])
    np.testing.assert_allclose(ce(a), [[0.25, 0.9]])


@pytest.mark.parametrize(
    ("reduction", "constant", "single", "latex"),
    [
        ("mean", 1, True, r"\frac{1}{n_{\mathrm{out}}}"),
        ("mean", 2, False, r"\frac{2}{N\,n_{\mathrm{out}}}"),
        ("half_sum", 1, True, r"\tfrac12"),
        ("half_sum", 2, True, ""),
        ("half_sum", 3, True, r"\tfrac{3}{2}"),
        ("sum", 1, False, ""),
        ("sum", 2, False, "2"),
        ("batch_mean", 1, True, ""),
        ("batch_mean", 2, True, "2"),
        ("batch_mean", 1, False, r"\frac{1}{N}"),
        ("half_mean", 1, True, r"\frac{1}{2\,n_{\mathrm{out}}}"),
        ("half_mean", 2, False, r"\frac{1}{N\,n_{\mathrm{out}}}"),
        ("half_batch_mean", 1, True, r"\tfrac12"),
        ("half_batch_mean", 2, True, ""),
        ("half_batch_mean", 1, False, r"\frac{1}{2\,N}"),
        ("half_batch_mean", 2, False, r"\frac{1}{N}"),
    ],
)
def test_coefficients(reduction: str, constant: int, single: bool, latex: str) -> None:
    assert REDUCTIONS[reduction].coefficient(constant, single) == latex

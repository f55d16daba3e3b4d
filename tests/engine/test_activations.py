"""Activations: correct values and slopes for every finite z, without warnings."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backprop_explorer.engine.activations import ACTIVATIONS, Activation, backward_of, jacobian_of
from tests.helpers.cases import examples
from tests.helpers.references import DERIVATIVE, VALUE, exact

ELEMENTWISE = [name for name, entry in ACTIVATIONS.items() if entry.derivative is not None]
LARGEST = float(np.finfo(np.float64).max)

# Around 0, in the saturated regions, where exp under- or overflows, and the largest floats.
MODERATE = [0.0, 1e-300, 1e-20, 1e-9, 0.1, 0.5, 1.0, 2.0, 3.5, 6.0, 10.0, 16.0, 20.0, 30.0, 37.0]
FAR = [40.0, 100.0, 354.0, 700.0, 709.0, 709.9, 710.5, 740.0, 745.0, 746.0, 800.0, 1e3, 1e5]
EXTREME = [1e102, 1e154, 1e300, 1e308, LARGEST]
POINTS = [sign * z for z in (*MODERATE, *FAR, *EXTREME) for sign in (1.0, -1.0)]

finite = st.floats(allow_nan=False, allow_infinity=False)


def tolerance(name: str, z: float) -> float:
    """The allowed relative error: a rounded exponent of size e costs e units in the last place."""
    exponent = min(abs(z), 30.0) ** 3 / 10 if name == "gelu" else 0.0
    return 2e-15 * (1.0 + exponent)


def assert_close(
    got: float, want: float, relative: float, what: str, absolute: float = 0.0
) -> None:
    # A result that underflows has fewer digits.
    allowed = relative * abs(want) + max(absolute, 1e-320)
    assert abs(got - want) <= allowed, f"{what}: {got!r}, exactly {want!r}"


def slope(activation: Activation, z: np.ndarray) -> np.ndarray:
    assert activation.derivative is not None
    return activation.derivative(z)


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("alone", [True, False])
def test_values_and_slopes_against_decimal_arithmetic(name: str, alone: bool) -> None:
    """Each z alone, and all of them in one layer: the other units must not matter."""
    activation = ACTIVATIONS[name]
    if alone:
        a = [float(activation.compute(np.array([[z]]))[0, 0]) for z in POINTS]
        d = [float(slope(activation, np.array([[z]]))[0, 0]) for z in POINTS]
    else:
        z = np.array([POINTS])
        a, d = activation.compute(z)[0].tolist(), slope(activation, z)[0].tolist()
    for z, value, derivative in zip(POINTS, a, d, strict=True):
        assert_close(value, exact(VALUE[name], z), tolerance(name, z), f"{name}({z!r})")
        want = exact(DERIVATIVE[name], z)
        # a (1 − a) is used while 1 − a has ten digits left. The slopes of GELU and SiLU cross 0
        # near −0.75 and −1.3, so digits cancel there.
        rounding = 2e-16 if name in ("sigmoid", "tanh") and want > 1e-6 else 0.0
        assert_close(derivative, want, 4 * tolerance(name, z), f"{name}'({z!r})", rounding)


@pytest.mark.parametrize("name", ELEMENTWISE)
@given(
    z=hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=4), elements=finite)
)
@settings(max_examples=examples(60), deadline=None, derandomize=True)
def test_any_finite_z_gives_finite_numbers_without_a_warning(name: str, z: np.ndarray) -> None:
    activation = ACTIVATIONS[name]
    a, derivative = activation.compute(z), slope(activation, z)
    assert np.isfinite(a).all()
    assert np.isfinite(derivative).all()
    low, high = activation.range
    assert ((low <= a) & (a <= high)).all()


@given(
    z=hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=finite)
)
@settings(max_examples=examples(100), deadline=None, derandomize=True)
def test_softmax_rows_are_probabilities(z: np.ndarray) -> None:
    a = ACTIVATIONS["softmax"].compute(z)
    assert ((a >= 0) & (a <= 1)).all()
    np.testing.assert_allclose(a.sum(axis=1), 1.0, rtol=1e-15 * z.shape[1] + 1e-15)


def test_softmax_of_the_largest_numbers() -> None:
    """The difference of two z overflows, but the result does not, and nothing warns."""
    a = ACTIVATIONS["softmax"].compute(np.array([[LARGEST, -LARGEST], [1e308, 1e308]]))
    assert a.tolist() == [[1.0, 0.0], [0.5, 0.5]]


def test_softmax_depends_only_on_its_own_row() -> None:
    """A common mistake subtracts the maximum of each class *over the batch*."""
    softmax = ACTIVATIONS["softmax"].compute
    z = np.array([[1.0, 2.0, 3.0], [1000.0, 1.0, 1.0], [-1000.0, -1001.0, -1000.0]])
    for k in range(3):
        np.testing.assert_array_equal(softmax(z)[k], softmax(z[k : k + 1])[0])
    assert softmax(z[:1])[0, 2] / softmax(z[:1])[0, 0] == pytest.approx(np.exp(2.0))
    assert softmax(z)[1].tolist() == [1.0, 0.0, 0.0]


def test_softmax_does_not_change_with_a_shift() -> None:
    z = np.array([[0.3, -1.2, 2.0]])
    softmax = ACTIVATIONS["softmax"].compute
    np.testing.assert_allclose(softmax(z + 512.0), softmax(z), rtol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_writing_into_a_buffer_changes_no_bit(name: str) -> None:
    activation = ACTIVATIONS[name]
    z = np.random.default_rng(0).normal(0, 8, (7, 5))
    out = np.full_like(z, np.nan)
    assert activation.compute(z, out=out) is out
    np.testing.assert_array_equal(out, activation.compute(z))
    if activation.derivative is not None:
        out = np.full_like(z, np.nan)
        assert activation.derivative(z, out=out) is out
        np.testing.assert_array_equal(out, activation.derivative(z))


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("scale", [1.0, 20.0, 1000.0])
def test_passing_a_changes_no_bit_of_the_slope(name: str, scale: float) -> None:
    activation = ACTIVATIONS[name]
    assert activation.derivative is not None
    z = np.random.default_rng(1).normal(0, scale, (6, 4))
    with_a = activation.derivative(z, a=activation.compute(z))
    assert with_a.tobytes() == activation.derivative(z).tobytes()


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
@pytest.mark.parametrize("others", [[-40.0], [0.0], [-40.0] * 50, [0.0] * 50, []])
def test_the_slope_of_a_saturated_unit_does_not_depend_on_other_units(
    name: str, others: list[float]
) -> None:
    """1 − a is 0 at z = 40; the slope is exp(−40) for sigmoid, 4 exp(−80) for tanh."""
    activation = ACTIVATIONS[name]
    derivative = slope(activation, np.array([[40.0, *others]]))[0, 0]
    assert derivative == pytest.approx(exact(DERIVATIVE[name], 40.0), rel=1e-14, abs=0)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_backward_and_jacobian_equal_the_slope(name: str) -> None:
    activation = ACTIVATIONS[name]
    rng = np.random.default_rng(2)
    z, dC_da = rng.normal(0, 2, (3, 4)), rng.normal(size=(3, 4))
    back = backward_of(activation)(dC_da, z)
    np.testing.assert_allclose(back, dC_da * slope(activation, z), rtol=1e-15)
    jacobian = jacobian_of(activation)(z)
    assert jacobian.shape == (3, 4, 4)
    np.testing.assert_array_equal(jacobian, [np.diag(row) for row in slope(activation, z)])


def test_softmax_backward_is_the_product_with_its_jacobian() -> None:
    softmax = ACTIVATIONS["softmax"]
    rng = np.random.default_rng(3)
    a = softmax.compute(rng.normal(0, 2, (3, 4)))
    dC_da = rng.normal(size=(3, 4))
    jacobian = jacobian_of(softmax)(a)
    for row, probabilities in zip(jacobian, a, strict=True):
        expected = np.diag(probabilities) - np.outer(probabilities, probabilities)
        np.testing.assert_allclose(row, expected, atol=1e-16)
    back = backward_of(softmax)(dC_da, a)
    np.testing.assert_allclose(back, np.einsum("nj,njk->nk", dC_da, jacobian), rtol=1e-12)


def test_softmax_backward_near_probability_one() -> None:
    """a = (1 − 2e, e, e): every exact result is a multiple of e, and no digits may cancel."""
    e = 1e-14
    a = np.array([[1.0 - 2 * e, e, e]])
    back = backward_of(ACTIVATIONS["softmax"])(np.array([[0.3, 0.1, 0.9]]), a)
    # a_0 Σ_k a_k (d_0 − d_k), and e (d_k − d_0) to first order in e.
    np.testing.assert_allclose(back, [[e * (0.2 - 0.6), e * -0.2, e * 0.6]], rtol=1e-12)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_derivatives_match_difference_quotients(name: str) -> None:
    """The difference quotient over a small interval equals the derivative at its midpoint."""
    activation = ACTIVATIONS[name]
    z = np.linspace(-6.0, 6.0, 2401)[None, :]
    a = activation.compute(z)[0]
    middle = (z[:, 1:] + z[:, :-1]) / 2
    rise = np.array([high - low for low, high in pairwise(a)]) / np.diff(z[0])
    np.testing.assert_allclose(slope(activation, middle)[0], rise, atol=2e-6)


def test_an_activation_has_a_derivative_or_mixing() -> None:
    sigmoid, softmax = ACTIVATIONS["sigmoid"], ACTIVATIONS["softmax"]
    with pytest.raises(ValueError, match="needs either"):
        dataclasses.replace(sigmoid, derivative=None)
    with pytest.raises(ValueError, match="needs either"):
        dataclasses.replace(softmax, derivative=sigmoid.derivative)


def test_corners_are_marked() -> None:
    """An activation has smooth=False if and only if its slope jumps."""
    for name in ELEMENTWISE:
        activation = ACTIVATIONS[name]
        below, above = slope(activation, np.array([[-1e-9, 1e-9]]))[0]
        assert activation.smooth == (abs(above - below) < 1e-6), name

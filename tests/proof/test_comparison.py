"""Relative errors and the result of a check."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.proof import BELOW_RESOLUTION, Check, relative_error
from backprop_explorer.proof.comparison import relative_errors


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
def test_non_finite_values_have_infinite_error(bad: float) -> None:
    p = np.array([1.0, bad])
    assert relative_error(p, np.array([1.0, 1.0])) == np.inf
    assert relative_error(np.array([1.0, 1.0]), p) == np.inf


def test_the_largest_error_ignores_unresolved_lines() -> None:
    check = Check("autograd", 1e-9, {"a": 1e-12, "b": BELOW_RESOLUTION, "c": 1e-10}, {})
    assert check.max_relative_error == 1e-10
    assert check.passed
    assert not Check("autograd", 1e-9, {"a": 1e-8}, {}).passed
    assert Check("autograd", 1e-9, {"a": BELOW_RESOLUTION}, {}).max_relative_error == 0.0


@pytest.mark.parametrize("scale", [0.0, 1e-300, 1e-40, 1.0, 1e40, 1e300, np.inf, np.nan])
def test_relative_errors_equal_those_of_single_pairs(scale: float) -> None:
    rng = np.random.default_rng(0)
    p = [rng.standard_normal(shape) for shape in ((3, 4), (4,), (1, 1), (2, 5))]
    q = [array + 1e-7 * rng.standard_normal(array.shape) for array in p]
    p[1], q[1] = p[1] * scale, q[1] * scale
    together = relative_errors(p, q)
    assert together == pytest.approx([relative_error(a, b) for a, b in zip(p, q, strict=True)])

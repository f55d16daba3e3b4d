"""Arrays are compared entry by entry, also where a number overflowed."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.tutor.checker.tolerance import TIGHT, close, close_entries

EXACT = np.zeros(3)


def test_entries_are_close_within_their_rounding_and_slack() -> None:
    value, expected = np.array([1.0, 2.0, -3.0]), np.array([1.0, 2.1, -3.1])
    assert close_entries(value, EXACT, expected, None, TIGHT).tolist() == [True, False, False]
    rounded = np.array([0.0, 0.1, 0.0])
    assert close_entries(value, rounded, expected, None, TIGHT).tolist() == [True, True, False]
    slack = np.array([0.0, 0.0, 0.2])
    assert close_entries(value, EXACT, expected, slack, TIGHT).tolist() == [True, False, True]


@pytest.mark.parametrize("overflowed", [np.inf, -np.inf, np.nan])
def test_an_overflow_equals_the_same_overflow_alone(overflowed: float) -> None:
    expected = np.array([1.0, overflowed, 2.0])
    same, other = np.array([1.0, overflowed, 2.5]), np.array([1.0, 1e300, 2.0])
    with np.errstate(invalid="ignore"):
        assert close_entries(same, EXACT, expected, None, TIGHT).tolist() == [True, True, False]
        assert close_entries(other, EXACT, expected, None, TIGHT).tolist() == [True, False, True]


@pytest.mark.parametrize("overflowed", [np.inf, -np.inf, np.nan])
def test_a_finite_number_equals_no_overflow(overflowed: float) -> None:
    value, expected = np.array([1.0, overflowed, 2.0]), np.array([1.0, 3.0, 2.0])
    assert close_entries(value, EXACT, expected, None, TIGHT).tolist() == [True, False, True]


def test_other_shapes_are_not_close_and_a_number_is() -> None:
    one = np.array(2.0)
    assert close(one, np.array(0.0), 2.0, None, TIGHT)
    assert not close(one, np.array(0.0), np.inf, None, TIGHT)
    assert not close(np.array([2.0]), np.array([0.0]), 2.0, None, TIGHT)

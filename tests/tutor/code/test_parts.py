"""Arrays that are taken apart or put together: b among the rows of W, and single numbers."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.tutor.code.parts import assembled, likeness, without_bias_row

RNG = np.random.default_rng(1)
VALUES = {
    "dC_dW1": RNG.normal(size=(3, 4)),
    "dC_db1": RNG.normal(size=4),
    "W1": RNG.normal(size=(3, 4)),
}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("turned", [True, False])
def test_b_is_split_from_the_rows_of_weights(first: bool, turned: bool) -> None:
    W, b = VALUES["dC_dW1"], VALUES["dC_db1"]
    joined = np.vstack([b, W] if first else [W, b])
    given = joined.T if turned else joined
    own = np.vstack([b, VALUES["W1"]])
    recorded = [own.T if turned else own]
    (path, of_W), (_, of_b) = without_bias_row("g", given, [(3, 4)], VALUES, recorded)
    assert path == "g.W"
    assert np.array_equal(of_W, W.T if turned else W)
    assert np.array_equal(of_b, b)


def test_another_shape_is_left_whole() -> None:
    assert without_bias_row("g", np.ones((5, 5)), [(3, 4)], VALUES, []) == []
    assert without_bias_row("g", VALUES["dC_dW1"], [(3, 4)], VALUES, []) == []
    assert without_bias_row("g", np.ones((4, 4)), [(3, 4)], VALUES, [np.ones((4, 4))]) == []


def test_single_numbers_are_put_together_unit_by_unit() -> None:
    wanted = {"dC_dW1": np.array([[1.0, 2.0], [4.0, 5.0]]), "dC_db1": np.array([3.0, 6.0])}
    found = [(str(k), np.array(float(k))) for k in range(1, 7)]
    made = dict(assembled(found, wanted))
    assert np.array_equal(made["dC_dW1"], wanted["dC_dW1"])
    assert np.array_equal(made["dC_db1"], wanted["dC_db1"])
    assert assembled(found[:5], wanted) == found[:5]


def test_likeness_ignores_length_and_orientation() -> None:
    W = VALUES["dC_dW1"]
    assert likeness(-3.0 * W.T, W) == pytest.approx(1.0)
    assert likeness(np.zeros(12), W) == 0.0

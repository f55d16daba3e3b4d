"""The parts of lessons: training runs, seeded draws, the recipe of a working."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.lessons.content.drawn import create_layers, first_seed, legacy
from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import MOST_STEPS, points
from backprop_explorer.lessons.working import lesson_problem, recipe_of
from backprop_explorer.limits import Limits

IRIS = {
    "dataset": {"name": "iris", "test_fraction": 0.0, "standardize": False},
    "network": {
        "layers": [{"units": 8, "activation": "sigmoid"}, {"units": 3, "activation": "softmax"}],
        "initializer": "normal",
        "seed": 1,
    },
    "cost": {"name": "cross_entropy", "reduction": "sum"},
    "optimizer": {"name": "sgd", "learning_rate": 0.001},
    "batch": {"size": None, "shuffle": False},
}


def test_a_run_is_gradient_descent_on_iris() -> None:
    """The same run in plain NumPy, from the same first weights."""
    from sklearn.datasets import load_iris

    start, later = points(IRIS, 0, 40)
    (W1, b1), (W2, b2) = [(W.copy(), b.copy()) for W, b in start.layers]
    x, y = load_iris(return_X_y=True)
    target = np.eye(3)[y]
    for _ in range(40):
        a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
        e = np.exp(a1 @ W2 + b2)
        p = e / e.sum(axis=1, keepdims=True)
        d2 = p - target
        d1 = (d2 @ W2.T) * a1 * (1 - a1)
        W2 -= 0.001 * a1.T @ d2
        b2 -= 0.001 * d2.sum(axis=0)
        W1 -= 0.001 * x.T @ d1
        b1 -= 0.001 * d1.sum(axis=0)
    a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
    z2 = a1 @ W2 + b2
    assert later.step == 40
    assert later.accuracy == pytest.approx((z2.argmax(axis=1) == y).mean())
    np.testing.assert_allclose(later.layers[0][0], W1, rtol=1e-9)
    cost = np.log(np.exp(z2).sum(axis=1)) - (z2 * target).sum(axis=1)
    assert later.cost == pytest.approx(cost.sum())
    assert later.test_accuracy is None


def test_a_run_is_bounded_and_its_numbers_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="ascend"):
        points(IRIS, MOST_STEPS + 1)
    with pytest.raises(ValueError, match="ascend"):
        points(IRIS, 2, 1)
    (start,) = points(IRIS, 0)
    with pytest.raises(ValueError, match="read-only"):
        start.layers[0][0][0, 0] = 1.0


@pytest.mark.parametrize("rows", [1, 2, 5, 8])
def test_the_training_part_has_the_rows_of_the_working_in_its_order(rows: int) -> None:
    rng = np.random.default_rng(rows)
    x, target = rng.normal(size=(rows, 3)), rng.normal(size=(rows, 1))
    working = lesson_problem([(rng.normal(size=(3, 1)), rng.normal(size=1), "tanh")], x, target)
    initial_state = InitialState(Recipe.model_validate(recipe_of(working)), Limits())
    np.testing.assert_array_equal(initial_state.train[0], x)
    np.testing.assert_array_equal(initial_state.train[1], target)


def test_draws_repeat_numpys_and_skip_degenerate_numbers() -> None:
    (W, b), (V, c) = create_layers(legacy(7), (2, 3, 4))
    state = np.random.RandomState(7)
    for drawn in (W, b, V, c):
        np.testing.assert_array_equal(drawn, state.randn(*drawn.shape))
    draw = Draw.of("any", 5)
    assert first_seed(draw, lambda seed: True) == 5
    assert first_seed(Draw.of("any", 5), lambda seed: seed != 5) != 5
    with pytest.raises(RuntimeError, match="no draw"):
        first(lambda: 1, lambda one: one == 2)

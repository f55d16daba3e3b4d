"""The samples' shares add up to the batch's gradient, for every kind of network."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.experiments import shares as module
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.shares import shares
from backprop_explorer.experiments.snapshot import Snapshot
from tests.helpers.experiments import explorer, fitting, recipe

RECIPES: dict[str, Recipe] = {
    "plain": recipe(),
    "sum": recipe(cost={"name": "mse", "reduction": "sum"}),
    "penalty": recipe(penalty={"l1": 0.01, "l2": 0.1}),
    "softmax": fitting("iris"),
    "regression": fitting("friedman1"),
    "whole set": recipe(batch={"size": None}),
}


def at(experiment: Recipe, step: int) -> Snapshot:
    asked = explorer()
    asked.create(experiment)
    return asked.snapshot(experiment.id, step)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("layer", [1, 2])
def test_parts_add_up_to_the_gradient(name: str, layer: int) -> None:
    where = at(RECIPES[name], 23)
    found = shares(where, layer, None, full=True)
    W, b = found["parts"]["dC_dW"].sum(axis=0), found["parts"]["dC_db"].sum(axis=0)
    gradient = where.gradient.named()
    penalty = 0.0
    if where.initial_state.objective.penalized:
        weights = where.parameters.W[layer - 1]
        penalty = 0.01 * np.sign(weights) + 0.1 * weights
    np.testing.assert_allclose(W + penalty, gradient[f"W{layer}"], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(b, gradient[f"b{layer}"], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found["sum"]["dC_dW"], W, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found["sum"]["dC_db"], b, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(
        found["gradient"]["dC_dW"], gradient[f"W{layer}"], rtol=1e-12, atol=1e-15
    )
    assert found["rows"] == where.rows.tolist()


@pytest.mark.parametrize("reduction", ["mean", "sum", "batch_mean", "half_sum"])
def test_parts_follow_another_scaling_of_the_cost(reduction: str) -> None:
    where = at(RECIPES["softmax"], 23)
    samples, outputs = len(where.rows), 3
    factors = {"sum": 1.0, "half_sum": 0.5, "batch_mean": 1 / samples}
    factor = factors.get(reduction, 1 / (samples * outputs))
    own, other = (shares(where, 2, "W[1,0]", False, name) for name in (None, reduction))
    parts = np.array(own["entry"]["parts"]) * samples * factor  # the experiment has batch_mean
    np.testing.assert_allclose(other["entry"]["parts"], parts, rtol=1e-12)
    assert other["share"] == pytest.approx(own["share"], rel=1e-9)


def test_an_unknown_scaling_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        shares(at(RECIPES["plain"], 1), 1, None, False, "mode")
    assert refused.value.field == "reduction"


@pytest.mark.parametrize("name", RECIPES)
def test_numbers_per_sample_are_those_of_the_parts(name: str) -> None:
    found = shares(at(RECIPES[name], 23), 2, "W[1,0]", full=True)
    W, b = found["parts"]["dC_dW"], found["parts"]["dC_db"]
    np.testing.assert_allclose(found["W_norm"], np.linalg.norm(W, axis=(1, 2)), rtol=1e-12)
    np.testing.assert_allclose(found["b_norm"], np.linalg.norm(b, axis=1), rtol=1e-12)
    both = np.concatenate([W.reshape(len(W), -1), b], axis=1)
    total = both.sum(axis=0)
    np.testing.assert_allclose(found["share"], both @ total / (total @ total), rtol=1e-10)
    assert found["share"].sum() == pytest.approx(1, rel=1e-12)
    sizes = np.linalg.norm(both, axis=1)
    hardest = found["hardest"]
    assert hardest["index"] == sizes.argmax()
    assert hardest["row"] == found["rows"][hardest["index"]]
    assert hardest["norm"] == pytest.approx(sizes.max())
    np.testing.assert_allclose(found["entry"]["parts"], W[:, 1, 0], rtol=1e-15)
    assert found["entry"]["sum"] == pytest.approx(total[W.shape[2]], rel=1e-10)


def test_a_bias_is_an_entry_too() -> None:
    found = shares(at(recipe(), 5), 1, "b[2]", full=True)
    np.testing.assert_array_equal(found["entry"]["parts"], found["parts"]["dC_db"][:, 2])


def test_the_last_batch_of_an_epoch_is_smaller() -> None:
    assert [len(shares(at(recipe(), step), 1, None, full=False)["rows"]) for step in (2, 3)] == [
        8,
        4,
    ]


def test_a_gradient_of_zero_has_no_shares() -> None:
    still = recipe(
        dataset={
            "name": "points",
            "x": [[0.0], [1.0]],
            "target": [0.5, 0.5],
            "test_fraction": 0.0,
            "standardize": False,
        },
        network={
            "layers": [{"units": 1, "activation": "identity"}],
            "weights": [{"W": [[0.0]], "b": [0.5]}],
        },
        cost={"name": "mse"},
    )
    found = shares(at(still, 0), 1, None, full=False)
    assert found["share"] is None
    assert found["hardest"] is None


@pytest.mark.parametrize(
    ("layer", "entry", "field"),
    [
        (0, None, "layer"),
        (4, None, "layer"),
        (1, "W", "entry"),
        (1, "W[2,0]", "entry"),
        (1, "W[0,4]", "entry"),
        (1, "b[4]", "entry"),
        (1, "W1[0,0]", "entry"),
        (1, "b[-1]", "entry"),
    ],
)
def test_unknown_layers_and_entries_name_the_field(
    layer: int, entry: str | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        shares(at(recipe(), 0), layer, entry, full=False)
    assert caught.value.field == field


def test_all_parts_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    where = at(recipe(), 0)
    monkeypatch.setattr(module, "MAX_CONTRIBUTIONS", 8 * 3 * 4)
    assert "parts" in shares(where, 1, None, full=True)
    monkeypatch.setattr(module, "MAX_CONTRIBUTIONS", 8 * 3 * 4 - 1)
    with pytest.raises(LimitExceeded) as caught:
        shares(where, 1, None, full=True)
    assert caught.value.field == "full"
    assert "parts" not in shares(where, 1, None, full=False)

"""Sweeps: their id, their axes, and the recipes of their cells."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.sweeps import Axis, Sweep
from backprop_explorer.experiments.sweeps.groups import Groups
from backprop_explorer.limits import Limits

RATE = "optimizer.learning_rate"


def sweep(*axes: dict[str, Any], **more: Any) -> Sweep:
    return Sweep.model_validate({"axes": list(axes), "step": 10, **more})


def axis(**fields: Any) -> Axis:
    return Axis.model_validate({"field": RATE, **fields})


def test_scales() -> None:
    assert axis(**{"scale": "linear", "from": 0, "to": 1, "count": 5}).values == (
        *(0.0, 0.25, 0.5, 0.75, 1.0),
    )
    assert axis(**{"scale": "log", "from": 0.001, "to": 10, "count": 5}).values == (
        *(0.001, 0.01, 0.1, 1.0, 10.0),
    )
    assert axis(**{"from": 3, "to": 7, "count": 1}).values == (3,)
    assert axis(**{"from": 1, "to": 4, "count": 4}).values == (1, 2, 3, 4)
    assert axis(values=["tanh", 2, 0.5]).values == ("tanh", 2, 0.5)


@pytest.mark.parametrize(
    ("fields", "needed"),
    [
        ({}, "needs values, or scale, from, to and count"),
        ({"from": 1, "to": 2}, "needs values, or scale"),
        ({"scale": "log", "from": 0, "to": 2, "count": 3}, "positive numbers"),
        ({"scale": "cubic", "from": 1, "to": 2, "count": 3}, "linear or log"),
        ({"from": 1, "to": 2, "count": 2_000}, "a count from 1 to 1024"),
        ({"from": 1, "to": 2, "count": 2.0}, "a count from 1 to 1024"),
        ({"from": "1", "to": 2, "count": 2}, "numbers as from and to"),
        ({"from": 1e200, "to": 2, "count": 2}, "numbers as from and to"),
        ({"values": []}, "at least 1 item"),
        ({"values": [None]}, "should be a valid"),
        ({"values": [1e300]}, "should be a valid|less than"),
        ({"values": [1], "from": 1}, "Extra inputs"),
    ],
)
def test_wrong_axes_are_refused(fields: dict[str, Any], needed: str) -> None:
    with pytest.raises(ValidationError, match=needed):
        axis(**fields)


def test_the_id_depends_on_the_content_only() -> None:
    first = sweep({"field": RATE, "scale": "log", "from": 0.01, "to": 1, "count": 3})
    same = Sweep.model_validate_json(first.canonical())
    assert same.id == first.id
    assert len(first.id) == 20
    others = [
        sweep({"field": RATE, "scale": "log", "from": 0.01, "to": 1, "count": 4}),
        sweep({"field": RATE, "values": [0.01, 0.1, 1]}, step=11),
        sweep({"field": RATE, "values": [0.01, 0.1, 1]}, measure="cost.train"),
    ]
    assert len({first.id, *(each.id for each in others)}) == 4


def test_computed_values_of_whole_numbers_are_rounded() -> None:
    found = sweep({"field": "network.units", "scale": "log", "from": 1, "to": 64, "count": 10})
    assert found.axes[0].values == (1, 2, 3, 4, 6, 10, 16, 25, 40, 64)
    rates = sweep({"field": RATE, "from": 0, "to": 1, "count": 3})
    assert rates.axes[0].values == (0.0, 0.5, 1.0)


def values(field: str, *given: Any) -> dict[str, Any]:
    return {"field": field, "values": list(given)}


def test_cells_are_counted_row_by_row() -> None:
    found = sweep(values("batch.size", 8, 16), values(RATE, 0.1, 0.2, 0.3))
    assert found.shape == (2, 3)
    assert [found.indices(k) for k in range(found.cells)] == [
        *((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2))
    ]
    recipe = found.recipe_of((1, 2))
    assert (recipe.batch.size, recipe.optimizer.learning_rate) == (16, 0.3)
    one = sweep(values(RATE, 0.1, 0.2))
    assert one.shape == (2, 1)
    assert one.indices(1) == (1,)


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("network.layers.1.activation", "relu", "network.layers.1.activation"),
        ("penalty.l1", 0.5, "penalty.l1"),
        ("dataset.noise", 0.3, "dataset.noise"),
        ("optimizer.name", "adam", "optimizer.name"),
        ("optimizer.schedule.name", "step", "optimizer.schedule.name"),
        ("dataset.name", "circles", "dataset.name"),
        ("cost.name", "mse", "cost.name"),
        ("batch.shuffle", False, "batch.shuffle"),
    ],
)
def test_fields(field: str, value: Any, path: str) -> None:
    found: Any = sweep(values(field, value)).recipe_of((0,)).model_dump(mode="json")
    for key in path.split("."):
        found = found[int(key) if key.isdigit() else key]
    assert found == value


def test_fields_of_all_hidden_layers() -> None:
    def hidden(*axes: dict[str, Any]) -> list[tuple[int, str]]:
        recipe = sweep(*axes).recipe_of((0,) * len(axes))
        assert recipe.network.layers[-1].units == 1
        return [(each.units, each.activation) for each in recipe.network.layers[:-1]]

    assert hidden(values("network.depth", 3)) == [(4, "tanh")] * 3
    assert hidden(values("network.depth", 0)) == []
    assert hidden(values("network.units", 7)) == [(7, "tanh")] * 2
    both = [values("network.activation", "relu"), values("network.depth", 3)]
    assert hidden(*both) == hidden(*both[::-1]) == [(4, "relu")] * 3


def test_a_name_brings_its_own_parameters() -> None:
    base = {"optimizer": {"name": "momentum", "momentum": 0.5, "learning_rate": 0.03}}
    names = values("optimizer.name", "momentum", "adam")
    adam = sweep(names, recipe=base).recipe_of((1,)).optimizer
    assert adam.learning_rate == 0.03
    assert set(adam.parameters) == {"beta1", "beta2", "epsilon"}
    beta = values("optimizer.beta1", 0.5)
    found = sweep(beta, names, recipe=base).recipe_of((0, 1)).optimizer
    assert found.parameters["beta1"] == 0.5


def test_a_weight_by_its_place_is_an_edit_at_step_0() -> None:
    found = sweep(values("W1[0,1]", 0.5)).recipe_of((0,))
    assert found == Recipe.model_validate({"edits": [{"step": 0, "set": "W1[0,1]", "to": 0.5}]})


@pytest.mark.parametrize(
    ("field", "value", "wrong", "needed"),
    [
        ("nothing", 1, "axes.0.field", "not a setting"),
        ("network.layers.7.units", 1, "axes.0.field", "not a setting"),
        ("network.layers.x.units", 1, "axes.0.field", "not a setting"),
        ("network.layers", 1, "axes.0.values.0", "must be a valid tuple"),
        ("optimizer.learning_rate.x", 1, "axes.0.field", "not a setting"),
        ("batch.size", 0.5, "axes.0.values.0", "must be a valid integer"),
        ("batch.size", "a", "axes.0.values.0", "must be a valid integer"),
        ("network.depth", 0.5, "axes.0.values.0", "whole number"),
        ("network.depth", True, "axes.0.values.0", "whole number"),
    ],
)
def test_wrong_fields_and_values_are_named(field: str, value: Any, wrong: str, needed: str) -> None:
    with pytest.raises(InvalidInput, match=needed) as caught:
        sweep(values(field, value)).recipe_of((0,))
    assert caught.value.field == wrong


@pytest.mark.parametrize(
    ("field", "value", "wrong", "needed"),
    [
        (
            "optimizer.beta1",
            0.5,
            "axes.0.values.0",
            "sgd has no such parameter; known: learning_rate",
        ),
        ("network.units", 10_000, "axes.0.values.0", "at most 512 units"),
        ("network.activation", "tan", "axes.0.values.0", "did you mean 'tanh'"),
        ("W9[0,0]", 1.0, "axes.0.field", "numbered from 1 to 3"),
        ("dataset.name", "iris", "axes.0.values.0", "3 classes"),
    ],
)
def test_cells_that_cannot_be_made_name_the_axis(
    field: str, value: Any, wrong: str, needed: str
) -> None:
    groups = Groups(sweep(values(field, value)), Limits(), lambda _: None)
    with pytest.raises(InvalidInput, match=needed) as caught:
        groups.initial_state((0,))
    assert caught.value.field == wrong

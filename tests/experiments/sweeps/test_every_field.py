"""Every field of a recipe that an axis can set, against single runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.sweeps.fields import HIDDEN, settings_of
from tests.experiments.sweeps.test_bits import compare

# A recipe with all parts that have settings.
BASE: dict[str, Any] = {
    "dataset": {"name": "moons", "samples": 60, "noise": 0.2, "test_fraction": 0.3},
    "network": {
        "layers": [{"units": 4, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
        "initializer": "constant",
        "value": 0.3,
    },
    "cost": {"name": "mse"},
    "optimizer": {"name": "momentum", "learning_rate": 0.3, "schedule": {"name": "step"}},
    "batch": {"size": 10},
}
# Two values of each field, which give two different runs.
FIELDS: dict[str, tuple[Any, Any]] = {
    "dataset.name": ("moons", "circles"),
    "dataset.samples": (60, 90),
    "dataset.noise": (0.1, 0.4),
    "dataset.seed": (0, 1),
    "dataset.test_fraction": (0.3, 0.5),
    "dataset.standardize": (True, False),
    "network.depth": (1, 3),
    "network.units": (2, 5),
    "network.activation": ("tanh", "relu"),
    "network.layers.0.units": (2, 5),
    "network.layers.0.activation": ("tanh", "leaky_relu(0.1)"),
    "network.layers.1.units": (1, 2),
    "network.layers.1.activation": ("sigmoid", "tanh"),
    "network.initializer": ("xavier_normal", "he_normal"),
    "network.value": (0.3, 0.5),
    "network.seed": (0, 1),
    "cost.name": ("mse", "binary_cross_entropy"),
    "cost.reduction": ("mean", "sum"),
    "penalty.l1": (0.0, 0.01),
    "penalty.l2": (0.0, 0.01),
    "optimizer.name": ("sgd", "adam"),
    "optimizer.learning_rate": (0.1, 0.5),
    "optimizer.learning_rate.1": (0.1, 0.5),
    "optimizer.learning_rate.2": (0.1, 0.5),
    "optimizer.momentum": (0.5, 0.9),
    "optimizer.schedule.name": ("constant", "cosine"),
    "optimizer.schedule.every": (5, 500),
    "optimizer.schedule.factor": (0.1, 0.9),
    "batch.size": (1, 20),
    "batch.shuffle": (True, False),
    "batch.seed": (0, 1),
    "W1[0,1]": (-1.0, 1.0),
    "b2[0]": (-1.0, 1.0),
}
# Two runs of these need another base: equal first weights do not depend on a seed.
DRAWN = {"network.seed"}


def base(field: str) -> dict[str, Any]:
    recipe = dict(BASE)
    if field in DRAWN:
        recipe["network"] = {"layers": BASE["network"]["layers"]}
    if field.startswith("optimizer.schedule."):
        steps = {"name": "step", "every": 5, "factor": 0.5}
        recipe["optimizer"] = {**BASE["optimizer"], "schedule": steps}
    return recipe


def test_every_setting_of_a_recipe_is_in_the_table() -> None:
    known = settings_of(Recipe.model_validate(BASE).model_dump(mode="json"))
    assert set(known) | set(HIDDEN) <= set(FIELDS)


@pytest.mark.parametrize("field", FIELDS)
def test_cells_are_the_runs_of_their_recipes(field: str) -> None:
    axis = {"field": field, "values": list(FIELDS[field])}
    values = compare({"recipe": base(field), "axes": [axis], "step": 15, "measure": "cost.train"})
    first, second = values[:, 0]
    assert np.isfinite(first)
    assert np.isfinite(second)
    assert second != first

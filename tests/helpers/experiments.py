"""Recipes for tests, an explorer to ask, and what frames are compared by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson

from backprop_explorer.compute.encoding import dumps
from backprop_explorer.datasets import DATASETS
from backprop_explorer.engine.errors import NotReached
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.frame_parts import Wanted
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.limits import Limits
from backprop_explorer.settings import Settings

# Small enough to be quick, with an uneven last batch: 40 samples, 28 of them to train on, by 8.
SMALL: dict[str, Any] = {
    "dataset": {"name": "moons", "samples": 40, "noise": 0.2, "seed": 3},
    "network": {
        "layers": [
            {"units": 4, "activation": "tanh"},
            {"units": 3, "activation": "relu"},
            {"units": 1, "activation": "sigmoid"},
        ],
        "seed": 5,
    },
    "batch": {"size": 8, "seed": 7},
}


def recipe(**changes: Any) -> Recipe:
    """SMALL with whole parts exchanged."""
    return Recipe.model_validate({**SMALL, **changes})


def numbered(seed: int) -> Recipe:
    """A recipe whose network has the seed."""
    return Recipe.model_validate({"network": {"seed": seed}})


def fitting(name: str, **changes: Any) -> Recipe:
    """A small network that suits the data set ``name``."""
    dataset = DATASETS[name]
    output, cost, units = "softmax", "cross_entropy", dataset.classes
    if dataset.classes == 0:
        output, cost, units = "identity", "mse", 1
    elif dataset.classes == 2:
        output, cost, units = "sigmoid", "binary_cross_entropy", 1
    sized = {} if dataset.size else {"samples": 50}
    return Recipe.model_validate(
        {
            "dataset": {"name": name, "seed": 1, **sized},
            "network": {
                "layers": [
                    {"units": 5, "activation": "tanh"},
                    {"units": units, "activation": output},
                ]
            },
            "cost": {"name": cost},
            **changes,
        }
    )


def explorer(**limits: Any) -> Explorer:
    """An explorer that keeps nothing on disk and, unless ``limits`` say else, takes its time."""
    given = {"frame_budget_seconds": 60, **limits}
    return Explorer(Settings(store=":memory:", limits=Limits(**given)))


def kept(**changes: Any) -> tuple[Explorer, Recipe]:
    """An explorer, and a recipe that it keeps."""
    asked, experiment = explorer(), recipe(**changes)
    asked.create(experiment)
    return asked, experiment


def frame(asked: Explorer, experiment: Recipe, step: int, **wanted: Any) -> dict[str, Any]:
    """The frame at ``step``, asked for as often as it takes."""
    for _ in range(step + 2):
        with suppress(NotReached):
            return asked.frame(experiment.id, step, Wanted(**wanted))
    raise AssertionError("each time at least one step is made")


def bits(value: Any) -> bytes:
    """What two frames have to agree in: JSON writes a float64 so that no bit is lost."""
    return orjson.dumps(orjson.loads(dumps(value)), option=orjson.OPT_SORT_KEYS)


def nulls(value: Any, path: str = "") -> Iterator[str]:
    """Where decoded JSON is null, list positions left out: ``layers.neurons.dC_da``."""
    if value is None:
        yield path.removeprefix(".")
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from nulls(each, f"{path}.{key}")
    elif isinstance(value, list):
        for each in value:
            yield from nulls(each, path)

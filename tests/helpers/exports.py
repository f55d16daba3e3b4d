"""What is exported in tests."""

from __future__ import annotations

from typing import Any

from backprop_explorer.datasets import DATASETS
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.notation import CONVENTIONS, Notation
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.exports.subject import ExportedWorking, Subject
from tests.helpers.experiments import fitting, recipe

# A recipe, a step, a sample (None for the batch), a convention.
Case = tuple[Recipe, int, int | None, str]

EDITS = [
    {"step": 0, "set": "W1[0,2]", "to": 0.5},
    {"step": 10, "set": "learning_rate", "to": 0.01},
    {"step": 20, "set": "activation2", "to": "elu"},
    {"step": 30, "set": "optimizer", "to": {"name": "adam"}},
    {"step": 40, "set": "b2[1]", "to": -1.5},
    {"step": 40, "set": "W2[3,1]", "to": 0.75},
    {
        "step": 45,
        "set": "optimizer",
        "to": {"name": "rmsprop", "schedule": {"name": "step", "every": 3}},
    },
    {"step": 60, "set": "learning_rate", "to": 0.5},
]
DATA_EDITS = [
    {"step": 0, "set": "x[3,0]", "to": -0.5},
    {"step": 7, "set": "target[3]", "to": 1},
    {"step": 7, "set": "x[20,1]", "to": 2.5},
    {"step": 12, "set": "W1[0,2]", "to": 0.5},
    {"step": 20, "set": "x[3,0]", "to": 1.25},
    {"step": 30, "set": "x[3,0]", "to": 9.0},
]


def layers(*sizes: tuple[int, str]) -> dict[str, Any]:
    return {"layers": [{"units": units, "activation": name} for units, name in sizes], "seed": 2}


def cases() -> dict[str, Case]:
    """Everything there is to choose from, at least once; every convention, one sample and many."""
    found: dict[str, Case] = {}
    for name in DATASETS:
        found[f"data {name}"] = (fitting(name), 12, 3, "column")
    for k, name in enumerate(OPTIMIZERS):
        convention = list(CONVENTIONS)[k % 3]
        found[f"optimizer {name}"] = (recipe(optimizer={"name": name}), 37, None, convention)
        scheduled = {"name": name, "schedule": {"name": "cosine", "steps": 9}}
        penalized = recipe(optimizer=scheduled, penalty={"l1": 0.01, "l2": 0.1})
        found[f"optimizer {name} with schedule and penalty"] = (penalized, 5, 2, convention)
        layered = recipe(
            network=layers((5, "tanh"), (1, "sigmoid")),
            optimizer={**scheduled, "layer_factors": [0.5, 2]},
        )
        found[f"optimizer {name} with a rate for each layer"] = (layered, 11, 2, convention)
    for name in ACTIVATIONS:
        network = layers((5, name), (4, name), (1, "sigmoid"))
        found[f"activation {name}"] = (recipe(network=network), 20, 1, "lecture")
    for cost in COSTS.values():
        data = "moons" if "classification" in cost.tasks else "sine"
        for output in ("softmax", "sigmoid", "identity"):
            units = DATASETS[data].classes or 1
            if output == "softmax" and units == 1:
                continue
            made = recipe(
                dataset={"name": data, "samples": 40},
                network=layers((5, "tanh"), (units, output)),
                cost={"name": cost.name, "reduction": "batch_mean"},
            )
            found[f"cost {cost.name} of {output}"] = (made, 9, None, "column")
    for convention in CONVENTIONS:
        for sample in (None, 4):
            found[f"{convention} {sample}"] = (recipe(), 6, sample, convention)
    plain = {"name": "moons", "samples": 40, "test_fraction": 0.0, "standardize": False}
    whole = recipe(dataset=plain, batch={"size": None, "shuffle": False})
    found["no test part, whole batches"] = (whole, 15, None, "row")
    found["edits"] = (recipe(edits=EDITS), 60, None, "column")
    found["edits of data"] = (recipe(edits=DATA_EDITS), 25, None, "column")
    classes = [{"step": 0, "set": "target[3]", "to": 2}, {"step": 4, "set": "x[3,1]", "to": 0.5}]
    found["edits of classes"] = (fitting("iris", edits=classes), 6, 3, "row")
    numbers = [{"step": 3, "set": "target[3]", "to": -0.75}, {"step": 3, "set": "x[3,0]", "to": 2}]
    found["edits of a regression"] = (fitting("sine", edits=numbers), 6, 3, "lecture")
    large = layers((80, "tanh"), (60, "tanh"), (1, "sigmoid"))
    found["many weights"] = (recipe(network=large), 7, None, "column")
    diverging = fitting("sine", optimizer={"name": "sgd", "learning_rate": 100.0})
    found["diverged"] = (diverging, 60, 0, "row")
    return found


def subject(explorer: Explorer, case: Case) -> Subject:
    """What the export routes make of a case."""
    experiment, step, sample, convention = case
    explorer.create(experiment)
    found = explorer.snapshot(experiment.id, step)
    traced = explorer.trace(experiment.id, step, sample)
    made = traced[0]
    notation = Notation.of(
        convention, single=sample is not None, reduction=made.objective.reduction
    )
    working = ExportedWorking(made, notation, found.update, dict, sample)
    return Subject("a test", working, found)

"""Run exported PyTorch code: every activation, cost, optimizer and penalty.

The code itself fails if a gradient or the updated weights differ by more than 1e-9. PyTorch is
too large to install for the tests, so the code is run here.
"""

from __future__ import annotations

import contextlib
import io
from typing import Any

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.exports import EXPORTS
from backprop_explorer.exports.subject import ExportedWorking, Subject
from backprop_explorer.limits import Limits
from backprop_explorer.settings import Settings


def _recipe(hidden: str, output: str, cost: str, **changes: Any) -> Recipe:
    regression = "classification" not in COSTS[cost].tasks
    units = 2 if output == "softmax" else 1
    return Recipe.model_validate(
        {
            "dataset": {"name": "sine" if regression else "moons", "samples": 60},
            "network": {
                "layers": [
                    {"units": 5, "activation": hidden},
                    {"units": 4, "activation": hidden},
                    {"units": units, "activation": output},
                ]
            },
            "cost": {"name": cost},
            **changes,
        }
    )


def cases() -> dict[str, Recipe]:
    """Recipes by the varied part."""
    found = {}
    for name in ACTIVATIONS:
        found[f"hidden {name}"] = _recipe(name, "sigmoid", "binary_cross_entropy")
    for cost in COSTS:
        for output in ("softmax", "sigmoid", "identity"):
            if output != "softmax" or "classification" in COSTS[cost].tasks:
                found[f"{cost} of {output}"] = _recipe("tanh", output, cost)
    for name in OPTIMIZERS:
        schedule = {"name": "cosine", "steps": 40}
        optimizer = {"name": name, "schedule": schedule}
        found[name] = _recipe("tanh", "sigmoid", "mse", optimizer=optimizer)
        found[f"{name}, penalty"] = _recipe(
            "tanh", "sigmoid", "mse", optimizer=optimizer, penalty={"l1": 0.01, "l2": 0.1}
        )
    return found


def source(explorer: Explorer, recipe: Recipe, step: int, sample: int | None) -> str:
    """The PyTorch code of a recipe at a step."""
    initial_state = explorer.create(recipe)
    at = explorer.snapshot(recipe.id, step)
    traced = explorer.trace(recipe.id, step, sample)
    notation = Notation.of(
        "column", single=sample is not None, reduction=initial_state.objective.reduction
    )
    working = ExportedWorking(traced[0], notation, at.update, dict, sample)
    return EXPORTS["pytorch"].make(Subject("bench", working)).decode()


def rows() -> list[tuple[str, str]]:
    """Rows (case, "agrees" or the error), at steps 0 and 25, for a batch and for one sample."""
    limits = Limits(frame_budget_seconds=60)
    explorer = Explorer(Settings(store=":memory:", limits=limits))
    found = []
    for name, recipe in cases().items():
        verdict = "agrees"
        for step, sample in ((0, None), (25, None), (25, 3)):
            code = compile(source(explorer, recipe, step, sample), name, "exec")
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(code, {"__name__": "__main__"})
            except Exception as error:  # noqa: BLE001 - any error is the result
                verdict = f"{type(error).__name__} at step {step}: {error}"
        found.append((name, verdict))
    explorer.close()
    return found

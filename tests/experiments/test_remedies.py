"""Remedies change the recipe and help against the alarm; sizes of updates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.experiments.recipe import Recipe
from tests.experiments.test_health import TROUBLES, net
from tests.helpers.experiments import explorer, fitting, frame, recipe


def changed(experiment: Recipe, change: dict[str, Any]) -> Recipe:
    """Return the recipe with the field at ``change["path"]`` replaced, as the page does."""
    data = experiment.model_dump(mode="json")
    *above, last = change["path"].split(".")
    at: Any = data
    for key in above:
        at = at[int(key)] if isinstance(at, list) else at[key]
    at[int(last) if isinstance(at, list) else last] = change["value"]
    return Recipe.model_validate(data)


def alarms(experiment: Recipe, step: int) -> list[dict[str, Any]]:
    asked = explorer()
    asked.create(experiment)
    found: list[dict[str, Any]] = frame(asked, experiment, step)["alarms"]
    return found


def alarm(experiment: Recipe, step: int, kind: str) -> dict[str, Any]:
    return next(each for each in alarms(experiment, step) if each["kind"] == kind)


@pytest.mark.parametrize(("changes", "step", "kind", "layer"), [case[:4] for case in TROUBLES])
def test_a_change_gives_a_different_recipe(
    changes: dict[str, Any], step: int, kind: str, layer: int
) -> None:
    experiment = recipe(**changes)
    raised = next(
        each for each in alarms(experiment, step) if (each["kind"], each["layer"]) == (kind, layer)
    )
    change = raised["change"]
    assert set(change) == {"path", "value"}
    other = changed(experiment, change)
    assert other.id != experiment.id
    asked = explorer()
    asked.create(other)
    assert frame(asked, other, step)


@pytest.mark.parametrize(
    ("changes", "step", "kind", "path"),
    [
        ({"network": net([6] * 9, "sigmoid")}, 0, "vanishing", "network.layers"),
        (
            {"network": net([4, 4], "relu", weights=[
                {"W": [[0.1] * 4] * 2, "b": [-50.0] * 4},
                {"W": [[0.1 * k] * 4 for k in range(4)], "b": [0.0, 0.1, 0.2, 0.3]},
                {"W": [[0.1]] * 4, "b": [0.0]},
            ])},
            0,
            "dead",
            "network.layers.0.activation",
        ),
        ({"network": net([4, 4], "tanh", initializer="zeros")}, 3, "symmetric",
         "network.initializer"),
    ],
)  # fmt: skip
def test_the_change_silences_the_alarm(
    changes: dict[str, Any], step: int, kind: str, path: str
) -> None:
    experiment = recipe(**changes)
    raised = alarm(experiment, step, kind)
    assert raised["change"]["path"] == path
    after = alarms(changed(experiment, raised["change"]), step)
    assert (kind, raised["layer"]) not in {(each["kind"], each["layer"]) for each in after}


def test_given_equal_weights_are_replaced_by_random_ones() -> None:
    same = [{"W": [[0.5] * 3] * 2, "b": [0.0] * 3}, {"W": [[0.5]] * 3, "b": [0.0]}]
    experiment = recipe(network=net([3], "tanh", weights=same))
    raised = alarm(experiment, 0, "symmetric")
    assert raised["change"] == {"path": "network.weights", "value": None}
    assert not alarms(changed(experiment, raised["change"]), 0)


def test_an_activation_that_an_edit_has_set_is_changed_there() -> None:
    edits = [
        {"step": 0, "set": "activation1", "to": "tanh"},
        {"step": 0, "set": "b1[0]", "to": -900.0},
        {"step": 0, "set": "b1[1]", "to": -900.0},
        {"step": 0, "set": "activation1", "to": "relu"},
        {"step": 50, "set": "activation1", "to": "elu"},
    ]
    experiment = recipe(network=net([2], "sigmoid"), edits=edits)
    raised = alarm(experiment, 2, "dead")
    assert raised["change"] == {"path": "edits.3.to", "value": "leaky_relu"}


def test_a_rate_that_an_edit_has_set_is_changed_there() -> None:
    edits = [{"step": 1, "set": "learning_rate", "to": 1e30}]
    experiment = fitting("sine", edits=edits)
    asked = explorer()
    asked.create(experiment)
    told = frame(asked, experiment, 50)["diverged"]
    assert told["change"]["path"] == "edits.0.to"
    asked.create(changed(experiment, told["change"]))
    assert frame(asked, changed(experiment, told["change"]), 50)["diverged"] is None


def test_a_rate_that_is_too_large_is_the_cause_of_what_follows() -> None:
    experiment = Recipe(optimizer={"learning_rate": 48.0})
    found = alarms(experiment, 40)
    assert {each["kind"] for each in found} == {"vanishing", "saturated"}
    for each in found:
        assert "learning rate 48 " in each["cause"]["text"]
        assert each["cause"]["suggestion"] == {"set": "learning_rate", "to": 0.1}
        assert each["change"] == {"path": "optimizer.learning_rate", "value": 0.1}
    assert not alarms(changed(experiment, found[0]["change"]), 40)
    # Before any update the rate has done nothing.
    first = recipe(network=net([6] * 9, "sigmoid"), optimizer={"learning_rate": 48.0})
    assert alarm(first, 0, "vanishing")["cause"] is None


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_ratio_is_that_of_the_next_update(name: str) -> None:
    asked, experiment = explorer(), recipe(optimizer={"name": name})
    asked.create(experiment)
    for step in (0, 13):
        now, then = frame(asked, experiment, step), frame(asked, experiment, step + 1)
        for before, after in zip(now["layers"], then["layers"], strict=True):
            expected = np.linalg.norm(after["W"] - before["W"]) / np.linalg.norm(before["W"])
            assert before["gradient"]["update_ratio"] == pytest.approx(expected, rel=1e-12)


def test_weights_of_zero_have_no_ratio() -> None:
    asked, experiment = explorer(), recipe(network=net([3], "tanh", initializer="zeros"))
    asked.create(experiment)
    assert [each["gradient"]["update_ratio"] for each in frame(asked, experiment, 0)["layers"]] == [
        None,
        None,
    ]


def test_a_rate_of_zero_makes_no_update() -> None:
    still = recipe(optimizer={"name": "sgd", "learning_rate": 0.0})
    asked = explorer()
    asked.create(still)
    for layer in frame(asked, still, 4)["layers"]:
        assert layer["gradient"]["update_ratio"] == 0.0

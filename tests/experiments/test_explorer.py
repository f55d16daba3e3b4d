"""The explorer as notebooks and routes use it: threads, bounded memory, pure results."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backprop_explorer.engine.errors import LimitExceeded, NotFound, NotReached
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.experiments.frame_parts import Wanted
from backprop_explorer.experiments.initial_state import MAX_TRACE_NUMBERS
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.limits import Limits
from tests.helpers.experiments import bits, explorer, frame, kept, recipe
from tests.helpers.networks import gradient_ids


def test_an_unknown_experiment_is_not_found() -> None:
    with pytest.raises(NotFound, match="POST its recipe again"):
        explorer().initial_state("0" * 20)


def test_creating_twice_is_creating_once() -> None:
    asked, experiment = kept()
    frame(asked, experiment, 40)
    first = asked.initial_state(experiment.id)
    assert asked.create(experiment) is first
    assert asked.create(Recipe.model_validate(experiment.model_dump(mode="json"))) is first


def test_an_invalid_recipe_is_not_stored() -> None:
    asked = explorer(max_units=2)
    with pytest.raises(LimitExceeded):
        asked.create(recipe())
    with pytest.raises(NotFound):
        asked.initial_state(recipe().id)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_update_of_a_trace_is_the_next_frame(name: str) -> None:
    asked, experiment = kept(optimizer={"name": name, "schedule": {"name": "cosine", "steps": 50}})
    for step in (0, 1, 7, 33):
        made = asked.trace(experiment.id, step, None)
        traced, at, rows = made
        now, following = (frame(asked, experiment, each) for each in (step, step + 1))
        assert (at, rows) == (step, now["batch"]["rows"].tolist())
        for k, (layer, after) in enumerate(zip(now["layers"], following["layers"], strict=True)):
            for letter in "Wb":
                assert traced[f"{letter}{k + 1}"].tobytes() == layer[letter].tobytes()
                name_ = f"dC_d{letter}"
                assert traced[f"{name_}{k + 1}"].tobytes() == layer[name_].tobytes()
                assert traced[f"{letter}{k + 1}_next"].tobytes() == after[letter].tobytes()


def test_the_trace_of_one_sample_is_what_the_frame_shows_of_it() -> None:
    asked, experiment = kept()
    made = asked.trace(experiment.id, 20, 11)
    traced, _, rows = made
    assert rows == [11]
    shown = frame(asked, experiment, 20, sample=11)
    assert shown["input"].tolist() == traced["x"][0].tolist()
    for k, layer in enumerate(shown["layers"], start=1):
        for name, values in layer["neurons"].items():
            if values is not None:
                assert values.tolist() == traced[f"{name}{k}"][0].tolist()
    assert shown["layers"][-1]["neurons"]["dC_da"] is None
    assert "dC_da3" not in gradient_ids(traced)


def test_an_unfused_trace_shows_the_gradient_of_the_output() -> None:
    asked, experiment = kept()
    state = asked.initial_state(experiment.id)
    state.objective = replace(state.objective, biases=True)
    made = asked.trace(experiment.id, 20, 11, fused=False, reduction="sum", jacobians=True)
    assert {"dC_da3", "dC_dz3"} <= set(gradient_ids(made[0]))
    assert made[0].objective == replace(state.objective, fused=False, reduction="sum")


def test_a_trace_after_an_edit_has_the_edited_network() -> None:
    asked, experiment = kept(
        edits=[
            {"step": 5, "set": "activation1", "to": "relu"},
            {"step": 5, "set": "optimizer", "to": {"name": "adam"}},
        ]
    )
    before, after = (asked.trace(experiment.id, step, None) for step in (4, 5))
    assert before[0].network.layers[0].activation == "tanh"
    assert after[0].network.layers[0].activation == "relu"
    assert "update_count" not in before[0].givens
    assert after[0].givens["update_count"] == 1


def test_a_far_frame_reports_progress_and_gets_there() -> None:
    experiment = recipe()
    patient, hasty = explorer(), explorer(frame_budget_seconds=1e-9)
    patient.create(experiment)
    hasty.create(experiment)
    reached = []
    found: Any = None
    for _ in range(91):
        try:
            found = hasty.frame(experiment.id, 90, Wanted())
            break
        except NotReached as progress:
            reached.append((progress.reached, progress.target))
    assert reached == sorted(set(reached))
    assert {target for _, target in reached} == {90}
    assert 0 < len(reached) <= 90
    assert bits(found) == bits(frame(patient, experiment, 90))
    assert hasty.trace(experiment.id, 90, None)[1] == 90


def test_history_points_are_those_of_the_frames() -> None:
    asked, experiment = kept()
    for point in (asked.point(experiment.id, step) for step in (0, 20, 40, 60)):
        shown = frame(asked, experiment, point["step"])
        assert point["cost_train"] == shown["cost"]["train"]
        assert point["score_test"] == shown["score"]["test"]
        assert point["epoch"] == shown["epoch"] == point["step"] // 4
        assert point["W_norm"] == [layer["gradient"]["W_norm"] for layer in shown["layers"]]


def test_a_trace_that_is_too_large_is_refused() -> None:
    """The limit is checked before training, and only for the batch; one sample always fits."""
    asked = explorer()
    wide = recipe(
        dataset={"name": "moons", "samples": 1000},
        network={"layers": [{"units": 449}, {"units": 450}, {"units": 1}]},
        batch={"size": None},
    )
    asked.create(wide)
    with pytest.raises(LimitExceeded) as caught:
        asked.trace(wide.id, 900_000, None)
    assert (caught.value.field, caught.value.limit) == ("sample", MAX_TRACE_NUMBERS // 900)
    asked.trace(wide.id, 0, 3)


def test_limits_are_those_of_the_settings() -> None:
    assert explorer(max_grid=9).limits == Limits(max_grid=9, frame_budget_seconds=60)

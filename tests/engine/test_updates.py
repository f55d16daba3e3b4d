"""Updates: settings, givens, lines and state of an optimizer."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.engine.updates import (
    Update,
    state_values,
    update_givens,
    update_steps,
    zero_state,
)
from tests.helpers.networks import build


def test_defaults_are_filled_in() -> None:
    update = Update("adam", parameters={"beta1": 0.5})
    assert update.parameters == {"beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8}
    assert update.optimizer is OPTIMIZERS["adam"]
    assert update.schedule_entry is SCHEDULES["constant"]
    assert Update(schedule="cosine").schedule_parameters == {"steps": 2000, "floor": 0.0}


@pytest.mark.parametrize(
    ("arguments", "error", "field"),
    [
        ({"name": "sdg"}, UnknownName, "optimizer.name"),
        ({"schedule": "steps"}, UnknownName, "optimizer.schedule.name"),
        ({"parameters": {"momentum": 0.9}}, InvalidInput, "optimizer.momentum"),
        ({"name": "momentum", "parameters": {"momentum": 1.5}}, InvalidInput, "optimizer.momentum"),
        ({"name": "adam", "parameters": {"beta1": 1.0}}, InvalidInput, "optimizer.beta1"),
        ({"name": "adam", "parameters": {"epsilon": 0.0}}, InvalidInput, "optimizer.epsilon"),
        (
            {"schedule": "step", "schedule_parameters": {"every": 0.5}},
            InvalidInput,
            "optimizer.schedule.every",
        ),
        (
            {"schedule": "cosine", "schedule_parameters": {"every": 5}},
            InvalidInput,
            "optimizer.schedule.every",
        ),
    ],
)
def test_invalid_settings_name_their_field(
    arguments: dict[str, object], error: type[InvalidInput], field: str
) -> None:
    with pytest.raises(error) as caught:
        Update(**arguments)  # type: ignore[arg-type]
    assert caught.value.field == field


def test_givens_of_an_update() -> None:
    assert update_givens(Update("sgd", 0.1), step=7, count=3) == {"learning_rate": 0.1}
    given = update_givens(Update("adam", 0.1, schedule="cosine"), step=7, count=3)
    assert given == {
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
        "update_count": 3,
        "base_learning_rate": 0.1,
        "step": 7,
        "steps": 2000,
        "floor": 0.0,
    }


def test_lines_of_an_update() -> None:
    network = build(2, (3, "tanh"), (1, "sigmoid"))
    steps = update_steps(network, Update("momentum", schedule="step"))
    assert [step.id for step in steps] == [
        "learning_rate",
        *(name for p in ("W1", "b1", "W2", "b2") for name in (f"velocity_{p}_next", f"{p}_next")),
    ]
    assert {step.phase for step in steps} == {"update"}
    assert [step.axes for step in steps] == ["", "ij", "ij", "j", "j", "ij", "ij", "j", "j"]
    assert steps[1].inputs == ("velocity_W1", "dC_dW1", "momentum", "learning_rate")


def test_state_starts_at_zero_and_has_the_parameters_shapes() -> None:
    network = build(2, (3, "tanh"))
    state = zero_state(network, Update("adam"))
    assert list(state) == ["m", "v"]
    values = state_values(state)
    assert {name: array.shape for name, array in values.items()} == {
        "m_W1": (2, 3),
        "m_b1": (3,),
        "v_W1": (2, 3),
        "v_b1": (3,),
    }
    assert not any(array.any() for array in values.values())
    assert zero_state(network, Update("sgd")) == {}
    # The values are views: traces read the state that training writes.
    state["m"].flat[...] = 1.0
    assert np.all(values["m_W1"] == 1.0)

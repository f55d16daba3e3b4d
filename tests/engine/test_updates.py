"""Updates: settings, givens, lines and state of an optimizer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.dense import dense_graph
from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.engine.network import Layer, Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.engine.trace import Trace, trace
from backprop_explorer.engine.updates import (
    InPlaceUpdate,
    Update,
    state_values,
    update_givens,
    with_update,
    zero_state,
)
from tests.helpers.networks import build
from tests.helpers.replays import differing_lines


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
    graph = with_update(dense_graph(network, Objective()), Update("momentum", schedule="step"))
    lines = graph.of_role("update")
    assert [line.id for line in lines] == [
        "learning_rate",
        *(name for p in ("W1", "b1", "W2", "b2") for name in (f"velocity_{p}_next", f"{p}_next")),
    ]
    assert [line.axes for line in lines] == ["", "ij", "ij", "j", "j", "ij", "ij", "j", "j"]
    assert lines[1].inputs == ("velocity_W1", "dC_dW1", "momentum", "learning_rate")


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


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_layers_with_learning_rates_of_their_own(optimizer: str, schedule: str) -> None:
    """Each parameter moves as with its layer's rate alone; the training in place has the bits."""
    network = Network(2, (Layer(3, "tanh"), Layer(1, "sigmoid")))
    rng = np.random.default_rng(1)
    parameters = Parameters(network, rng.standard_normal(network.parameter_count))
    x, target = rng.standard_normal((4, 2)), rng.random((4, 1))
    factors = (0.25, 3.0)

    def made(**more: Any) -> Trace:
        update = Update(optimizer, schedule=schedule, **more)
        return trace(network, parameters, Objective(), x, target, update=update, step=3)

    found = made(learning_rate=0.1, layer_factors=factors)
    assert not list(differing_lines(found))
    gradient = Parameters(network)
    for layer, factor in enumerate(factors, start=1):
        rate = found[f"learning_rate{layer}"]
        assert rate == factor * found.values()["learning_rate"]
        alone = made(learning_rate=0.1 * factor)
        for name in (f"W{layer}", f"b{layer}"):
            np.testing.assert_allclose(found[f"{name}_next"], alone[f"{name}_next"], rtol=1e-14)
            gradient.named()[name][...] = found[f"dC_d{name}"]
    update = Update(optimizer, 0.1, schedule=schedule, layer_factors=factors)
    moved = Parameters(network, parameters.flat.copy())
    InPlaceUpdate(update, moved, gradient, zero_state(network, update))(3, 1)
    for name, values in moved.named().items():
        assert values.tobytes() == found[f"{name}_next"].tobytes()

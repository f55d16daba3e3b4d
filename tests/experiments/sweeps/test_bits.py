"""Every cell of a sweep has the bits of the single run with its recipe."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.experiments.history import z_norms
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.sweeps import MEASURES, Sweep
from backprop_explorer.experiments.sweeps.groups import Groups, by_column
from backprop_explorer.experiments.sweeps.measures import Measure
from backprop_explorer.experiments.sweeps.tiles import TileRun, tiles_of
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.limits import Limits
from backprop_explorer.tape import native
from tests.helpers.cases import each_value_once

Array = np.ndarray[Any, np.dtype[np.float64]]
RATES = {"field": "optimizer.learning_rate", "values": [0.003, 0.1, 1.0, 40.0, 1e60]}


def layers(*units: int, activation: str = "tanh") -> dict[str, Any]:
    hidden = [{"units": n, "activation": activation} for n in units]
    return {"layers": [*hidden, {"units": 1, "activation": "sigmoid"}]}


def swept(sweep: Sweep, deadline: float = math.inf) -> tuple[Array, Array]:
    """(values, diverged), each (rows, columns)."""
    native.load()
    groups = Groups(sweep, Limits(), lambda _: None)
    found = np.full((3, sweep.cells), np.nan)
    for cells in tiles_of(sweep, by_column(sweep)):
        run, made = TileRun(groups, cells), None
        while made is None:
            made = run.advance(deadline)
        found[:, cells] = made
    return found[0].reshape(sweep.shape), found[2].reshape(sweep.shape)


def alone(sweep: Sweep, indices: tuple[int, ...]) -> tuple[float, float]:
    """(value, diverged) of a cell, by the run that a frame of its experiment shows."""
    try:
        state = InitialState(sweep.recipe_of(indices), Limits())
        state.prepare()
    except InvalidInput:
        return math.nan, math.nan
    run = TrainingRun(state, 10**7)
    reached = run.state(sweep.step, math.inf)
    if reached.step < sweep.step:
        assert run.diverged is not None
        at = float(run.diverged)
        return at if sweep.measure == "diverged_at" else math.nan, at
    trainer, backprop = run.record(reached)
    norms = z_norms(backprop, trainer.network.depth)
    measures = trainer.measures(sweep.step)
    found: dict[str, float | None] = {
        "cost.train": measures.cost_train,
        "cost.test": measures.cost_test,
        "score.train": measures.score_train,
        "score.test": measures.score_test,
        "gradient_ratio": norms[0] / norms[-1] if norms[-1] else None,
        "diverged_at": None,
    }
    value = found[sweep.measure]
    return math.nan if value is None else value, math.nan


def compare(body: dict[str, Any], deadline: float = math.inf) -> Array:
    """Compare every cell; return the values."""
    sweep = Sweep.model_validate({"step": 60, **body})
    values, diverged = swept(sweep, deadline)
    expected = np.array(
        [
            [alone(sweep, (r, c)[: len(sweep.axes)]) for c in range(sweep.shape[1])]
            for r in range(sweep.shape[0])
        ]
    )
    assert values.tobytes() == expected[..., 0].tobytes()
    assert diverged.tobytes() == expected[..., 1].tobytes()
    return values


@pytest.mark.parametrize(
    ("optimizer", "batch"), each_value_once(list(OPTIMIZERS), [1, 10, 32, None])
)
def test_optimizers_and_batches(optimizer: str, batch: int | None) -> None:
    recipe = {"optimizer": {"name": optimizer}, "batch": {"size": batch}, "network": layers(4, 2)}
    values = compare({"recipe": recipe, "axes": [RATES]})
    assert np.isfinite(values).sum() >= 3
    assert len(np.unique(values)) >= 3


LAYERS = [
    {"field": "optimizer.learning_rate.1", "values": [0.003, 0.5, 1e60]},
    {"field": "optimizer.learning_rate.3", "values": [0.1, 2.0]},
]


@pytest.mark.parametrize(
    ("schedule", "optimizer"), each_value_once(list(SCHEDULES), list(OPTIMIZERS))
)
def test_learning_rates_of_layers(optimizer: str, schedule: str) -> None:
    part = {"name": optimizer, "schedule": {"name": schedule}}
    values = compare({"recipe": {"optimizer": part}, "axes": LAYERS, "step": 30})
    assert len(np.unique(values[:2])) == 4


def test_learning_rates_of_layers_beside_other_axes_and_edits() -> None:
    given = {"optimizer": {"learning_rate": 0.3, "layer_factors": [1, 0.5, 2]}}
    for axes in ([LAYERS[0], RATES], [RATES, LAYERS[1]], [{**RATES, "values": [0.1, 1.0]}]):
        compare({"recipe": given, "axes": axes, "step": 20})
    depths = {"field": "network.depth", "values": [1, 3]}
    values = compare({"axes": [depths, LAYERS[0]], "step": 20})
    assert np.isfinite(values[:, 0]).all()
    adam = {"name": "adam", "layer_factors": [1, 2, 3]}
    for edit in ({"set": "learning_rate", "to": 0.5}, {"set": "optimizer", "to": adam}):
        for step in (0, 7):
            compare({"recipe": {"edits": [{"step": step, **edit}]}, "axes": LAYERS, "step": 20})


@pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a != "softmax"])
def test_activations(activation: str) -> None:
    recipe = {"batch": {"size": 10}, "network": layers(5, 3, activation=activation)}
    compare({"recipe": {**recipe, "penalty": {"l2": 0.01}}, "axes": [RATES]})


LATE_EDIT = {"step": 7, "set": "b1[0]", "to": 0.5}


@pytest.mark.parametrize("edits", [[], [LATE_EDIT]], ids=["in lockstep", "one by one"])
@pytest.mark.parametrize("measure", [m for m in MEASURES if not m.startswith("steps")])
def test_measures(measure: str, edits: list[Any]) -> None:
    recipe: dict[str, Any] = {"dataset": {"name": "iris"}, "cost": {"name": "cross_entropy"}}
    recipe["network"] = {"layers": [{"units": 4}, {"units": 3, "activation": "softmax"}]}
    seeds = {"field": "network.seed", "values": [0, 5]}
    compare({"recipe": {**recipe, "edits": edits}, "axes": [RATES, seeds], "measure": measure})


@pytest.mark.parametrize("goal", [None, 3.0])
def test_one_entry_is_a_new_measure_for_runs_of_both_kinds(
    monkeypatch: pytest.MonkeyPatch, goal: float | None
) -> None:
    """An entry says how its number is read from a trainer; no runner knows the entries."""
    entry = Measure("step", "step", "", lambda _, step: 10.0 - step, to_goal=goal is not None)
    monkeypatch.setitem(MEASURES._entries, "step", entry)
    for edits in ([], [LATE_EDIT]):
        body = {"recipe": {"edits": edits}, "axes": [RATES], "step": 8, "goal": goal}
        values, _ = swept(Sweep.model_validate({**body, "measure": "step"}))
        assert values[:4, 0].tolist() == [2.0 if goal is None else 7.0] * 4


AXES: list[list[tuple[str, list[Any]]]] = [
    [("optimizer.name", list(OPTIMIZERS)), ("optimizer.learning_rate", [0.01, 0.1])],
    [("network.depth", [0, 1, 4]), ("network.activation", ["tanh", "sigmoid", "leaky_relu(0.1)"])],
    [("W1[0,1]", [-3.0, 0.0, 2.5]), ("b2[0]", [1.0, 1e60])],
    [("network.initializer", ["zeros", "he_normal", "constant"]), ("network.units", [1, 30])],
    [("batch.size", [1, 7, 300]), ("batch.seed", [0, 1])],
    [("dataset.noise", [0.0, 0.4]), ("dataset.seed", [0, 3])],
    [("network.layers.0.units", [1, 9]), ("optimizer.learning_rate", [0.1, 3])],
    [("optimizer.learning_rate", [0.1, 3, 1e60]), ("penalty.l1", [0.0, 0.1])],
]


@pytest.mark.parametrize("axes", AXES, ids=lambda axes: " x ".join(field for field, _ in axes))
def test_axes(axes: list[tuple[str, list[Any]]]) -> None:
    compare({"axes": [{"field": field, "values": values} for field, values in axes]})


def test_training_with_edits() -> None:
    edits = [
        {"step": 0, "set": "W1[0,0]", "to": 2.0},
        {"step": 20, "set": "optimizer", "to": {"name": "adam"}},
        {"step": 60, "set": "b1[1]", "to": 1.0},
    ]
    axes = [{"field": "W1[0,0]", "values": [0.5, -1.0]}, RATES]
    compare({"recipe": {"edits": edits[:1]}, "axes": axes})
    compare({"recipe": {"edits": edits}, "axes": axes})
    rate = {"step": 0, "set": "learning_rate", "to": 0.5}
    values = compare({"recipe": {"edits": [rate]}, "axes": [RATES]})
    assert len(np.unique(values)) == 1


def test_slices_of_time_change_nothing() -> None:
    recipe = {"optimizer": {"name": "adam"}, "batch": {"size": 10}}
    compare({"recipe": recipe, "axes": [RATES], "step": 300}, deadline=0.0)


def test_without_the_native_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = Sweep.model_validate({"axes": [RATES], "step": 40})
    expected = swept(sweep)
    monkeypatch.setattr("backprop_explorer.tape.tape.native.loaded", lambda: None)
    monkeypatch.setattr("backprop_explorer.tape.tape.native.load", lambda: None)
    found = swept(sweep)
    assert [each.tobytes() for each in found] == [each.tobytes() for each in expected]


@pytest.mark.parametrize("edits", [[], [LATE_EDIT]])
def test_steps_until_a_cost_is_reached(edits: list[Any]) -> None:
    body = {"recipe": {"edits": edits}, "axes": [RATES], "step": 50}
    sweep = Sweep.model_validate({**body, "measure": "steps_to_cost.train", "goal": 0.55})
    values, diverged = swept(sweep)
    for k in range(len(RATES["values"])):
        state = InitialState(sweep.recipe_of((k,)), Limits())
        run = TrainingRun(state, 10**7)
        found = math.nan
        for step in range(sweep.step + 1):
            reached = run.state(step, math.inf)
            if reached.step < step:
                break
            trainer, _ = run.record(reached)
            if trainer.measures(step).cost_train <= 0.55:
                found = step
                break
        assert values[k, 0] == found or (math.isnan(found) and math.isnan(values[k, 0]))
    assert 0 < np.isfinite(values).sum() < values.size
    assert np.isfinite(diverged[-1, 0])


def test_repeats_are_runs_with_other_seeds() -> None:
    body: dict[str, Any] = {"axes": [RATES], "step": 30}
    sweep = Sweep.model_validate({**body, "repeats": 3})
    groups = Groups(sweep, Limits(), lambda _: None)
    [tile] = tiles_of(sweep)
    found = TileRun(groups, tile).advance(math.inf)
    assert found is not None
    runs = []
    for r in range(3):
        recipe = {"network": {"seed": r}, "batch": {"seed": r}}
        runs.append(swept(Sweep.model_validate({**body, "recipe": recipe}))[0][:, 0])
    np.testing.assert_array_equal(found[0], np.mean(runs, axis=0))
    np.testing.assert_array_equal(found[1], np.std(runs, axis=0, ddof=1))
    assert np.isnan(found[0, -1])
    assert np.isfinite(found[2, -1])

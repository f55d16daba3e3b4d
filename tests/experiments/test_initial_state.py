"""What a recipe determines, and every invalid recipe with the field named in its error."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from backprop_explorer.datasets import DATASETS
from backprop_explorer.engine.errors import LimitExceeded
from backprop_explorer.experiments.initial_state import MAX_BATCH_NUMBERS, InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.limits import Limits
from tests.helpers.experiments import fitting, recipe


def initial_state(limits: Limits | None = None, **parts: Any) -> InitialState:
    made = InitialState(Recipe.model_validate(parts), limits or Limits())
    made.prepare()
    return made


def layers(*units: int, output: str = "sigmoid", hidden: str = "tanh") -> dict[str, Any]:
    shown = [{"units": each, "activation": hidden} for each in units]
    shown[-1]["activation"] = output
    return {"layers": shown}


def edit(what: str, to: Any, step: int = 3) -> list[dict[str, Any]]:
    return [{"step": step, "set": what, "to": to}]


# Posted in tests/api/test_experiments.py.
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"dataset": {"name": "moon"}}, "dataset.name", "did you mean 'moons'"),
    ({"dataset": {"samples": 3}}, "dataset.samples", "between 4 and 10,000"),
    ({"dataset": {"samples": 10.5}}, "dataset.samples", "whole"),
    ({"dataset": {"samples": 1e100}}, "dataset.samples", "between"),
    ({"dataset": {"noise": -1}}, "dataset.noise", "between"),
    ({"dataset": {"name": "blobs", "classes": 1e100}}, "dataset.classes", "between 2 and 5"),
    ({"dataset": {"name": "blobs", "classes": -3}}, "dataset.classes", "between 2 and 5"),
    ({"dataset": {"turns": 1}}, "dataset.turns", "unknown parameter"),
    (
        {**fitting("iris").model_dump(mode="json"), "dataset": {"name": "iris", "samples": 10}},
        "dataset.samples",
        "no parameters",
    ),
    ({"cost": {"name": "mean"}}, "cost.name", "unknown cost"),
    ({"cost": {"reduction": "average"}}, "cost.reduction", "unknown reduction"),
    ({"cost": {"name": "mae"}}, "cost.name", "does not suit a classification"),
    (
        {"dataset": {"name": "sine"}, "network": layers(1, output="identity")},
        "cost.name",
        "does not suit a regression",
    ),
    ({"network": {"initializer": "xavier"}}, "network.initializer", "did you mean 'xavier_"),
    ({"network": {"initializer": "constant", "value": 101}}, "network.value", "100"),
    ({"network": layers(4, 1, hidden="rely")}, "network.layers.0.activation", "'relu'"),
    ({"network": layers(4, 3)}, "network.layers.1.units", "1 or 2 units"),
    ({"network": layers(4, 1, output="softmax")}, "network.layers.1.activation", "always 1"),
    (
        {"dataset": {"name": "blobs"}, "cost": {"name": "cross_entropy"}, "network": layers(4, 2)},
        "network.layers.1.units",
        "needs 3 units",
    ),
    (
        {"dataset": {"name": "sine"}, "cost": {"name": "mse"}, "network": layers(4, 2)},
        "network.layers.1.units",
        "1 unit",
    ),
    (
        {"network": {**layers(1), "weights": [{"W": [[1.0], [2.0, 3.0]], "b": [0.0]}]}},
        "network.weights.0.W",
        "different lengths",
    ),
    (
        {"network": {**layers(1), "weights": [{"W": [[1.0, 2.0]], "b": [0.0]}]}},
        "network.weights.0.W",
        "(2, 1) (n_in, n_out) needed",
    ),
    (
        {"network": {**layers(1), "weights": [{"W": [[1.0], [2.0]], "b": [0.0, 1.0]}]}},
        "network.weights.0.b",
        "(1,) needed",
    ),
    ({"network": {**layers(2, 1), "weights": []}}, "network.weights", "2 layers"),
    (
        {"network": {**layers(1), "weights": [{"W": [[1e90], [0.0]], "b": [0.0]}]}},
        "network.weights",
        "overflow",
    ),
    ({"optimizer": {"name": "sdg"}}, "optimizer.name", "did you mean 'sgd'"),
    ({"optimizer": {"momentum": 0.5}}, "optimizer.momentum", "no such parameter"),
    ({"optimizer": {"name": "adam", "beta1": 1}}, "optimizer.beta1", "between"),
    ({"optimizer": {"schedule": {"name": "exp"}}}, "optimizer.schedule.name", "unknown schedule"),
    (
        {"optimizer": {"schedule": {"name": "step", "every": 0}}},
        "optimizer.schedule.every",
        "between",
    ),
    ({"edits": edit("W9[0,0]", 1.0)}, "edits.0.set", "from 1 to 3"),
    ({"edits": edit("W0[0,0]", 1.0)}, "edits.0.set", "from 1 to 3"),
    ({"edits": edit("W1[2,0]", 1.0)}, "edits.0.set", "W1 is (2, 4)"),
    ({"edits": edit("W1[0,4]", 1.0)}, "edits.0.set", "W1 is (2, 4)"),
    ({"edits": edit("b1[4]", 1.0)}, "edits.0.set", "b1 is (4,)"),
    ({"edits": edit("x[0,2]", 1.0)}, "edits.0.set", "2 features"),
    ({"edits": edit("x[210,0]", 1.0)}, "edits.0.set", "from 0 to 209"),
    ({"edits": edit("target[210]", 1.0)}, "edits.0.set", "from 0 to 209"),
    ({"edits": edit("target[0,0]", 1.0)}, "edits.0.set", "one target: target[0]"),
    ({"edits": edit("target[0]", 2.0)}, "edits.0.to", "from 0 to 1"),
    ({"edits": edit("target[0]", 0.5)}, "edits.0.to", "a class"),
    ({"edits": edit("x[0,0]", 1.1e9)}, "edits.0.to", "1,000,000,000"),
    ({"edits": edit("learning_rate", -1.0)}, "edits.0.to", "negative"),
    ({"edits": edit("activation1", "rely")}, "edits.0.to", "'relu'"),
    ({"edits": edit("activation3", "softmax")}, "edits.0.to", "always 1"),
    ({"edits": edit("optimizer", {"name": "sdg"})}, "edits.0.to.name", "'sgd'"),
    ({"edits": edit("optimizer", {"name": "adam", "beta1": 2})}, "edits.0.to.beta1", "between"),
]


LIMITED: list[tuple[str, int, dict[str, Any], str]] = [
    ("max_layers", 3, {"network": layers(4, 4, 1)}, "network.layers"),
    ("max_units", 7, {"network": layers(7, 1)}, "network.layers.0.units"),
    ("max_parameters", 37, {}, "network.layers"),
    ("max_samples", 300, {}, "dataset.samples"),
    ("max_samples", 150, fitting("iris").model_dump(mode="json"), "dataset.samples"),
    ("max_edits", 1, {"edits": edit("b1[0]", 1.0)}, "edits"),
]


@pytest.mark.parametrize(("name", "least", "parts", "field"), LIMITED)
def test_limits_are_exact(name: str, least: int, parts: dict[str, Any], field: str) -> None:
    initial_state(Limits(**{name: least}), **parts)
    with pytest.raises(LimitExceeded) as caught:
        initial_state(Limits(**{name: least - 1}), **parts)
    assert caught.value.field == field
    assert caught.value.limit == least - 1


def test_a_batch_that_would_need_too_much_memory_is_refused() -> None:
    wide = layers(499, 500, 1)
    most = MAX_BATCH_NUMBERS // 1000
    parts = {"dataset": {"samples": 10_000, "test_fraction": 0}, "network": wide}
    limits = Limits(max_parameters=300_000)
    assert initial_state(limits, **parts, batch={"size": most}).batch_size == most
    with pytest.raises(LimitExceeded, match="4,000 samples in a batch") as caught:
        initial_state(limits, **parts, batch={"size": most + 1})
    assert caught.value.field == "batch.size"
    # The limit applies to the actual batch, not to the requested size.
    few = {"dataset": {"samples": 100}, "network": wide}
    initial_state(limits, **few, batch={"size": None})
    initial_state(limits, **few, batch={"size": 1_000_000})


def test_batches_and_epochs() -> None:
    for size, steps, first in [(8, 4, 8), (28, 1, 28), (1000, 1, 28), (None, 1, 28), (1, 28, 1)]:
        made = InitialState(recipe(batch={"size": size}), Limits())
        assert (made.steps_per_epoch, len(made.rows(0))) == (steps, first)


def test_targets_are_a_column_or_one_hot() -> None:
    column = InitialState(recipe(), Limits())
    assert column.train[1].shape == (28, 1)
    assert set(column.train[1].ravel()) == {0.0, 1.0}
    pair = InitialState(
        recipe(network=layers(3, 2, output="softmax"), cost={"name": "cross_entropy"}), Limits()
    )
    assert pair.train[1].shape == (28, 2)
    assert (pair.train[1].sum(axis=1) == 1).all()
    assert (pair.train[1].argmax(axis=1) == column.train[1].ravel()).all()
    numbers = InitialState(fitting("sine"), Limits())
    assert numbers.train[1].shape == (35, 1)


def test_without_a_test_part_there_are_no_rows() -> None:
    made = InitialState(
        recipe(dataset={"name": "moons", "samples": 40, "test_fraction": 0}), Limits()
    )
    assert made.train[0].shape == (40, 2)
    assert made.test[0].shape == (0, 2)
    assert made.test[1].shape == (0, 1)


def test_given_weights_are_the_first_ones() -> None:
    weights = [{"W": [[1.0, 2.0], [3.0, 4.0]], "b": [5.0, 6.0]}, {"W": [[7.0], [8.0]], "b": [9.0]}]
    made = initial_state(network={**layers(2, 1), "weights": weights})
    assert made.parameters.flat.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert TrainingRun(made, 1).state(0, 0.0).parameters.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_edits_at_one_step_act_in_the_order_given() -> None:
    edits = [
        {"step": 9, "set": "b1[0]", "to": 1.0},
        {"step": 4, "set": "learning_rate", "to": 0.5},
        {"step": 9, "set": "b1[0]", "to": 2.0},
        {"step": 9, "set": "optimizer", "to": {"name": "adam"}},
        {"step": 12, "set": "activation1", "to": "relu"},
    ]
    made = initial_state(edits=edits)
    assert [segment.start for segment in made.segments] == [0, 4, 9, 12]
    assert [made.segment(step) for step in (0, 3, 4, 8, 9, 11, 12, 10**6)] == [
        *(0, 0, 1, 1, 2, 2, 3, 3)
    ]
    assert made.segments[2].writes == (("b1", 0, 1.0), ("b1", 0, 2.0))
    assert [segment.fresh for segment in made.segments] == [False, False, True, False]
    assert [segment.rate_field for segment in made.segments] == [
        "learning_rate",
        "edits.1.to",
        "edits.3.to.learning_rate",
        "edits.3.to.learning_rate",
    ]
    assert made.segments[3].network.layers[0].activation == "relu"
    assert made.network.layers[0].activation == "tanh"


def test_an_edit_at_step_0_changes_the_start() -> None:
    made = initial_state(edits=edit("W1[1,3]", 0.125, step=0))
    run = TrainingRun(made, 1)
    assert run.state(0, 0.0).parameters[7] == 0.125
    assert made.parameters.flat[7] != 0.125


def test_warnings_for_probable_mistakes() -> None:
    assert initial_state().warnings() == []
    [found] = initial_state(network=layers(4, 1, output="tanh")).warnings()
    assert "meant for an output layer of" in found
    [found] = initial_state(network=layers(4, 4, 1, hidden="softmax")).warnings()
    assert "Softmax in a hidden layer" in found
    regression = {"dataset": {"name": "sine"}, "cost": {"name": "mse"}}
    found = initial_state(**regression, network=layers(4, 1, output="sigmoid")).warnings()
    assert any("cannot reach" in each for each in found)


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_has_a_network_that_suits_it(name: str) -> None:
    made = InitialState(fitting(name), Limits())
    made.prepare()
    assert made.warnings() == []
    assert made.network.inputs == made.train[0].shape[1] == DATASETS[name].features
    assert np.isfinite(made.train[0]).all()
    assert made.max_square > 1e10


def test_many_threads_see_one_set_of_data() -> None:
    made = InitialState(fitting("iris"), Limits())
    begin = threading.Barrier(8)
    found: list[bytes] = []

    def look() -> None:
        begin.wait()
        found.append(made.train[0].tobytes() + made.split.test_rows.tobytes())

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1

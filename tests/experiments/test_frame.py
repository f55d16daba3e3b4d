"""A frame is a function of recipe and step: complete, finite, the same bits every time."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import cycle
from typing import Any

import numpy as np
import orjson
import pytest

from backprop_explorer.compute.encoding import dumps
from backprop_explorer.datasets import DATASETS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.dense import predict
from backprop_explorer.engine.network import Parameters
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.frame import histogram
from backprop_explorer.experiments.frame_parts import PARTS
from backprop_explorer.experiments.recipe import Recipe
from tests.experiments.test_training_run import EDITED
from tests.helpers.cases import each_value_once, exhaustive
from tests.helpers.environment import ROOT, environment
from tests.helpers.experiments import bits, explorer, fitting, frame, kept, nulls

# The fields that may be null in a frame.
ALLOWED = {
    "diverged",
    "layers.neurons.dC_da",
    "layers.activation_statistics.dead_fraction",
    "layers.activation_statistics.saturated_fraction",
    "layers.gradient.update_ratio",
    "alarms.change",
}
STEPS = [0, 1, 3, 4, 29, 30, 31, 64, 70, 100, 101, 150, 200, 300]


def finite(shown: dict[str, Any]) -> bool:
    return set(nulls(orjson.loads(dumps(shown)))) <= ALLOWED


@pytest.mark.parametrize("changes", [{}, EDITED], ids=["plain", "edited"])
def test_frames_do_not_depend_on_earlier_requests(changes: dict[str, Any]) -> None:
    straight, experiment = kept(**changes)
    expected = {step: bits(frame(straight, experiment, step)) for step in STEPS}
    order = random.Random(2)
    # 1 MiB is the minimum; one run's budget is an eighth of it.
    jumping = explorer(cache_bytes=1024 * 1024, frame_budget_seconds=1e-4)
    jumping.create(experiment)
    for step in order.choices(STEPS, k=40):
        assert bits(frame(jumping, experiment, step)) == expected[step]
    for step in order.sample(STEPS, k=3):
        cold, _ = kept(**changes)
        assert bits(frame(cold, experiment, step)) == expected[step]


SCRIPT = """
import sys
from itertools import cycle
from tests.helpers.experiments import bits, frame
from tests.experiments.test_frame import EDITED, kept
asked, experiment = kept(**EDITED)
sys.stdout.buffer.write(bits(frame(asked, experiment, 137)))
"""


@pytest.mark.parametrize("seed", ["4711", exhaustive("0")])
def test_another_process_shows_the_same_frame(seed: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env=environment(PYTHONHASHSEED=seed),
        capture_output=True,
        check=True,
    )
    asked, experiment = kept(**EDITED)
    frame(asked, experiment, 500)
    assert found.stdout == bits(frame(asked, experiment, 137))


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_trains_and_shows(name: str) -> None:
    experiment = fitting(name)
    asked = explorer()
    initial_state = asked.create(experiment)
    axes = (0,) if DATASETS[name].features == 1 else (0, 1)
    first, later = (frame(asked, experiment, step, grid=6, axes=axes) for step in (0, 60))
    assert finite(first)
    assert finite(later)
    assert later["cost"]["train"] < first["cost"]["train"]
    assert later["score"]["name"] == ("accuracy" if DATASETS[name].classes else "r2")
    assert later["score"]["train"] >= first["score"]["train"] - 0.05
    made = asked.trace(experiment.id, 60, 0)
    parameters = Parameters.from_layers(
        initial_state.network, [(x["W"], x["b"]) for x in later["layers"]]
    )
    output = predict(initial_state.network, parameters, initial_state.train[0][:1])
    np.testing.assert_allclose(made[0][f"a{initial_state.network.depth}"], output, rtol=1e-13)


def test_frame_batch_and_layers() -> None:
    asked, experiment = kept()
    initial_state = asked.initial_state(experiment.id)
    shown = frame(asked, experiment, 43)
    assert (shown["step"], shown["epoch"], shown["learning_rate"]) == (43, 10, 0.1)
    assert shown["batch"]["index"] == 3
    assert shown["batch"]["size"] == 4 == len(shown["batch"]["rows"])
    assert shown["batch"]["rows"].tolist() == initial_state.rows(43).tolist()
    x = initial_state.train[0][shown["batch"]["rows"]]
    np.testing.assert_allclose(shown["input"], x.mean(axis=0), rtol=1e-13)
    parameters = Parameters.from_layers(
        initial_state.network, [(y["W"], y["b"]) for y in shown["layers"]]
    )
    output = predict(initial_state.network, parameters, x).mean(axis=0)
    np.testing.assert_allclose(shown["output"], output, rtol=1e-12)
    for layer in shown["layers"]:
        gradient = layer["gradient"]
        assert gradient["W_norm"] == pytest.approx(np.linalg.norm(layer["dC_dW"]))
        assert gradient["b_norm"] == pytest.approx(np.linalg.norm(layer["dC_db"]))
        assert gradient["histogram"]["counts"].sum() == layer["dC_dW"].size
        np.testing.assert_allclose(layer["neurons"]["dC_dz"], layer["dC_db"], rtol=1e-9)


def test_curves_go_on_where_they_were_left() -> None:
    asked, experiment = kept()
    whole = frame(asked, experiment, 300)["curves"]
    assert whole["step"] == [*range(256), *range(256, 301, 2)]
    some = frame(asked, experiment, 300, since=297)["curves"]
    assert some["step"] == [298, 300]
    for name, column in whole.items():
        assert some[name] == column[-2:]
    assert frame(asked, experiment, 3, since=200)["curves"]["step"] == []
    assert whole["cost_train"][-1] == frame(asked, experiment, 300)["cost"]["train"]


@pytest.mark.parametrize("part", PARTS)
def test_parts_can_be_left_out(part: str) -> None:
    asked, experiment = kept()
    whole = frame(asked, experiment, 9)
    only = frame(asked, experiment, 9, parts=frozenset({part}))
    without = frame(asked, experiment, 9, parts=frozenset(PARTS) - {part})
    nothing = frame(asked, experiment, 9, parts=frozenset())

    def keys(shown: dict[str, Any]) -> set[str]:
        return set(shown) | {f"layers.{key}" for key in shown["layers"][0]}

    own = keys(only) - keys(nothing)
    assert own
    assert keys(without) == keys(whole) - own
    assert {"step", "cost", "score", "layers.units", "diverged"} <= keys(nothing)


OUTPUTS = {
    "moons": [("sigmoid", 1), ("softmax", 2), ("softplus", 1), ("identity", 1)],
    "sine": [("identity", 1), ("relu", 1)],
}


@pytest.mark.parametrize(("cost", "rate"), each_value_once(list(COSTS), [3.0, 1e3, 1e50, 1e308]))
def test_frames_are_finite_for_every_learning_rate(cost: str, rate: float) -> None:
    asked = explorer()
    outputs = [
        (name, *output)
        for name, several in OUTPUTS.items()
        if DATASETS[name].task in COSTS[cost].tasks
        for output in several
    ]
    # The optimizers take turns: each has every cost with every rate.
    turns = cycle(("sgd", "momentum", "adam"))
    for name, activation, units in outputs if len(outputs) > 2 else 2 * outputs:
        layers = [
            {"units": 5, "activation": "relu"},
            {"units": 4, "activation": "gelu"},
            {"units": units, "activation": activation},
        ]
        experiment = Recipe.model_validate(
            {
                "dataset": {"name": name, "samples": 30},
                "network": {"layers": layers},
                "cost": {"name": cost},
                "optimizer": {"name": next(turns), "learning_rate": rate},
            }
        )
        asked.create(experiment)
        check_divergence(asked, experiment)


def check_divergence(asked: Explorer, experiment: Recipe) -> None:
    axes = (0,) if experiment.dataset.name == "sine" else (0, 1)
    shown = frame(asked, experiment, 60, grid=4, axes=axes)
    assert finite(shown)
    if shown["diverged"] is None:
        assert shown["step"] == 60
        return
    last, told = shown["step"], shown["diverged"]
    assert told["step"] == last < 60
    assert f"at step {last}:" in told["text"]
    # The last good step is an ordinary frame; later steps report the divergence.
    at = frame(asked, experiment, last, grid=4, axes=axes)
    assert at["diverged"] is None
    assert bits({**shown, "diverged": None}) == bits(at)
    assert bits(frame(asked, experiment, 999, grid=4, axes=axes)) == bits(shown)
    suggestion = told["suggestion"]
    assert suggestion["set"] == "learning_rate"
    assert 0 < suggestion["to"] < experiment.optimizer.learning_rate
    changed = experiment.model_dump(mode="json")
    changed["optimizer"]["learning_rate"] = suggestion["to"]
    milder = Recipe.model_validate(changed)
    asked.create(milder)
    assert frame(asked, milder, 60, grid=4, axes=axes)["diverged"] is None


def test_the_suggestion_changes_the_rate_in_use() -> None:
    edits = [
        {"step": 3, "set": "b1[0]", "to": 0.5},
        {"step": 5, "set": "learning_rate", "to": 1e30},
    ]
    asked, experiment = kept(edits=edits, cost={"name": "mse"})
    told = frame(asked, experiment, 50)["diverged"]
    assert told["suggestion"] == {"set": "edits.1.to", "to": 0.1}
    other, experiment = kept(
        edits=[{"step": 5, "set": "optimizer", "to": {"name": "adam", "learning_rate": 1e30}}]
    )
    told = frame(other, experiment, 50)["diverged"]
    assert told["suggestion"] == {"set": "edits.0.to.learning_rate", "to": 0.01}


def test_a_moderate_rate_is_made_ten_times_smaller() -> None:
    layers = [{"units": 30, "activation": "relu"}] * 2 + [{"units": 1, "activation": "identity"}]
    asked, experiment = kept(
        network={"layers": layers}, cost={"name": "mse"}, optimizer={"learning_rate": 0.9}
    )
    told = frame(asked, experiment, 200)["diverged"]
    assert told["suggestion"] == {"set": "learning_rate", "to": 0.09}


@pytest.mark.parametrize("scale", [0.0, 5e-324, 1e-310, 1e-3, 1.0, 1e200])
def test_histograms_hold_every_entry(scale: float) -> None:
    values = scale * np.array([[-1.0, -0.5, 0.0], [0.04, 0.999, 1.0]])
    made = histogram(values)
    assert made["counts"].sum() == 6
    assert len(made["counts"]) == 20
    assert (np.diff(made["edges"]) > 0).all()
    if scale in (1.0, 1e200):
        expected = np.histogram(values, bins=20, range=(-scale, scale))
        assert made["counts"].tolist() == expected[0].tolist()
        np.testing.assert_allclose(made["edges"], expected[1], atol=scale * 1e-15)


def test_a_histogram_ignores_non_finite_values() -> None:
    assert histogram(np.array([np.nan, np.inf, 1.0]))["counts"].sum() == 1


def test_a_training_set_without_tests_has_nulls_there() -> None:
    asked, experiment = kept(dataset={"name": "moons", "samples": 20, "test_fraction": 0})
    shown = orjson.loads(dumps(frame(asked, experiment, 5)))
    assert set(nulls(shown)) - ALLOWED == {
        "cost.test",
        "score.test",
        "curves.cost_test",
        "curves.score_test",
    }


def test_a_wanted_sample_shows_its_own_neurons() -> None:
    asked, experiment = kept()
    one, mean = (frame(asked, experiment, 9, sample=sample) for sample in (4, None))
    assert one["input"].tolist() == asked.initial_state(experiment.id).train[0][4].tolist()
    assert one["input"].tolist() != mean["input"].tolist()
    # Everything else belongs to the batch.
    assert bits(one["curves"]) == bits(mean["curves"])
    assert one["layers"][0]["dC_dW"].tobytes() == mean["layers"][0]["dC_dW"].tobytes()


@pytest.mark.parametrize("cost", ["mse", "binary_cross_entropy"])
def test_samples_one_after_the_other_have_their_own_neurons(cost: str) -> None:
    """The sample's buffers are reused; training and the batch's gradients are not affected."""
    asked, experiment = kept(cost={"name": cost})
    for k in range(12):
        step, sample = 40 - k, k % 5
        shown = frame(asked, experiment, step, sample=sample)
        once = explorer()
        once.create(experiment)
        assert bits(shown) == bits(frame(once, experiment, step, sample=sample))
        found = once.trace(experiment.id, step, sample)
        for k, layer in enumerate(shown["layers"], start=1):
            for name, value in layer["neurons"].items():
                if value is not None:
                    np.testing.assert_array_equal(value, found[0][f"{name}{k}"][0])


def test_an_output_that_is_not_fused_shows_its_gradient() -> None:
    asked, experiment = kept(cost={"name": "mse"})
    shown = frame(asked, experiment, 9)
    assert shown["layers"][-1]["neurons"]["dC_da"] is not None

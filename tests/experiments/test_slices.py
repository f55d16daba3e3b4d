"""Slices agree with frames: costs, gradient directions and the training path."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.dense import dense_graph, given_values
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.engine.graph import run
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.train import Backprop
from backprop_explorer.experiments import slices
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.history import PATH_BYTES, PATH_OCTAVES, path_points
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.slices import (
    gradient_slice,
    plane_slice,
    training_gradient,
    weights_slice,
)
from backprop_explorer.experiments.snapshot import Snapshot
from tests.helpers.experiments import bits, explorer, fitting, frame, recipe

PENALIZED = {"penalty": {"l1": 0.01, "l2": 0.1}}
RECIPES: dict[str, Recipe] = {
    "plain": recipe(),
    "penalty and momentum": recipe(optimizer={"name": "momentum"}, **PENALIZED),
    "sums": recipe(cost={"name": "mse", "reduction": "sum"}),
    "three classes": fitting("iris"),
    "regression": fitting("sine"),
}


def at(experiment: Recipe, step: int, asked: Explorer | None = None) -> Snapshot:
    asked = asked or explorer()
    asked.create(experiment)
    return asked.snapshot(experiment.id, step)


def cost(where: Snapshot, flat: np.ndarray, x: np.ndarray, target: np.ndarray) -> float:
    """C, computed at once."""
    objective = where.initial_state.objective
    values = {**given_values(objective, x, target), **Parameters(where.network, flat).named()}
    nodes = dense_graph(where.network, objective).of_role("forward", "cost")
    return float(run(nodes, values)["C"])


@pytest.mark.parametrize("name", RECIPES)
def test_costs_along_the_gradient(name: str) -> None:
    asked = explorer()
    where = at(RECIPES[name], 20, asked)
    found = gradient_slice(where, None, None)
    assert found["cost"]["train"] == pytest.approx(
        frame(asked, RECIPES[name], 20)["cost"]["train"], rel=1e-12
    )
    assert found["samples"] == len(where.initial_state.train[0])
    theta, rows = where.parameters.flat, where.rows
    x, target = where.initial_state.train
    gradients = {"train": training_gradient(where).flat, "batch": where.gradient.flat}
    for direction in found["directions"]:
        gradient, t = gradients[direction["of"]], direction["t"]
        assert len(t) == len(direction["cost_train"]) == 101
        at_zero = int(np.flatnonzero(t == 0.0)[0])
        assert direction["cost_train"][at_zero] == found["cost"]["train"]
        assert direction["cost_batch"][at_zero] == found["cost"]["batch"]
        for k in (0, 50, 100):
            place = theta - t[k] * gradient
            assert direction["cost_train"][k] == pytest.approx(cost(where, place, x, target))
            here = cost(where, place, x[rows], target[rows])
            assert direction["cost_batch"][k] == pytest.approx(here)
        # The slope at t = 0 is −‖g‖² for the cost whose gradient is g.
        h = 1e-6
        own = (x, target) if direction["of"] == "train" else (x[rows], target[rows])
        slope = cost(where, theta - h * gradient, *own) - cost(where, theta + h * gradient, *own)
        assert slope / (2 * h) == pytest.approx(-(direction["gradient_norm"] ** 2), rel=1e-3)


def test_points_of_a_line_are_evaluated_one_by_one() -> None:
    part = {"layers": [{"units": 200}, {"units": 200}, {"units": 1, "activation": "sigmoid"}]}
    where = at(recipe(dataset={"samples": 40}, network=part), 0)
    tracemalloc.start()
    gradient_slice(where, 101, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * where.parameters.flat.nbytes


def test_plain_descent_lands_on_the_batchs_line_at_the_learning_rate() -> None:
    where = at(recipe(), 20)
    found = gradient_slice(where, None, None)
    train, batch = found["directions"]
    assert batch["update"]["t"] == pytest.approx(0.1, rel=1e-12)
    assert batch["update"]["off"] == pytest.approx(0, abs=1e-12)
    assert batch["t"][-1] == pytest.approx(0.4)
    assert 0 < train["update"]["off"] < 1
    after = cost(
        where, where.parameters.flat - 0.1 * where.gradient.flat, *where.initial_state.train
    )
    assert batch["update"]["cost_train"] == pytest.approx(after)


@pytest.mark.parametrize("name", ["momentum", "adam", "rmsprop"])
def test_other_optimizers_leave_the_line(name: str) -> None:
    where = at(recipe(optimizer={"name": name}), 20)
    update = gradient_slice(where, 11, None)["directions"][1]["update"]
    change = where.following.flat - where.parameters.flat
    gradient = where.gradient.flat
    assert update["t"] == pytest.approx(-(change @ gradient) / (gradient @ gradient))
    rest = change + update["t"] * gradient
    assert update["off"] == pytest.approx(np.linalg.norm(rest) / np.linalg.norm(change))
    assert update["off"] > 0.01


def test_the_snapshots_next_parameters_are_those_of_the_next_step() -> None:
    asked = explorer()
    for step in (0, 9, 10, 27):
        experiment = recipe(optimizer={"name": "adam"})
        now, then = at(experiment, step, asked), at(experiment, step + 1, asked)
        assert now.following.flat.tobytes() == then.parameters.flat.tobytes()


def test_a_span_may_be_given() -> None:
    [train, _] = gradient_slice(at(recipe(), 5), 6, 2.0)["directions"]
    np.testing.assert_allclose(train["t"], [-0.5, 0, 0.5, 1.0, 1.5, 2.0])


@pytest.mark.parametrize("name", ["plain", "penalty and momentum", "sums"])
def test_the_gradient_of_the_training_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where = at(RECIPES[name], 10)
    x, target = where.initial_state.train
    gradient = Parameters(where.network)
    whole = Backprop(
        where.network, where.initial_state.objective, where.parameters, gradient, len(x)
    )
    whole.x[...], whole.target[...] = x, target
    whole.gradients()
    np.testing.assert_allclose(training_gradient(where).flat, gradient.flat, rtol=1e-12, atol=1e-15)
    # Computed in blocks the result is the same, and the penalty counts once.
    monkeypatch.setattr("backprop_explorer.experiments.history.BLOCK_NUMBERS", 40)
    np.testing.assert_allclose(training_gradient(where).flat, gradient.flat, rtol=1e-12, atol=1e-15)


def test_without_a_gradient_the_line_is_flat() -> None:
    dead = {
        "layers": [{"units": 2, "activation": "relu"}, {"units": 1, "activation": "identity"}],
        "weights": [{"W": [[0.0] * 2] * 2, "b": [-1.0] * 2}, {"W": [[0.0]] * 2, "b": [0.5]}],
    }
    targets = {"name": "points", "x": [[0.0, 1.0], [1.0, 0.0]], "target": [0.5, 0.5]}
    still = recipe(
        network=dead,
        dataset={**targets, "test_fraction": 0.0, "standardize": False},
        cost={"name": "mse"},
    )
    where = at(still, 0)
    found = gradient_slice(where, 11, None)
    for direction in found["directions"]:
        assert direction["update"]["t"] is None
        assert set(direction["cost_train"]) == {0.0}
    plane = plane_slice(where, 5, None, "start", 0, 96)
    assert plane["axes"] == ["random", "random"]
    assert np.isfinite(plane["cost"]).all()


def test_a_learning_rate_of_zero_still_shows_something() -> None:
    where = at(recipe(optimizer={"name": "sgd", "learning_rate": 0.0}), 3)
    for direction in gradient_slice(where, None, None)["directions"]:
        assert direction["update"]["t"] == 0.0
        assert direction["t"][-1] > 0


@pytest.mark.parametrize("second", ["random", "start"])
def test_a_plane_holds_the_gradient_and_another_direction(second: Any) -> None:
    where = at(recipe(), 70)
    found = plane_slice(where, 9, None, second, 3, 96)
    assert found["axes"] == ["gradient", second]
    theta, x = where.parameters.flat, found["x"]
    first = -training_gradient(where).flat
    first /= np.linalg.norm(first)
    # The first axis is the negative gradient: its costs equal those of the line.
    for column in (0, 4, 8):
        expected = cost(where, theta + x[column] * first, *where.initial_state.train)
        assert found["cost"][4][column] == pytest.approx(expected)
    assert found["cost"][4][4] == pytest.approx(found["here"]["cost"])
    assert (found["here"]["x"], found["here"]["y"]) == (0.0, 0.0)
    path = found["path"]
    assert path["step"][0] == 0
    assert path["step"][-1] == 70
    assert (path["x"][-1], path["y"][-1], path["off"][-1]) == (0.0, 0.0, 0.0)
    # Coordinates and distance satisfy the Pythagorean theorem.
    away = where.initial_state.parameters.flat - theta
    length = np.sqrt(path["x"][0] ** 2 + path["y"][0] ** 2 + path["off"][0] ** 2)
    assert length == pytest.approx(np.linalg.norm(away))
    if second == "start":
        assert path["off"][0] == pytest.approx(0, abs=1e-12)
    assert np.abs(path["x"]).max() < x[-1]
    assert np.abs(path["y"]).max() < found["y"][-1]


def test_a_plane_is_fixed_by_its_seed() -> None:
    where = at(recipe(), 30)
    one, again = (plane_slice(where, 5, None, "random", 4, 96) for _ in range(2))
    other = plane_slice(where, 5, None, "random", 5, 96)
    assert bits(one) == bits(again)
    assert bits(one["cost"]) != bits(other["cost"])


def test_at_the_start_there_is_no_direction_to_the_start() -> None:
    assert plane_slice(at(recipe(), 0), 3, None, "start", 0, 96)["axes"] == ["gradient", "random"]


@pytest.mark.parametrize(
    ("a", "b"), [("W1[0,2]", "W2[1,0]"), ("b1[3]", "W3[2,0]"), ("W1[1,0]", "b3[0]")]
)
def test_two_weights(a: str, b: str) -> None:
    where = at(recipe(), 40)
    found = weights_slice(where, 7, 0.5, a, b, 96)

    def changed(x: float, y: float) -> float:
        moved = where.parameters.copy()
        for name, value in ((a, x), (b, y)):
            array, _, index = name.rstrip("]").partition("[")
            moved.named()[array][tuple(map(int, index.split(",")))] = value
        return cost(where, moved.flat, *where.initial_state.train)

    assert found["axes"] == [a, b]
    for row in (0, 3, 6):
        for column in (0, 3, 6):
            expected = changed(found["x"][column], found["y"][row])
            assert found["cost"][row][column] == pytest.approx(expected)
    here = found["here"]
    assert changed(here["x"], here["y"]) == pytest.approx(here["cost"])
    np.testing.assert_allclose(found["x"] - here["x"], np.linspace(-0.5, 0.5, 7), atol=1e-12)
    array, _, index = a.rstrip("]").partition("[")
    place = tuple(map(int, index.split(",")))
    assert found["path"]["x"][0] == pytest.approx(
        where.initial_state.parameters.named()[array][place]
    )
    assert found["update"]["x"] == pytest.approx(where.following.named()[array][place])


@pytest.mark.parametrize(
    ("a", "b", "field"),
    [
        ("W1", "b1[0]", "a"),
        ("W4[0,0]", "b1[0]", "a"),
        ("W0[0,0]", "b1[0]", "a"),
        ("W1[2,0]", "b1[0]", "a"),
        ("W1[0,4]", "b1[0]", "a"),
        ("b1[0]", "b1[4]", "b"),
        ("b1[0]", "b1[0]", "b"),
        ("b1[0]", "b1[-1]", "b"),
        ("b1[0]", "b1[00000000000001]", "b"),
    ],
)
def test_unknown_parameters(a: str, b: str, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        weights_slice(at(recipe(), 0), 3, None, a, b, 96)
    assert caught.value.field == field


def test_a_single_parameter_has_no_plane() -> None:
    one = recipe(
        dataset={"name": "sine", "samples": 20},
        network={"layers": [{"units": 1, "activation": "identity"}]},
        cost={"name": "mse"},
    )
    assert plane_slice(at(one, 3), 3, None, "random", 0, 96)["axes"] == ["gradient", "random"]


def test_the_path_does_not_depend_on_earlier_requests() -> None:
    straight, wandering = explorer(), explorer()
    one = weights_slice(at(recipe(), 300, straight), 3, None, "b1[0]", "b1[1]", 96)
    for step in (500, 17, 290, 3):
        at(recipe(), step, wandering)
    other = weights_slice(at(recipe(), 300, wandering), 3, None, "b1[0]", "b1[1]", 96)
    assert bits(one) == bits(other)
    steps = one["path"]["step"]
    assert steps[:64] == list(range(64))
    assert steps[-1] == 300
    assert len(steps) < 150


def test_the_path_of_a_large_network_is_not_kept() -> None:
    assert path_points(37) == 32
    assert path_points(250_000) == 0
    for parameters in (1, 1000, 5000, 20_000, 100_000):
        assert path_points(parameters) * PATH_OCTAVES * 8 * parameters <= PATH_BYTES
    wide = recipe(network={"layers": [{"units": 400, "activation": "tanh"}] * 2 + [
        {"units": 1, "activation": "sigmoid"}]})  # fmt: skip
    found = weights_slice(at(wide, 1), None, None, "b1[0]", "b1[1]", 96)
    assert found["path"] is None


def test_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    where = at(recipe(), 2)
    work = where.network.parameter_count + 20 * 8
    monkeypatch.setattr(slices, "FEWEST_SAMPLES", 7)
    monkeypatch.setattr(slices, "MAX_WORK", 25 * 7 * work)
    found = plane_slice(where, None, None, "random", 0, 96)
    assert len(found["x"]) == 5
    assert found["samples"] == 7
    with pytest.raises(LimitExceeded, match="at most 5 points on a side"):
        plane_slice(where, 6, None, "random", 0, 96)
    # The first rows represent all: a mean stays, a sum is scaled up.
    x, target = where.initial_state.train
    assert found["here"]["cost"] == pytest.approx(
        cost(where, where.parameters.flat, x[:7], target[:7])
    )
    summed = at(recipe(cost={"name": "mse", "reduction": "sum"}), 2)
    x, target = summed.initial_state.train
    first = cost(summed, summed.parameters.flat, x[:7], target[:7])
    assert plane_slice(summed, None, None, "random", 0, 96)["here"]["cost"] == pytest.approx(
        first * len(x) / 7
    )


def test_overflow_gives_non_finite_costs_without_warnings() -> None:
    where = at(recipe(cost={"name": "mse"}, network={
        "layers": [{"units": 3, "activation": "identity"}, {"units": 1, "activation": "identity"}],
    }), 3)  # fmt: skip
    for span in (1e90, 1e100):
        gradient_slice(where, 5, span)
        found = plane_slice(where, 5, span, "random", 0, 96)
        assert not np.isfinite(found["cost"]).all() or found["cost"].max() > 1e100
        weights_slice(where, 5, span, "b1[0]", "b1[1]", 96)


def test_a_run_that_diverged_is_seen_at_its_last_good_step() -> None:
    diverging = fitting("sine", optimizer={"name": "sgd", "learning_rate": 1e30})
    where = at(diverging, 50)
    assert where.step < 50
    found = gradient_slice(where, 5, None)
    assert found["step"] == where.step
    plane_slice(where, 5, None, "start", 0, 96)

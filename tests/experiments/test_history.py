"""Recorded steps of a run, and the measures of cost and score."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.dense import predict
from backprop_explorer.engine.network import Layer, Network, Parameters
from backprop_explorer.experiments import history
from backprop_explorer.experiments.history import (
    History,
    Measures,
    evaluate,
    is_recorded,
    next_recorded,
    norm,
    row_blocks,
    score,
)
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.limits import Limits
from tests.helpers.experiments import fitting, recipe

FOREVER = float("inf")


def test_the_grid_of_recorded_steps() -> None:
    steps = [step for step in range(2049) if is_recorded(step)]
    assert steps[:257] == [*range(257)]
    assert [step for step in steps if 256 <= step < 512] == list(range(256, 512, 2))
    assert [step for step in steps if 1024 <= step < 2048] == list(range(1024, 2048, 8))
    assert is_recorded(10**6) == (10**6 % 4096 == 0)
    for step in (*range(2000), 2**20 - 1, 2**20, 2**20 + 1):
        found = next_recorded(step)
        assert found == next(each for each in range(step, found + 1) if is_recorded(each))


def test_recorded_steps_do_not_depend_on_requests() -> None:
    def columns(order: list[int]) -> dict[str, list[Any]]:
        run = TrainingRun(InitialState(recipe(), Limits()), 1)
        for step in order:
            run.record(run.state(step, FOREVER))
        return run.history.columns(-1, 600)

    straight = columns([600])
    assert straight["step"] == [step for step in range(601) if is_recorded(step)]
    assert columns([5, 3, 300, 7, 0, 600, 2]) == straight
    assert columns(list(range(601))) == straight


def test_columns_since() -> None:
    run = TrainingRun(InitialState(recipe(), Limits()), 1)
    run.record(run.state(40, FOREVER))
    kept = run.history
    assert kept.last == 40
    assert kept.columns(37, 39)["step"] == [38, 39]
    assert kept.columns(-1, 2)["step"] == [0, 1, 2]
    assert kept.columns(40, 40) == {name: [] for name in History.COLUMNS}
    assert kept.columns(10**9, 3)["step"] == []
    assert [len(norms) for norms in kept.columns(37, 39)["W_norm"]] == [3, 3]


def test_an_empty_history() -> None:
    empty = History(InitialState(recipe(), Limits()))
    assert (empty.last, empty.nbytes) == (-1, 0)
    assert empty.columns(-1, 10)["step"] == []


def test_measures_are_those_of_the_whole_parts() -> None:
    initial_state = InitialState(recipe(), Limits())
    run = TrainingRun(initial_state, 1)
    state = run.state(50, FOREVER)
    parameters = Parameters(initial_state.network, state.parameters)
    m = Measures(initial_state, initial_state.network, parameters, 0)
    for cost, found, (x, y) in [
        (m.cost_train, m.score_train, initial_state.train),
        (m.cost_test, m.score_test, initial_state.test),
    ]:
        p = predict(initial_state.network, parameters, x)
        assert cost == pytest.approx(-np.mean(np.where(y == 1, np.log(p), np.log(1 - p))))
        assert found == np.mean((p > 0.5) == (y == 1))
    assert [a.shape for a in m.outputs] == [(28, 4), (28, 3), (28, 1)]


def test_without_a_test_part_there_is_nothing_to_measure() -> None:
    experiment = recipe(dataset={"name": "moons", "samples": 20, "test_fraction": 0})
    initial_state = InitialState(experiment, Limits())
    m = Measures(initial_state, initial_state.network, initial_state.parameters, 0)
    assert (m.cost_test, m.score_test) == (None, None)
    assert m.cost_train > 0


def test_the_penalty_is_part_of_the_cost() -> None:
    plain, heavy = (InitialState(recipe(penalty={"l2": l2}), Limits()) for l2 in (0.0, 0.5))
    W = plain.parameters.W
    penalty = 0.25 * sum(float(np.square(each).sum()) for each in W)
    costs = [Measures(each, each.network, each.parameters, 0).cost_train for each in (plain, heavy)]
    assert costs[1] - costs[0] == pytest.approx(penalty)


@pytest.mark.parametrize("name", ["iris", "sine"])
def test_blocks_of_rows_measure_what_one_pass_does(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    initial_state = InitialState(fitting(name, penalty={"l2": 0.1}), Limits())
    whole = Measures(initial_state, initial_state.network, initial_state.parameters, 0)
    monkeypatch.setattr(history, "BLOCK_NUMBERS", 70)
    assert len(row_blocks(len(initial_state.train[0]), initial_state.network)) > 3
    blocks = Measures(initial_state, initial_state.network, initial_state.parameters, 0)
    for attribute in ("cost_train", "cost_test", "score_train", "score_test"):
        assert getattr(blocks, attribute) == pytest.approx(getattr(whole, attribute), rel=1e-12)
    np.testing.assert_allclose(blocks.outputs[-1], whole.outputs[-1], rtol=1e-12)
    size = len(blocks.outputs[0])
    assert 1 <= size < len(whole.outputs[0])
    np.testing.assert_allclose(blocks.outputs[0], whole.outputs[0][:size], rtol=1e-12)


def test_blocks_cover_every_row_once() -> None:
    network = Network(2, (Layer(300_000, "tanh"), Layer(700_000, "identity")))
    assert row_blocks(5, network) == [slice(0, 2), slice(2, 4), slice(4, 6)]
    assert row_blocks(0, network) == [slice(0, 2)]
    assert row_blocks(1, Network(2, (Layer(10_000_000, "tanh"),))) == [slice(0, 1)]


def test_one_block_after_the_other_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BLOCK_NUMBERS", 20_000)
    part = {"layers": [{"units": 99}, {"units": 1, "activation": "sigmoid"}]}
    initial_state = InitialState(recipe(dataset={"samples": 6000}, network=part), Limits())
    rows = len(initial_state.train[0])
    tracemalloc.start()
    evaluate(
        initial_state.network,
        initial_state.objective,
        initial_state.parameters,
        *initial_state.train,
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # z and a of all rows are 100 numbers each; only a few copies of the outputs are made.
    assert peak < 8 * rows * 2 * 100 / 3


def test_evaluate_keeps_every_layer() -> None:
    initial_state = InitialState(recipe(), Limits())
    values = evaluate(
        initial_state.network,
        initial_state.objective,
        initial_state.parameters,
        *initial_state.train,
    )
    assert {"z1", "a1", "z2", "a2", "z3", "a3", "C"} <= set(values)


@pytest.mark.parametrize(
    ("prediction", "target", "classes", "expected"),
    [
        ([[0.4], [0.6], [0.5]], [[0.0], [1.0], [1.0]], 2, 2 / 3),
        ([[0.2, 0.8], [0.9, 0.1]], [[0.0, 1.0], [0.0, 1.0]], 2, 0.5),
        ([[1.0], [2.0], [3.0]], [[1.0], [2.0], [3.0]], 0, 1.0),
        ([[2.0], [2.0], [2.0]], [[1.0], [2.0], [3.0]], 0, 0.0),
        ([[3.0], [2.0], [1.0]], [[1.0], [2.0], [3.0]], 0, -3.0),
        ([[5.0], [5.0]], [[5.0], [5.0]], 0, 1.0),
        ([[5.0], [6.0]], [[5.0], [5.0]], 0, 0.0),
    ],
)
def test_scores(prediction: Any, target: Any, classes: int, expected: float) -> None:
    assert score(np.array(prediction), np.array(target), classes) == pytest.approx(expected)


@pytest.mark.parametrize("scale", [0.0, 5e-324, 1e-200, 1e-160, 1.0, 1e160, 1e300])
def test_norms_of_any_size(scale: float) -> None:
    found = norm(scale * np.array([[3.0, 0.0], [0.0, 4.0]]))
    assert found == pytest.approx(5 * scale, rel=1e-12, abs=1e-323)


def test_norms_of_non_finite_values() -> None:
    assert norm(np.array([np.inf, 1.0])) == np.inf
    assert np.isnan(norm(np.array([np.nan, 1.0])))

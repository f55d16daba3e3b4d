"""Edits of training data take effect from their step on, and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.slices import gradient_slice
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.limits import Limits
from tests.helpers.experiments import bits, explorer, fitting, frame, recipe

EDITS: list[dict[str, Any]] = [
    {"step": 5, "set": "x[3,0]", "to": -2.5},
    {"step": 5, "set": "target[3]", "to": 0},
    {"step": 9, "set": "target[3]", "to": 1},
    {"step": 9, "set": "x[7,1]", "to": 4},
]


def made(experiment: Recipe) -> InitialState:
    return InitialState(experiment, Limits())


def flat(run: TrainingRun, step: int) -> bytes:
    return run.state(step, float("inf")).parameters.tobytes()


def test_the_training_part_has_the_edits_of_its_step() -> None:
    initial_state = made(recipe(edits=EDITS))
    x, target = initial_state.train
    assert initial_state.train_at(4)[0] is x
    now_x, now_target = initial_state.train_at(5)
    assert (now_x[3, 0], now_target[3, 0]) == (-2.5, 0.0)
    now_x[3, 0] = x[3, 0]
    assert (now_x == x).all()
    later_x, later_target = initial_state.train_at(100)
    assert (later_x[3, 0], later_x[7, 1], later_target[3, 0]) == (-2.5, 4.0, 1.0)
    # The result does not depend on the order of requests, and the original data stay unchanged.
    assert initial_state.train_at(6)[1][3, 0] == 0.0
    assert initial_state.train[0][7, 1] == x[7, 1] != 4.0
    assert (target == initial_state.train[1]).all()


def test_a_class_is_written_as_the_network_needs_it() -> None:
    edits = [{"step": 0, "set": "target[3]", "to": 2}]
    assert made(fitting("iris", edits=edits)).train_at(0)[1][3].tolist() == [0, 0, 1]
    numbers = [{"step": 0, "set": "target[3]", "to": -0.25}]
    assert made(fitting("sine", edits=numbers)).train_at(0)[1][3].tolist() == [-0.25]


def test_a_row_may_have_several_targets() -> None:
    points = {"name": "points", "x": [[0.0], [1.0], [2.0]], "target": [[0, 1], [2, 3], [4, 7]]}
    parts = {
        "dataset": {**points, "test_fraction": 0},
        "network": {"layers": [{"units": 2, "activation": "identity"}]},
        "cost": {"name": "mse"},
    }
    edits = [{"step": 1, "set": "target[2,1]", "to": 0.5}]
    initial_state = made(Recipe.model_validate({**parts, "edits": edits}))
    assert initial_state.train_at(1)[1][2].tolist() == [initial_state.train[1][2, 0], 0.5]
    for which, words in (("target[2]", "several targets"), ("target[2,2]", "2 targets")):
        with pytest.raises(InvalidInput, match=words):
            made(Recipe.model_validate({**parts, "edits": [{**edits[0], "set": which}]}))


def test_training_goes_on_from_the_edit_and_is_the_same_before() -> None:
    edited, plain = (
        TrainingRun(made(recipe(edits=EDITS)), 2**30),
        TrainingRun(made(recipe()), 2**30),
    )
    rows = [plain.initial_state.rows(step).tolist() for step in range(40)]
    first = next(step for step in range(5, 40) if 3 in rows[step])
    assert flat(edited, first) == flat(plain, first)
    assert flat(edited, first + 1) != flat(plain, first + 1)


@pytest.fixture
def asked() -> Explorer:
    return explorer()


def test_frames_traces_and_slices_see_the_data_of_their_step(asked: Explorer) -> None:
    experiment = recipe(edits=EDITS)
    asked.create(experiment)
    for step, x in ((4, None), (5, -2.5), (20, -2.5)):
        found = asked.trace(experiment.id, step, 3)
        given = found[0].givens["x"][0, 0]
        assert given == x if x is not None else given != -2.5
        shown = frame(asked, experiment, step, sample=3)
        assert shown["input"][0] == given
        snapshot = asked.snapshot(experiment.id, step)
        assert snapshot.train[0][3, 0] == given
        cost = gradient_slice(snapshot, 3, None)["cost"]
        assert cost["train"] == pytest.approx(shown["cost"]["train"], rel=1e-12)
    curves = frame(asked, experiment, 20)["curves"]
    for step in (4, 5, 9, 20):
        assert curves["cost_train"][step] == frame(asked, experiment, step)["cost"]["train"]
    # The point is moved to (…, 4), and the plot includes it.
    assert max(frame(asked, experiment, 9)["boundary"]["y"]) > 4 > 3 > 0
    assert max(frame(asked, experiment, 8)["boundary"]["y"]) < 4
    again = explorer()
    again.create(experiment)
    assert bits(frame(again, experiment, 20)) == bits(frame(asked, experiment, 20))


def test_a_huge_value_diverges_without_overflow(asked: Explorer) -> None:
    edits = [{"step": 2, "set": f"x[{row},0]", "to": 1e9} for row in range(28)]
    experiment = recipe(edits=edits, optimizer={"name": "sgd", "learning_rate": 1e3})
    initial_state = asked.create(experiment)
    assert initial_state.max_square <= made(recipe()).max_square
    shown = frame(asked, experiment, 60)
    assert np.isfinite(shown["cost"]["train"])


@pytest.mark.parametrize("test_fraction", [0.3, 0.5])
def test_curves_and_scores_are_those_of_the_data_of_their_step(test_fraction: float) -> None:
    """Also when going back over edits, the training part is never replaced by the test part."""
    dataset = {"name": "moons", "samples": 40, "test_fraction": test_fraction}
    experiment = recipe(dataset=dataset, edits=EDITS)

    def measured(order: list[int]) -> tuple[dict[int, tuple[Any, ...]], dict[str, list[Any]]]:
        run, found = TrainingRun(made(experiment), 2**30), {}
        for step in order:
            trainer, _ = run.record(run.state(step, float("inf")))
            m = trainer.measures(step)
            found[step] = (m.cost_train, m.cost_test, m.score_train, m.score_test)
        return found, run.history.columns(-1, 30)

    straight, curves = measured([30])
    back, again = measured([6, 10, 6, 3, 30])
    assert back[30] == straight[30]
    assert all(back[step] == measured([step])[0][step] for step in (3, 6, 10))
    assert again == curves
    assert curves["cost_train"] != curves["cost_test"]

"""Training with checkpoints gives the same bits as one plain loop."""

from __future__ import annotations

import itertools
import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.trace import trace
from backprop_explorer.experiments import trainer
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.training_run import MIN_RECENT, TrainingRun
from backprop_explorer.limits import Limits
from backprop_explorer.tape import native
from tests.helpers.experiments import recipe
from tests.helpers.training_runs import FOREVER, ROOMY, make

EDITED: dict[str, Any] = {
    "optimizer": {"name": "momentum", "learning_rate": 0.05},
    "edits": [
        {"step": 30, "set": "learning_rate", "to": 0.02},
        {"step": 70, "set": "W1[0,2]", "to": 0.5},
        {"step": 70, "set": "b3[0]", "to": -0.25},
        {"step": 100, "set": "optimizer", "to": {"name": "adam", "learning_rate": 0.01}},
        {"step": 150, "set": "activation2", "to": "tanh"},
    ],
}


def flat(run: TrainingRun, step: int) -> bytes:
    state = run.state(step, FOREVER)
    assert state.step == step
    arrays = [state.parameters, *(values for _, values in state.optimizer_state)]
    return b"".join(values.tobytes() for values in arrays) + state.count.to_bytes(4, "big")


def plain_loop(experiment: Recipe, steps: int) -> list[np.ndarray]:
    """Return the parameters at each step, computed with traces only: no buffers, no checkpoints."""
    initial_state = InitialState(experiment, Limits())
    update = initial_state.segments[0].update
    objective, network = initial_state.objective, initial_state.network
    parameters = initial_state.parameters.copy()
    state = {name: Parameters(network) for name in update.optimizer.state}
    kept = [parameters.flat.copy()]
    for step in range(steps):
        rows = initial_state.rows(step)
        made = trace(
            network,
            parameters,
            objective,
            initial_state.train[0][rows],
            initial_state.train[1][rows],
            update=update,
            state=state,
            step=step,
            count=step + 1,
        )
        parameters = collect(made, network, "{p}_next")
        state = {name: collect(made, network, f"{name}_{{p}}_next") for name in state}
        kept.append(parameters.flat.copy())
    return kept


def collect(made: Any, network: Network, pattern: str) -> Parameters:
    layers = range(1, network.depth + 1)
    return Parameters.from_layers(
        network,
        [(made[pattern.format(p=f"W{k}")], made[pattern.format(p=f"b{k}")]) for k in layers],
    )


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_is_the_lines_of_the_trace_repeated(name: str) -> None:
    experiment = recipe(optimizer={"name": name})
    run = make(experiment)
    for step, expected in enumerate(plain_loop(experiment, 12)):
        assert run.state(step, FOREVER).parameters.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": {"name": "adam", "schedule": {"name": "step", "every": 3}}},
        {"optimizer": {"name": "momentum", "schedule": {"name": "cosine", "steps": 9}}},
        {"penalty": {"l1": 0.01, "l2": 0.02}},
        {"cost": {"name": "mse", "reduction": "half_sum"}, "penalty": {"l2": 0.1}},
        {"batch": {"size": None}},
        {"batch": {"size": 1}},
        {"batch": {"size": 1000, "shuffle": False}},
        {"dataset": {"name": "moons", "samples": 1200}, "batch": {"size": 600}},
    ],
)
def test_schedules_penalties_and_batches_train_alike(changes: dict[str, Any]) -> None:
    experiment = recipe(**changes)
    run = make(experiment)
    expected = plain_loop(experiment, 12)
    assert run.state(12, FOREVER).parameters.tobytes() == expected[12].tobytes()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        EDITED,
        {"optimizer": {"name": "adam", "learning_rate": 0.05}},
        {"optimizer": {"name": "momentum", "schedule": {"name": "cosine", "steps": 90}}},
        {"batch": {"size": None}},
        {"optimizer": {"name": "sgd", "learning_rate": 1e100}},
    ],
)
def test_with_and_without_the_runner_of_tapes(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert native.load() is not None
    with_it = make(recipe(**changes))
    steps = (5, 40, 90, 1500)
    found = [with_it.state(step, FOREVER) for step in steps]
    tapes = [
        batch.tape for trainer in with_it._trainers.values() for batch in trainer._batches.values()
    ]
    assert any(tape.is_native for tape in tapes) == (with_it.diverged is None)
    monkeypatch.setattr(native, "loaded", lambda: None)
    monkeypatch.setattr(native, "load", lambda: None)
    without = make(recipe(**changes))
    for step, state in zip(steps, found, strict=True):
        expected = without.state(step, FOREVER)
        assert state.step == expected.step
        assert state.parameters.tobytes() == expected.parameters.tobytes()
        for (_, one), (_, other) in zip(
            state.optimizer_state, expected.optimizer_state, strict=True
        ):
            assert one.tobytes() == other.tobytes()
    assert with_it.diverged == without.diverged
    assert with_it.history.columns(-1, 1500) == without.history.columns(-1, 1500)


@pytest.mark.parametrize("changes", [{}, EDITED], ids=["plain", "edited"])
@pytest.mark.parametrize("budget", [ROOMY, 1], ids=["roomy", "four checkpoints"])
def test_the_order_of_requests_changes_no_bit(changes: dict[str, Any], budget: int) -> None:
    experiment = recipe(**changes)
    straight = make(experiment)
    steps = [0, 1, 29, 30, 31, 63, 64, 69, 70, 71, 99, 100, 101, 128, 150, 151, 200, 333, 700]
    expected = {step: flat(straight, step) for step in steps}
    jumping = make(experiment, budget)
    order = random.Random(1)
    for step in order.choices(steps, k=120):
        assert flat(jumping, step) == expected[step]
    for step in order.sample(steps, k=5):
        assert flat(make(experiment, budget), step) == expected[step]


def test_edits_act_at_the_arrival_at_their_step() -> None:
    run = make(recipe(**EDITED))
    before, after = run.state(69, FOREVER), run.state(70, FOREVER)
    W1 = Parameters(run.initial_state.network, after.parameters).W[0]
    assert W1[0, 2] == 0.5
    assert Parameters(run.initial_state.network, before.parameters).W[0][0, 2] != 0.5
    assert Parameters(run.initial_state.network, after.parameters).b[2][0] == -0.25
    # A new optimizer starts with count 0 and zero state.
    fresh = run.state(100, FOREVER)
    assert (fresh.count, [name for name, _ in fresh.optimizer_state]) == (0, ["m", "v"])
    assert not any(values.any() for _, values in fresh.optimizer_state)
    assert run.state(150, FOREVER).count == 50


def test_an_edit_changes_nothing_before_it() -> None:
    with_edits, without = make(recipe(**EDITED)), make(recipe(optimizer=EDITED["optimizer"]))
    assert flat(with_edits, 30) == flat(without, 30)
    assert flat(with_edits, 31) != flat(without, 31)


def test_checkpoints_thin_out_evenly() -> None:
    run = make(recipe(), budget=1)
    for step in range(0, 3000, 50):
        run.state(step, FOREVER)
    steps = [state.step for state in run._checkpoints]
    assert steps[0] == 0
    assert 3 <= len(steps) <= 4
    assert len({b - a for a, b in itertools.pairwise(steps)}) == 1
    assert len(run._recent) == MIN_RECENT


def test_visiting_other_steps_does_not_lose_progress() -> None:
    """Between distant checkpoints, training continues from the last state, not the checkpoint."""
    run = make(recipe())
    run._spacing = 1 << 20
    for step in range(1, 80):
        assert run.state(10_000, deadline=0.0).step == step
        run.state(0, deadline=0.0)


def test_an_uneven_last_batch_is_trained_on() -> None:
    initial_state = InitialState(recipe(), Limits())
    sizes = [len(initial_state.rows(step)) for step in range(initial_state.steps_per_epoch)]
    assert sizes == [8, 8, 8, 4]
    rows = np.concatenate([initial_state.rows(step) for step in range(4)])
    assert sorted(rows) == list(range(28))


def test_epochs_are_shuffled_by_the_seed_alone() -> None:
    initial_state, again = InitialState(recipe(), Limits()), InitialState(recipe(), Limits())
    other = InitialState(recipe(batch={"size": 8, "seed": 8}), Limits())
    assert [list(initial_state.rows(k)) for k in (9, 0)] == [list(again.rows(k)) for k in (9, 0)]
    assert list(initial_state.order(0)) != list(initial_state.order(1))
    assert list(initial_state.order(0)) != list(other.order(0))
    unshuffled = InitialState(recipe(batch={"size": 8, "shuffle": False}), Limits())
    assert list(unshuffled.order(5)) == list(range(28))


def test_the_deadline_is_checked_after_every_slow_update(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a clock that goes on by a second at each reading, every update is slow.

    The first 16 updates are made before their duration is known. There are 1000 in an epoch.
    """
    dataset = {"name": "moons", "samples": 2000, "test_fraction": 0.5}
    state = InitialState(recipe(dataset=dataset, batch={"size": 1}), Limits())
    readings = itertools.count()
    monkeypatch.setattr(trainer, "time", SimpleNamespace(perf_counter=lambda: next(readings)))
    assert trainer.Trainer(state, state.segments[0]).advance(0, 1000, 50) == (16 + 49, True)

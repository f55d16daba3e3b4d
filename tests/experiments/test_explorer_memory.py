"""The memory of the explorer is bounded, and threads may share it."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.network import Parameters
from backprop_explorer.experiments import explorer as module
from backprop_explorer.experiments.frame_parts import Wanted
from backprop_explorer.experiments.initial_state import InitialState
from tests.helpers.experiments import bits, explorer, fitting, frame, kept, recipe


def test_runs_that_are_not_used_are_dropped_and_trained_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_CACHED_RUNS", 3)
    asked = explorer()
    experiments = [recipe(network={**recipe().network.model_dump(), "seed": k}) for k in range(6)]
    expected = []
    for each in experiments:
        asked.create(each)
        expected.append(bits(frame(asked, each, 50)))
    assert list(asked._entries) == [each.id for each in experiments[-3:]]
    for each, bits_ in zip(experiments, expected, strict=True):
        assert bits(frame(asked, each, 50)) == bits_
    assert len(asked._entries) == 3


def test_growth_during_training_evicts_other_runs() -> None:
    asked = explorer(cache_bytes=1024 * 1024)
    wide = [{"units": 200, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}]
    experiments = [recipe(network={"layers": wide, "seed": k}) for k in range(30)]
    for each in experiments:
        asked.create(each)
    assert len(asked._entries) > 10
    for each in experiments[-8:]:
        asked.frame(each.id, 400, Wanted(frozenset()))
    asked.initial_state(experiments[-1].id)
    sizes = [entry.run.nbytes for entry in asked._entries.values()]
    assert sum(sizes) <= 1024 * 1024
    assert len(sizes) < 8


def test_a_run_that_was_dropped_while_in_use_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, experiment = kept()
    entry = asked._entry(experiment.id)
    assert asked.point(experiment.id, 0)["step"] == 0
    monkeypatch.setattr(module, "MAX_CACHED_RUNS", 1)
    asked.create(fitting("iris"))
    assert experiment.id not in asked._entries
    assert asked.point(experiment.id, 30)["step"] == 30
    assert bits(frame(asked, experiment, 30)) is not None
    assert asked._entry(experiment.id) is not entry


def test_many_threads_get_the_bits_that_one_gets() -> None:
    experiments = [recipe(), recipe(optimizer={"name": "adam"}), fitting("iris")]
    alone = explorer()
    for each in experiments:
        alone.create(each)
    steps = (0, 5, 63, 64, 65, 200)
    expected = {
        (each.id, step): bits(frame(alone, each, step)) for each in experiments for step in steps
    }
    asked = explorer(cache_bytes=1024 * 1024, frame_budget_seconds=0.001)
    wrong: list[Any] = []

    def work(number: int) -> None:
        random = np.random.default_rng(number)
        for _ in range(12):
            each, step = experiments[random.integers(3)], int(random.choice(steps))
            asked.create(each)
            if bits(frame(asked, each, step)) != expected[each.id, step]:
                wrong.append((each.id, step))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_making_data_does_not_block_other_experiments(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, experiment = kept()
    slow = fitting("wine")
    asked.create(slow)
    asked._entries.pop(slow.id)
    begun, go_on = threading.Event(), threading.Event()

    class Slow(InitialState):
        @property
        def train(self) -> Any:  # type: ignore[override]
            begun.set()
            assert go_on.wait(10)
            return super().train

    monkeypatch.setattr(module, "InitialState", Slow)
    thread = threading.Thread(target=lambda: asked.frame(slow.id, 0, Wanted()))
    thread.start()
    assert begun.wait(10)
    # Another experiment answers while the data of this one are being made.
    assert frame(asked, experiment, 1)["step"] == 1
    go_on.set()
    thread.join()


def test_parameters_of_a_frame_are_copies() -> None:
    asked, experiment = kept()
    shown = frame(asked, experiment, 10)
    before = [layer["W"].copy() for layer in shown["layers"]]
    frame(asked, experiment, 30)
    for layer, W in zip(shown["layers"], before, strict=True):
        assert layer["W"].tobytes() == W.tobytes()
    made = asked.trace(experiment.id, 10, None)
    assert (
        Parameters.from_layers(
            made[0].network, [(each["W"], each["b"]) for each in shown["layers"]]
        )
        .W[0]
        .tolist()
        == made[0]["W1"].tolist()
    )

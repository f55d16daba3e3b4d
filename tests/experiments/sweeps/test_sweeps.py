"""Several sweeps at once in one process: what was computed of a tile is not lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.experiments.store import open_store
from backprop_explorer.experiments.sweeps import Sweep, sweeps
from backprop_explorer.experiments.sweeps.tiles import TileRun, tiles_of
from backprop_explorer.limits import Limits
from tests.experiments.sweeps.test_bits import swept

MOST_ROUNDS = 1000


def sweep_of(seed: int, units: int = 4) -> Sweep:
    axes = [
        {"field": "penalty.l2", "values": [0.0, 0.01, 0.1]},
        {"field": "optimizer.learning_rate", "scale": "log", "from": 0.01, "to": 1, "count": 40},
    ]
    layers = [{"units": units}, {"units": 1, "activation": "sigmoid"}]
    recipe = {"network": {"layers": layers, "seed": seed}, "batch": {"size": 10}}
    return Sweep.model_validate({"recipe": recipe, "axes": axes, "step": 20})


class Counted:
    """Sweeps of one process, and how often the computation of a tile was begun."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = 0
        self.sweeps = sweeps.Sweeps(open_store(":memory:"), Limits())

        def begin(*given: Any) -> TileRun:
            self.begun += 1
            return TileRun(*given)

        monkeypatch.setattr(sweeps, "TileRun", begin)

    def in_turns(self, asked: list[Sweep], clients: dict[str, str] | None = None) -> list[str]:
        """Ask for slices that are as short as they can be, in turns; return the ids when done."""
        waiting = [self.sweeps.create(each) for each in asked]
        order: list[str] = []
        for _ in range(MOST_ROUNDS):
            for name in [each for each in waiting if each not in order]:
                client = (clients or {}).get(name, "")
                if self.sweeps.advance(name, client=client, seconds=0.0):
                    order.append(name)
        assert len(order) == len(asked), f"{len(order)} of {len(asked)} sweeps were finished"
        return order


def tiles(asked: list[Sweep]) -> int:
    return sum(len(tiles_of(each)) for each in asked)


def test_each_tile_is_computed_once_whatever_else_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Counted(monkeypatch)
    asked = [sweep_of(seed) for seed in range(8)]
    counted.in_turns(asked)
    assert counted.begun == tiles(asked)
    for each in asked:
        np.testing.assert_array_equal(counted.sweeps.map(each.id).values, swept(each)[0])


def test_of_more_sweeps_than_fit_each_tile_is_computed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweeps, "MOST_SWEEPS", 3)
    counted = Counted(monkeypatch)
    asked = [sweep_of(seed) for seed in range(7)]
    counted.in_turns(asked)
    assert counted.begun == tiles(asked)


def test_a_sweep_too_large_for_all_does_not_stop_the_small_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweeps, "MOST_BYTES", 1024**2)
    monkeypatch.setattr(sweeps, "LARGE_BYTES", 1024**2)
    counted = Counted(monkeypatch)
    large = sweep_of(0, units=200)
    assert counted.in_turns([large, *(sweep_of(seed) for seed in range(3))])[-1] == large.id


def test_many_sweeps_of_one_client_leave_room_for_another_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweeps, "MOST_SWEEPS", 4)
    counted = Counted(monkeypatch)
    asked = [sweep_of(seed) for seed in range(8)]
    order = counted.in_turns(asked, {asked[-1].id: "another"})
    assert order.index(asked[-1].id) < 4

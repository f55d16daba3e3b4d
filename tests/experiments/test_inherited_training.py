"""Runs that differ only in edits share the training before the first different edit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.helpers.cases import exhaustive
from tests.helpers.experiments import bits, explorer, frame, kept, recipe

EDITS: list[dict[str, Any]] = [
    {"step": 20, "set": "learning_rate", "to": 0.05},
    {"step": 150, "set": "W1[0,2]", "to": 0.5},
    {"step": 150, "set": "x[3,0]", "to": 1.5},
    {"step": 150, "set": "optimizer", "to": {"name": "adam"}},
    {"step": 190, "set": "activation1", "to": "relu"},
]


@pytest.mark.parametrize("seed", [0, *map(exhaustive, range(1, 4))])
def test_inherited_training_saves_work_and_changes_no_result(seed: int) -> None:
    """Experiments that differ in edits only give the same results as each on its own."""
    order = np.random.default_rng(seed)
    asked = explorer()
    for _ in range(8):
        chosen = sorted(order.choice(len(EDITS), order.integers(0, 6), replace=False))
        experiment = recipe(edits=[EDITS[k] for k in chosen])
        asked.create(experiment)
        alone = explorer()
        alone.create(experiment)
        for step in order.integers(0, 260, 3).tolist():
            together = frame(asked, experiment, step)
            # The other run may have recorded steps in between; the recorded steps follow a fixed
            # rule.
            assert bits(together) == bits(frame(alone, experiment, step))


def test_dragging_a_number_reuses_training() -> None:
    asked, first = kept(edits=[{"step": 900, "set": "x[3,0]", "to": 0.0}])
    frame(asked, first, 900)
    trained = asked.statistics()["steps"]
    assert trained == 900
    for k in range(1, 4):
        dragged = recipe(edits=[{"step": 900, "set": "x[3,0]", "to": k / 100}])
        asked.create(dragged)
        moved = asked.trace(dragged.id, 900, 3)
        assert moved[0].givens["x"][0, 0] == k / 100
    assert asked.statistics()["steps"] - trained <= 3 * 64
    set_here = recipe(edits=[{"step": 900, "set": "W1[0,0]", "to": 7.0}])
    asked.create(set_here)
    assert frame(asked, set_here, 900)["layers"][0]["W"][0, 0] == 7.0
    # Undoing the change also gives the same result.
    asked.create(recipe())
    frame(asked, recipe(), 900)
    assert asked.statistics()["steps"] - trained <= 5 * 64


def test_inheriting_from_a_diverged_run() -> None:
    far = [{"step": 40, "set": "learning_rate", "to": 1e8}]
    asked, first = kept(edits=far)
    broken = frame(asked, first, 400)
    assert broken["diverged"] is not None
    mended = recipe(edits=[{"step": 40, "set": "learning_rate", "to": 0.1}])
    asked.create(mended)
    alone = explorer()
    alone.create(mended)
    assert bits(frame(asked, mended, 400)) == bits(frame(alone, mended, 400))

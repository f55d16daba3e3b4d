"""Runs that diverge end at their last good step."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.experiments import recipe
from tests.helpers.training_runs import FOREVER, make


@pytest.mark.parametrize("rate", [30.0, 1e10, 1e100, 1e308])
def test_a_run_that_diverges_stops_at_its_last_good_step(rate: float) -> None:
    experiment = recipe(
        network={
            "layers": [{"units": 6, "activation": "relu"}, {"units": 1, "activation": "identity"}]
        },
        cost={"name": "mse"},
        optimizer={"learning_rate": rate},
    )
    run = make(experiment)
    end = run.state(5000, FOREVER)
    assert run.diverged is not None
    assert run.diverged == end.step < 5000
    assert np.isfinite(end.parameters).all()
    assert run.state(end.step + 1, FOREVER).step == end.step
    # In slices or from the start, the step and state of divergence are the same.
    slowly = make(experiment)
    for step in range(1, end.step + 1):
        assert slowly.state(5000, deadline=0.0).step == step
    assert slowly.state(5000, FOREVER).parameters.tobytes() == end.parameters.tobytes()
    assert slowly.diverged == run.diverged


def test_a_temporary_overflow_counts_as_divergence() -> None:
    """With λ₂·η = 1 the weights depend on the gradient only, so a large weight lasts one step."""
    experiment = recipe(
        penalty={"l2": 1.0},
        optimizer={"learning_rate": 1.0},
        cost={"name": "mse"},
        edits=[
            {"step": 10, "set": "learning_rate", "to": 1e60},
            {"step": 11, "set": "learning_rate", "to": 1.0},
        ],
    )
    for step in (10, 11, 12, 500):
        run = make(experiment)
        assert run.state(step, FOREVER).step == 10
        assert (run.diverged is None) == (step == 10)


def test_an_edit_that_is_too_large_ends_the_run_before_it() -> None:
    run = make(recipe(edits=[{"step": 5, "set": "W1[0,0]", "to": 1e90}]))
    assert run.state(9, FOREVER).step == 4
    assert run.diverged is not None
    assert run.diverged == 4

"""Bounds on the rounding error of gradients."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.graph import rounding_bounds
from backprop_explorer.engine.objective import Objective
from backprop_explorer.proof.autograd_oracle import ROUNDING
from backprop_explorer.proof.comparison import norm
from tests.helpers.networks import deep, gradient_ids, traced


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("cost", COSTS)
def test_rounding_bounds_are_far_below_any_mistake(activation: str, cost: str) -> None:
    """In an ordinary network the bound is far below the size of a mistake, in every line."""
    rng = np.random.default_rng(15)
    network = deep(activation, 3, cost)
    worked = traced(rng, network, Objective(cost, "mean", l2=0.01), samples=5)
    bounds = rounding_bounds(worked.graph.nodes, worked.values(), ROUNDING)
    assert list(bounds) == list(worked.line_values)
    for name in gradient_ids(worked):
        bound = bounds[name]
        assert bound.shape == worked[name].shape
        assert (bound >= 0).all()
        assert norm(bound) <= 1e-9 * norm(worked[name]) or norm(worked[name]) < 1e-14, name

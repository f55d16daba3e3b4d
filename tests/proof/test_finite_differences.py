"""Finite differences: sampled entries, resolution and merged lines."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.engine.initializers import initialize
from backprop_explorer.engine.network import Layer, Network
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, trace
from backprop_explorer.proof import (
    BELOW_RESOLUTION,
    MAX_ENTRIES,
    check_autograd,
    check_finite_differences,
    perturbed_costs,
)
from backprop_explorer.proof import finite_differences as differences
from tests.helpers.networks import build, traced


def test_only_some_entries_of_a_large_array_are_checked() -> None:
    worked = traced(np.random.default_rng(6), build(30, (20, "tanh"), (1, "identity")), samples=2)
    check = check_finite_differences(worked)
    assert check.passed
    assert check.checked == {"dC_dW1": MAX_ENTRIES}
    assert check_autograd(worked).checked == {}


def deep_sigmoid(layers: int) -> Trace:
    network = build(3, *((4, "sigmoid") for _ in range(layers)))
    return traced(np.random.default_rng(13), network, samples=2)


def test_finite_differences_resolve_fewer_lines_with_depth() -> None:
    """Lines near the output are resolved, lines near the input are BELOW_RESOLUTION."""
    by_line = check_finite_differences(deep_sigmoid(24)).by_line
    assert isinstance(by_line["dC_dW24"], float)
    assert by_line["dC_dW1"] == BELOW_RESOLUTION
    unresolved = [name for name, error in by_line.items() if error == BELOW_RESOLUTION]
    first = list(by_line).index(unresolved[0])
    assert first > 20


@pytest.mark.parametrize("batch", [1, 5])
def test_merged_lines_give_the_same_errors_as_single_lines(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(2)
    network = Network(3, (Layer(4, "tanh"), Layer(5, "relu"), Layer(2, "sigmoid")))
    parameters = initialize(network, "xavier_normal", rng)
    x, target = rng.standard_normal((batch, 3)), rng.random((batch, 2))
    worked = trace(network, parameters, Objective("mse", "mean", 0.1, 0.2), x, target)
    together = check_finite_differences(worked).by_line
    monkeypatch.setattr(differences, "MAX_MERGED_NUMBERS", 0)
    alone = check_finite_differences(worked).by_line
    assert list(together) == list(alone) == worked.gradient_lines()
    assert together == pytest.approx(alone, abs=1e-8)
    # With this limit, each copy has a forward pass of its own.
    monkeypatch.setattr(perturbed_costs, "MAX_ROWS", batch)
    assert check_finite_differences(worked).by_line == pytest.approx(alone, abs=1e-8)

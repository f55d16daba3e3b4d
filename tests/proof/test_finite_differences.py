"""Finite differences: sampled entries and resolution."""

from __future__ import annotations

import numpy as np

from backprop_explorer.engine.trace import Trace
from backprop_explorer.proof import BELOW_RESOLUTION, MAX_ENTRIES
from tests.helpers.networks import build, traced
from tests.helpers.oracles import check_autograd, check_finite_differences


def test_only_some_entries_of_a_large_array_are_checked() -> None:
    worked = traced(np.random.default_rng(6), build(30, (20, "tanh"), (1, "identity")), samples=2)
    check = check_finite_differences(worked)
    assert check.passed
    # Every line but those of parameters is moved once, as a whole.
    assert check.checked == {
        "dC_dz2": 1,
        "dC_da1": 1,
        "dC_dz1": 1,
        "dC_dW1": MAX_ENTRIES,
        "dC_da2": 1,
    }
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

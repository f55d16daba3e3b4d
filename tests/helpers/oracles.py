"""Both oracles."""

from __future__ import annotations

from backprop_explorer.engine.names import COST
from backprop_explorer.engine.trace import Trace
from backprop_explorer.proof import Check, check_trace
from backprop_explorer.proof import check_autograd as autograd_of_graph
from tests.helpers.networks import gradient_ids


def check_autograd(worked: Trace) -> Check:
    return autograd_of_graph(worked.graph, worked.values(), COST)


def check_finite_differences(worked: Trace) -> Check:
    return check_trace(worked)[1]


ORACLES = {"autograd": check_autograd, "finite_differences": check_finite_differences}


def assert_confirmed(worked: Trace, what: str = "") -> list[str | float]:
    """Assert that both oracles checked every gradient line and passed. Returns the errors."""
    verdicts: list[str | float] = []
    for name, check in zip(ORACLES, check_trace(worked), strict=True):
        assert list(check.by_line) == gradient_ids(worked)
        assert check.oracle == name
        assert check.passed, f"{what} {name}: {check.by_line}"
        verdicts += check.by_line.values()
    return verdicts

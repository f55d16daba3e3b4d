"""Both oracles."""

from __future__ import annotations

from backprop_explorer.engine.trace import Trace
from backprop_explorer.proof import check_autograd, check_finite_differences

ORACLES = {"autograd": check_autograd, "finite_differences": check_finite_differences}


def assert_confirmed(worked: Trace, what: str = "") -> list[str | float]:
    """Assert that both oracles checked every gradient line and passed. Returns the errors."""
    verdicts: list[str | float] = []
    for name, oracle in ORACLES.items():
        check = oracle(worked)
        assert list(check.by_line) == worked.gradient_lines()
        assert check.oracle == name
        assert check.passed, f"{what} {name}: {check.by_line}"
        verdicts += check.by_line.values()
    return verdicts

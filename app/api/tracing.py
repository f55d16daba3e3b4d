"""From a trace to its answer on the wire: lines with formulas, gradients, and the proof."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.api.encoding import is_finite
from app.api.formulas import formula
from app.core.gradient_check import Check, check_autograd, check_finite_differences
from app.core.notation import Notation
from app.core.trace import Trace, present


def _shape(value: Any) -> list[int]:
    return list(np.shape(value))


def _all_finite(entries: list[dict[str, Any]]) -> bool:
    numbers = np.concatenate([entry["value"] for entry in entries], axis=None)
    return bool(np.isfinite(numbers).all())


def _shown(entry: dict[str, Any], *, finite: bool) -> dict[str, Any]:
    value = entry["value"]
    shown = {**entry, "symbol": formula(entry["symbol"]), "shape": _shape(value)}
    if "formula" in entry:
        shown["formula"] = formula(entry["formula"])
    if not (finite or is_finite(value)):
        shown["finite"] = False
    return shown


def _verdict(check: Check) -> dict[str, Any]:
    return {
        "max_relative_error": check.max_relative_error,
        "tolerance": check.tolerance,
        "passed": check.passed,
        "by_line": check.by_line,
        "entries_tried": check.checked,
    }


def verification(trace: Trace) -> dict[str, Any]:
    """What both oracles say of every gradient line."""
    # Numbers that have overflowed are compared like all others, and do not pass.
    with np.errstate(all="ignore"):
        return {
            "autograd": _verdict(check_autograd(trace)),
            "finite_differences": _verdict(check_finite_differences(trace)),
        }


def trace_answer(trace: Trace, notation: Notation, *, verify: bool) -> dict[str, Any]:
    """The whole answer for ``trace`` as ``notation`` writes it."""
    givens, lines = present(trace, notation)
    depth = trace.network.depth
    # Asked of all at once: each array alone costs more than its numbers.
    finite = _all_finite(givens + lines)
    return {
        "convention": notation.convention.name,
        "batch": None if notation.single else trace.samples,
        "cost": trace.cost,
        "fused": trace.objective.fuses(trace.network),
        "reduction": trace.objective.reduction,
        "activations": [layer.activation for layer in trace.network.layers],
        "givens": [_shown(given, finite=finite) for given in givens],
        "lines": [_shown(line, finite=finite) for line in lines],
        "gradients": [
            {
                "dC_dW": notation.show(trace[f"dC_dW{layer}"], "ij"),
                "dC_db": trace[f"dC_db{layer}"],
            }
            for layer in range(1, depth + 1)
        ],
        "verification": verification(trace) if verify else None,
    }

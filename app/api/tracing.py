"""From a trace to its answer on the wire: lines with formulas, gradients, and the proof."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from app.api.encoding import is_finite
from app.api.formulas import formula
from app.core.errors import InvalidInput
from app.core.gradient_check import Check, check_autograd, check_finite_differences
from app.core.notation import Notation
from app.core.trace import Trace, present


def _shape(value: Any) -> list[int]:
    return list(np.shape(value))


def _all_finite(entries: list[dict[str, Any]]) -> bool:
    values = [entry["value"] for entry in entries]
    return not values or bool(np.isfinite(np.concatenate(values, axis=None)).all())


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a working to send: values of up to ``entries`` numbers, and only ``lines``.

    ``lines`` are ids of lines and givens; None: all of them, and the gradients.
    """

    entries: float = inf
    lines: frozenset[str] | None = None

    @classmethod
    def of(cls, entries: int | None, lines: str | None) -> Extent:
        """From a query."""
        names = None if lines is None else frozenset(filter(None, lines.split(",")))
        return cls(inf if entries is None else entries, names)

    def chosen(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those that are asked for."""
        return [each for each in entries if self.lines is None or each["id"] in self.lines]

    def value(self, value: Any) -> Any:
        """``value``, or None where it is too large."""
        return value if np.size(value) <= self.entries else None


WHOLE = Extent()


def _shown(entry: dict[str, Any], *, finite: bool, extent: Extent) -> dict[str, Any]:
    value = entry["value"]
    shown = {**entry, "symbol": formula(entry["symbol"]), "shape": _shape(value)}
    if extent.value(value) is None:
        shown |= {"value": None, "left_out": True}
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


def trace_answer(
    trace: Trace, notation: Notation, *, verify: bool, extent: Extent = WHOLE
) -> dict[str, Any]:
    """The answer for ``trace`` as ``notation`` writes it.

    Raises InvalidInput for ``lines`` where ``extent`` names one that there is not.
    """
    givens, lines = present(trace, notation)
    unknown = (extent.lines or frozenset()).difference(each["id"] for each in givens + lines)
    if unknown:
        raise InvalidInput("lines", f"there is no line {min(unknown)[:40]!r} in this working")
    givens, lines = extent.chosen(givens), extent.chosen(lines)
    depth = trace.network.depth if extent.lines is None else 0
    # Asked of all at once: each array alone costs more than its numbers.
    finite = _all_finite(givens + lines)
    return {
        "convention": notation.convention.name,
        "batch": None if notation.single else trace.samples,
        "cost": trace.cost,
        "fused": trace.objective.fuses(trace.network),
        "reduction": trace.objective.reduction,
        "activations": [layer.activation for layer in trace.network.layers],
        "givens": [_shown(given, finite=finite, extent=extent) for given in givens],
        "lines": [_shown(line, finite=finite, extent=extent) for line in lines],
        "gradients": [
            {
                "dC_dW": extent.value(notation.show(trace[f"dC_dW{layer}"], "ij")),
                "dC_db": extent.value(trace[f"dC_db{layer}"]),
            }
            for layer in range(1, depth + 1)
        ],
        "verification": verification(trace) if verify else None,
    }

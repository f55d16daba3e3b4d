"""From a trace to its answer on the wire: lines with formulas, gradients, and the proof.

What a line says beside its numbers hangs on the plan of the trace and on the notation alone, and is
most of an answer: it is encoded once and put into every answer as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any

import numpy as np
import orjson

from app.api.encoding import is_finite, members
from app.api.formulas import formula
from app.core.backprop import Step
from app.core.errors import InvalidInput
from app.core.gradient_check import Check, check_autograd, check_finite_differences
from app.core.notation import Notation, symbol
from app.core.trace import Plan, Trace, axes_of, written

# Of lines, about 1.5 kB each, and of lists of them.
KEPT_LINES, KEPT_PLANS = 4096, 16


@lru_cache(maxsize=KEPT_LINES)
def _line(step: Step, notation: Notation) -> orjson.Fragment:
    said = written(step, notation)
    for name in ("symbol", "formula"):
        said[name] = formula(said[name])
    return members(said)


@lru_cache(maxsize=KEPT_PLANS)
def _lines(plan: Plan, notation: Notation) -> tuple[orjson.Fragment, ...]:
    return tuple(_line(step, notation) for step in plan.steps)


@lru_cache(maxsize=KEPT_LINES)
def _given(name: str) -> orjson.Fragment:
    return members({"id": name, "symbol": formula(symbol(name))})


def _all_finite(values: list[Any]) -> bool:
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

    def names(self, name: str) -> bool:
        """Whether the line or given ``name`` is asked for."""
        return self.lines is None or name in self.lines

    def value(self, value: Any) -> Any:
        """``value``, or None where it is too large."""
        return value if np.size(value) <= self.entries else None


WHOLE = Extent()


def _shown(said: orjson.Fragment, value: Any, *, finite: bool, extent: Extent) -> dict[str, Any]:
    shown = {"id": said, "value": value, "shape": np.shape(value)}
    if extent.value(value) is None:
        shown |= {"value": None, "left_out": True}
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
    _check_names(extent, trace)
    depth = trace.network.depth if extent.lines is None else 0
    givens = {
        name: _laid_out(notation.show(value, axes_of(name)))
        for name, value in trace.givens.items()
        if extent.names(name)
    }
    said = {
        line.id: text
        for line, text in zip(trace.lines, _lines(trace.plan, notation), strict=True)
        if extent.names(line.id)
    }
    lines = {
        line.id: _laid_out(notation.show(line.value, line.step.axes))
        for line in trace.lines
        if line.id in said
    }
    # Asked of all at once: each array alone costs more than its numbers.
    finite = _all_finite([*givens.values(), *lines.values()])
    return {
        "convention": notation.convention.name,
        "batch": None if notation.single else trace.samples,
        "cost": trace.cost,
        "fused": trace.objective.fuses(trace.network),
        "reduction": trace.objective.reduction,
        "activations": [layer.activation for layer in trace.network.layers],
        "givens": [
            _shown(_given(name), value, finite=finite, extent=extent)
            for name, value in givens.items()
        ],
        "lines": [
            _shown(said[name], value, finite=finite, extent=extent) for name, value in lines.items()
        ],
        "gradients": [
            {
                "dC_dW": extent.value(lines[f"dC_dW{layer}"]),
                "dC_db": extent.value(lines[f"dC_db{layer}"]),
            }
            for layer in range(1, depth + 1)
        ],
        "verification": verification(trace) if verify else None,
    }


def _check_names(extent: Extent, trace: Trace) -> None:
    names = extent.lines or frozenset()
    unknown = names.difference(trace.givens).difference(line.id for line in trace.lines)
    if unknown:
        raise InvalidInput("lines", f"there is no line {min(unknown)[:40]!r} in this working")


def _laid_out(value: Any) -> Any:
    """``value`` row by row, as orjson reads it: a turned matrix is in more than one place."""
    return np.ascontiguousarray(value) if isinstance(value, np.ndarray) else value

"""From a trace to its answer on the wire: lines with formulas, gradients, and the proof.

What a line says beside its numbers hangs on the plan of the trace and on the notation alone, and is
most of an answer: it is encoded once and put into every answer as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any, NamedTuple

import numpy as np
import orjson

from backprop_explorer.compute.encoding import is_finite, members
from backprop_explorer.compute.formulas import formula
from backprop_explorer.engine.backprop import Step
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.notation import Notation, Way, symbol
from backprop_explorer.engine.trace import Plan, Trace, axes_of, written
from backprop_explorer.proof import Check, check_autograd, check_finite_differences

# Of lines, about 1.5 kB each, and of lists of them.
KEPT_LINES, KEPT_PLANS = 4096, 16


class _Said(NamedTuple):
    """What is said of a line or given beside its value, and how its value is shown."""

    name: str
    text: orjson.Fragment
    way: Way


@lru_cache(maxsize=KEPT_LINES)
def _line(step: Step, notation: Notation) -> orjson.Fragment:
    said = written(step, notation)
    for name in ("symbol", "formula"):
        said[name] = formula(said[name])
    return members(said)


@lru_cache(maxsize=KEPT_PLANS)
def _lines(plan: Plan, notation: Notation) -> tuple[_Said, ...]:
    return tuple(
        _Said(step.id, _line(step, notation), notation.way(step.axes)) for step in plan.steps
    )


@lru_cache(maxsize=KEPT_PLANS)
def _givens(names: tuple[str, ...], notation: Notation) -> tuple[_Said, ...]:
    return tuple(
        _Said(
            name,
            members({"id": name, "symbol": formula(symbol(name))}),
            notation.way(axes_of(name)),
        )
        for name in names
    )


def _laid_out(said: Iterable[_Said], values: Mapping[str, Any]) -> dict[str, Any]:
    """Each of ``values`` as it is shown, by name, and row by row: orjson reads memory."""
    found = {name: way.shown(values[name]) for name, _, way in said}
    for name, _, way in said:
        if way.turns:
            found[name] = np.ascontiguousarray(found[name])
    return found


def _all_finite(values: list[Any]) -> bool:
    arrays = [each for each in values if isinstance(each, np.ndarray)]
    return all(isinstance(each, np.ndarray) or math.isfinite(each) for each in values) and (
        not arrays or bool(np.isfinite(np.concatenate(arrays, axis=None)).all())
    )


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

    def value(self, value: Any) -> Any:
        """``value``, or None where it is too large."""
        return value if self.entries == inf or np.size(value) <= self.entries else None


WHOLE = Extent()


def _shown(
    said: Iterable[_Said], values: Mapping[str, Any], *, finite: bool, extent: Extent
) -> list[dict[str, Any]]:
    shown = [
        {"id": text, "value": values[name], "shape": getattr(values[name], "shape", ())}
        for name, text, _ in said
    ]
    if extent.entries < inf or not finite:
        for each in shown:
            value = each["value"]
            if extent.value(value) is None:
                each |= {"value": None, "left_out": True}
            if not (finite or is_finite(value)):
                each["finite"] = False
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
    said_givens = _givens(tuple(trace.givens), notation)
    said_lines = _lines(trace.plan, notation)
    depth = trace.network.depth
    if extent.lines is not None:
        _check_names(extent, trace)
        depth = 0
        said_givens = tuple(each for each in said_givens if each.name in extent.lines)
        said_lines = tuple(each for each in said_lines if each.name in extent.lines)
    givens = _laid_out(said_givens, trace.givens)
    lines = _laid_out(said_lines, trace.line_values)
    # Asked of all at once: each array alone costs more than its numbers.
    finite = _all_finite([*givens.values(), *lines.values()])
    return {
        "convention": notation.convention.name,
        "batch": None if notation.single else trace.samples,
        "cost": trace.cost,
        "fused": trace.objective.fuses(trace.network),
        "reduction": trace.objective.reduction,
        "activations": [layer.activation for layer in trace.network.layers],
        "givens": _shown(said_givens, givens, finite=finite, extent=extent),
        "lines": _shown(said_lines, lines, finite=finite, extent=extent),
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
    unknown = names.difference(trace.givens).difference(trace.line_values)
    if unknown:
        raise InvalidInput("lines", f"there is no line {min(unknown)[:40]!r} in this working")

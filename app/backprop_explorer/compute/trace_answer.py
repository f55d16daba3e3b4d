"""The answer for a trace: its lines with formulas, its gradients, and their verification.

Most of an answer is text (formulas, names, explanations), which depends only on the plan of the
trace and on the notation. This text is encoded once and cached.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import inf
from typing import Any, NamedTuple

import numpy as np
import orjson

from backprop_explorer.compute.encoding import is_finite, members, picked
from backprop_explorer.compute.formulas import Formulas, formula
from backprop_explorer.compute.task_options import Extent
from backprop_explorer.engine import names
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.graph import Graph, Node
from backprop_explorer.engine.notation import Notation, Orientation
from backprop_explorer.engine.trace import Trace, described, written
from backprop_explorer.proof import Check, check_trace
from backprop_explorer.texts import compute as texts

# Cache sizes: texts of lines (about 1.5 kB each), and lists of them.
KEPT_LINES, KEPT_PLANS = 4096, 16
LATEX = {"symbol", "formula"}
# What formulas=none leaves out of a line.
DESCRIPTIONS = {*LATEX, "label", "spoken", "about", "axes", "quantity", "of"}


class _LineText(NamedTuple):
    """The encoded text of a line or given, and the layout of its value."""

    name: str
    text: orjson.Fragment
    orientation: Orientation


@lru_cache(maxsize=KEPT_LINES)
def _line(node: Node, notation: Notation, formulas: Formulas) -> orjson.Fragment:
    return members(_written(written(node, notation), formulas))


def _written(text: dict[str, Any], formulas: Formulas) -> dict[str, Any]:
    """The text with its LaTeX in the requested forms; with "none" without names and descriptions.

    A client that asks for many steps has them already, and they are half of an answer.
    """
    if formulas == "none":
        return {name: each for name, each in text.items() if name not in DESCRIPTIONS}
    return text | {name: formula(text[name], formulas) for name in text.keys() & LATEX}


@lru_cache(maxsize=KEPT_PLANS)
def _lines(graph: Graph, notation: Notation, formulas: Formulas) -> tuple[_LineText, ...]:
    return tuple(
        _LineText(node.id, _line(node, notation, formulas), notation.orientation(node.axes))
        for node in graph.nodes
    )


@lru_cache(maxsize=KEPT_PLANS)
def _givens(
    given: tuple[str, ...], axes: tuple[str, ...], notation: Notation, formulas: Formulas
) -> tuple[_LineText, ...]:
    def text(name: str, letters: str) -> dict[str, Any]:
        return _written(described(names.named(name), letters, notation), formulas)

    return tuple(
        _LineText(name, members(text(name, letters)), notation.orientation(letters))
        for name, letters in zip(given, axes, strict=True)
    )


def _laid_out(parts: Iterable[_LineText], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values by name in the notation's layout, C-contiguous because orjson needs that."""
    shown = {name: how.shown(values[name]) for name, _, how in parts}
    for name, _, how in parts:
        if how.turns:
            shown[name] = np.ascontiguousarray(shown[name])
    return shown


def _all_finite(values: list[Any]) -> bool:
    arrays = [each for each in values if isinstance(each, np.ndarray)]
    return all(isinstance(each, np.ndarray) or math.isfinite(each) for each in values) and (
        not arrays or bool(np.isfinite(np.concatenate(arrays, axis=None)).all())
    )


WHOLE = Extent()


def _shown(
    parts: Iterable[_LineText], values: Mapping[str, Any], *, finite: bool, extent: Extent
) -> list[dict[str, Any]]:
    shown = [
        {"id": text, "value": values[name], "shape": getattr(values[name], "shape", ())}
        for name, text, _ in parts
    ]
    if extent.entries < inf or not finite:
        for each in shown:
            value = each["value"]
            if extent.value(value) is None:
                each |= {"value": None, "left_out": True}
            if not (finite or is_finite(value)):
                each["finite"] = False
    return shown


def verification(checks: tuple[Check, Check]) -> dict[str, Any]:
    """What both oracles say."""
    shown = ("max_relative_error", "tolerance", "passed", "by_line")
    return {c.oracle: {**picked(c, *shown), "entries_tried": c.checked} for c in checks}


def trace_answer(
    trace: Trace,
    notation: Notation,
    *,
    verify: bool,
    extent: Extent = WHOLE,
    formulas: Formulas = "both",
) -> dict[str, Any]:
    """The answer for ``trace`` in ``notation``, ready to be encoded.

    Raises InvalidInput (field "lines") if ``extent`` has an unknown id.
    """
    axes = tuple(trace.graph.axes[name] for name in trace.givens)
    given_texts = _givens(tuple(trace.givens), axes, notation, formulas)
    line_texts = _lines(trace.graph, notation, formulas)
    depth = trace.network.depth
    if extent.lines is not None:
        _check_names(extent, trace)
        depth = 0
        given_texts = tuple(each for each in given_texts if each.name in extent.lines)
        line_texts = tuple(each for each in line_texts if each.name in extent.lines)
    givens = _laid_out(given_texts, trace.givens)
    lines = _laid_out(line_texts, trace.line_values)
    # One check for all arrays: a NumPy call per array costs more than its numbers.
    finite = _all_finite([*givens.values(), *lines.values()])
    return {
        "convention": notation.convention.name,
        "batch": None if notation.single else trace.samples,
        "cost": trace.cost,
        "fused": trace.objective.fuses(trace.network),
        "reduction": trace.objective.reduction,
        "activations": [layer.activation for layer in trace.network.layers],
        "givens": _shown(given_texts, givens, finite=finite, extent=extent),
        "lines": _shown(line_texts, lines, finite=finite, extent=extent),
        "gradients": [
            {
                names.OF_W: extent.value(lines[names.gradient(names.weights(layer))]),
                names.OF_B: extent.value(lines[names.gradient(names.biases(layer))]),
            }
            for layer in range(1, depth + 1)
        ],
        "verification": verification(check_trace(trace)) if verify else None,
    }


def _check_names(extent: Extent, trace: Trace) -> None:
    asked = extent.lines or frozenset()
    unknown = asked.difference(trace.givens).difference(trace.line_values)
    if unknown:
        raise InvalidInput("lines", texts.unknown_line(min(unknown)[:40]))

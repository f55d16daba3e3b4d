"""Map submitted names to line ids, and say what the trace must hold for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from backprop_explorer.engine.trace import Trace
from backprop_explorer.tutor.checker.submission import known_id
from backprop_explorer.tutor.reading.arrays import reading_of_size
from backprop_explorer.tutor.reading.printed_array import Printed


@dataclass(frozen=True, slots=True)
class TraceRequirements:
    """What lines a trace must have besides the usual ones.

    ``unfused_output`` asks for ∂C/∂a of the output: cost and output activation are then not fused.
    """

    unfused_output: bool
    jacobians: bool


def line_ids(depth: int) -> dict[str, None]:
    """The ids that lines of a network of so many layers can have."""
    ids = ["x", "target", "C"]
    for k in range(1, depth + 1):
        ids += [f"{letter}{k}" for letter in ("W", "b", "z", "a")]
        ids += [f"dC_d{letter}{k}" for letter in ("a", "z", "W", "b")]
        ids += [f"W{k}_next", f"b{k}_next"]
        ids += [f"da{k}_dz{k}", f"dz{k}_dW{k}", f"dz{k}_db{k}", f"dz{k}_da{k - 1}"]
    return dict.fromkeys(ids)


def trace_requirements(names: Iterable[str], depth: int) -> TraceRequirements:
    """What a trace of ``depth`` layers must have for lines submitted under ``names``."""
    known = line_ids(depth)
    ids = {known_id(name, known, depth) or name for name in names}
    # A name that no line has too, so that the nearest Jacobian can be named.
    jacobians = any(found.startswith(("da", "dz")) and "_d" in found for found in ids)
    return TraceRequirements(f"dC_da{depth}" in ids, jacobians)


def resolve_ambiguous(printed: Mapping[str, Printed], trace: Trace) -> dict[str, Printed]:
    """``printed`` with each array that can be read in two ways read as its line's size asks."""
    sizes = {line.id: np.size(line.value) for line in trace.lines}
    ids = {name: known_id(name, sizes, trace.network.depth) for name in printed}
    return {
        name: reading_of_size(line, sizes.get(ids[name] or "", 0)) for name, line in printed.items()
    }

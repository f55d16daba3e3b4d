"""Map submitted names to line ids, and find which options of the trace they require."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.trace import Trace
from backprop_explorer.tutor.reading.arrays import reading_of_size
from backprop_explorer.tutor.reading.printed_array import PrintedArray
from backprop_explorer.tutor.spellings import is_jacobian, known_id, spellings


@dataclass(frozen=True, slots=True)
class TraceRequirements:
    """Lines that a trace must have in addition to the usual ones.

    ``unfused_output``: ∂C/∂a of the output, so cost and output activation must not be fused.
    ``jacobians``: the Jacobians of the layers.
    """

    unfused_output: bool
    jacobians: bool


def line_ids(depth: int) -> dict[str, None]:
    """Return all line ids of a network with ``depth`` layers, as keys."""
    found: list[Name] = [names.X, names.TARGET, names.COST]
    for k in range(1, depth + 1):
        below, z, a = names.activation(k - 1), names.weighted_sum(k), names.activation(k)
        W, b = names.weights(k), names.biases(k)
        found += [W, b, z, a, *map(names.gradient, (a, z, W, b)), names.updated(W)]
        found += [names.updated(b), names.jacobian(a, z)]
        found += [names.jacobian(z, each) for each in (W, b, below)]
    return dict.fromkeys(found)


def trace_requirements(submitted: Collection[str], depth: int) -> TraceRequirements:
    """Return what a trace of ``depth`` layers must have so that ``submitted`` can be checked."""
    known, dC_da = line_ids(depth), names.gradient(names.activation(depth))
    ids = {known_id(name, known, depth) or name for name in submitted}
    # A program that counts layers from the input calls the output's gradient dA3 for 2 layers.
    if any(
        spelling.quantity == names.OF_A and (spelling.number(depth) or 0) > depth
        for name in submitted
        for spelling in spellings(name)[:1]
    ):
        ids.add(dC_da)
    # Beside a delta of the output, its error is ∂C/∂a.
    first = [found[0].line_id(depth) for name in submitted if (found := spellings(name))]
    if any(
        dC_da in (each.line_id(depth) for each in spellings(name)[1:])
        and spellings(name)[0].quantity == names.OF_Z
        and first.count(spellings(name)[0].line_id(depth)) > 1
        for name in submitted
    ):
        ids.add(dC_da)
    # Unknown names too, so that the error message can suggest the nearest Jacobian.
    jacobians = any(map(is_jacobian, ids))
    return TraceRequirements(dC_da in ids, jacobians)


def resolve_ambiguous(printed: Mapping[str, PrintedArray], trace: Trace) -> dict[str, PrintedArray]:
    """Return ``printed`` with each ambiguous array read in the way that fits its line's size."""
    sizes: dict[str, int] = {line.node.id: np.size(line.value) for line in trace.lines}
    ids = {name: known_id(name, sizes, trace.network.depth) for name in printed}
    return {
        name: reading_of_size(line, sizes.get(ids[name] or "", 0)) for name, line in printed.items()
    }

"""The second oracle: central differences of the engine's own forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.trace import Trace
from backprop_explorer.proof.comparison import (
    BELOW_RESOLUTION,
    EPS,
    Array,
    Check,
    norm,
    relative_error,
    relative_errors,
)
from backprop_explorer.proof.perturbed_costs import CostEvaluator

DIFFERENCES_TOLERANCE = 1e-5
# Number of entries checked per array. Of larger arrays, evenly spread entries are checked.
MIN_ENTRIES, MAX_ENTRIES = 2, 256
# Samples × parameters × arrays × entries of one check. It limits a check to about one second.
MAX_WORK = 1_000_000_000
# Up to this number of perturbed numbers, all lines share one forward pass, which saves calls.
MAX_MERGED_NUMBERS = 60_000

# Step size that balances truncation error (h²) and cancellation error (ε/h) for values of order 1.
STEP = float(np.cbrt(EPS))


def _entries_per_array(trace: Trace) -> int:
    """Return the number of entries to check per array."""
    arrays = len(trace.gradient_lines())
    work = trace.samples * trace.network.parameter_count * arrays
    return max(MIN_ENTRIES, min(MAX_ENTRIES, MAX_WORK // work))


def spread_indices(size: int, entries: int) -> NDArray[np.intp]:
    """Return flat indices: all of them, or ``entries`` evenly spread ones."""
    if size <= entries:
        return np.arange(size)
    return ((np.arange(entries) + 0.5) * (size / entries)).astype(np.intp)


@dataclass(frozen=True, slots=True)
class Differences:
    """Difference quotients of C for the sampled entries, and their rounding error ``noise``."""

    central: Array
    forward: Array
    backward: Array
    noise: Array

    def part(self, begin: int, end: int) -> Differences:
        """Return the slice of the entries from ``begin`` to ``end`` − 1."""
        return Differences(
            self.central[begin:end],
            self.forward[begin:end],
            self.backward[begin:end],
            self.noise[begin:end],
        )


@dataclass(frozen=True, slots=True)
class _Perturbation:
    """Perturbed copies (2P, N, n) of the value ``site``: P entries plus h, then minus h.

    ``h`` (P,) are the step sizes, ``penalty`` (2P,) the changes of the penalty.
    """

    site: str
    copies: Array
    h: Array
    penalty: Array | float


@dataclass(frozen=True, slots=True)
class _Selection:
    """The entries of a gradient line to check.

    ``name`` is the perturbed array: z2, a1, W1, b1. ``site`` is the value that its copies replace.
    ``indices`` (P,) are the flat indices of the entries, ``perturbed`` (2P,) the index that each
    copy changes (plus, then minus), and ``copies`` counts the copies: 0, 1, …, 2P − 1.
    """

    line: Name
    name: Name
    site: Name
    indices: NDArray[np.intp]
    perturbed: NDArray[np.intp]
    copies: NDArray[np.intp]


@lru_cache(maxsize=512)
def _select(line: Name, site: Name, size: int, entries: int) -> _Selection:
    """Select ``entries`` of the ``size`` entries of ``line``, or all of them."""
    name = line.variable
    indices = spread_indices(size, entries)
    perturbed = np.concatenate((indices, indices))
    return _Selection(line, name, site, indices, perturbed, np.arange(len(perturbed)))


def _perturb_values(
    costs: CostEvaluator, selection: _Selection, relative_step: float
) -> _Perturbation:
    """Perturb entries of z or a directly."""
    value: Array = costs.values[selection.name]
    current = value.ravel()[selection.indices]
    h = relative_step * np.maximum(1.0, np.abs(current))
    pole_distance = costs.trace.objective.entry.pole_distance
    if selection.name == costs.reads and not costs.fused and pole_distance is not None:
        # Near the pole of a logarithm the step must shrink with the distance from the pole.
        h = np.maximum(relative_step * pole_distance(current), 1e-305)
    copies = value.reshape(1, -1).repeat(len(selection.perturbed), axis=0)
    copies[selection.copies, selection.perturbed] += np.concatenate((h, -h))
    return _Perturbation(selection.site, copies.reshape(-1, *value.shape), h, 0.0)


def _perturb_parameters(
    costs: CostEvaluator, selection: _Selection, relative_step: float
) -> _Perturbation:
    """Perturb entries of W or b of a layer.

    A weight changes only one column of z. So ``affine`` computes this column again from the
    perturbed weights, and the copies replace z.
    """
    values, objective = costs.values, costs.trace.objective
    reads = costs.trace.graph.by_id[selection.site].inputs
    a, W, b = (values[name] for name in reads)
    z, weights = values[selection.site], selection.name == reads[1]
    rows, columns = (
        np.divmod(selection.perturbed, W.shape[1])
        if weights
        else (selection.perturbed, selection.perturbed)
    )
    current = (W if weights else b).ravel()[selection.indices]
    h = relative_step * np.maximum(1.0, np.abs(current))
    if weights:
        # z changes by h·a. Divide by large inputs so that this change stays small.
        h = h / np.maximum(1.0, np.abs(a).max(axis=0)[rows[: len(h)]])
    change = np.concatenate((h, -h))
    moved_W, moved_b = W[:, columns], b[columns]
    penalty: Array | float = 0.0
    if weights:
        moved_W[rows, selection.copies] += change
        before, after = W[rows, columns], moved_W[rows, selection.copies]
    else:
        before = moved_b.copy()
        moved_b += change
        after = moved_b
    if objective.penalized and (weights or objective.biases):
        penalty = objective.l1 * (np.abs(after) - np.abs(before))
        penalty = penalty + 0.5 * objective.l2 * (np.square(after) - np.square(before))
    copies = z[None, :, :].repeat(len(columns), axis=0)
    copies[selection.copies, :, columns] = OPS["affine"].compute(a, moved_W, moved_b).T
    return _Perturbation(selection.site, copies, h, penalty)


def _differences(
    costs: CostEvaluator, selections: Sequence[_Selection], relative_step: float
) -> Differences:
    """Return the differences of ``selections``, given in the order of the forward pass."""
    probes = [
        (_perturb_values if each.name == each.site else _perturb_parameters)(
            costs, each, relative_step
        )
        for each in selections
    ]
    stacks: dict[str, list[Array]] = {}
    for probe in probes:
        stacks.setdefault(probe.site, []).append(probe.copies)
    evaluated = costs.of(
        {
            site: stack[0] if len(stack) == 1 else np.concatenate(stack)
            for site, stack in stacks.items()
        }
    )
    ends = list(accumulate((len(probe.copies) for probe in probes), initial=0))
    if costs.trace.objective.penalized:
        for probe, (begin, end) in zip(probes, pairwise(ends), strict=True):
            evaluated.cost[begin:end] += probe.penalty
    h = np.concatenate([probe.h for probe in probes])
    plus, minus = _up_and_down(evaluated.cost, ends)
    centre = costs.trace.cost
    scale = np.maximum(np.abs(plus), np.maximum(np.abs(minus), abs(centre)))
    rounding = np.maximum(*_up_and_down(evaluated.rounding, ends))
    return Differences(
        central=(plus - minus) / (2.0 * h),
        forward=(plus - centre) / h,
        backward=(centre - minus) / h,
        # The factor 8 allows for several roundings in a sum of many terms.
        noise=8.0 * (EPS * scale + rounding) / h,
    )


def _up_and_down(column: Array, ends: Sequence[int]) -> tuple[Array, Array]:
    """Split ``column`` at ``ends``; return all first halves and all second halves of the parts."""
    parts = [column[begin:end] for begin, end in pairwise(ends)]
    return (
        np.concatenate([each[: len(each) // 2] for each in parts]),
        np.concatenate([each[len(each) // 2 :] for each in parts]),
    )


def _has_corners(trace: Trace) -> bool:
    smooth = all(ACTIVATIONS[layer.activation].smooth for layer in trace.network.layers)
    return not (smooth and trace.objective.entry.smooth and trace.objective.l1 == 0)


def reference_slope(gradient: Array, found: Differences, corners: bool) -> Array:
    """Return the slope to compare with: the central difference, except at a corner."""
    if not corners:
        return found.central
    # At a corner (ReLU at 0), any value between the two one-sided slopes is a valid derivative. A
    # step across a nearby corner gives a mixture of both slopes.
    low = np.minimum(found.forward, found.backward)
    high = np.maximum(found.forward, found.backward)
    split = high - low > 1e-3 * np.maximum(np.abs(low), np.abs(high)) + 4.0 * found.noise
    return np.where(split, np.clip(gradient, low, high), found.central)


def compare_with_short_step(
    gradient: Array, usual: Differences, short: Differences, corners: bool
) -> float | str:
    """Return the relative error, or BELOW_RESOLUTION if the differences are mostly rounding error.

    Called if the differences with the ``usual`` step disagree with the gradient. Those with a
    ``short`` step tell whether the gradient is wrong or the usual step was too long.
    """
    slope = reference_slope(gradient, usual, corners)
    short_slope = reference_slope(gradient, short, corners)
    unsure = norm(usual.noise) + norm(slope - short_slope)
    short_unsure = norm(short.noise) + norm(slope - short_slope) / 500.0
    if not unsure < short_unsure:
        slope, unsure = short_slope, short_unsure
    error = relative_error(gradient, slope)
    size = norm(gradient) + norm(slope)
    difference = norm(gradient - slope)
    unresolved = DIFFERENCES_TOLERANCE * size < unsure and (difference <= unsure or size < unsure)
    return BELOW_RESOLUTION if error > DIFFERENCES_TOLERANCE and unresolved else error


def check_finite_differences(trace: Trace) -> Check:
    """Compare every gradient line of ``trace`` with central differences of the forward pass."""
    costs = CostEvaluator(trace)
    corners = _has_corners(trace)
    entries = _entries_per_array(trace)
    lines = trace.gradient_lines()
    # A parameter is perturbed by a change of the weighted sum that reads it.
    reader = {name: node.id for node in costs.nodes for name in node.inputs[1:]}
    selections = [
        _select(line, reader.get(line.variable, line.variable), trace[line].size, entries)
        for line in lines
    ]
    selections.sort(key=lambda each: costs.order[each.site])
    widest = max(layer.units for layer in trace.network.layers)
    numbers = sum(len(each.perturbed) for each in selections) * trace.samples * widest
    groups = [selections] if numbers <= MAX_MERGED_NUMBERS else [[each] for each in selections]
    found: dict[str, float | str] = {}
    with np.errstate(all="ignore"):
        for group in groups:
            found |= _compare(costs, group, corners)
    checked: dict[str, int] = {
        each.line: len(each.indices)
        for each in selections
        if len(each.indices) < trace[each.line].size
    }
    by_line: dict[str, float | str] = {line: found[line] for line in lines}
    return Check("finite_differences", DIFFERENCES_TOLERANCE, by_line, checked)


def _compare(
    costs: CostEvaluator, selections: Sequence[_Selection], corners: bool
) -> dict[str, float | str]:
    """Return the relative error of each line, or BELOW_RESOLUTION."""
    usual = _differences(costs, selections, STEP)
    gradients = [costs.trace[each.line].ravel()[each.indices] for each in selections]
    slopes = reference_slope(np.concatenate(gradients), usual, corners)
    ends = list(accumulate((len(each.indices) for each in selections), initial=0))
    parts = list(pairwise(ends))
    errors = relative_errors(gradients, [slopes[begin:end] for begin, end in parts])
    found: dict[str, float | str] = {}
    for each, gradient, error, part in zip(selections, gradients, errors, parts, strict=True):
        found[each.line] = error
        if not error <= DIFFERENCES_TOLERANCE:
            short = _differences(costs, [each], STEP / 32.0)
            found[each.line] = compare_with_short_step(gradient, usual.part(*part), short, corners)
    return found

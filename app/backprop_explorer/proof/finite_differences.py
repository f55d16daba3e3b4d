"""The second oracle: central differences of the working's own forward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.backprop import forward_steps, run
from backprop_explorer.engine.operations import OPS
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

DIFFERENCES_TOLERANCE = 1e-5
# Entries that finite differences try per array; of larger arrays, evenly spread ones.
MIN_ENTRIES, MAX_ENTRIES = 2, 256
# Samples × parameters × arrays × entries of one check. It keeps the largest networks to a second.
MAX_WORK = 1_000_000_000
# Rows (perturbations × samples) that one stacked forward pass may have.
MAX_ROWS = 65_536
# Up to so many perturbed numbers, all lines are tried together: small arrays cost their calls.
MAX_MERGED_NUMBERS = 60_000

# The step that balances truncation (h²) against cancellation (ε/h) for a value of order 1.
_STEP = float(np.cbrt(EPS))


@dataclass(frozen=True, slots=True)
class _CopyCosts:
    """C of several perturbed copies, (P,), and what the rounding of the prediction does to it."""

    cost: Array
    rounding: Array


class _CostEvaluator:
    """C for many perturbed copies of one layer's values at once, by the working's operations."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.samples = trace.samples
        self.network = trace.network
        self.values = trace.values()
        self.steps = forward_steps(self.network)
        self.order = {step.id: k for k, step in enumerate(self.steps)}
        objective = trace.objective
        self.factor = objective.factor(*trace["target"].shape)
        if objective.fuses(self.network):
            self.steps = self.steps[:-1]
            self.reads = f"z{self.network.depth}"
            activation = self.network.layers[-1].activation
            self.loss = objective.entry.fused[activation].loss
        else:
            self.reads = f"a{self.network.depth}"
            self.loss = objective.entry.loss
        # a − y, log a and log(1 − a) carry the rounding of a, magnified by the slope of the loss.
        fused = objective.fuses(self.network)
        self.slope = None if fused else objective.entry.derivative
        self.logarithmic = objective.entry.pole_distance is not None
        self.penalty = sum(
            float(line.value) for line in trace.lines if line.id.startswith("penalty")
        )

    def of(self, sites: Mapping[str, Array]) -> _CopyCosts:
        """C of each copy where copies (P, N, n) replace the value that ``sites`` calls them by.

        All go through the network in one pass, which copies of a later value join on the way. They
        come out in the order of the forward pass.
        """
        (count, samples, _), *others = (copies.shape for copies in sites.values())
        chunk = max(1, MAX_ROWS // samples)
        if others or count <= chunk:
            return self._pass(sites)
        ((name, copies),) = sites.items()
        parts = [self._pass({name: copies[k : k + chunk]}) for k in range(0, count, chunk)]
        return _CopyCosts(
            np.concatenate([part.cost for part in parts]),
            np.concatenate([part.rounding for part in parts]),
        )

    def _pass(self, sites: Mapping[str, Array]) -> _CopyCosts:
        values: dict[str, Any] = dict(self.values)
        under_way = False
        for step in self.steps:
            if under_way:
                run((step,), values)
            copies = sites.get(step.id)
            if copies is not None:
                rows = copies.reshape(-1, copies.shape[2])
                values[step.id] = np.concatenate((values[step.id], rows)) if under_way else rows
                under_way = True
        return self._cost_of(values[self.reads])

    def _cost_of(self, prediction: Array) -> _CopyCosts:
        """C of each N rows of ``prediction``."""
        copies = len(prediction) // self.samples
        shape = (copies, self.samples, prediction.shape[1])
        target = np.broadcast_to(self.values["target"], shape).reshape(prediction.shape)

        def summed(losses: Array) -> Array:
            total: Array = losses.reshape(copies, -1).sum(axis=1)
            return self.factor * total

        cost = summed(self.loss(prediction, target)) + self.penalty
        # 1 − a and Σ exp are rounded as numbers of order 1, however small their logarithm is.
        rounding = np.zeros(copies)
        if self.logarithmic:
            rounding += self.factor * self.samples * prediction.shape[1]
        if self.slope is not None:
            rounding += summed(np.abs(self.slope(prediction, target) * prediction))
        return _CopyCosts(cost, EPS * rounding)


def _entries_per_array(trace: Trace) -> int:
    """How many entries of each array to try."""
    arrays = len(trace.gradient_lines())
    work = trace.samples * trace.network.parameter_count * arrays
    return max(MIN_ENTRIES, min(MAX_ENTRIES, MAX_WORK // work))


def _sample_indices(size: int, entries: int) -> NDArray[np.intp]:
    """The flat indices of the entries to try: all, or ``entries`` of them, spread evenly."""
    if size <= entries:
        return np.arange(size)
    return ((np.arange(entries) + 0.5) * (size / entries)).astype(np.intp)


@dataclass(frozen=True, slots=True)
class _Differences:
    """Slopes of C in chosen entries of one array, with what float64 leaves uncertain."""

    central: Array
    forward: Array
    backward: Array
    noise: Array

    def part(self, begin: int, end: int) -> _Differences:
        """Those of some of the entries."""
        return _Differences(
            self.central[begin:end],
            self.forward[begin:end],
            self.backward[begin:end],
            self.noise[begin:end],
        )


@dataclass(frozen=True, slots=True)
class _Perturbation:
    """Perturbed copies (2P, N, n) of the value ``site``: P entries a step up, then a step down.

    ``h`` (P,) are the steps, ``penalty`` (2P,) what they change of the penalty.
    """

    site: str
    copies: Array
    h: Array
    penalty: Array | float


@dataclass(frozen=True, slots=True)
class _EntrySample:
    """A line and the flat indices of its entries to try.

    ``name`` is what is perturbed: z2, a1, W1, b1; ``site`` the value that its copies replace.
    ``copies`` counts them, ``moved`` says which entry each moves: up, then down.
    """

    line: str
    name: str
    site: str
    chosen: NDArray[np.intp]
    moved: NDArray[np.intp]
    copies: NDArray[np.intp]


@lru_cache(maxsize=512)
def _entry_sample(line: str, size: int, entries: int) -> _EntrySample:
    """``entries`` of the entries of ``line``, or all: the same in every trace of a network."""
    name = line.removeprefix("dC_d")
    site = f"z{name[1:]}" if name[0] in "Wb" else name
    chosen = _sample_indices(size, entries)
    moved = np.concatenate((chosen, chosen))
    return _EntrySample(line, name, site, chosen, moved, np.arange(len(moved)))


def _perturb_values(
    costs: _CostEvaluator, tried: _EntrySample, relative_step: float
) -> _Perturbation:
    """Perturbs entries of z or a themselves."""
    value: Array = costs.values[tried.name]
    current = value.ravel()[tried.chosen]
    h = relative_step * np.maximum(1.0, np.abs(current))
    pole_distance = costs.trace.objective.entry.pole_distance
    if tried.name == costs.reads and tried.name[0] == "a" and pole_distance is not None:
        # Next to the pole of a logarithm the step has to shrink with the distance to it.
        h = np.maximum(relative_step * pole_distance(current), 1e-305)
    copies = value.reshape(1, -1).repeat(len(tried.moved), axis=0)
    copies[tried.copies, tried.moved] += np.concatenate((h, -h))
    return _Perturbation(tried.site, copies.reshape(-1, *value.shape), h, 0.0)


def _perturb_parameters(
    costs: _CostEvaluator, tried: _EntrySample, relative_step: float
) -> _Perturbation:
    """Perturbs entries of W or b of a layer.

    A weight touches one column of z, so each perturbed layer computes that column anew with
    ``affine`` from the perturbed weights, and the rest of the network follows.
    """
    values, objective, index = costs.values, costs.trace.objective, int(tried.name[1:])
    a: Array = values["x" if index == 1 else f"a{index - 1}"]
    W, b, z = values[f"W{index}"], values[f"b{index}"], values[tried.site]
    weights = tried.name[0] == "W"
    rows, columns = np.divmod(tried.moved, W.shape[1]) if weights else (tried.moved, tried.moved)
    current = (W if weights else b).ravel()[tried.chosen]
    h = relative_step * np.maximum(1.0, np.abs(current))
    if weights:
        # z moves by h·a: keep that as small for large inputs as for small ones.
        h = h / np.maximum(1.0, np.abs(a).max(axis=0)[rows[: len(h)]])
    change = np.concatenate((h, -h))
    moved_W, moved_b = W[:, columns], b[columns]
    penalty: Array | float = 0.0
    if weights:
        moved_W[rows, tried.copies] += change
        if objective.penalized:
            before, after = W[rows, columns], moved_W[rows, tried.copies]
            penalty = objective.l1 * (np.abs(after) - np.abs(before))
            penalty = penalty + 0.5 * objective.l2 * (np.square(after) - np.square(before))
    else:
        moved_b += change
    copies = z[None, :, :].repeat(len(columns), axis=0)
    copies[tried.copies, :, columns] = OPS["affine"].compute(a, moved_W, moved_b).T
    return _Perturbation(tried.site, copies, h, penalty)


def _differences(
    costs: _CostEvaluator, tried: Sequence[_EntrySample], relative_step: float
) -> _Differences:
    """Differences of all ``tried``, which come as their sites do in the forward pass."""
    probes = [
        (_perturb_parameters if each.name[0] in "Wb" else _perturb_values)(
            costs, each, relative_step
        )
        for each in tried
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
    return _Differences(
        central=(plus - minus) / (2.0 * h),
        forward=(plus - centre) / h,
        backward=(centre - minus) / h,
        # A sum of many terms is rounded a few times over.
        noise=8.0 * (EPS * scale + rounding) / h,
    )


def _up_and_down(column: Array, ends: Sequence[int]) -> tuple[Array, Array]:
    """Of the parts of ``column`` that end at ``ends``, all first halves and all second halves."""
    parts = [column[begin:end] for begin, end in pairwise(ends)]
    return (
        np.concatenate([each[: len(each) // 2] for each in parts]),
        np.concatenate([each[len(each) // 2 :] for each in parts]),
    )


def _has_corners(trace: Trace) -> bool:
    smooth = all(ACTIVATIONS[layer.activation].smooth for layer in trace.network.layers)
    return not (smooth and trace.objective.entry.smooth and trace.objective.l1 == 0)


def _reference_slope(gradient: Array, found: _Differences, corners: bool) -> Array:
    """The slope to compare with: the central difference, save at a corner."""
    if not corners:
        return found.central
    # At a corner (ReLU at 0) any value between the two one-sided slopes is a derivative, and a
    # step across a corner nearby sees a mixture of both.
    low = np.minimum(found.forward, found.backward)
    high = np.maximum(found.forward, found.backward)
    split = high - low > 1e-3 * np.maximum(np.abs(low), np.abs(high)) + 4.0 * found.noise
    return np.where(split, np.clip(gradient, low, high), found.central)


def _compare_with_short_step(
    gradient: Array, usual: _Differences, short: _Differences, corners: bool
) -> float | str:
    """The relative error, or BELOW_RESOLUTION where the differences are all rounding.

    Where the ``usual`` step disagrees, a ``short`` one tells a wrong gradient from a cost so curved
    that the usual step was too long.
    """
    slope = _reference_slope(gradient, usual, corners)
    short_slope = _reference_slope(gradient, short, corners)
    unsure = norm(usual.noise) + norm(slope - short_slope)
    short_unsure = norm(short.noise) + norm(slope - short_slope) / 500.0
    if not unsure < short_unsure:
        slope, unsure = short_slope, short_unsure
    error = relative_error(gradient, slope)
    size = norm(gradient) + norm(slope)
    difference = norm(gradient - slope)
    hidden = DIFFERENCES_TOLERANCE * size < unsure and (difference <= unsure or size < unsure)
    return BELOW_RESOLUTION if error > DIFFERENCES_TOLERANCE and hidden else error


def check_finite_differences(trace: Trace) -> Check:
    """Compare every gradient line of ``trace`` with central differences of its own forward pass."""
    costs = _CostEvaluator(trace)
    corners = _has_corners(trace)
    entries = _entries_per_array(trace)
    lines = [line for line in trace.lines if line.id.startswith("dC_d")]
    tried = [_entry_sample(line.id, line.value.size, entries) for line in lines]
    tried.sort(key=lambda each: costs.order[each.site])
    widest = max(layer.units for layer in trace.network.layers)
    numbers = sum(len(each.moved) for each in tried) * trace.samples * widest
    groups = [tried] if numbers <= MAX_MERGED_NUMBERS else [[each] for each in tried]
    found: dict[str, float | str] = {}
    with np.errstate(all="ignore"):
        for group in groups:
            found |= _compare(costs, group, corners)
    checked = {
        each.line: len(each.chosen) for each in tried if len(each.chosen) < trace[each.line].size
    }
    by_line = {line.id: found[line.id] for line in lines}
    return Check("finite_differences", DIFFERENCES_TOLERANCE, by_line, checked)


def _compare(
    costs: _CostEvaluator, tried: Sequence[_EntrySample], corners: bool
) -> dict[str, float | str]:
    """What the differences say of each line."""
    usual = _differences(costs, tried, _STEP)
    gradients = [costs.trace[each.line].ravel()[each.chosen] for each in tried]
    slopes = _reference_slope(np.concatenate(gradients), usual, corners)
    ends = list(accumulate((len(each.chosen) for each in tried), initial=0))
    parts = list(pairwise(ends))
    errors = relative_errors(gradients, [slopes[begin:end] for begin, end in parts])
    found: dict[str, float | str] = {}
    for each, gradient, error, part in zip(tried, gradients, errors, parts, strict=True):
        found[each.line] = error
        if not error <= DIFFERENCES_TOLERANCE:
            short = _differences(costs, [each], _STEP / 32.0)
            found[each.line] = _compare_with_short_step(gradient, usual.part(*part), short, corners)
    return found

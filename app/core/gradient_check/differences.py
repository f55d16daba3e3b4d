"""The second oracle: central differences of the working's own forward pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.activations import ACTIVATIONS
from app.core.backprop import forward_steps, run
from app.core.gradient_check.comparison import (
    BELOW_RESOLUTION,
    EPS,
    Array,
    Check,
    norm,
    relative_error,
)
from app.core.operations import OPS
from app.core.trace import Trace

DIFFERENCES_TOLERANCE = 1e-5
# Entries that finite differences try per array; of larger arrays, evenly spread ones.
MIN_ENTRIES, MAX_ENTRIES = 2, 256
# Samples × parameters × arrays × entries of one check. It keeps the largest networks to a second.
MAX_WORK = 1_000_000_000
# Rows (perturbations × samples) that one stacked forward pass may have.
MAX_ROWS = 65_536

# The step that balances truncation (h²) against cancellation (ε/h) for a value of order 1.
_STEP = float(np.cbrt(EPS))


@dataclass(frozen=True, slots=True)
class _Evaluated:
    """C of several perturbed copies, (P,), and what the rounding of the prediction does to it."""

    cost: Array
    rounding: Array


class _Costs:
    """C for many perturbed copies of one layer's values at once, by the working's operations."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.samples = trace.samples
        self.network = trace.network
        self.values = trace.values()
        objective = trace.objective
        self.factor = objective.factor(*trace["target"].shape)
        if objective.fuses(self.network):
            self.reads = f"z{self.network.depth}"
            activation = self.network.layers[-1].activation
            self.loss = objective.entry.fused[activation].loss
        else:
            self.reads = f"a{self.network.depth}"
            self.loss = objective.entry.loss
        # a − y, log a and log(1 − a) carry the rounding of a, magnified by the slope of the loss.
        fused = objective.fuses(self.network)
        self.slope = None if fused else objective.entry.derivative
        self.logarithmic = objective.entry.room is not None
        self.penalty = sum(
            float(line.value) for line in trace.lines if line.id.startswith("penalty")
        )

    def of(self, name: str, copies: Array) -> _Evaluated:
        """C of each copy where ``copies`` (P, N, n) replaces the value ``name`` (z2, a1)."""
        count, samples, units = copies.shape
        chunk = max(1, MAX_ROWS // samples)
        parts = [
            self._chunk(name, copies[k : k + chunk].reshape(-1, units))
            for k in range(0, count, chunk)
        ]
        return _Evaluated(
            np.concatenate([part.cost for part in parts]),
            np.concatenate([part.rounding for part in parts]),
        )

    def _chunk(self, name: str, rows: Array) -> _Evaluated:
        values: dict[str, Any] = dict(self.values)
        values[name] = rows
        steps = forward_steps(self.network)
        after = next(k for k, step in enumerate(steps) if step.id == name) + 1
        prediction = run(steps[after:], values)[self.reads]
        copies = len(rows) // self.samples
        target = np.tile(self.trace["target"], (copies, 1))

        def summed(losses: Array) -> Array:
            total: Array = losses.reshape(copies, -1).sum(axis=1)
            return self.factor * total

        cost = summed(self.loss(prediction, target)) + self.penalty
        # 1 − a and Σ exp are rounded as numbers of order 1, however small their logarithm is.
        rounded = np.ones_like(target) if self.logarithmic else np.zeros_like(target)
        if self.slope is not None:
            rounded = rounded + np.abs(self.slope(prediction, target) * prediction)
        return _Evaluated(cost, EPS * summed(rounded))


def _affordable(trace: Trace) -> int:
    """How many entries of each array to try."""
    arrays = len(trace.gradient_lines())
    work = trace.samples * trace.network.parameter_count * arrays
    return max(MIN_ENTRIES, min(MAX_ENTRIES, MAX_WORK // work))


def _chosen(size: int, entries: int) -> NDArray[np.intp]:
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


def _differences(costs: _Costs, above: _Evaluated, below: _Evaluated, h: Array) -> _Differences:
    centre, plus, minus = costs.trace.cost, above.cost, below.cost
    scale = np.maximum(np.abs(plus), np.maximum(np.abs(minus), abs(centre)))
    return _Differences(
        central=(plus - minus) / (2.0 * h),
        forward=(plus - centre) / h,
        backward=(centre - minus) / h,
        # A sum of many terms is rounded a few times over.
        noise=8.0 * (EPS * scale + np.maximum(above.rounding, below.rounding)) / h,
    )


def _nudged(
    costs: _Costs, name: str, chosen: NDArray[np.intp], relative_step: float
) -> _Differences:
    """Differences in the ``chosen`` entries of z or a themselves."""
    value: Array = costs.values[name]
    h = relative_step * np.maximum(1.0, np.abs(value.ravel()[chosen]))
    room = costs.trace.objective.entry.room
    if name == costs.reads and name[0] == "a" and room is not None:
        # Next to the pole of a logarithm the step has to shrink with the distance to it.
        h = np.maximum(relative_step * room(value.ravel()[chosen]), 1e-305)

    def copies(sign: float) -> Array:
        stack = np.repeat(value.reshape(1, -1), len(chosen), axis=0)
        stack[np.arange(len(chosen)), chosen] += sign * h
        return stack.reshape(len(chosen), *value.shape)

    plus, minus = costs.of(name, copies(1.0)), costs.of(name, copies(-1.0))
    return _differences(costs, plus, minus, h)


def _parameter(
    costs: _Costs, name: str, chosen: NDArray[np.intp], relative_step: float
) -> _Differences:
    """Differences in the ``chosen`` entries of W or b of a layer.

    A weight touches one column of z, so each perturbed layer computes that column anew with
    ``affine`` from the perturbed weights, and the rest of the network follows.
    """
    values, objective, index = costs.values, costs.trace.objective, int(name[1:])
    a: Array = values["x" if index == 1 else f"a{index - 1}"]
    W, b, z = values[f"W{index}"], values[f"b{index}"], values[f"z{index}"]
    weights = name.startswith("W")
    rows, columns = np.divmod(chosen, W.shape[1]) if weights else (None, chosen)
    current = (W if weights else b).ravel()[chosen]
    h = relative_step * np.maximum(1.0, np.abs(current))
    if weights:
        # z moves by h·a: keep that as small for large inputs as for small ones.
        h = h / np.maximum(1.0, np.abs(a).max(axis=0)[rows])
    span = np.arange(len(chosen))

    def costs_of(sign: float) -> _Evaluated:
        moved_W, moved_b = W[:, columns].copy(), b[columns].copy()
        if weights:
            moved_W[rows, span] += sign * h
        else:
            moved_b += sign * h
        copies = np.repeat(z[None, :, :], len(chosen), axis=0)
        copies[span, :, columns] = OPS["affine"].compute(a, moved_W, moved_b).T
        found = costs.of(f"z{index}", copies)
        if not (weights and objective.penalized):
            return found
        moved = moved_W[rows, span]
        total = found.cost + objective.l1 * (np.abs(moved) - np.abs(current))
        total = total + 0.5 * objective.l2 * (np.square(moved) - np.square(current))
        return _Evaluated(total, found.rounding)

    return _differences(costs, costs_of(1.0), costs_of(-1.0), h)


def _has_corners(trace: Trace) -> bool:
    smooth = all(ACTIVATIONS[layer.activation].smooth for layer in trace.network.layers)
    return not (smooth and trace.objective.entry.smooth and trace.objective.l1 == 0)


def _slope(gradient: Array, found: _Differences, corners: bool) -> Array:
    """The slope to compare with: the central difference, save at a corner."""
    if not corners:
        return found.central
    # At a corner (ReLU at 0) any value between the two one-sided slopes is a derivative, and a
    # step across a corner nearby sees a mixture of both.
    low = np.minimum(found.forward, found.backward)
    high = np.maximum(found.forward, found.backward)
    split = high - low > 1e-3 * np.maximum(np.abs(low), np.abs(high)) + 4.0 * found.noise
    return np.where(split, np.clip(gradient, low, high), found.central)


def _compare(
    gradient: Array, differences: Callable[[float], _Differences], corners: bool
) -> float | str:
    """The relative error, or BELOW_RESOLUTION where the differences are all rounding.

    Only where the usual step disagrees is a second, shorter one taken, which tells a wrong
    gradient from a cost so curved that the usual step was too long.
    """
    usual = differences(_STEP)
    slope = _slope(gradient, usual, corners)
    error = relative_error(gradient, slope)
    if error <= DIFFERENCES_TOLERANCE:
        return error
    short = differences(_STEP / 32.0)
    short_slope = _slope(gradient, short, corners)
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
    costs = _Costs(trace)
    corners = _has_corners(trace)
    entries = _affordable(trace)
    by_line: dict[str, float | str] = {}
    checked: dict[str, int] = {}
    with np.errstate(all="ignore"):
        for line in trace.lines:
            if not line.id.startswith("dC_d"):
                continue
            name = line.id.removeprefix("dC_d")
            chosen = _chosen(line.value.size, entries)
            find = _parameter if name[0] in "Wb" else _nudged
            by_line[line.id] = _compare(
                line.value.ravel()[chosen], partial(find, costs, name, chosen), corners
            )
            if len(chosen) < line.value.size:
                checked[line.id] = len(chosen)
    return Check("finite_differences", DIFFERENCES_TOLERANCE, by_line, checked)

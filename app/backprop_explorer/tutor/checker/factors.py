"""Constants that the submitted numbers may be off by: factors, offsets, and slopes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.activation_parameters import split_name
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.mistakes.affine import MIN_ENTRIES_OF_OFFSET
from backprop_explorer.tutor.mistakes.site import Array

# Factors of single lines count as the same if they differ by less (relative).
SAME = 1e-4
MAX_DENOMINATOR = 128  # a factor is rounded to a fraction with at most this denominator


def candidate_factors(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> tuple[float, ...]:
    """Return the constants, most likely first, and last the one that the numbers show."""
    samples, outputs = map(float, reference.givens["target"].shape)
    likely = [
        0.5,
        outputs,
        samples,
        2.0,
        1.0 / outputs,
        1.0 / samples,
        outputs / 2.0,
        samples * outputs / 2.0,
        samples * outputs,
        2.0 / outputs,
        1.0 / (samples * outputs),
        2.0 / (samples * outputs),
        samples / 2.0,
        2.0 / samples,
        outputs / samples,
        samples / outputs,
        4.0,
    ]
    constants: list[float] = []
    for factor in [*likely, *_observed_factor(reference, submitted)]:
        if all(abs(factor - other) > 1e-6 * abs(factor) for other in (1.0, *constants)):
            constants.append(factor)
    return tuple(constants)


def _observed_factor(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> list[float]:
    """Return the factor between most of the submitted gradients and the correct ones, if any."""
    # For each line: the factor, its weight (inverse variance), and the count of nonzero numbers.
    lines: list[tuple[float, float, int]] = []
    for name, given in submitted.items():
        truth = reference.truth[name]
        # A penalty adds a term to ∂C/∂W that does not scale with the cost's gradient.
        penalized = reference.trace.objective.penalized
        scales: tuple[str, ...] = ("dC_d",)
        if penalized:
            biases = reference.trace.objective.biases
            scales = ("dC_da", "dC_dz") if biases else ("dC_da", "dC_dz", "dC_db")
        reading = given.reading_shaped_like(truth) if name.startswith(scales) else None
        if reading is None:
            continue
        size = float(np.vdot(truth, truth))
        factor = float(np.vdot(truth, reading.value)) / size if 0.0 < size < np.inf else np.nan
        left = np.abs(reading.value - factor * truth).max()
        if left <= 2.0 * reading.quantum.max() + 1e-6 * np.abs(reading.value).max():
            quantum = float(np.clip(reading.quantum.max(), 1e-18, 1e100))
            lines.append((factor, size / quantum**2, int(np.count_nonzero(truth))))
    groups = [
        [other for other in lines if abs(other[0] / k - 1.0) < SAME] for k, _, _ in lines if k
    ]
    most = max(groups, key=len, default=[])
    if sum(numbers for _, _, numbers in most) < 2:
        return []
    factor = sum(k * weight for k, weight, _ in most) / sum(weight for _, weight, _ in most)
    for bottom in range(1, MAX_DENOMINATOR + 1):
        top = round(factor * bottom)
        if top and abs(factor - top / bottom) < 1e-6 * abs(factor):
            return [top / bottom]
    return [factor]


def candidate_offsets(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> tuple[float, ...]:
    """Return the constants that a factor times the correct ∂C/∂W differs by in every entry."""
    found: list[float] = []
    for name, given in submitted.items():
        truth = reference.truth[name]
        reading = given.reading_shaped_like(truth) if name.startswith("dC_dW") else None
        if reading is None or reading.value.size < MIN_ENTRIES_OF_OFFSET:
            continue
        bound = 2.0 * float(reading.quantum.max()) + 1e-6 * float(np.abs(reading.value).max())
        for each in with_and_without_penalty(reference, name, truth):
            offset = offset_of(reading.value, each, bound)
            if offset is not None and all(abs(offset - other) > bound for other in found):
                found.append(offset)
    return tuple(found)


def with_and_without_penalty(
    reference: ReferenceWorking, name: str, truth: Array
) -> tuple[Array, ...]:
    """Return ∂C/∂W, and without the penalty's gradient, which a constant may stand for."""
    objective = reference.trace.objective
    if not objective.penalized:
        return (truth,)
    W = np.asarray(reference.givens[f"W{name[5:]}"])
    return truth, truth - objective.l1 * np.sign(W) - objective.l2 * W


def offset_of(value: Array, truth: Array, bound: float) -> float | None:
    """Return the constant that every entry differs by from a factor times the truth, else None.

    Both arrays have the same shape. Entries may be off by ``bound``.
    """
    matrix = np.stack([truth.ravel(), np.ones(truth.size)], axis=1)
    if not (np.isfinite(matrix).all() and np.isfinite(value).all()):
        return None
    (factor, offset), *_ = np.linalg.lstsq(matrix, value.ravel(), rcond=None)
    left = np.abs(matrix @ (factor, offset) - value.ravel()).max()
    if left > bound or abs(offset) <= 10.0 * bound or abs(factor) < SAME:
        return None
    rounded = float(f"{offset:.3g}")
    return rounded if abs(rounded - offset) <= bound else float(offset)


def candidate_slopes(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> tuple[float, ...]:
    """Return the slopes for negative z, or α of ELU, that the submitted a of a layer show."""
    found: list[float] = []
    for k, layer in enumerate(reference.trace.network.layers, start=1):
        base, _ = split_name(layer.activation) or (layer.activation, None)
        line, output = names.weighted_sum(k), names.activation(k)
        if base not in ("relu", "leaky_relu", "elu") or output not in submitted:
            continue
        truth = reference.truth[line]
        a = submitted[output].reading_shaped_like(truth)
        own = submitted[line].reading_shaped_like(truth) if line in submitted else None
        z = truth if own is None else own.value
        if a is None or not (np.isfinite(z).all() and np.isfinite(a.value).all()):
            continue
        below = z < 0.0
        shape = np.expm1(z[below]) if base == "elu" else z[below]
        size = float(np.vdot(shape, shape))
        if np.count_nonzero(below) < 2 or size == 0.0:
            continue
        slope = float(np.vdot(shape, a.value[below])) / size
        bound = 2.0 * float(a.quantum.max()) + 1e-6 * float(np.abs(a.value).max())
        rounded = float(f"{slope:.3g}")
        if slope > 0.0 and np.all(np.abs(rounded * shape - a.value[below]) <= bound):
            found.append(rounded)
    return tuple(dict.fromkeys(found))

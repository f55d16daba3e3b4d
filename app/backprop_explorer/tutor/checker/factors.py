"""The constants that the gradient of a cost is tried to be off by."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.submission import SubmittedLine

# Factors of single lines that differ by less are the same, as far as printed digits tell.
SAME = 1e-4
SIMPLE = 128  # the largest denominator of a factor that is taken for a fraction


def candidate_factors(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> tuple[float, ...]:
    """The constants, the likelier first; last the one that the submitted gradients show."""
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
    found: list[float] = []
    for factor in [*likely, *_shown(reference, submitted)]:
        if all(abs(factor - other) > 1e-6 * abs(factor) for other in (1.0, *found)):
            found.append(factor)
    return tuple(found)


def _shown(reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]) -> list[float]:
    """The one factor between most of the submitted gradients and the right ones, if any."""
    # The factor, how exactly it is known, and how many numbers say so.
    lines: list[tuple[float, float, int]] = []
    for name, given in submitted.items():
        truth = reference.truth[name]
        # A penalty is no part of the cost's gradient, and does not scale with it.
        penalized = reference.situation.objective.penalized
        scales = ("dC_da", "dC_dz", "dC_db") if penalized else ("dC_d",)
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
    for bottom in range(1, SIMPLE + 1):
        top = round(factor * bottom)
        if top and abs(factor - top / bottom) < 1e-6 * abs(factor):
            return [top / bottom]
    return [factor]

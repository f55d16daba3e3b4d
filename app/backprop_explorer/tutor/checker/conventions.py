"""Ways to write a correct working that are no mistakes, recognised by value.

per_sample   ∂C/∂z and ∂C/∂a of each sample's own cost: the gradients of the weights have the 1/N
log_epsilon  a small number added inside the logarithm of the cost, such as 1e-7

Each is undone in the submitted lines, so that the rest of the check sees the usual working, and a
note says what was recognised. A line keeps its numbers if the others do not show the convention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.texts import tutor_checker as texts
from backprop_explorer.tutor.checker.check_result import Note
from backprop_explorer.tutor.checker.reference import Number, ReferenceWorking
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.checker.tolerance import SINGLE, TIGHT, close

Lines = dict[str, SubmittedLine]
# Numbers that programs add to the argument of a logarithm, or bound it by.
EPSILONS = (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
# A factor between two arrays is taken from the largest entries; the rest must agree to this part.
_SAME_FACTOR = 1e-3


def undo_conventions(
    reference: ReferenceWorking,
    submitted: Mapping[str, SubmittedLine],
    rounded: ReferenceWorking | None = None,
) -> tuple[Lines, list[Note]]:
    """Return the lines in the usual form, and notes on the conventions that were recognised.

    ``rounded`` is the reference with givens of few digits as rounded, if there are such givens.
    """
    lines, notes = dict(submitted), []
    for undo in (_per_sample, _log_epsilon):
        for each in filter(None, (reference, rounded)):
            lines, note = undo(each, lines)
            if note is not None:
                notes.append(note)
                break
    return lines, notes


def _per_sample(reference: ReferenceWorking, submitted: Lines) -> tuple[Lines, Note | None]:
    """Divide ∂C/∂z and ∂C/∂a by N if they are N times too large, relative to ∂C/∂W.

    The layer nearest to the output decides: ∂C/∂z is too large by N times the factor of ∂C/∂W.
    A later line may have a mistake of its own, but none may lack the factor N.
    """
    samples = float(reference.trace.samples)
    deltas = [
        each.id
        for each in submitted.values()
        if each.id.gradient_of == "z" and np.any(reference.truth[each.id])
    ]
    if samples == 1.0 or not deltas:
        return submitted, None
    top = min(deltas, key=reference.order.__getitem__)
    weights = submitted.get(names.gradient(names.weights(top.layer or 0)))
    scale = None if weights is None else _factor(reference, weights)
    if (
        scale is None
        or not _is_scaled(reference, submitted[top], scale * samples)
        or any(reference.is_right(submitted[name], SINGLE) for name in deltas)
    ):
        return submitted, None
    outputs = [
        name
        for name, each in submitted.items()
        if each.id.gradient_of == "a" and not reference.is_right(each, SINGLE)
    ]
    lines = {
        name: _divided(given, samples) if name in (*deltas, *outputs) else given
        for name, given in submitted.items()
    }
    message = texts.COST_OF_EACH_SAMPLE
    return lines, Note("per_sample", message)


def _factor(reference: ReferenceWorking, given: SubmittedLine) -> float | None:
    """Return the factor between a submitted and the correct array; 1 if it is correct."""
    truth = reference.truth[given.id]
    if reference.is_right(given, TIGHT):
        return 1.0
    for reading in given.readings:
        size = float(np.vdot(truth, truth))
        if reading.value.shape == np.shape(truth) and 0.0 < size < np.inf:
            factor = float(np.vdot(truth, reading.value)) / size
            left = np.abs(reading.value - factor * truth).max()
            if factor > 0.0 and left <= _SAME_FACTOR * np.abs(reading.value).max():
                return factor
    return None


def _is_scaled(reference: ReferenceWorking, given: SubmittedLine, factor: float) -> bool:
    """Whether the line is ``factor`` times the correct one."""
    truth, noise = reference.truth[given.id], reference.noise.get(given.id)
    slack = None if noise is None else noise * max(1.0, abs(factor))
    if factor != 1.0 and abs(factor - reference.trace.samples) > 1e-9 * abs(factor):
        # A fitted factor is only as precise as the printed digits.
        slack = (0.0 if slack is None else slack) + 1e-6 * np.abs(factor * truth)
    return any(close(r.value, r.quantum, factor * truth, slack, TIGHT) for r in given.readings)


def _divided(given: SubmittedLine, by: float) -> SubmittedLine:
    readings = tuple(
        replace(reading, value=reading.value / by, quantum=reading.quantum / by)
        for reading in given.readings
    )
    return replace(given, readings=readings)


def _log_epsilon(reference: ReferenceWorking, submitted: Lines) -> tuple[Lines, Note | None]:
    """Replace the cost by the correct one if it has a small number inside its logarithm."""
    name = next((n for n in ("C_data", "C") if n in submitted), None)
    cost = reference.trace.objective.entry
    if name is None or cost.pole_distance is None or reference.is_right(submitted[name], TIGHT):
        return submitted, None
    last = reference.trace.network.depth
    a, target = reference.truth[names.activation(last)], reference.givens["target"]
    added = reference.truth["C"] - reference.truth.get("C_data", reference.truth["C"])
    penalty = added if name == "C" else 0.0
    for epsilon in EPSILONS:
        for how, value in _bounded_costs(cost.name, a, target, epsilon):
            expected = value * reference.givens["cost_factor"] + penalty
            given = submitted[name]
            # With few digits any small number gives them.
            if abs(expected - reference.truth[name]) <= 4.0 * given.readings[0].quantum.max():
                continue
            if given.matches(np.float64(expected), reference.noise.get(name), TIGHT) is None:
                continue
            right = np.asarray(reference.truth[name], dtype=np.float64)
            readings = tuple(replace(r, value=right) for r in given.readings[:1])
            message = texts.cost_bound(epsilon, how)
            lines = {**submitted, name: replace(given, readings=readings)}
            return lines, Note("log_epsilon", message.replace("e-0", "e-"), name)
    return submitted, None


def _bounded_costs(cost: str, a: Number, target: Number, epsilon: float) -> list[tuple[str, float]]:
    """Return the sums of the losses with ``epsilon`` in the logarithm, and where it is."""
    clipped = np.clip(a, epsilon, 1.0 - epsilon)

    def loss(p: Number, q: Number) -> float:
        if cost == "binary_cross_entropy":
            return float(-np.sum(target * np.log(p) + (1.0 - target) * np.log(q)))
        return float(-np.sum(target * np.log(p)))

    return [
        (texts.ADDED_INSIDE, loss(a + epsilon, 1.0 - a + epsilon)),
        (texts.AS_A_BOUND, loss(clipped, 1.0 - clipped)),
        (texts.AS_A_BOUND, loss(np.maximum(a, epsilon), np.maximum(1.0 - a, epsilon))),
        (texts.AS_A_BOUND, loss(np.minimum(a, 1.0 - epsilon), 1.0 - np.minimum(a, 1.0 - epsilon))),
    ]

"""Answers that are correct in another way: another convention, or another scaling of the cost.

Recognised by value and undone in the submitted lines, so that the rest of the check sees the usual
working, with a note that says what was recognised:

per_sample   ∂C/∂z and ∂C/∂a of each sample's own cost: the gradients of the weights have the 1/N
log_epsilon  a small number added inside the logarithm of the cost, such as 1e-7

A line keeps its numbers if the others do not show the convention.

Other alternatives have the same numbers as a mistake. A transposed ∂C/∂W may follow the other
convention, or its factors may be swapped. A gradient n times too large may belong to a summed cost,
or may lack its 1/n. If no other line (the cost, an update) decides, the checker names the mistake
and adds the alternative as a note. The answer counts as correct if another line decides, or if no
single mistake gives the numbers (half the sum instead of the mean).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.costs import REDUCTIONS, Reduction
from backprop_explorer.engine.graph import run
from backprop_explorer.engine.names import named
from backprop_explorer.engine.notation import Notation
from backprop_explorer.texts import tutor_checker as texts
from backprop_explorer.tutor.checker.check_result import Note
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.checker.tolerance import SINGLE, TIGHT, Tolerance, close, fitted_factor
from backprop_explorer.tutor.mistakes.cost import format_factor

Array = Any
Lines = dict[str, SubmittedLine]
# Arrays that programs add to the argument of a logarithm, or bound it by.
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
    lines = {
        name: each.changed(lambda value: value / samples)
        if name in deltas or (each.id.gradient_of == "a" and not reference.is_right(each, SINGLE))
        else each
        for name, each in submitted.items()
    }
    return lines, Note("per_sample", texts.COST_OF_EACH_SAMPLE)


def _factor(reference: ReferenceWorking, given: SubmittedLine) -> float | None:
    """Return the factor between a submitted and the correct array; 1 if it is correct."""
    truth = reference.truth[given.id]
    if reference.is_right(given, TIGHT):
        return 1.0
    for reading in given.readings:
        if reading.value.shape == np.shape(truth):
            factor = fitted_factor(reading.value, truth)
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
            right = replace(given.readings[0], value=np.asarray(reference.truth[name]))
            lines = {**submitted, name: replace(given, readings=(right,))}
            message = texts.cost_bound(epsilon, how).replace("e-0", "e-")
            return lines, Note("log_epsilon", message, name)
    return submitted, None


def _bounded_costs(cost: str, a: Array, target: Array, epsilon: float) -> list[tuple[str, float]]:
    """Return the sums of the losses with ``epsilon`` in the logarithm, and where it is."""
    below = np.minimum(a, 1.0 - epsilon)

    def loss(p: Array, q: Array) -> float:
        others = (1.0 - target) * np.log(q) if cost == "binary_cross_entropy" else 0.0
        return float(-np.sum(target * np.log(p) + others))

    clipped = np.maximum(below, epsilon)
    return [
        (texts.ADDED_INSIDE, loss(a + epsilon, 1.0 - a + epsilon)),
        (texts.AS_A_BOUND, loss(clipped, 1.0 - clipped)),
        (texts.AS_A_BOUND, loss(np.maximum(a, epsilon), np.maximum(1.0 - a, epsilon))),
        (texts.AS_A_BOUND, loss(below, 1.0 - below)),
    ]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another convention or scaling, and the values that it gives.

    ``certain`` is False if a mistake gives the same numbers.
    """

    values: Mapping[str, Any]
    reduction: str | None  # None if it is that of the exercise
    factor: float
    transposed: bool  # arrays of the shape of W are transposed
    certain: bool


def find_alternative(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine], tolerance: Tolerance
) -> Alternative | None:
    """Return the first alternative for which all submitted lines are correct, or None."""
    for alternative in _alternatives(reference, submitted):
        if not all(
            _matches(reference, given, alternative, tolerance) for given in submitted.values()
        ):
            continue
        # A cost that alone is scaled differently is a mistake, and zeros fit every scaling.
        if any(
            not _is_cost(name)
            and np.any(alternative.values[name])
            and not reference.is_right(given, tolerance)
            for name, given in submitted.items()
        ):
            return alternative
    return None


def _matches(
    reference: ReferenceWorking,
    given: SubmittedLine,
    alternative: Alternative,
    tolerance: Tolerance,
) -> bool:
    expected = alternative.values[given.id]
    noise = reference.noise.get(given.id)
    slack = None if noise is None else noise * max(1.0, abs(alternative.factor))
    if alternative.transposed and reference.nodes[given.id].axes == "ij":
        slack = None if slack is None else np.asarray(slack).T
        return any(close(r.value, r.quantum, expected.T, slack, tolerance) for r in given.readings)
    return given.matches(expected, slack, tolerance) is not None


def _alternatives(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> Iterator[Alternative]:
    steps = [line.node for line in reference.trace.lines]
    required = reference.trace.objective.reduction
    samples, outputs = reference.givens["target"].shape
    factor = reference.givens["cost_factor"]
    matrices = [reference.nodes[name] for name in submitted if reference.nodes[name].axes == "ij"]
    # An update that differs from its transpose shows the convention.
    updates = any(
        node.role == "update"
        and (
            (value := reference.truth[node.id]).shape != value.T.shape
            or not np.allclose(value, value.T, rtol=1e-6)
        )
        for node in matrices
    )
    costs = any(_is_cost(name) for name in submitted)
    scalings = [(None, 1.0)] + [
        (name, r.factor(samples, outputs) / factor)
        for name, r in REDUCTIONS.items()
        if name != required and abs(r.factor(samples, outputs) / factor - 1.0) > 1e-12
    ]
    # Scalings that a single missing or repeated factor gives as well.
    sizes = (outputs, samples, samples * outputs)
    single_factors = (0.5, 2.0, *sizes, *(1.0 / size for size in sizes))
    for reduction, scale in scalings:
        single_factor = any(abs(scale - k) < 1e-9 * k for k in single_factors)
        scaled = reduction is None or costs or not single_factor
        givens = {**reference.givens, "cost_factor": factor * scale}
        values = reference.truth if reduction is None else run(steps, dict(givens))
        if reduction is not None:
            yield Alternative(values, reduction, scale, transposed=False, certain=scaled)
        if not matrices:
            continue
        yield Alternative(values, reduction, scale, transposed=True, certain=scaled and updates)
        if all(n_in == n_out for n_in, n_out in reference.trace.network.shapes):
            # Square weights can also be read in the other convention from the start.
            read = {k: v.T if named(k).kind == "W" else v for k, v in givens.items()}
            yield Alternative(run(steps, read), reduction, scale, transposed=True, certain=scaled)


def _is_cost(name: str) -> bool:
    """Whether the line is the cost, which shows the scaling that the student used."""
    return name in ("C", "C_data")


def notes_of(alternative: Alternative, notation: Notation) -> list[Note]:
    """Return the notes on another convention, and on another scaling of the cost."""
    notes = []
    if alternative.transposed:
        shapes = ("(n_in, n_out)", "(n_out, n_in)")
        theirs, ours = shapes if notation.convention.transposed else shapes[::-1]
        notes.append(Note("other_convention", texts.weights_transposed(theirs, ours)))
    if alternative.reduction is not None:
        other, required = REDUCTIONS[alternative.reduction], notation.reduction
        factor = format_factor(alternative.factor)
        message = texts.other_scaling(factor, _with_article(other), _with_article(required))
        notes.append(Note("other_scaling", message, factor=alternative.factor))
    return notes


def _with_article(reduction: Reduction) -> str:
    half = reduction.title.startswith("half")
    return reduction.title if half else texts.with_article(reduction.title)

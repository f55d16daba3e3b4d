"""Answers that are right for something else: another convention, or another scaling of the cost.

Some of these cannot be told from a mistake. Without the cost or an update, a transposed ∂C/∂W may
be meant for the other convention or have its factors swapped, and a gradient n times too large may
belong to a cost that sums or have lost its 1/n. Then the mistake is named, and the alternative is
said beside it. Where a further line tells, or where only a whole other definition gives the numbers
(half the sum instead of the mean), the answer counts as right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.engine.backprop import Step, run
from backprop_explorer.engine.costs import REDUCTIONS, Reduction
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.checker.tolerance import Tolerance, close
from backprop_explorer.tutor.misconceptions.misconception import format_factor


@dataclass(frozen=True, slots=True)
class Alternative:
    """What the numbers are right for. ``certain`` unless a mistake explains them as well."""

    values: Mapping[str, Any]
    reduction: str | None  # another one than asked for
    factor: float
    turned: bool  # matrices of weights stand the other way round
    certain: bool


def find_alternative(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine], tolerance: Tolerance
) -> Alternative | None:
    """The first alternative that all submitted lines are right for."""
    for alternative in _alternatives(reference, submitted):
        if not all(
            _matches(reference, given, alternative, tolerance) for given in submitted.values()
        ):
            continue
        # A cost alone that is scaled differently is just that; and zeros say nothing.
        telling = [
            given
            for name, given in submitted.items()
            if not _is_cost(name) and np.any(alternative.values[name])
        ]
        if any(not reference.is_right(given, tolerance) for given in telling):
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
    if alternative.turned and reference.steps[given.id].axes == "ij":
        turned = None if slack is None else np.asarray(slack).T
        return any(close(r.value, r.quantum, expected.T, turned, tolerance) for r in given.readings)
    return given.matches(expected, slack, tolerance) is not None


def _alternatives(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> Iterator[Alternative]:
    steps = [line.step for line in reference.trace.lines]
    asked = reference.situation.objective.reduction
    samples, outputs = reference.givens["target"].shape
    factor = reference.givens["cost_factor"]
    matrices = [reference.steps[name] for name in submitted if reference.steps[name].axes == "ij"]
    updates = any(step.phase == "update" and _can_be_turned(reference, step) for step in matrices)
    costs = any(_is_cost(name) for name in submitted)
    scalings = [(None, 1.0)] + [
        (name, r.factor(samples, outputs) / factor)
        for name, r in REDUCTIONS.items()
        if name != asked and abs(r.factor(samples, outputs) / factor - 1.0) > 1e-12
    ]
    # What a single lost or doubled factor makes of a gradient.
    sizes = (outputs, samples, samples * outputs)
    slips = (0.5, 2.0, *sizes, *(1.0 / size for size in sizes))
    for reduction, scale in scalings:
        slip = any(abs(scale - k) < 1e-9 * k for k in slips)
        scaled = reduction is None or costs or not slip
        givens = {**reference.givens, "cost_factor": factor * scale}
        values = reference.truth if reduction is None else run(steps, dict(givens))
        if reduction is not None:
            yield Alternative(values, reduction, scale, turned=False, certain=scaled)
        if not matrices:
            continue
        yield Alternative(values, reduction, scale, turned=True, certain=scaled and updates)
        if all(n_in == n_out for n_in, n_out in reference.situation.network.shapes):
            # Square weights can be read the other way round altogether.
            read = {k: v.T if k[0] == "W" else v for k, v in givens.items()}
            yield Alternative(run(steps, read), reduction, scale, turned=True, certain=scaled)


def _can_be_turned(reference: ReferenceWorking, step: Step) -> bool:
    """Whether turning the matrix round makes a difference."""
    value = reference.truth[step.id]
    return value.shape != value.T.shape or not np.allclose(value, value.T, rtol=1e-6)


def _is_cost(name: str) -> bool:
    """Whether the line is the cost itself, whose size shows the student's own definition."""
    return name in ("C", "C_data")


def scaling_message(alternative: Alternative, asked: str) -> str:
    """Say that the numbers belong to another scaling of the cost."""
    other = REDUCTIONS[alternative.reduction or asked]
    return (
        f"Every gradient is {format_factor(alternative.factor)} times ours: yours is right for a"
        f" cost that is {_with_article(other)}, here it is {_with_article(REDUCTIONS[asked])}."
    )


def _with_article(reduction: Reduction) -> str:
    return reduction.title if reduction.title.startswith("half") else f"the {reduction.title}"


def convention_message(transposed: bool) -> str:
    """Say that the matrices are right for weights that stand the other way round."""
    theirs, ours = ("(n_in, n_out)", "(n_out, n_in)")
    if not transposed:
        theirs, ours = ours, theirs
    return (
        f"Right, but for W {theirs}: your gradients of the weights stand the other way round than"
        f" in the convention asked for, where W is {ours}."
    )

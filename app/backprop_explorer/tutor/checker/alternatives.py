"""Find answers that are correct for another convention or another scaling of the cost.

Some of them have the same numbers as a mistake. A transposed ∂C/∂W may follow the other convention,
or its factors may be swapped. A gradient n times too large may belong to a summed cost, or may lack
its 1/n. If no other line (the cost, an update) decides, the checker names the mistake and adds the
alternative as a note. The answer counts as correct if another line decides, or if no single mistake
gives the numbers (half the sum instead of the mean).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.engine.costs import REDUCTIONS, Reduction
from backprop_explorer.engine.graph import Node, run
from backprop_explorer.engine.names import named
from backprop_explorer.engine.notation import Notation
from backprop_explorer.texts import tutor_checker as texts
from backprop_explorer.tutor.checker.check_result import Note
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.checker.tolerance import Tolerance, close
from backprop_explorer.tutor.mistakes.cost import format_factor


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
        evidence = [
            given
            for name, given in submitted.items()
            if not _is_cost(name) and np.any(alternative.values[name])
        ]
        if any(not reference.is_right(given, tolerance) for given in evidence):
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
    updates = any(
        node.role == "update" and _transpose_differs(reference, node) for node in matrices
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


def _transpose_differs(reference: ReferenceWorking, node: Node) -> bool:
    """Whether the matrix differs from its transpose."""
    value = reference.truth[node.id]
    return value.shape != value.T.shape or not np.allclose(value, value.T, rtol=1e-6)


def _is_cost(name: str) -> bool:
    """Whether the line is the cost, which shows the scaling that the student used."""
    return name in ("C", "C_data")


def notes_of(alternative: Alternative, notation: Notation) -> list[Note]:
    """Return the notes on another convention, and on another scaling of the cost."""
    notes = []
    if alternative.transposed:
        ours, theirs = "(n_out, n_in)", "(n_in, n_out)"
        if not notation.convention.transposed:
            theirs, ours = ours, theirs
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

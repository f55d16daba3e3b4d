"""Aligns a recorded run, or its first round, with the gradient of its most likely cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.compared_numbers import COMPARES
from backprop_explorer.tutor.program.cost_roots import CostRoot, Fit
from backprop_explorer.tutor.program.made_parameters import promote_parameters
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.roots import best_fit
from backprop_explorer.tutor.program.rounds import (
    end_of_first_join,
    first_round,
    stop_velocities,
    widen_numbers,
)
from backprop_explorer.tutor.program.steps import Run
from backprop_explorer.tutor.program.truth import DOUBLE, EXTREMES, SINGLE, Truth, are_equal
from backprop_explorer.tutor.program.versions import versions_of


def origin_in(alignment: Alignment, outcome: Outcome) -> int | None:
    """Return which source of the whole run a result belongs to."""
    return None if outcome.source is None else alignment.run.origin_of(outcome.source)


def origins_in(alignment: Alignment) -> set[int]:
    """Return the sources of the whole run whose results are right."""
    right = (each for each in alignment.outcomes if each.state == "right")
    return {at for at in (origin_in(alignment, each) for each in right) if at is not None}


def align(run: Run, root: CostRoot | None = None, cost: str | None = None) -> Alignment | None:
    """Return a run aligned with the gradient of its root; None without a root."""
    widen_numbers(run)
    if root is None:
        promote_parameters(run)
        stop_velocities(run)
        begin = end_of_first_join(run)
        run = run if begin is None else run.since(begin, versions_of(run))
    found = _align(run, root, cost)
    for read in _READINGS if found is not None and found.wrong else ():
        others = read(run)
        before = {at: run.steps[at].value for at in others}
        again = _align(_set(run, others), root, cost) if others else None
        if again is not None and found is not None and unlike(again) < unlike(found):
            return again
        _set(run, before)
    if found is not None and root is None and updates_again(found.run):
        # What looks like one round may be several samples, each with its own rows and its own rate.
        is_odd = found.wrong or _reads_updates(found)
        again = _align(run, root, cost, once=True) if is_odd else None
        if again is not None and again.outcomes:
            more = not found.wrong and len(again.outcomes) > len(found.outcomes)
            if unlike(again) < unlike(found) or (more and origins_in(found) <= origins_in(again)):
                return again
    if found is not None and found.wrong and _has_ties(found):
        known = _known(found)
        found.run.shares_ties = run.shares_ties = True
        again = _align(run, root, cost)
        if again is not None and unlike(again) <= unlike(found) and _known(again) > known:
            return again
        found.run.shares_ties = run.shares_ties = False
    return found


def _reads_updates(alignment: Alignment) -> bool:
    """Whether the cost depends on the update of a parameter, which is then not judged."""
    run, inside = alignment.run, alignment.truth.forward
    updated = {source: run.after[source] for source in updated_in(run)}
    return any(source in inside and after in inside for source, after in updated.items())


def updates_again(run: Run) -> bool:
    """Whether a line updates a parameter twice."""
    places = [(source, run.steps[at].site) for at, source in versions_of(run).items()]
    return len({*places}) < len(places)


def _known(alignment: Alignment) -> int:
    """Return how many values of the backward part are true ones."""
    steps, inside = alignment.run.steps[: alignment.run.recorded], alignment.truth.forward
    back = (e.index for e in steps if e.op and e.value.size > 1 and e.index not in inside)
    right = sum(each.state == "right" for each in alignment.outcomes)
    return right + sum(bool(alignment.labels(at)) for at in back)


def _has_ties(alignment: Alignment) -> bool:
    """Whether the largest entry of some array of the forward pass stands there several times."""
    run = alignment.run
    steps = (run.steps[at] for at in alignment.truth.forward if run.moves[at])
    return any(
        np.any(are_equal(value, e).sum(axis=e.keywords.get("axis")) > 1)
        for e in steps
        if e.op in EXTREMES
        for value in [run.steps[e.inputs[0]].value]
    )


def _set(run: Run, values: Mapping[int, Array]) -> Run:
    for at, value in values.items():
        run.steps[at].value = value
    return run


def unlike(alignment: Alignment) -> int:
    """Return how many results are no multiple of their gradient."""
    return sum(each.state == "wrong" for each in alignment.outcomes)


def _without_epsilon(run: Run) -> dict[int, Array]:
    """Return the values of log(p + ε) without ε, as far as p is larger: its gradient is 1 / p."""
    found = {}
    for step in run.steps:
        readers = {run.steps[each].op for each in run.readers[step.index]}
        if step.op != "add" or readers != {"log"}:
            continue
        for one, other in (step.inputs, step.inputs[::-1]):
            small, value = run.steps[other].value, run.steps[one].value
            if not run.depends[other] and small.size == 1 and 0.0 < small.ravel()[0] <= 1e-4:
                found[step.index] = np.where(value > small, value, step.value)
    return found


def _at_kinks(run: Run) -> dict[int, Array]:
    """Return comparisons with the other answer where both sides are equal.

    There x[x < 0] = 0 has no slope: 1 from the one side, 0 from the other.
    """
    found = {}
    for step in run.steps:
        if step.op in COMPARES:
            one, other = (run.steps[each].value for each in step.inputs)
            if (one == other).any():
                found[step.index] = step.value ^ (one == other)
    return found


def _beside_ties(run: Run, side: float) -> dict[int, Array]:
    """Return the first of two arrays whose larger or smaller entries are taken, moved by the least
    amount where both are equal: at the 0 of ``maximum(0.02 * z, z)`` either side has a slope.
    """
    found = {}
    for step in run.steps:
        if step.op in ("maximum", "minimum") and all(map(run.moves.__getitem__, step.inputs)):
            one, other = (run.steps[each].value for each in step.inputs)
            if one.shape == other.shape and (one == other).any():
                found[step.inputs[0]] = np.where(one == other, np.nextafter(one, side), one)
    return found


_READINGS: Sequence[Callable[[Run], dict[int, Array]]] = (
    _without_epsilon,
    _at_kinks,
    partial(_beside_ties, side=-np.inf),
    partial(_beside_ties, side=np.inf),
)


def _align(
    run: Run, root: CostRoot | None, cost: str | None, *, once: bool = False
) -> Alignment | None:
    if root is not None:
        return Alignment(run, Fit(root, Truth(run, root.seeds)), exact=True)
    tolerance = SINGLE if run.single_precision else DOUBLE
    first, updated = first_round(run, once=once), updated_in(run)
    fit = None if first is None else best_fit(first, tolerance, cost)
    if first is not None and fit is not None:
        found = Alignment(first, fit, exact=False)
        updates_all = first.after.keys() >= updated & found.truth.gradients.keys()
        right = [each for each in found.outcomes if each.state == "right"]
        all_right = len(right) > 1 and not found.wrong
        rated = any(each.factor and found.is_rate(each.factor) for each in right)
        if all_right or (right and (updates_all or rated)):
            return found
    whole = best_fit(run, tolerance, cost)
    if first is not None and fit is not None:
        # A small step makes the gradients of several rounds nearly one. A round updates all.
        share = 0.3 if updates_all else 1.3
        # A sum that a loop begins with 0 looks like a parameter, but has no gradient.
        if whole is None or (found.outcomes and fit.given >= share * whole.given):
            return found
    return None if whole is None else Alignment(run, whole, exact=False)


def updated_in(run: Run) -> set[int]:
    return {source for source, after in run.after.items() if after != source}

"""Compares a later round of a training loop with the first one."""

from __future__ import annotations

from collections.abc import Collection

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.aligning import origin_in, unlike, updated_in, updates_again
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.cost_roots import Fit, terms_of
from backprop_explorer.tutor.program.other_costs import by_other_costs
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.roots import best_fit
from backprop_explorer.tutor.program.rounds import first_round, next_fit
from backprop_explorer.tutor.program.steps import Run
from backprop_explorer.tutor.program.truth import multiple
from backprop_explorer.tutor.program.updates import linear, near
from backprop_explorer.tutor.program.versions import versions_of

_SCALINGS = ("multiply", "divide", "negative", "copy")


def aligned_by_any(run: Run, fit: Fit, tolerance: float, cost: str | None, rest: Run) -> Alignment:
    """Return a round by its fit, or by other costs if all is right by these; or the first sample of
    it, and of the ``rest``, that has rows of its own, if that is more right.
    """
    found = Alignment(run, fit, exact=False)
    by_others = by_other_costs(Alignment(run, fit, exact=False)) if found.wrong else found
    found = found if by_others.wrong else by_others
    if found.wrong and fit.root.kind != "own":
        found = _by_another_cost(run, fit) or found
    once = first_round(rest, once=True) if found.wrong and updates_again(run) else None
    of_one = None if once is None else best_fit(once, tolerance, cost)
    if once is not None and of_one is not None:
        sample = Alignment(once, of_one, exact=False)
        found = sample if unlike(sample) < unlike(found) else found
    return found


def _by_another_cost(run: Run, fit: Fit) -> Alignment | None:
    """Return a round by another assumed cost if all results are right by it. Where the gradient of
    only one sample is not 0, those of several costs are multiples of each other.
    """
    others = (each for each in fit.others if each.root.kind != "own")
    found = (Alignment(run, each, exact=False) for each in others)
    return next(
        (e for e in found if e.outcomes and all(o.state == "right" for o in e.outcomes)), None
    )


def next_fit_alone(
    run: Run, fit: Fit, tolerance: float, waiting: Collection[int]
) -> tuple[Run, Fit]:
    """Return the part of a round where another fit begins, if its own cost is known there."""
    begin = next_fit(run, waiting)
    part = run.since(begin, versions_of(run)) if begin is not None else run
    updated = {source for source in updated_in(part) if part.origin_of(source) in waiting}
    own = best_fit(part, tolerance, None, updated) if begin is not None and updated else None
    return (run, fit) if own is None or own.root.kind != "own" else (part, own)


def is_input(alignment: Alignment, outcome: Outcome, constants: Collection[int]) -> bool:
    """Whether a result has the name of the gradient of an array that no round updates."""
    return origin_in(alignment, outcome) in constants and alignment.is_named(outcome)


def is_same_cost(one: Alignment, other: Alignment) -> bool:
    """Whether two rounds differentiate one cost: an assumed one of the same errors, or one by
    which most results of the other round are right.
    """
    kinds = {each.fit.root.kind for each in (one, other)}
    if one.fit.root.is_sure is not other.fit.root.is_sure:
        return False
    if kinds == {"own"}:
        return _places_of_cost(one) == _places_of_cost(other)
    states = [each.state for each in other.outcomes]
    if states.count("right") > max(1, len(states) // 2):
        return True
    return len(kinds) == 1 and meet_alike(one, other)


def _places_of_cost(alignment: Alignment) -> set[object]:
    """Return where the terms of the cost are computed; those of rounds before are no part of it."""
    run = alignment.run
    terms = (run.steps[at] for at in terms_of(run, alignment.truth.roots))
    return {each.site for each in terms if each.op}


def meet_alike(one: Alignment, other: Alignment) -> bool:
    """Whether the predictions of two rounds meet their targets at the same place."""
    places = [{a.run.steps[at].site for at in a.fit.root.meets} for a in (one, other)]
    return bool(places[0] & places[1])


def has_state(alignment: Alignment, outcome: Outcome, constants: Collection[int]) -> bool:
    """Whether an update reads an array of its shape that the cost is not made of and that is not
    among ``constants``, or that the round writes into: a velocity.
    """
    run = alignment.run
    behind = run.ancestors([outcome.index]) - alignment.truth.forward
    behind |= _sources_added(run, outcome.index)
    states = [run.steps[e] for e in run.sources if e in behind and e != outcome.source]
    shape = run.steps[outcome.index].value.shape
    states = [each for each in states if each.value.shape == shape]
    return any(run.origin_of(e.index) not in constants or _is_written(run, e.index) for e in states)


def goes_on_through_state(computed: Collection[int], later: Alignment, outcome: Outcome) -> bool:
    """Whether a result is made of the gradient of a value that a round before has ``computed``:
    that round has other parameters, so its part of a sequence has no gradient in this one.
    """
    run = later.run
    arrays = (at for at in run.sources if run.steps[at].value.size > 1)
    states = {at for at in arrays if run.origin_of(at) in computed}
    behind = run.ancestors([outcome.index]) - later.truth.forward if states else frozenset()
    labels = (each.label for at in behind for each in later.labels(at))
    return any(each.kind in ("gradient", "share") and each.of in states for each in labels)


def _sources_added(run: Run, at: int) -> set[int]:
    """Return the sources that a value is a sum of, with numbers as factors; the way forward may
    read them, too: Nesterov's velocity.
    """
    known, waiting = {at}, [at]
    while waiting:
        step = run.steps[waiting.pop()]
        arrays = {each for each in step.inputs if run.steps[each].value.size > 1}
        by_number = step.op in _SCALINGS and len(arrays) == 1
        by_number = by_number and not any(run.moves[k] for k in step.inputs if k not in arrays)
        if step.op in ("add", "subtract") or by_number:
            waiting += arrays - known
            known |= arrays
    return {each for each in known if not run.steps[each].op}


def _is_written(run: Run, source: int) -> bool:
    """Whether entries of a source are replaced."""
    readers = (run.steps[at] for at in run.readers[source])
    return any(e.op in ("setitem", "add_at") and e.inputs[0] == source for e in readers)


def is_against(first: Alignment, later: Alignment, outcome: Outcome) -> bool:
    """Whether the second update of a parameter takes back what the first one did: its velocity has
    another sign than its gradient, or counts more than that at the same rate. Then it is marked.
    """
    run, gradient = later.run, outcome.wanted
    of = origin_in(later, outcome)
    update = next((e for e in first.outcomes if e.is_update and e.source == of), None)
    if gradient is None or outcome.source is None or update is None or update.wanted is None:
        return False
    if not update.factor or update.wanted.shape != gradient.shape:
        return False
    before, after = (run.steps[at].value for at in (outcome.source, outcome.index))
    if not before.shape == after.shape == gradient.shape or before.size < 3:
        return False
    moved = after - before
    # A parameter that began at 0 and decays looks like a velocity.
    same = multiple(before, update.wanted, later.tolerance) is None
    if not same or multiple(moved, gradient, later.tolerance) is not None:
        return False
    parts = linear(moved, [gradient, update.wanted], later.tolerance)
    if parts is None:
        return False
    own, velocity = parts / update.factor
    if not (own * velocity < 0 or (near(own, 1.0) and velocity > 1.0)):
        return False
    outcome.state, outcome.cause = "wrong", (ids.GRADIENT_SIGN, outcome.index, None)
    return True

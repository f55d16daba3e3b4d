"""Check a recorded program against the gradient of its own forward pass."""

from __future__ import annotations

import ast
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import tutor_program as texts
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.aliases import (
    assigned_again,
    dropping_line,
    renaming_line,
    unread_after,
)
from backprop_explorer.tutor.program.aligning import align, origin_in, origins_in, updated_in
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.alternatives import is_penalty_of
from backprop_explorer.tutor.program.changed_numbers import unchanged_numbers
from backprop_explorer.tutor.program.changes.choice import (
    is_factor_elsewhere,
    is_other,
    says_better,
)
from backprop_explorer.tutor.program.changes.search import NEAR, EditSearch
from backprop_explorer.tutor.program.compared_factors import wrong_slope
from backprop_explorer.tutor.program.compared_rounds import (
    aligned_by_any,
    goes_on_through_state,
    has_state,
    is_against,
    is_input,
    is_same_cost,
    meet_alike,
    next_fit_alone,
)
from backprop_explorer.tutor.program.cost_roots import CostRoot
from backprop_explorer.tutor.program.factor_mistakes import (
    factors_along,
    found_by_factor,
    found_by_own_factor,
    is_of_rate,
    lacks_rate,
)
from backprop_explorer.tutor.program.lost_states import (
    added_again,
    has_unread_state,
    lost_state,
    second_updates,
    unread_velocity,
)
from backprop_explorer.tutor.program.made_parameters import promote_parameters
from backprop_explorer.tutor.program.missing_updates import line_of_missing, replaced_at
from backprop_explorer.tutor.program.other_costs import by_other_costs, is_of_other_data
from backprop_explorer.tutor.program.other_lines import SHARES, lines_of_bare, other_lines
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.program_result import ProgramResult, wrong_result
from backprop_explorer.tutor.program.recording import ProgramCall, Recorded
from backprop_explorer.tutor.program.region import (
    blamed_frame,
    loop_of_gradients,
    origins,
    region_of,
    zeros_of,
)
from backprop_explorer.tutor.program.repairs import RepairSearch, SourceRepair
from backprop_explorer.tutor.program.roots import best_fit, is_linear
from backprop_explorer.tutor.program.rounds import first_fit, first_round, next_fit
from backprop_explorer.tutor.program.shapes import refused_shapes
from backprop_explorer.tutor.program.source import (
    function_of,
    idle_line,
    last_assignment,
    operand_of,
    resetting_line,
)
from backprop_explorer.tutor.program.steps import VIEWS, Run, SourceFrame
from backprop_explorer.tutor.program.truth import multiple
from backprop_explorer.tutor.program.unseen_parameters import not_checked, updated_otherwise
from backprop_explorer.tutor.program.updates import near
from backprop_explorer.tutor.program.versions import versions_of

# Rounds of a training loop in which parameters are looked for that the first does not update.
MAX_ROUNDS = 5
# Rounds in which it is looked again whether updates are right that were, and for how long.
MAX_AGAIN, SECONDS_OF_ROUNDS = 9, 0.4
# How many other fits of the same call are judged.
MAX_FITS = 4
MIN_ENTRIES = 4  # of a gradient by which the rule of an update is known
# In a loop with many rounds the first decides.
FEW_OPERATIONS = 4_000
# How many times the operations of a round are recorded to see that it is one.
MORE = 2
# The work of the search for a change of the source, in seconds of a usual machine.
SECONDS, SECONDS_IF_CERTAIN = 1.2, 0.5
# After so many seconds no other cost is assumed.
SECONDS_OF_COSTS = 4.0
# By how much the price of a change in the line that the rules found may be higher.
AS_LIKELY = 0.05
# With so many right results it is known which cost the program differentiates.
ENOUGH = 4
# Of two or more arrays with so many entries in all none is right by chance.
MANY = 8
# How many other lines are named at which a change makes all results right.
MAX_OTHERS = 4


def check_run(
    run: Run, root: CostRoot | None = None, cost: str | None = None, *, locate: bool = True
) -> ProgramResult:
    """Judge a run. ``root`` or ``cost``: what it differentiates, if that is told.

    ``locate``: find the line and the name of a mistake.
    """
    if root is None and (broken := _not_finite(run)) is not None:
        return broken
    alignment = align(run, root, cost)
    why = None if alignment is None else _unknown_in(alignment)
    if why is not None:
        return ProgramResult("unclear", texts.not_recorded(why))
    if alignment is None:
        if run.raised is not None:
            return _raised(run, None)
        return ProgramResult("unclear", texts.NO_COST)
    if run.raised is not None:
        return _raised(run, alignment)
    if root is None:
        alignment = by_other_costs(alignment)
        if is_of_other_data(alignment):
            return ProgramResult("unclear", texts.NO_GRADIENT, alignment=alignment)
    told = root is not None or not locate
    found = judged(alignment, locate=locate) if told else _judged_by_costs(alignment)
    alignment = found.alignment or alignment
    # The gradients are those of one fit, and of its first round.
    is_part = len(alignment.run.steps) < run.recorded
    is_part |= not updated_in(run) <= alignment.truth.gradients.keys()
    if found.verdict in ("correct", "incomplete") and is_part:
        found = _with_later_rounds(run, alignment, found, cost, locate=locate)
        right = found.verdict in ("correct", "incomplete")
        wrong = _wrong_in_next_rounds(run, alignment, cost, locate=locate) if right else None
        return wrong or found
    if found.verdict == "unclear" and is_part and _is_of_zeros(alignment):
        return _judged_in_next_round(run, alignment, cost) or found
    return found


def _is_of_zeros(alignment: Alignment) -> bool:
    """Whether all parameters are numbers, and some have no gradient, such as the weights of a
    sample of zeros.
    """
    numbers = all(each.wanted is None or each.wanted.size == 1 for each in alignment.outcomes)
    return numbers and any(each.state == "dead" for each in alignment.outcomes)


def _judged_in_next_round(run: Run, alignment: Alignment, cost: str | None) -> ProgramResult | None:
    """Judge the first of the next rounds that tells whether its updates are right."""
    this = alignment.run
    for _ in range(MAX_ROUNDS):
        if len(this.steps) >= run.recorded:
            break
        run = run.since(1 + max(this.after.values(), default=this.recorded), versions_of(run))
        this = first_fit(first_round(run) or run)
        fit = best_fit(this, alignment.tolerance, cost, updated_in(this))
        found = None if fit is None else judged(Alignment(this, fit, exact=False))
        if found is not None and found.verdict != "unclear":
            return found
    return None


def _judged_by_costs(alignment: Alignment) -> ProgramResult:
    """Judge by the most likely cost; where that is unclear, by one by which one change makes all
    results right.
    """
    until = time.thread_time() + SECONDS_OF_COSTS
    found = judged(alignment)
    if found.verdict != "unclear":
        return found
    for fit in alignment.fit.others:
        # Where each layer has a wrong slope, the squared error explains nothing.
        if (fit.inner or fit.root.kind == "mse") and time.thread_time() < until:
            again = judged(Alignment(alignment.run, fit, exact=False))
            right = sum(each.state == "right" for each in again.outcomes)
            # What was taken for the cost may be the norm of a gradient, which is printed.
            all_right = again.verdict == "correct" and right > 1 and not alignment.fit.given
            # A step that is more than a rate times a gradient may be one after some change.
            is_known = right > 0 or fit.given >= 1.0 or len(again.outcomes) > 1
            if (again.name is not None and is_known) or all_right:
                return again
    return found


def _with_later_rounds(
    run: Run, alignment: Alignment, found: ProgramResult, cost: str | None, *, locate: bool
) -> ProgramResult:
    """Judge the second round, the parameters that the first one does not update in the rounds that
    do, and those that are 0 in it in the next one.
    """
    names = [_title(alignment, e) for e in alignment.outcomes if e.state == "right"]
    judged_first = origins_in(alignment)
    updated_first = {origin_in(alignment, e) for e in alignment.outcomes if e.is_update}
    # By their index: two parameters may have one name.
    updated_at_all = updated_in(run)
    # What the first round changes and is no update there is a state, such as a velocity.
    states = updated_in(alignment.run) - {each.source for each in alignment.outcomes}
    # No gradient reaches a parameter through units that are all dead.
    states -= alignment.truth.forward - alignment.truth.gradients.keys()
    if len(alignment.run.steps) == run.recorded:
        states -= run.created.keys()  # that is another fit
    unseen = {at for at in run.sources if run.steps[at].path in found.not_checked}
    constants = {*run.sources} - updated_at_all
    computed = {at for at in alignment.truth.forward if alignment.run.steps[at].op}
    # Where all parameters are 0, so are penalties, and slopes are alike.
    empty = not any(run.steps[source].value.any() for source in updated_in(run))
    right, other = set() if empty else set(judged_first), None
    this, run = alignment.run, replace(run, steps=run.steps[: run.recorded])
    whole = run
    if (lost := _with_lost_states(run, alignment, locate=locate)) is not None:
        return lost
    for k in range(MAX_ROUNDS + MAX_FITS):
        waiting = (updated_at_all | unseen) - right - states
        is_last = len(this.steps) >= run.recorded
        # What the next round computes may stand before what shows that it is the next one.
        begin: int | None = 1 + max(this.after.values(), default=this.recorded)
        is_next_fit = is_last or k >= MAX_ROUNDS
        begin = next_fit(run, waiting - judged_first) if is_next_fit else begin
        if begin is None or not (waiting or k == 0):
            break
        run = run.since(begin, versions_of(run))
        this = first_fit(first_round(run) or run)
        judging = waiting | right if k == 0 else waiting
        updated = {source for source in updated_in(this) if this.origin_of(source) in judging}
        fit = best_fit(this, alignment.tolerance, cost, updated) if updated else None
        if fit is None:
            continue
        if k > 0 and fit.root.kind != alignment.fit.root.kind == "own":
            # The last round of one fit and the first of the next one.
            this, fit = next_fit_alone(this, fit, alignment.tolerance, waiting)
        later = aligned_by_any(this, fit, alignment.tolerance, cost, run)
        this = later.run
        # The second round is compared with the gradient of the first one's cost.
        again = k == 0 and not empty and is_same_cost(alignment, later)
        # Samples of one round may have weights that an assumed cost lacks.
        more = len(fit.root.seeds) > len(alignment.fit.root.seeds)
        if (
            (more or not again)
            and fit.root.kind != "own"
            and all(each.state != "right" for each in later.outcomes)
        ):
            other = other or (later if meet_alike(alignment, later) else None)
            continue  # that is not the cost
        states_of = (constants, computed, updated_first)
        later.outcomes = _to_judge(alignment, later, again, (judging, waiting, right), states_of)
        if later.wrong:
            of_later = judged(later, locate=locate, is_known=again)
            if of_later.verdict != "unclear":
                return of_later
        elif is_next_fit and (lost := _with_lost_states(run, later, locate=locate)) is not None:
            return lost
        names += [_title(later, each) for each in later.outcomes if each.state == "right"]
        found.assumed = _assumed(later) if empty else found.assumed
        right |= origins_in(later)
    if empty and other is not None and not right:
        # No cost fits where the parameters are not 0.
        return _judged_by_costs(other) if locate else judged(other, locate=False)
    known = {whole.steps[at].path for at in right}
    missing = tuple(each for each in found.not_checked if each not in known)
    found.verdict = "incomplete" if missing else "correct"
    found.summary = _all_right([*dict.fromkeys(names)], missing, found.assumed)
    found.not_checked = missing
    return found


def _to_judge(
    alignment: Alignment,
    later: Alignment,
    again: bool,
    sources: tuple[set[int], set[int], set[int]],
    known: tuple[set[int], set[int], set[int | None]],
) -> list[Outcome]:
    """Return the results of a later round that tell whether it is right.

    ``again``: it has the cost of the first round. ``sources`` are those that are judged, those that
    no round updated yet, and those that are right; ``known`` those that nothing updates, those that
    the first round computed, and those that it updated.
    """
    judging, waiting, right = sources
    constants, computed, updated_first = known
    never = [e for e in later.outcomes if e.state == "missing"]
    never = [e for e in never if origin_in(later, e) in constants - right]
    if not again and all(each.state != "right" for each in later.outcomes):
        never = []
    with_state = [e for e in later.outcomes if again and has_state(later, e, constants)]
    against = [e for e in with_state if is_against(alignment, later, e)]
    # Each sample of a policy may have a weight of its own, of any sign.
    scaled = {"factor"} if later.fit.root.kind == "own" else {"factor", "sign"}
    found = [
        each
        for each in later.outcomes
        if origin_in(later, each) in (judging if again and each.state not in scaled else waiting)
        or (again and each.state == "wrong" and is_input(later, each, constants))
        if each.state != "missing"
        # Of an updated parameter an object may keep the gradient of one sample alone.
        if each.is_update or not again or origin_in(later, each) not in updated_first
        if each in against or not has_state(later, each, constants)
        if not again or each.state == "right" or not goes_on_through_state(computed, later, each)
    ]
    return found + never


def _wrong_in_next_rounds(
    run: Run, alignment: Alignment, cost: str | None, *, locate: bool
) -> ProgramResult | None:
    """Judge some rounds after the first one, whose updates are multiples of their gradients: slopes
    of units may differ there that were alike. None if nothing is wrong.
    """
    this, right = alignment.run, origins_in(alignment)
    run = replace(run, steps=run.steps[: run.recorded])
    constants = {*run.sources} - updated_in(run)
    computed = {each.index for each in run.steps if each.op}
    updates = [e for e in alignment.outcomes if e.state == "right"]
    if not updates or not all(e.is_update and e.factor is not None for e in updates):
        return None
    # A prediction that is taken for the cost has a gradient that is one of the first round's.
    root = alignment.fit.root
    if root.kind == "own" and is_linear(alignment.run, alignment.run.ancestors(root.seeds)):
        return None
    until, alike = time.thread_time() + SECONDS_OF_ROUNDS, [alignment]
    for _ in range(MAX_AGAIN):
        if len(this.steps) >= run.recorded or time.thread_time() > until:
            break
        run = run.since(1 + max(this.after.values(), default=this.recorded), versions_of(run))
        if (following := first_round(run)) is None:
            break  # what follows the last round may look like an update
        this = first_fit(following)
        updated = {source for source in updated_in(this) if this.origin_of(source) in right}
        fit = best_fit(this, alignment.tolerance, cost, updated) if updated else None
        if fit is None:
            continue
        later = aligned_by_any(this, fit, alignment.tolerance, cost, run)
        this = later.run
        later.outcomes = [
            each
            for each in later.outcomes
            if each.is_update and origin_in(later, each) in right
            # The first rounds tell what is compared with other updates: penalties and averages.
            if each.cause is None and not has_state(later, each, constants)
            if each.state == "right" or not goes_on_through_state(computed, later, each)
        ]
        states = Counter(e.state for e in later.outcomes)
        if not states["right"] or not is_same_cost(alignment, later):
            continue
        if states["wrong"]:
            found = judged(later, locate=locate, is_known=True)
            if found.verdict == "wrong":
                return found
        elif states["right"] == len(updates):
            alike.append(later)
    slope = wrong_slope(alike)
    return None if slope is None else _with_wrong_slope(alignment, *slope)


def _with_wrong_slope(alignment: Alignment, name: str, at: int, rate: float) -> ProgramResult:
    """Return the verdict on updates that have another rate in each round."""
    alignment.mains[True] = rate
    for each in alignment.outcomes:
        each.state = "wrong"
    frame = blamed_frame(alignment, at, carries=False)
    line = alignment.run.steps[at].line if frame is None else (frame.file, frame.line)
    found = wrong_result(alignment, line, name, alignment.outcomes)
    frames = alignment.run.steps[at].frames
    if frames[:1] == (frame,) and alignment.run.steps[at].returned and len(frames) > 1:
        # The function may be right, and called with another value.
        found.other_lines = ((frames[1].file, frames[1].line),)
    found.assumed, found.notes = _assumed(alignment), _notes(alignment)
    found.outcomes, found.alignment = alignment.outcomes, alignment
    return found


def _with_lost_states(run: Run, alignment: Alignment, *, locate: bool) -> ProgramResult | None:
    """Judge what the second round reads that the first leaves behind: states of updates, and sums
    of gradients that are not set to 0. None if nothing is wrong with them.
    """
    updates = [each for each in alignment.outcomes if each.is_update and each.state == "right"]
    first = {each.source: each.index for each in updates if each.source is not None}
    end = max(first.values(), default=0)
    # States may be kept after all updates, before the next round reads the parameters.
    reads = (at for after in first.values() for at in run.readers[after] if at > end)
    end = min(reads, default=end + 1) - 1
    second = second_updates(run, first)
    for source, again in second.items():
        (each,) = (e for e in updates if e.source == source)
        gradient = alignment.truth.gradients[source]
        lost = lost_state(run, source, each.index, again, end, alignment.truth.forward)
        if lost is None and gradient.size > 1:
            lost = unread_velocity(run, gradient, source, first, again)
        added = added_again(run, gradient, first, source, again)
        if lost is not None or added is not None:
            name = ids.STATE_NOT_KEPT if added is None else ids.GRADIENT_NOT_RESET
            each.state, each.cause = "wrong", (name, added or lost or each.index, None)
        elif has_unread_state(run, gradient, first, again):
            each.state, each.cause = "wrong", (ids.STATE_NOT_KEPT, each.index, None)
    for source, at in unchanged_numbers(run, first, second, alignment.truth.forward):
        (each,) = (e for e in updates if e.source == source)
        if each.state == "right":
            each.state, each.cause = "wrong", (ids.BIAS_CORRECTION_MISSING, at, None)
    if not alignment.wrong:
        return None
    found, update = judged(alignment, locate=locate), run.steps[alignment.wrong[0].index]
    if found.name == ids.STATE_NOT_KEPT and update.line not in (None, found.line):
        found.other_lines = tuple(filter(None, [update.line]))
    return found


def _not_finite(run: Run) -> ProgramResult | None:
    """Return the verdict on a run that returns a number which is not finite; None if none does.

    The number may be the cost, which then has no gradient. The line is where the first value that
    is not finite was computed.
    """
    numbers = [run.steps[e.index] for e in run.returned if run.steps[e.index].value.size == 1]
    number = next((e for e in numbers if e.op and not np.isfinite(e.value).all()), None)
    if number is None:
        return None
    behind = (run.steps[at] for at in sorted(run.ancestors([number.index])))
    made = next(e for e in behind if e.op and not np.isfinite(e.value).all())
    where = made.text or made.op
    summary = texts.not_finite(float(number.value.ravel()[0]), where)
    return ProgramResult("unclear", summary, made.line)


def _unknown_in(alignment: Alignment) -> str | None:
    """Return which function that is not recorded the cost or a wrong result depends on, if any."""
    wrong = [each.index for each in alignment.wrong]
    return alignment.run.unknown_behind([*alignment.truth.roots, *wrong])


def _title(alignment: Alignment, outcome: Outcome) -> str:
    """Return the name of a result; of one that has a number alone the gradient that it is."""
    steps = alignment.run.steps
    of = None if outcome.source is None else steps[outcome.source].path
    sources = {each.source for each in alignment.outcomes if each.source is not None}
    is_only = sum(steps[each].path == of for each in sources) == 1
    return f"∂C/∂{of}" if of and is_only and outcome.path.startswith("[") else outcome.path


def judged(alignment: Alignment, *, locate: bool = True, is_known: bool = False) -> ProgramResult:
    """Return the verdict of an alignment, with line and name of a mistake if ``locate``.

    ``is_known``: the program differentiates this cost, by other results.
    """
    right = [each for each in alignment.outcomes if each.state == "right"]
    dead = [each.path for each in alignment.outcomes if each.state in ("dead", "rule")]
    notes, assumed = _notes(alignment), _assumed(alignment)
    if not alignment.outcomes or not (right or alignment.wrong or dead):
        return ProgramResult("unclear", texts.NO_GRADIENT, notes=notes, alignment=alignment)
    is_rule = all(each.is_update and each.state == "factor" for each in alignment.wrong)
    for each in alignment.outcomes if is_rule else ():
        # Of few entries that are not 0 another rule may be right by chance.
        entries = 0 if each.wanted is None else np.count_nonzero(each.wanted)
        enough = each.wanted is not None and MIN_ENTRIES < entries > each.wanted.size // 2
        of_rule = RepairSearch(alignment).of_rule if each.state == "rule" and enough else None
        if of_rule is not None and (repair := of_rule(each)) is not None:
            each.state = "wrong"
            line = alignment.run.steps[repair.step].line
            found = wrong_result(alignment, line, repair.name, [each])
            found.assumed, found.notes, found.alignment = assumed, notes, alignment
            found.outcomes = alignment.outcomes
            return found
    if not alignment.wrong:
        unseen = [*not_checked(alignment), *updated_otherwise(alignment)]
        missing = tuple(dict.fromkeys([*dead, *unseen]))
        return ProgramResult(
            "incomplete" if missing else "correct",
            _all_right([_title(alignment, each) for each in right], missing, assumed),
            not_checked=missing,
            assumed=assumed,
            notes=notes,
            outcomes=alignment.outcomes,
            alignment=alignment,
        )
    found = _located(alignment) if locate else wrong_result(alignment, None, None, alignment.wrong)
    fit, computed = alignment.fit, [_computed(alignment, each) for each in alignment.wrong]
    updates = alignment.run.ancestors([each.index for each in alignment.wrong])
    if found.name is None and all(made and updates.isdisjoint(made) for made in computed):
        found.line = alignment.run.steps[alignment.wrong[0].index].line  # it reads something else
    of_numbers = _are_known_numbers(alignment)
    known = (
        is_known
        or fit.root.kind == "upstream"
        or fit.root.is_told
        or fit.given >= 1.0
        or (fit.root.kind == "own" and (fit.inner or _is_cost(alignment)))
        or all(computed)
        or len(right) >= ENOUGH
        or of_numbers
        # A gradient that stands in the place of its parameter is one of this cost.
        or any(e.cause and e.cause[0] == ids.STEP_INSTEAD_OF_PARAMETERS for e in alignment.wrong)
    )
    sure = known or fit.inner or fit.root.kind == "own"
    # Some change makes single numbers right for any cost.
    numbers = all(each.wanted is None or each.wanted.size == 1 for each in alignment.wrong)
    arrays = [e for e in alignment.wrong if e.wanted is not None and e.wanted.size > 2]
    entries = sum(each.wanted.size for each in arrays if each.wanted is not None)
    many = len(arrays) > 1 and entries >= MANY
    # A network in lists has numbers for parameters.
    many |= len(alignment.wrong) > 1 and len(alignment.outcomes) >= MANY
    several = not sure and locate and many
    is_sought = several or (sure and (known or right or fit.inner))
    if (search := found.search) is not None and is_sought:
        found = _by_edit(alignment, found, search)
        idle = _idle_around(alignment.run, search.region)
        if idle is not None and idle not in (found.line, *found.other_lines):
            found.other_lines = (*found.other_lines, idle)
    if several and found.name is not None and _is_of_layers(alignment, found.line):
        sure = known = True
    if found.has_penalty and assumed:
        names = [_title(alignment, each) for each in right]
        missing = tuple(dict.fromkeys(each.path for each in alignment.wrong))
        return ProgramResult(
            *("incomplete", _all_right(names, missing, assumed)),
            not_checked=missing,
            assumed=assumed,
            notes=notes,
            outcomes=alignment.outcomes,
            alignment=alignment,
        )
    # Where nothing is right and no change mends it, the program may differentiate something else.
    seen = of_numbers or any(e.wanted is not None and e.wanted.size > 2 for e in right)
    told = fit.root.is_told or fit.root.kind == "upstream"
    unknown = locate and found.name is None and not (seen or told)
    unknown |= bool(assumed) and not told and _is_of_two_classes(alignment)
    unknown |= not right and numbers and _is_read_elsewhere(alignment)
    # A factor that is too many by an assumed cost may be the reward of a policy.
    unknown |= (
        bool(assumed)
        and not right
        and len(alignment.outcomes) == 1
        and (found.name == ids.EXTRA_FACTOR)
    )
    if not sure or unknown or ((found.name is None or numbers) and not known):
        # What the program differentiates may be something else.
        return ProgramResult("unclear", texts.NO_GRADIENT, notes=notes, alignment=alignment)
    found.assumed, found.notes, found.outcomes = assumed, notes, alignment.outcomes
    found.alignment = alignment
    return found


def _is_of_layers(alignment: Alignment, line: tuple[str, int] | None) -> bool:
    """Whether a line of the backward part runs more often than predictions meet targets: for each
    layer. A line that runs once for each of them may be the gradient of a cost that is not known.
    """
    run, inside = alignment.run, alignment.truth.forward
    steps = run.steps[: run.recorded]
    times = Counter(e.place for e in steps if e.line == line and e.op and e.index not in inside)
    return max(times.values(), default=0) > max(1, len(alignment.fit.root.meets))


def _is_of_two_classes(alignment: Alignment) -> bool:
    """Whether the only result has two entries of opposite sign: by any cost the gradient of a
    softmax of two has.
    """
    gradients = [each.wanted for each in alignment.outcomes]
    return len(gradients) == 1 and all(
        g is not None and g.size == 2 and abs(g.sum()) <= alignment.tolerance * abs(g).max()
        for g in gradients
    )


def _is_read_elsewhere(alignment: Alignment) -> bool:
    """Whether what is taken for the cost is, for other samples, a part of their update."""
    run, truth = alignment.run, alignment.truth
    alike = {at for root in truth.roots for at in run.sites.get(run.steps[root].site, ())}
    # One function may compute the outputs of all layers.
    return any(run.moves[each] for at in alike - truth.forward for each in run.readers[at])


def _computed(alignment: Alignment, outcome: Outcome) -> list[int]:
    """Return the steps of the backward part that are the gradient which a wrong update needs."""
    run, gradient, inside = alignment.run, outcome.wanted, alignment.truth.forward
    if not outcome.is_update or gradient is None or gradient.size < 3:
        return []
    return [
        step.index
        for step in run.steps
        if step.op and step.index not in inside and step.value.size == gradient.size
        if multiple(step.value, gradient, alignment.tolerance) is not None
    ]


def _is_cost(alignment: Alignment) -> bool:
    """Whether the number that the program computes depends on all data of the wrong results: a
    prediction does not depend on the target.
    """
    run, roots = alignment.run, alignment.truth.roots
    known = {at for at in run.ancestors(roots) if not run.steps[at].op}
    behind = run.ancestors([each.index for each in alignment.wrong])
    data = {at for at in behind.intersection(run.sources) if run.steps[at].value.size > 1}
    data -= {source for source, after in run.after.items() if after != source}
    return alignment.fit.root.is_sure and data <= known


def _all_right(names: list[str], missing: Sequence[str], assumed: Sequence[str]) -> str:
    """Return the sentence about results without a mistake."""
    shown = ", ".join(names[:8])
    summary = texts.incomplete(shown, tuple(missing)) if missing else texts.correct(shown)
    return f"{summary} {texts.assumed(_title_of(assumed[0]))}" if assumed else summary


def _title_of(cost: str) -> str:
    others = {"hinge": texts.HINGE, "huber": texts.HUBER, "poisson": texts.POISSON}
    return others[cost] if cost in others else COSTS[cost].title


def _notes(alignment: Alignment) -> tuple[str, ...]:
    notes = []
    gradients = [e for e in alignment.outcomes if not e.is_update and e.state == "right"]
    factors = {e.factor for e in gradients if e.factor is not None}
    if alignment.fit.root.kind == "own" and factors and alignment.averaged == 1:
        factor = next(iter(factors))
        if abs(factor - 1.0) > 1e-4:
            notes.append(texts.common_factor(factor))
    given = alignment.fit.root.given_as
    notes += [texts.given_upstream(given)] if given else []
    notes += [texts.averaged(alignment.averaged)] if alignment.averaged > 1 else []
    notes += [texts.own_rule(e.path) for e in alignment.outcomes if e.state == "rule"]
    return tuple(notes)


def _assumed(alignment: Alignment) -> tuple[str, ...]:
    kind = alignment.fit.root.kind
    told = alignment.fit.root.is_told or kind in ("own", "upstream")
    return () if told else (kind,)


def _raised(run: Run, alignment: Alignment | None) -> ProgramResult:
    error = run.raised
    assert error is not None
    line = run.raised_at
    if alignment is not None:
        # The value that could not be used may be wrong already.
        run = alignment.run
        last = [
            step.index
            for step in run.steps
            if step.op and not run.readers[step.index] and not alignment.is_right(step.index)
        ]
        if last:
            wrong = Outcome("", last[-1], None, False, "wrong")
            found = origins(alignment, region_of(alignment, [wrong]))
            frame = blamed_frame(alignment, found[0]) if found else None
            line = (frame.file, frame.line) if frame is not None else line
    summary = texts.raised(type(error).__name__, refused_shapes(run) or str(error)[:200])
    return ProgramResult("wrong", summary, line, alignment=alignment)


def _located(alignment: Alignment) -> ProgramResult:
    run, wrong = alignment.run, alignment.wrong
    missing = [each for each in wrong if each.state == "missing"]
    if len(missing) == len(wrong):
        if (replaced := replaced_at(alignment, missing[0])) is not None:
            return wrong_result(alignment, *replaced, missing)
        line = line_of_missing(alignment, missing[0])
        idle = None if line is None else idle_line(*line)
        line = line if line is None or idle is None else (line[0], idle)
        updates = [e.index for e in alignment.outcomes if e.is_update and e.state == "right"]
        line = line if idle is not None else _idle_around(run, updates) or line
        return wrong_result(alignment, line, ids.PARAMETER_NOT_UPDATED, missing)
    wrong = [each for each in wrong if each.state != "missing"]
    if (gradient := _without_penalty(alignment, wrong)) is not None:
        left, own = _idle_around(run, (gradient,)), run.steps[gradient].line
        found = wrong_result(alignment, left or own, ids.PENALTY_GRADIENT_MISSING, wrong)
        bare = (own, *lines_of_bare(run, gradient, wrong[0].index))
        others = dict.fromkeys(each for each in bare if each is not None and each != found.line)
        found.other_lines = tuple(others)[:MAX_OTHERS]
        found.search = RepairSearch(alignment)
        return found
    for each in wrong:
        made = zeros_of(alignment, each)
        if made is not None:
            line = loop_of_gradients(alignment) or run.steps[made].line
            return wrong_result(alignment, line, ids.GRADIENT_MISSING, wrong)
        if (caused := _by_cause(alignment, each, wrong)) is not None:
            return caused
    by_factor = all(each.state in ("sign", "factor") for each in wrong)
    plausible = by_factor and _is_plausible(alignment, wrong)
    rated = all(each.is_update and lacks_rate(alignment, each) for each in wrong)
    signs = any(each.state == "sign" or each.rate is not None for each in wrong)
    certain = rated or (plausible and signs) or any(each.averages for each in wrong)
    search = RepairSearch(alignment)
    if by_factor and (in_update := found_by_own_factor(alignment, wrong)) is not None:
        in_update.search, in_update.is_certain = search, True
        return in_update
    if by_factor and certain and (wrong[0].is_update or not alignment.exact):
        found = found_by_factor(alignment, wrong)
        found.search, found.is_certain = search, True
        return found
    repair = search.first()
    if repair is not None:
        found = _repaired(alignment, wrong, search, repair)
        found.search = search
        return found
    if plausible:
        found = found_by_factor(alignment, wrong)
        found.search = search
        return found
    at = search.origin if search.origin is not None else wrong[0].index
    frame = blamed_frame(alignment, at, carries=at in search.carrying)
    line = None if frame is None else (frame.file, frame.line)
    found = wrong_result(alignment, line, None, wrong)
    found.search = search
    return found


def _by_cause(alignment: Alignment, outcome: Outcome, wrong: list[Outcome]) -> ProgramResult | None:
    """Return the verdict on an update that the rules of its optimizer explain."""
    run = alignment.run
    if outcome.cause is None:
        return None
    name, at, average = outcome.cause
    if name == ids.BIAS_CORRECTION_MISSING and at == average:
        behind = run.ancestors([outcome.index])
        readers = (k for k in run.readers[at] if k in behind)
        at = min(readers, default=at)  # it uses the average uncorrected
    place = _line_of_average(run, at, average)
    if name == ids.PENALTY_GRADIENT_MISSING and at != outcome.index:
        reads = run.ancestors([outcome.index]).intersection(run.readers[at])
        renamed = renaming_line(run, at, min(reads, default=outcome.index))
        place = (run.steps[at].frames[0].file, renamed) if renamed else place
    empty = _idle_around(run, (at, outcome.index)) if name in _LEFT_OUT else None
    frames = run.steps[at].frames[:1] if name == ids.GRADIENT_NOT_RESET else ()
    for frame in frames if empty is None else ():
        resets = resetting_line(frame)
        empty = None if resets is None else (frame.file, resets)
    found = wrong_result(alignment, empty or place, name, wrong)
    found.other_lines = (place,) if empty and place else ()
    found.search, found.is_certain = RepairSearch(alignment), True
    return found


def _without_penalty(alignment: Alignment, wrong: list[Outcome]) -> int | None:
    """Return the step that is a gradient without its penalty, if of no wrong result the program
    computes the whole gradient, or another penalty.
    """
    run, truth, found = alignment.run, alignment.truth, list[int]()
    if len(wrong) == 1 and not wrong[0].is_update:
        return None  # the rules find the line
    back = [e for e in run.steps[run.start :] if e.op and e.index not in truth.forward]
    for each in wrong:
        own = [e for e in truth.shares if e.of == each.source]
        of_penalty = [e.value for e in own if is_penalty_of(alignment, e.of, e.reader)]
        if not of_penalty or len(of_penalty) == len(own) or each.wanted is None:
            return None
        left, behind = sum(e.value for e in own) - sum(of_penalty), run.ancestors([each.index])
        shape, line = run.steps[each.source or 0].value.shape, run.steps[each.index].line
        own_kind = {s for s in truth.gradients if not run.steps[s].op}
        own_kind = {s for s in own_kind if run.steps[s].value.shape == shape}
        decays = (
            e
            for e in back
            if e.op in _OF_PENALTIES and (e.line != line or e.op == "multiply")
            if own_kind.intersection(map(run.whole_of, e.inputs))
        )
        alike = [e for e in back if e.value.size == each.wanted.size > 2]
        whole = (e for e in alike if multiple(e.value, each.wanted, alignment.tolerance))
        if any(e.index in behind for e in (*decays, *whole)):
            return None
        found += [e.index for e in alike if multiple(e.value, left, alignment.tolerance)][:1] or [
            -1
        ]
    return found[0] if found and min(found) >= 0 else None


def _idle_around(run: Run, steps: Sequence[int]) -> tuple[str, int] | None:
    """Return the line of a ``pass`` in the functions that compute some steps: a statement that is
    missing may have stood there.
    """
    places = dict.fromkeys(frame[:2] for at in steps for frame in run.steps[at].frames)
    found = ((file, idle_line(file, line)) for file, line in places)
    return next(((file, line) for file, line in found if line is not None), None)


def _by_edit(alignment: Alignment, found: ProgramResult, search: RepairSearch) -> ProgramResult:
    """Return the verdict with the change of the source that makes all right, if there is one.

    What was ``found`` stands where the change is in its line, or of a sign or a factor, which many
    lines can set right.
    """
    program = alignment.run.program
    if program is None or program.is_variant:
        return found
    edits = EditSearch(
        *(alignment, search.judged, search.region, search.origins),
        partial(_is_right, program, MORE * alignment.run.recorded + 100),
        SECONDS_IF_CERTAIN if found.is_certain else SECONDS,
    ).found()
    if not edits:
        return found
    named = found.name is not None
    unusual = found.name == ids.PENALTY_GRADIENT_SCALE and not alignment.are_rates(alignment.mains)
    rates = [each for each in edits if each.gives_rate and unusual]
    first = next(iter(rates), edits[0])
    lines = [each for each in (found.line, *found.other_lines) if each and named]
    # A change of any of these lines makes all results right.
    near_edits = [each for each in edits if each.price <= first.price + NEAR]
    others = lines + [(each.file, each.line) for each in near_edits]
    others += [(each.file, each.assigned) for each in near_edits if each.assigned is not None]
    places = [
        (each, at)
        for each in edits
        if each.price <= first.price + AS_LIKELY
        for at in (each.line, each.assigned)
        if any(file == each.file and at and abs(at - line) <= 1 for file, line in lines)
    ]
    here = 0 if found.line is None else found.line[1]
    same = next((e for e, at in places if at == e.line and abs(at - here) <= 1), None)
    if found.name and (rates or is_factor_elsewhere(first, found.name, found.line)):
        found = wrong_result(alignment, (first.file, first.line), first.name, alignment.wrong)
    elif places:
        if same is not None and says_better(same, found.name):
            found.name, found.message = same.name, texts.MISTAKES.get(same.name, "")
            found.summary = found.message or found.summary
    elif not found.name or is_other(first, found.name, is_certain=found.is_certain):
        found = wrong_result(alignment, (first.file, first.line), first.name, alignment.wrong)
    others = [each for each in dict.fromkeys(others) if each != found.line]
    found.other_lines = tuple(others[:MAX_OTHERS])
    found.has_penalty = first.leaves_penalty and found.name == ids.EXTRA_TERM
    return found


def _are_known_numbers(alignment: Alignment) -> bool:
    """Whether all parameters are numbers, and the update of one has a factor that a reduction and a
    rate make, but others have one that no two rates explain; or all go up by one rate.
    """
    of_numbers = [e for e in alignment.outcomes if e.is_update and e.wanted is not None]
    if len(of_numbers) < 2 or any(e.wanted is not None and e.wanted.size > 1 for e in of_numbers):
        return False
    right = [e.factor for e in of_numbers if e.state == "right" and e.factor is not None]
    wrong = [e.factor for e in of_numbers if e.state != "right" and e.factor is not None]
    signs = [e.factor for e in of_numbers if e.state == "sign" and e.factor is not None]
    if len(signs) >= ENOUGH and not right and all(near(each, signs[0]) for each in signs):
        return True
    alike = all(near(abs(each), abs(right[0])) for each in (*right, *wrong)) if right else False
    if alike and signs and len(right) + len(signs) > 2:
        return True
    if not right or not wrong or not all(map(alignment.is_of_numbers, right)):
        return False
    return not any(alignment.is_rate(each) and alignment.is_rate(right[0]) for each in wrong)


def _is_right(program: ProgramCall, most: int, results: Collection[str]) -> bool:
    """Whether some results of a program with its functions as they are now are right.

    Only its first ``most`` operations are recorded if these are a whole round.
    """
    for operations in sorted({min(most, FEW_OPERATIONS), max(most, FEW_OPERATIONS)}):
        try:
            recorded = Recorded(program, operations)
        except InvalidInput:
            return False
        run: Run | None = recorded.run
        if recorded.run.limit is not None:
            promote_parameters(recorded.run)
            run = None if recorded.run.start else first_round(recorded.run)
        if run is not None:
            break
    if run is None:
        return False
    found = check_run(run, recorded.root, program.cost, locate=False)
    alignment = found.alignment
    if found.verdict == "unclear" or alignment is None:
        return False
    # A state from which something is subtracted looks like a parameter that is updated.
    if any(each.path in results for each in alignment.wrong):
        return False
    right = {each.path for each in alignment.outcomes if each.state == "right"}
    # Another value may be a result in the changed program.
    return found.verdict == "correct" or right.issuperset(results)


def _is_plausible(alignment: Alignment, wrong: list[Outcome]) -> bool:
    """Whether wrong factors are signs, rates, or one of a reduction."""
    factors = [each.factor or 0.0 for each in wrong if each.state == "factor" and not each.rate]
    return all(abs(each - factors[0]) <= 1e-4 * abs(each) for each in factors) and all(
        each.state == "sign"
        or each.rate is not None
        or alignment.is_reduction(
            (each.factor or 0.0) / (alignment.mains.get(each.is_update) or 1.0)
        )
        or is_of_rate(alignment, each)
        for each in wrong
    )


def _repaired(
    alignment: Alignment, wrong: list[Outcome], search: RepairSearch, repair: SourceRepair
) -> ProgramResult:
    """Return the verdict with the line and the name of a repair."""
    run = alignment.run
    arranges, shares = repair.name in _FACTORS, repair.name in SHARES
    carries = repair.step in search.carrying or repair.calls
    carries |= run.steps[repair.step].op == "setitem"
    arranges &= not repair.calls
    frame = blamed_frame(alignment, repair.step, carries=carries, arranges=arranges)
    line = None if frame is None else (frame.file, repair.line or frame.line)
    if frame is not None and shares:
        name = wrong[0].path.rpartition("[")[2].rstrip("]").strip("'").split(".")[-1]
        again = (assigned_again(each, {name}) for each in run.steps[repair.step].frames)
        line = frame.file, next(filter(None, again), None) or repair.line or frame.line
        for given in search.shares_read(repair.step) if repair.line is None else ():
            dropped = dropping_line(run, given, repair.step)
            line = line if dropped is None else (frame.file, dropped)
    if frame is not None and repair.name in SHARES | _FACTORS | {ids.PENALTY_GRADIENT_MISSING}:
        line = _unread_at(alignment, search, repair.step, frame) or line
    result = wrong_result(alignment, line, repair.name, wrong)
    if repair.name in (ids.GRADIENT_SIGN, ids.GRADIENT_SCALE, *_TWICE):
        begun = [at for at, _ in factors_along(alignment, wrong[0])][-1:]
        terms = [*_terms_of(run, repair.step), *begun]
        if repair.name in _TWICE:  # one of the two is too much
            terms = [k for at in search.region[:1] for k in run.steps[at].inputs]
            terms = [k for k in terms if k in search.carrying]
        others = (run.steps[at].line for at in terms)
        result.other_lines = tuple(dict.fromkeys(e for e in others if e not in (None, line)))
    elif repair.name == ids.DERIVATIVE_AT_ACTIVATION and not carries:
        # A helper may take a for z, or get a wrong argument.
        places = [each[:2] for each in run.steps[repair.step].frames[:2]]
        result.other_lines = tuple(each for each in places if each != line)
    named = [*other_lines(search, repair, frame, wrong[0].index)]
    if repair.name == ids.MISSING_PATH and line is not None and repair.line is not None and named:
        # The function that made a share lacks the others, not the line that calls it.
        line, named = named[0], [*named[1:], line]
        result.line = line
    known = dict.fromkeys((*result.other_lines, *named))
    result.other_lines = tuple(each for each in known if each != line)[:MAX_OTHERS]
    return result


def _unread_at(
    alignment: Alignment, search: RepairSearch, at: int, frame: SourceFrame
) -> tuple[str, int] | None:
    """Return where what nothing reads should be read, in the function of a step or a caller."""
    run, results = alignment.run, {each.index for each in alignment.outcomes}
    while (before := search.before_share(at)) is not None:
        at = before
    for each in run.steps[at].frames:
        # That of an input is a result, whether it is read or not; what is wrong has no place.
        unread = {
            step.name: all(m.label.kind != "gradient" or run.steps[m.label.of].op for m in labels)
            and (bool(labels) or at not in run.ancestors([step.index]))
            for step in run.steps[run.start :]
            if step.op and step.name and step.index not in alignment.truth.forward
            if not run.readers[step.index] and step.index not in results
            if any(outer.call == each.call for outer in step.frames)
            for labels in [alignment.labels(step.index)]
        }
        line = unread_after(each, unread, inner=each.call == frame.call)
        if line is not None:
            return each.file, line
    return None


_OF_PENALTIES = frozenset(
    {"multiply", "sign", "square", "power", "divide", "add", "subtract", "absolute"}
)
_SUMS = ("add", "subtract")
_LEFT_OUT = frozenset({ids.STATE_NOT_KEPT, ids.GRADIENT_NOT_RESET, ids.PENALTY_GRADIENT_MISSING})
_TWICE = frozenset({ids.OUTPUT_DERIVATIVE_TWICE, ids.ACTIVATION_DERIVATIVE_TWICE})
_FACTORS = frozenset(
    {ids.MISSING_FACTOR, ids.MASK_MISSING, ids.MISSING_ACTIVATION_DERIVATIVE, ids.GRADIENT_SCALE}
)


def _terms_of(run: Run, at: int) -> list[int]:
    """Return the sums that read a value, or products of it: there it can be set right, too."""
    found, waiting = list[int](), [at]
    while waiting and len(found) < 4:
        for each in run.readers[waiting.pop(0)]:
            if run.steps[each].op in ("add", "subtract"):
                found.append(each)
            elif run.steps[each].op in (*VIEWS, "multiply", "divide", "negative", "matmul"):
                waiting.append(each)
    return found


def _line_of_average(run: Run, at: int, made: int | None) -> tuple[str, int] | None:
    """Return where an average, or a number that corrects it, gets the name by which a step reads
    it, else the line of the step.
    """
    if made is None:
        return run.steps[at].line
    step = run.steps[at]
    for position, each in enumerate(step.inputs):
        name = operand_of(step.text, position)
        function = function_of(step.frames[0])
        if not run.steps[each].op and isinstance(name, ast.Name) and function is not None:
            given = last_assignment(function, name.id, step.frames[0].line)
            if given is not None and run.steps[each].value.size == 1:
                return step.frames[0].file, given.lineno
    line = renaming_line(run, made, at)
    return step.line if line is None else (step.frames[0].file, line)

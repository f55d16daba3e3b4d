"""States of updates that a round does not keep for the next one, and sums that are not set to 0."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.made_parameters import MAX_SITES
from backprop_explorer.tutor.program.source import line_of
from backprop_explorer.tutor.program.steps import COPIES, Run, Step
from backprop_explorer.tutor.program.truth import DOUBLE, multiple
from backprop_explorer.tutor.program.velocities import sets_velocity
from backprop_explorer.tutor.program.versions import SHOWN, is_made_of, source_of, versions_of

_IS_DEFAULT = ".get("


def second_updates(run: Run, first: Mapping[int, int]) -> dict[int, int]:
    """Return the update of each source that stands where its first one does, in the next round."""
    versions, end, found = versions_of(run), max(first.values(), default=0), dict[int, int]()
    for source, after in first.items():
        later = [at for at in run.sites.get(run.steps[after].site, ()) if at > end][:MAX_SITES]
        own = (at for at in later if versions.get(at) == source and is_made_of(run, at, after))
        again = next(own, None)
        if again is not None:
            found[source] = again
    return found


def lost_state(
    run: Run, source: int, after: int, again: int, end: int, forward: Collection[int]
) -> int | None:
    """Return the sum with a state that is 0 in two rounds, or the square of a gradient of which no
    average is kept: that of the first update.

    ``after`` and ``again`` are the updates of the two rounds; the first round ends at ``end``, and
    the steps of its ``forward`` pass, as the root of a variance, are no states.
    """
    later, axes = run.ancestors([again]), np.squeeze(run.steps[source].value).shape
    parameters = {source, *versions_of(run)}
    for at in sorted(run.ancestors([after]) - {*forward}):
        step = run.steps[at]
        found = _state_read(run, step, parameters) if np.squeeze(step.value).shape == axes else None
        for k in run.sites[step.site] if found is not None else ():
            same = _state_read(run, run.steps[k], parameters, end) if end < k in later else None
            if not found or not same:
                continue
            states = found[1] | same[1]
            # In each round the default of what is kept nowhere.
            defaults = all(_IS_DEFAULT in line_of(*(run.steps[e].line or ("", 0))) for e in states)
            if found[1] & same[1] or not states or defaults:
                return found[0]
    return None


def _state_read(
    run: Run, step: Step, parameters: set[int], begin: int = -1
) -> tuple[int, set[int]] | None:
    """Return where an average is made, with the states that are 0 in it, of a step that multiplies
    such a state by a number, or takes the root of an average of squares, or of a square. None if
    it is made of what an operation before ``begin`` keeps.
    """

    def empty(step: Step) -> set[int]:
        read = {source_of(run, each) for each in step.inputs} - parameters
        return {at for at in read if run.steps[at].value.size > 1 and not run.steps[at].value.any()}

    if step.op == "multiply" and any(run.steps[each].value.size == 1 for each in step.inputs):
        sums = [at for at in run.readers[step.index] if run.steps[at].op in ("add", "subtract")]
        return (sums[0], empty(step)) if sums and empty(step) else None
    if step.op != "sqrt":
        return None
    made, states, step = None, set[int](), run.steps[step.inputs[0]]
    while step.op in ("add", "multiply", "divide", "maximum", *SHOWN):
        if step.index <= begin:
            return None
        arrays = [run.steps[each] for each in step.inputs if run.steps[each].value.size > 1]
        if len(arrays) == 2 and arrays[0] is arrays[1]:
            break
        if step.op == "add" and (zeros := empty(step)):
            made, states = step.index, states | zeros
            arrays = [each for each in arrays if each.value.any()]
        if not arrays and states:
            return made or step.index, states  # of AdaDelta's sizes of steps
        if len(arrays) != 1:
            return None
        step = arrays[0]
    is_square = step.op in ("square", "power", "multiply")
    return (step.index if made is None else made, states) if is_square else None


def has_unread_state(run: Run, gradient: Array, first: Mapping[int, int], again: int) -> bool:
    """Whether the first round leaves a multiple of a gradient that the second adds to, as to a
    velocity, but does not update with.
    """
    later, versions, end = run.ancestors([again]), versions_of(run), max(first.values())
    left = [
        step
        for step in run.steps[: end + 1]
        if gradient.size > 1
        if step.op in ("add", "subtract") and step.value.size == gradient.size
        if step.index not in later and versions.get(step.index) not in first
        if multiple(step.value, gradient, DOUBLE) is not None
    ]
    return any(
        at > end and step.index in run.ancestors([at])
        for step in left
        for at in run.sites[step.site]
    )


def added_again(
    run: Run, gradient: Array, first: Mapping[int, int], source: int, again: int
) -> int | None:
    """Return the sum of a gradient to which the next round adds its own: it is not set to 0.

    ``first`` has the first updates, ``again`` is the second one. Where other sums are set to 0, the
    step of this 0 is returned.
    """
    behind, end = run.ancestors([first[source]]), max(first.values())
    versions, later = versions_of(run), run.ancestors([again])
    for step in run.steps[end + 1 :]:
        for at in (source_of(run, each) for each in _added_to(run, step)):
            base = run.steps[at]
            whole = run.steps[base.inputs[0]] if base.op == "divide" else base  # of an average
            # A parameter that begins at 0 is a sum of its gradients.
            is_sum = at in behind and versions.get(at) not in first
            is_sum &= step.site in (base.site, whole.site)
            is_sum &= not any(_subtracts(run, each, at) for each in step.inputs)
            of = (multiple(base.value, gradient**power, DOUBLE) for power in (1, 2))
            # Numbers, and entries of one size, are multiples of their squares.
            if is_sum and step.index in later and next(of) and not next(of):
                return next(_zeros_beside(run, base, min(first.values()), end), at)
    return None


def _added_to(run: Run, step: Step) -> Sequence[int]:
    """Return the arrays that a sum adds to, also in some entries alone."""
    if step.op == "add":
        return step.inputs
    if step.op == "add_at":
        return step.inputs[:1]
    written = run.steps[step.inputs[1]] if step.op == "setitem" else step
    read = (run.steps[each] for each in written.inputs if written.op == "add")
    of = {source_of(run, e.inputs[0]) for e in read if e.op == "getitem"}
    return step.inputs[:1] if step.op == "setitem" and source_of(run, step.inputs[0]) in of else ()


def _subtracts(run: Run, term: int, of: int) -> bool:
    """Whether a term of a sum is a number times (g - m), as in m += (1 - β) (g - m)."""
    step = run.steps[term]
    while step.op in ("multiply", "divide", *COPIES):
        arrays = [run.steps[each] for each in step.inputs if run.steps[each].value.size > 1]
        if len(arrays) != 1:
            return False
        step = arrays[0]
    return step.op == "subtract" and of in (source_of(run, each) for each in step.inputs)


def _zeros_beside(run: Run, total: Step, begin: int, end: int) -> Iterator[int]:
    """Yield the zeros made in some steps that later sums in the function of a sum begin with."""
    for step in run.steps[end:]:
        if step.op == "add" and step.frames[0].function == total.frames[0].function:
            for each in map(run.steps.__getitem__, step.inputs):
                if begin < each.index < end and not each.op and not each.value.any():
                    yield each.index


def unread_velocity(
    run: Run, gradient: Array, source: int, first: Mapping[int, int], again: int
) -> int | None:
    """Return the first round's multiple of a gradient that stands in the place of a velocity, if
    the program sets this to 0 at first and no update reads what it was before.

    ``first`` has the first updates, ``again`` is the second one of the source.
    """
    end, later = max(first.values()), run.ancestors([again])
    for at in sorted(run.ancestors([first[source]]) - {first[source]}):
        step = run.steps[at]
        if not step.op or step.line is None or step.value.shape != gradient.shape:
            continue
        is_part = any(run.steps[k].line == step.line for k in run.readers[at])
        if is_part or multiple(step.value, gradient, DOUBLE) is None:
            continue
        is_read = any(k > end and k in later for k in run.readers[at])
        if not is_read and sets_velocity(*step.line):
            return at
    return None

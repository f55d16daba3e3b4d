"""Finds the line and the name of a mistake by the factors that results have."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

import numpy as np

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.program_result import ProgramResult, wrong_result
from backprop_explorer.tutor.program.source import reads_rate
from backprop_explorer.tutor.program.steps import VIEWS, Run


def _reads_no_rate(alignment: Alignment, update: Outcome, line: tuple[str, int]) -> bool:
    """Whether an update has the gradient itself in place of its product with the learning rate."""
    itself = abs(abs(update.factor or 0.0) - 1.0) < 1e-6
    return itself and not reads_rate(line) and lacks_rate(alignment, update)


def found_by_own_factor(alignment: Alignment, wrong: list[Outcome]) -> ProgramResult | None:
    """Return the verdict on an update whose own statement has the wrong factor: the gradient that
    it reads has the same factor as the one that a right update reads.
    """
    chosen = wrong[0]
    if len(wrong) > 1 or chosen.state != "factor" or not chosen.is_update or not chosen.factor:
        return None
    line, read = alignment.run.steps[chosen.index].line, _factor_read(alignment, chosen)
    right = [e for e in alignment.outcomes if e.is_update and e.state == "right"]
    for each in right if read is not None else ():
        other = _factor_read(alignment, each)
        beside = alignment.run.steps[each.index].line
        if other is None or read is None or beside == line or not each.factor:
            continue
        if abs(read - other) <= 1e-4 * other and each.factor * chosen.factor > 0:
            rate = lacks_rate(alignment, chosen)
            name = ids.LEARNING_RATE_MISSING if rate else ids.GRADIENT_SCALE
            return wrong_result(alignment, line, name, wrong)
    return None


def _factor_read(alignment: Alignment, outcome: Outcome) -> float | None:
    """Return the factor of the gradient that the statement of an update reads."""
    steps = alignment.run.steps
    own = steps[outcome.index].line
    chain = _own_factors(alignment, outcome)
    return next((factor for at, factor in chain if steps[at].line != own), None)


def found_by_factor(alignment: Alignment, wrong: list[Outcome]) -> ProgramResult:
    """Locate a sign or a constant factor: where the factor of the chain leaves the right one."""
    run = alignment.run
    signs = [each for each in wrong if each.state == "sign"]
    chosen = (signs or wrong)[0]
    chain = factors_along(alignment, chosen)
    main = alignment.main if not chosen.is_update and alignment.main is not None else None
    if alignment.exact or main is None:
        main = 1.0
    line, other = run.steps[chosen.index].line, []
    name = ids.GRADIENT_SIGN if signs else ids.GRADIENT_SCALE
    departed = [at for at, _ in takewhile(lambda e: abs(e[1] - main) > 1e-4 * abs(main), chain)]
    if signs:
        wrong_sign, begun = float(np.sign(chosen.factor or -1.0)), list[int]()
        if chosen.is_update:
            # The update itself may negate what it adds.
            before = [factor for at, factor in chain if run.steps[at].line != line]
            ascending = not departed or (before[0] if before else chain[0][1]) > 0
            name = ids.GRADIENT_ASCENT if ascending else ids.GRADIENT_SIGN
            wrong_sign = 1.0 if ascending else -1.0
            begun = [at for at, f in chain[::-1] if f * wrong_sign > 0][:1]
            chains = (factors_along(alignment, each)[-1:] for each in signs)
            begun += [at for some in chains for at, f in some if f * wrong_sign > 0]
        behind = sorted(run.ancestors([chosen.index]) - alignment.truth.forward)
        begun += [at for at in behind if _has_sign(alignment, at, wrong_sign)][:1]
        begun = [_error_behind(alignment, min(begun), wrong_sign)] if begun else []
        sources = [run.steps[at].line for at in begun]
        if name == ids.GRADIENT_SIGN and sources:
            line, other = sources[0], [line]
        other += [*sources, *(run.steps[at].line for at in alignment.fit.root.meets)]
        other += [run.steps[at].line for at, _ in chain[:1]]
    elif (mean := _mean_behind(alignment, chosen, main)) is not None:
        line, name = mean, ids.MEAN_FOR_SUM
    elif chosen.is_update and line and _reads_no_rate(alignment, chosen, line):
        name = ids.LEARNING_RATE_MISSING
    elif chosen.is_update:
        line, name = _factor_against_others(alignment, chosen, chain)
    elif departed:
        line = run.steps[departed[-1]].line
    found = wrong_result(alignment, line, name, wrong)
    found.other_lines = tuple(dict.fromkeys(e for e in other if e is not None and e != line))
    return found


def _error_behind(alignment: Alignment, at: int, sign: float) -> int:
    """Return the first gradient with a wrong sign that one is computed from: an error, which the
    forward pass may compute too.
    """
    run, seen = alignment.run, set[int]()
    while at not in seen:
        seen.add(at)
        for each in run.steps[at].inputs:
            whole = each
            while run.steps[each].op in VIEWS and not _has_sign(alignment, each, sign):
                each = run.steps[each].inputs[0]
            if _has_sign(alignment, each, sign):
                at = each
                break
            parts = _parts(run, run.whole_of(whole))
            part = next((k for k in parts if _has_sign(alignment, k, sign)), None)
            if part is not None:
                at = part
                break
    while run.steps[at].op in VIEWS and run.steps[run.steps[at].inputs[0]].op:
        at = run.steps[at].inputs[0]
    return at


def _parts(run: Run, whole: int) -> Iterator[int]:
    """Yield the parts that are assigned to an array, such as the errors of a sequence's steps."""
    while run.steps[whole].op == "setitem":
        whole, part = run.steps[whole].inputs[:2]
        yield part
    if run.steps[whole].op == "stack":
        yield from run.steps[whole].inputs


def _has_sign(alignment: Alignment, at: int, sign: float) -> bool:
    """Whether a step is a gradient with a factor of this sign."""
    run, step = alignment.run, alignment.run.steps[at]
    if not step.op or step.value.size < 2 or step.value.dtype.kind != "f":
        return False
    if np.all(step.value == step.value.flat[0]):
        return False  # a constant array is a multiple of too many gradients
    sources = [run.sources.index(e.source) for e in alignment.outcomes if e.source in run.sources]
    if not any(run.depends[at] >> each & 1 for each in sources):
        return False  # it depends on no parameter: a target may equal a gradient
    known = alignment.known(step.value)
    return any(m.label.kind == "gradient" and m.factor * sign > 0 for m in known)


def _mean_behind(alignment: Alignment, chosen: Outcome, main: float) -> tuple[str, int] | None:
    """Return the line of a mean that would be a sum if its result had the factor ``main``."""
    run = alignment.run
    main = alignment.mains.get(chosen.is_update, main)
    for at in sorted(run.ancestors([chosen.index]), reverse=True):
        step = run.steps[at]
        if step.op == "mean" and at not in alignment.truth.forward:
            count = run.steps[step.inputs[0]].value.size / step.value.size
            if abs((chosen.factor or 0.0) * count - main) <= 1e-4 * abs(main):
                return step.line
    return None


def factors_along(alignment: Alignment, outcome: Outcome) -> list[tuple[int, float]]:
    """Return the gradients that a result is made of, from the result back, with their factors."""
    run, found, at = alignment.run, list[tuple[int, float]](), outcome.index
    seen: set[int] = set()
    while at not in seen and run.steps[at].op:
        seen.add(at)
        if at != outcome.index or not outcome.is_update:
            match = alignment.carried(at)
            if match is not None:
                found.append((at, match.factor))
        following = [
            each
            for each in run.steps[at].inputs
            if run.steps[each].op
            and each not in alignment.truth.forward
            and run.moves[each]
            and each >= run.start
        ]
        following.sort(
            key=lambda each: (
                alignment.carried(each) is None,
                _is_sum_so_far(run, each),
                -run.steps[each].value.size,
            )
        )
        if not following:
            break
        # Of an array that is filled in parts, what its last part is made of.
        is_filled = run.steps[at].op == "setitem" and run.steps[at].inputs[1] in following
        at = run.steps[at].inputs[1] if is_filled else following[0]
    return found


def _is_sum_so_far(run: Run, at: int) -> bool:
    """Whether a value is an entry of an array that is filled entry by entry."""
    step = run.steps[at]
    return step.op == "getitem" and run.steps[step.inputs[0]].op in ("setitem", "add_at")


def _own_factors(alignment: Alignment, outcome: Outcome) -> list[tuple[int, float]]:
    """Return the gradients of its own parameter that a result is made of, from the result back."""
    return [
        (at, abs(factor))
        for at, factor in factors_along(alignment, outcome)
        if any(m.label.of == outcome.source for m in alignment.labels(at))
    ]


def lacks_rate(alignment: Alignment, outcome: Outcome) -> bool:
    """Whether the factor of an update is that of the others without a number: the rate."""
    main = alignment.mains.get(True, 0.0)
    return bool(main and outcome.factor) and alignment.is_rate(main / (outcome.factor or 1.0))


def is_of_rate(alignment: Alignment, outcome: Outcome) -> bool:
    """Whether the gradient of an update has the factor that others have, so the rate differs."""
    right = [e for e in alignment.outcomes if e.is_update and e.state == "right"]
    known = [abs(factor) for e in right for _, factor in factors_along(alignment, e)]
    own = [factor for _, factor in _own_factors(alignment, outcome)[:1]]
    return any(abs(a - b) <= 1e-4 * b for a in own for b in known)


def _factor_against_others(
    alignment: Alignment, chosen: Outcome, chain: list[tuple[int, float]]
) -> tuple[tuple[str, int] | None, str]:
    """Compare the factors of a wrong update with those of right ones: of the gradients of the
    parameters, and of what these are computed from.
    """
    run = alignment.run
    right = [e for e in alignment.outcomes if e.is_update and e.state == "right"]
    main = alignment.main or 1.0
    # What comes from the layers after it may have the factor already.
    ratio, mine = abs((chosen.factor or 0.0) / main), dict(_own_factors(alignment, chosen))
    most = ratio * abs(chain[-1][1]) if chain else 0.0
    shared = {*mine, *(at for each in right for at, _ in factors_along(alignment, each))}
    behind = [at for at, f in chain if at not in shared and abs(abs(f) - most) <= 1e-4 * most]
    if behind and alignment.fit.root.kind == "own":
        return run.steps[behind[-1]].line, ids.GRADIENT_SCALE
    if (at := _departure(alignment, chosen, right)) is not None:
        is_update = run.steps[at].line == run.steps[chosen.index].line
        return run.steps[at].line, ids.LEARNING_RATE_MISSING if is_update else ids.GRADIENT_SCALE
    of_right = {at: f for e in right for at, f in _own_factors(alignment, e)}
    known = [set(of_right.values()), set[float]()]
    before = (pair for e in right for pair in factors_along(alignment, e))
    known[1] = {abs(f) for at, f in before if at not in of_right} or known[0]
    if all(abs(f - abs(main)) <= 1e-4 * f for f in known[0]):
        known[0] = known[1]  # the rate is a factor of their gradients
    extra = [
        at
        for at, factor in chain[::-1]
        if not any(abs(abs(factor) - each) <= 1e-4 * each for each in known[at not in mine])
    ]
    if extra and known[0]:
        at = extra[0]
        ratios = {
            f / of_right[k]
            for at, f in of_right.items()
            for k in run.steps[at].inputs
            if k in of_right
        }
        back = next((k for k in run.steps[at].inputs if k in mine), None)
        if back is not None and any(
            abs(mine[at] / mine[back] / each - 1) < 1e-4 for each in ratios
        ):
            at = back  # the step after it scales by the rate, as in other updates
        name = ids.MEAN_FOR_SUM if run.steps[at].op == "mean" else ids.GRADIENT_SCALE
        return run.steps[at].line, name
    velocities = [_velocity(alignment, each) for each in (chosen, *right)]
    of_rate = any(each and abs(abs(each[1] / main) - 1.0) <= 1e-4 for each in velocities[1:])
    at = velocities[0][0] if velocities[0] is not None and of_rate else chosen.index
    return run.steps[at].line, ids.LEARNING_RATE_MISSING


def _departure(alignment: Alignment, chosen: Outcome, right: list[Outcome]) -> int | None:
    """Return the first step on the way to an update whose factor is another one than on the way to
    a right update with as many steps.
    """
    run, own = alignment.run, _own_factors(alignment, chosen)[::-1]
    for each in right:
        other = _own_factors(alignment, each)[::-1]
        same = len(other) == len(own) > 1 and all(
            run.steps[a].op == run.steps[b].op
            for (a, _), (b, _) in list(zip(own, other, strict=True))[1:]
        )
        for (at, factor), (_, known) in zip(own, other, strict=False) if same else ():
            if abs(factor - known) > 1e-4 * known:
                return at
    return None


def _velocity(alignment: Alignment, outcome: Outcome) -> tuple[int, float] | None:
    """Return the sum on another line that an update subtracts, with its factor of the gradient."""
    run = alignment.run
    for at, factor in factors_along(alignment, outcome):
        if run.steps[at].line != run.steps[outcome.index].line:
            return (at, factor) if run.steps[at].op in ("add", "subtract") else None
    return None

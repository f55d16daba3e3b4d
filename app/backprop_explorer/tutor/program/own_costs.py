"""Finds the costs that a recorded program computes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import islice

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.compared_numbers import COMPARES, decides_beside, is_compared
from backprop_explorer.tutor.program.cost_roots import LINEAR, SHOWS, CostRoot, changes_in
from backprop_explorer.tutor.program.steps import VIEWS, Run, Step
from backprop_explorer.tutor.program.truth import Truth
from backprop_explorer.tutor.program.versions import versions_of

_OF_PENALTY = LINEAR - {"matmul", "einsum"} | {"square", "power", "absolute", "sqrt", "norm"}

_OF_LENGTH = frozenset({"norm", "sqrt", "max"})

_OF_SAMPLES = frozenset({"sum", "mean", "multiply", "negative", "log"})

MAX_LACKING = 2
MAX_SHARE = 0.1  # of a cost in a moving average
MAX_UNREAD = 2  # costs of samples


def own_costs(run: Run) -> Iterator[CostRoot]:  # noqa: C901 - numbers of several kinds
    """Yield the numbers that the program computes and uses for nothing but other such numbers.

    What is computed from updated parameters is computed again from those of before. ``is_sure`` is
    False for numbers that are kept in an array, and for the sum of those of a loop.
    """
    versions = versions_of(run)
    feeds, found, kept = [False] * len(run.steps), list[int](), set[int]()
    # An attribute that is replaced, such as that of the cost, is no update.
    bits = {source: 1 << k for k, source in enumerate(run.sources)}
    updates = {after for source, after in run.after.items() if run.depends[after] & bits[source]}
    averaged = {
        after: cost
        for source, after in run.after.items()
        if (cost := _averaged(run, source, after)) is not None
    }
    updates, changes = (updates | versions.keys()) - averaged.keys(), changes_in(run)
    for step in reversed(run.steps):
        at = step.index
        moving = [each for each in run.readers[at] if run.moves[each] and each not in changes]
        if (
            step.value.size == 1
            and moving
            and all(_keeps(run, each, at) and each not in updates for each in moving)
        ):
            moving = []
            kept |= {at} if _is_used(run, at) else set()
        feeds[at] = any(run.steps[each].value.size > 1 or feeds[each] for each in moving)
        if at in updates or any(k in updates and run.steps[k].op in VIEWS for k in run.readers[at]):
            feeds[at] = True
        elif _is_given(run, at) or at in changes or _is_no_cost(run, step):
            continue
        elif run.whole_of(at) in updates:
            continue  # a copy of a parameter
        elif run.moves[at] and step.value.size == 1 and not feeds[at] and not moving:
            found.append(averaged.get(at, _averaged_in(run, step)))
    steps = {k for at in versions for k in run.steps[at].inputs if run.moves[k] and k not in bits}
    steps = (steps | {_unscaled(run, k) for k in steps}) - updates - bits.keys()
    # The step of another parameter may be computed of the same again.
    same = _computed_again(run)
    firsts = {same[k] for k in steps}
    steps |= {at for at, first in enumerate(same) if first in firsts}
    # A number of which each round of a loop makes one is an entry of something.
    places: dict[object, list[int]] = {}
    for at in found:
        behind = run.ancestors([at]) if run.steps[at].op in _OF_LENGTH else frozenset()
        if behind & steps and not behind & updates:
            continue  # the length of an update is no cost
        places.setdefault(run.steps[at].site, []).append(at)
    returned = {each.index for each in run.returned}
    # What stands in the place of a parameter in the end may be an update, or a state.
    replaced = {
        after: source
        for source, after in run.after.items()
        if after != source and run.steps[after].value.shape == run.steps[source].value.shape
    }
    # A cost is returned, or computed before what is made of its gradient.
    groups = sorted(places.values(), key=lambda group: (group[0] not in returned, min(group)))
    for group in [g for g in groups if len(g) == 1] + [g for g in groups if len(g) > 1]:
        if all(np.isfinite(run.steps[at].value).all() for at in group):
            costs = [_before_updates(run, at, versions) for at in group]
            if len(group) > 1 and costs != group:
                continue  # of each round of a training loop
            if (
                len(group) == 1
                and costs == group
                and (later := _before_updates(run, costs[0], replaced)) != costs[0]
            ):
                yield CostRoot("own", {later: np.ones(run.steps[later].value.shape)})
            batch = _batch_of(run, costs[0], versions) if len(group) == 1 else {}
            parts = [_before_updates(run, costs[0], batch)] if batch else costs
            terms = _terms_of_update(run, costs[0], versions) if len(group) == 1 else {}
            if terms:
                yield CostRoot("own", terms)
            for seen in dict.fromkeys([tuple(parts), tuple(costs)]):
                seeds = {at: np.ones(run.steps[at].value.shape) for at in seen}
                yield CostRoot("own", seeds, is_sure=len(group) == 1 and not kept & {*group})
            inner = _scaled_number(run, costs[0]) if len(group) == 1 else None
            if inner is not None:
                seeds = {inner: np.ones(run.steps[inner].value.shape)}
                yield CostRoot("own", seeds, is_sure=False)
    for step in run.steps[: run.recorded]:
        # The cost of each sample, such as max(0, 1 + a - b), that is only compared with 0.
        readers = [run.steps[each] for each in run.readers[step.index]]
        is_compared_alone = bool(readers) and all(each.op in COMPARES for each in readers)
        is_limited = step.op in ("maximum", "clip") and run.moves[step.index]
        if is_limited and step.value.size > 1 and is_compared_alone:
            yield CostRoot("own", {step.index: np.ones(step.value.shape)}, is_sure=False)
    results = {*run.after.values()} | {each.index for each in run.returned}
    for at in islice(_unread_costs(run, results), MAX_UNREAD):
        yield CostRoot("own", {at: np.ones(run.steps[at].value.shape)}, is_sure=False)


def _unread_costs(run: Run, results: Collection[int]) -> Iterator[int]:
    """Yield vectors that nothing reads and a logarithm is behind: a cost of each sample."""
    for step in run.steps[: run.recorded]:
        is_row = step.value.size == max(step.value.shape, default=1) > 1
        is_result = step.index in results or step.op not in _OF_SAMPLES
        if not is_row or is_result or not run.moves[step.index] or run.readers[step.index]:
            continue
        if any(run.steps[at].op == "log" for at in run.ancestors([step.index])):
            yield step.index


def _computed_again(run: Run) -> list[int]:
    """Return for each step the first one that computes the same of the same values."""
    known, found = dict[tuple[object, ...], int](), list[int]()
    for step in run.steps:
        key = (step.op, *(found[each] for each in step.inputs))
        simple = step.op in ("add", "subtract", "multiply", "divide", "negative")
        found.append(known.setdefault(key, step.index) if simple else step.index)
    return found


def _averaged(run: Run, source: int, after: int) -> int | None:
    """Return the number that a moving average takes in: loss in 0.999 average + 0.001 loss."""
    if run.steps[after].op != "add" or run.steps[after].value.size != 1:
        return None
    ends = [_unscaled(run, each) for each in run.steps[after].inputs]
    cost = next((each for each in ends if each != source), source)
    bit = 1 << run.sources.index(source)
    return cost if source in ends and not run.depends[cost] & bit else None


def _averaged_in(run: Run, step: Step) -> int:
    """Return the number that a moving average takes in the first time, a constant + 0.001 loss;
    else the number itself.
    """
    if step.op != "add" or len({run.moves[each] for each in step.inputs}) < 2:
        return step.index
    constant, scaled = sorted(step.inputs, key=lambda each: run.moves[each])
    own = [k for k in run.steps[scaled].inputs if run.moves[k] and run.steps[k].value.size == 1]
    shares = [run.steps[k].value for k in run.steps[scaled].inputs if k not in own]
    is_share = run.steps[scaled].op == "multiply" and len(own) == len(shares) == 1
    is_share = is_share and shares[0].size == 1 and 0 < float(shares[0].ravel()[0]) <= MAX_SHARE
    return own[0] if is_share and run.steps[constant].value.any() else step.index


def _unscaled(run: Run, at: int) -> int:
    """Return the value without the numbers that it is multiplied by."""
    moving = [each for each in run.steps[at].inputs if run.moves[each]]
    while run.steps[at].op == "multiply" and len(moving) == 1:
        at = moving[0]
        moving = [each for each in run.steps[at].inputs if run.moves[each]]
    return at


def _scaled_number(run: Run, at: int) -> int | None:
    """Return the number of which another is a positive constant times this plus a constant."""
    found, sign = None, 1.0
    while run.steps[at].op in ("add", "subtract", "multiply", "divide", "negative"):
        step = run.steps[at]
        moving = [each for each in step.inputs if run.moves[each]]
        if len(moving) != 1 or run.steps[moving[0]].value.size != 1:
            break
        constants = [float(run.steps[k].value.ravel()[0]) for k in step.inputs if k != moving[0]]
        if step.op == "negative" or (step.op == "subtract" and step.inputs[1] == moving[0]):
            sign = -sign
        elif step.op in ("multiply", "divide"):
            sign *= np.sign(constants[0])
        at = moving[0]
        if sign > 0:
            found = at
    return None if found is None or _is_given(run, found) else found


def _is_given(run: Run, at: int) -> bool:
    """Whether a value is nothing but an entry of a source."""
    while run.steps[at].op in SHOWS:
        at = run.steps[at].inputs[0]
    return not run.steps[at].op


def _is_no_cost(run: Run, step: Step) -> bool:
    return decides_beside(run, step) or _is_of_one_number(run, step.index) or is_compared(run, step)


def _is_of_one_number(run: Run, at: int) -> bool:
    """Whether a value is computed from one given number alone, which is not updated: -delta."""
    of = [each for k, each in enumerate(run.sources) if run.depends[at] >> k & 1]
    numbers = [each for each in of if run.steps[each].value.size == 1]
    return len(of) == 1 and [run.after.get(each, each) for each in numbers] == of


def _is_used(run: Run, at: int) -> bool:
    """Whether an array in which a number is kept is returned, or read by more than other writes."""
    whole, returned = run.whole or run, {each.index for each in (run.whole or run).returned}
    waiting = list(run.readers[at])
    for each in waiting:
        readers = [k for k in whole.readers[each] if whole.moves[k]]
        if each in returned or any(whole.steps[k].op != "setitem" for k in readers):
            return True
        waiting += readers
    return False


def _keeps(run: Run, reader: int, at: int) -> bool:
    """Whether a step only keeps a number in an array."""
    step = run.steps[reader]
    return step.op == "setitem" and step.inputs[1] == at and step.value.size != 1


def _batch_of(run: Run, cost: int, versions: Mapping[int, int]) -> dict[int, int]:
    """Return the parts of the data that the first update is made of, by the whole that a cost is
    computed from.
    """
    if not versions:
        return {}
    inside, found = run.ancestors([cost]), dict[int, set[int]]()
    trained = sum(1 << k for k, source in enumerate(run.sources) if source in versions.values())
    for at in run.ancestors([min(versions)]) - inside:
        whole = at
        while run.steps[whole].op in VIEWS and whole not in inside:
            whole = run.steps[whole].inputs[0]
        last = all(run.steps[each].op != "getitem" for each in run.readers[at])
        # Entries of a parameter or a prediction are no part of the data.
        is_data = not run.depends[whole] & trained
        if run.steps[at].op == "getitem" and last and whole in inside and is_data:
            found.setdefault(whole, set()).add(at)
    return {whole: min(parts) for whole, parts in found.items() if len(parts) == 1}


def _terms_of_update(run: Run, cost: int, versions: Mapping[int, int]) -> dict[int, Array]:
    """Return the terms of a cost of all samples that the first of their updates is made of, with
    their factors.
    """
    whole = run.whole
    if whole is None or not versions:
        return {}
    again = [at for at in whole.sites.get(run.steps[cost].site, ()) if at > cost]
    rounds = [at for at, of in versions_of(whole).items() if of == versions[min(versions)]]
    if sum(cost < at < min(again, default=len(whole.steps)) for at in rounds) < 2:
        return {}
    terms, waiting = list[int](), [cost]
    while waiting:
        step = run.steps[waiting.pop()]
        moving = [each for each in step.inputs if run.moves[each]]
        scales = len(moving) == 1 or step.op in ("add", "subtract", "stack")
        if step.op in LINEAR and scales and all(run.steps[k].value.size == 1 for k in moving):
            waiting += moving
        else:
            terms.append(step.index)
    made = run.ancestors([min(versions)])
    known = {run.steps[at].value.tobytes() for at in made if run.moves[at]}
    behind = [run.ancestors([term]) for term in terms]
    common, found = frozenset.intersection(*behind), list[int]()
    data = {at for at in run.sources if run.steps[at].value.size > 1} - {*versions.values()}
    lacking = dict[int, int]()  # how many values of a term the update is not made of
    for term, before in zip(terms, behind, strict=True):
        steps = (run.steps[at] for at in before - common if run.moves[at])
        own = [each.value.tobytes() in known for each in steps if each.op and each.value.size > 1]
        ops = {run.steps[at].op for at in before if run.moves[at]} - {""}
        if before.isdisjoint(data) and ops <= _OF_PENALTY:
            found.append(term)
        elif sum(own) * 2 > len(own):
            lacking[term] = len(own) - sum(own)
    # Samples that begin alike have values in common.
    least = min(lacking.values(), default=0)
    found += [term for term, count in lacking.items() if count <= least + MAX_LACKING]
    found = _of_whole_calls(run, terms, found)
    factors = Truth(run, {cost: np.ones(run.steps[cost].value.shape)}).gradients
    seeds = {term: factors[term] for term in found if factors.get(term, np.zeros(1)).any()}
    if len(found) == len(terms) or not seeds:
        return {}
    scale = max(np.abs(each).max() for each in seeds.values())
    return {term: factor / scale for term, factor in seeds.items()}


def _of_whole_calls(run: Run, terms: list[int], found: list[int]) -> list[int]:
    """Return the terms of the calls, one for each sequence, of which all terms were found, if there
    are such calls: two sequences that begin alike have the same values there.
    """
    calls = dict[object, list[int]]()
    for term in terms:
        calls.setdefault(tuple(f.call for f in run.steps[term].frames[1:2]), []).append(term)
    whole = [each for some in calls.values() if set(some) <= {*found} for each in some]
    return whole or found


def _before_updates(run: Run, at: int, versions: Mapping[int, int]) -> int:
    """Return a number, computed again if it is computed from updated parameters."""
    if not run.made_of(frozenset(versions))[at]:
        return at
    behind, found = run.ancestors([at]), dict(versions)
    known = {(e.op, e.inputs, str(e.keywords)): e.index for e in run.steps if e.op}
    for index in sorted(behind):
        step = run.steps[index]
        inputs = tuple(found.get(each, each) for each in step.inputs)
        if index not in found and inputs != step.inputs:
            same = known.get((step.op, inputs, str(step.keywords)))
            if same is not None:
                found[index] = same
                continue
            try:
                value = run.compute(step, [run.steps[each].value for each in inputs])
            except (ValueError, IndexError):
                return at  # the cost is of data of another shape
            found[index] = len(run.steps)
            run.steps.append(replace(step, index=found[index], inputs=inputs, value=value))
            run.forget()
    return found.get(at, at)

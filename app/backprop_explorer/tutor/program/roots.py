"""What a recorded program differentiates: the cost that it computes, or one that its gradient fits.

A program that computes no cost (``error = y - out``) is compared with the squared error, binary
cross-entropy and cross-entropy of each prediction and target that it subtracts or divides.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice, permutations, takewhile
from operator import itemgetter
from typing import Literal

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.compared_numbers import (
    COMPARES,
    decides_beside,
    is_compared,
    is_less_than,
    is_margin,
    is_tested,
)
from backprop_explorer.tutor.program.rounds import versions_of
from backprop_explorer.tutor.program.steps import VIEWS, Run, Step, groups_of
from backprop_explorer.tutor.program.truth import KnownArrays, Truth, multiple
from backprop_explorer.tutor.program.updates import decayed

Kind = Literal[
    "own",
    "upstream",
    "mse",
    "mae",
    "huber",
    "binary_cross_entropy",
    "cross_entropy",
    "hinge",
    "poisson",
]
LINEAR = frozenset(
    {"add", "subtract", "negative", "multiply", "divide", "sum", "mean", "matmul", "reshape"}
    | {"transpose", "getitem", "setitem", "copy", "astype", "stretch", "stack", "einsum"}
)
# The operations of a number that others add up to, but for their factors.
ADDS_UP = frozenset({"add", "subtract", "multiply", "divide", "negative", "copy", "reshape"})
_VIEWS = frozenset({"getitem", "reshape", "transpose", "copy", "astype"})
_OF_PENALTY = LINEAR - {"matmul", "einsum"} | {"square", "power", "absolute", "sqrt", "norm"}
_OF_LENGTH = frozenset({"norm", "sqrt", "max"})
_ARRANGES = _VIEWS | {"stack", "concatenate", "stretch", "setitem"}
# An own cost that explains less than this share of what an assumed one does may be of other data.
LEAST = 0.5
MAX_LACKING = 2
MAX_DELTAS = 3
INFINITE = 1e6  # what stands for the cost of a round before the first one
MAX_OWN, MAX_ASSUMED, MAX_INNER, MAX_LOOKED, MAX_LINES = 8, 24, 50, 2000, 4


@dataclass(frozen=True, eq=False)
class CostRoot:
    """``seeds``: the gradient of the cost by some steps. ``meets``: where they meet the target.

    ``kind`` is "own" for a cost that the program computes, else the assumed entry of COSTS.
    ``constants`` are steps that are taken for constants, such as the targets of Q-learning.
    """

    kind: Kind
    seeds: Mapping[int, Array]
    meets: tuple[int, ...] = ()
    is_sure: bool = True
    is_told: bool = False
    constants: frozenset[int] = frozenset()


@dataclass(eq=False)
class Fit:
    """A root with its gradient, and how much of the program it explains."""

    root: CostRoot
    truth: Truth
    given: float = 0.0  # results and updates that are multiples of a source's gradient
    inner: int = 0  # other values of the backward pass that are gradients
    factors: list[float] = field(default_factory=list)  # of the results


def best_fit(
    run: Run, tolerance: float, cost: str | None = None, of: Collection[int] = ()
) -> Fit | None:
    """Return the root that the program most likely differentiates; None if there is none."""
    return next(iter(fits_of(run, tolerance, cost, of)), None)


def fits_of(
    run: Run, tolerance: float, cost: str | None = None, of: Collection[int] = ()
) -> list[Fit]:
    """Return the roots that the program may differentiate, the most likely ones first.

    A cost that is told decides. Else one that the program computes counts before all that it does
    not compute. ``of``: it depends on one of these parameters.
    """
    assumed = [_fit(run, root, tolerance) for root in assumed_costs(run)]
    assumed = [each for each in assumed if not of or each.truth.gradients.keys() & of]
    assumed = [each for each in assumed if not _is_of_errors(run, each, assumed)]
    if cost is not None:
        told = [each for each in assumed if each.root.kind == cost]
        for each in told:
            each.root = replace(each.root, is_told=True)
        return sorted(told, key=lambda each: (-each.given, -each.inner))
    own = [_fit(run, root, tolerance) for root in islice(own_costs(run), MAX_OWN)]
    # What depends on no parameter, such as a mean of the targets, is no cost.
    bits = {source: 1 << k for k, source in enumerate(run.sources)}
    changed = [(source, after) for source, after in run.after.items() if after != source]
    updated = {source for source, after in changed if run.depends[after] & bits[source]}
    own = [each for each in own if not of or each.truth.gradients.keys() & of]
    own = [each for each in own if each.truth.gradients.keys() & updated] or own
    detached = (_fit(run, each, tolerance) for fit in own for each in _detached(run, fit))
    most = max((each.given for each in own), default=0.0)
    own = [each for each in detached if each.given > most] or own
    hinges = {at for each in assumed if each.root.kind == "hinge" for at in each.root.seeds}
    own = [each for each in own if hinges.isdisjoint(each.root.seeds)]
    results = {each.index for each in run.returned}
    if any(each.given and each.inner and results.intersection(each.root.seeds) for each in own):
        # Beside a cost that is returned, one that explains no value on the way is a coincidence.
        assumed = [each for each in assumed if each.inner]
    own = [each for each in own if not _is_monitor(run, each, assumed)]
    own = [each for each in own if not _is_entry(run, each, own)]
    own = [each for each in own if not _is_part(run, each, own)]
    sure = [each for each in own if each.root.is_sure]
    fits = [each for each in sure if each.given]
    # A number that is kept in an array may be a part of a prediction.
    fits = fits or [each for each in own if each.given > max((e.given for e in assumed), default=0)]
    fits = fits or sure or [each for each in assumed if each.given]
    # Of costs that explain the same, the squared error is the usual one.
    usual = {"mse": 2.0, "mae": -0.5}

    # Where all parameters are numbers, no gradient is known by its entries.
    alike = {id(e): 0 if e.given else _numbers_alike(run, e) for e in (*own, *assumed)}

    def likely(each: Fit) -> tuple[bool, float, int, float]:
        inner = each.inner + (usual.get(each.root.kind, 0) if each.inner else 0)
        return each not in fits, -each.given, -alike.get(id(each), 0), -inner

    return sorted([*fits, *(each for each in assumed if each not in fits)], key=likely)


def _numbers_alike(run: Run, fit: Fit) -> int:
    """Return how many single numbers are updated by one multiple of their gradients."""
    factors = list[float]()
    for source, after in run.after.items():
        gradient = fit.truth.gradients.get(source)
        if after != source and gradient is not None and gradient.size == 1 and gradient.any():
            before, value = run.steps[source].value, run.steps[after].value
            if value.size == 1 and np.isfinite(value).all():
                factors.append(float((value.ravel() - before.ravel())[0] / gradient.ravel()[0]))
    known = Counter(float(f"{each:.4g}") for each in factors if each)
    return max((times for times in known.values() if times > 1), default=0)


def _detached(run: Run, fit: Fit) -> Iterator[CostRoot]:
    """Yield the cost with targets that are made of the largest of some predictions as constants, as
    Q-learning has them.
    """
    for at in sorted(fit.truth.forward):
        step = run.steps[at]
        if (
            step.op == "subtract"
            and step.value.size > 1
            and all(map(run.moves.__getitem__, step.inputs))
        ):
            for target, prediction in permutations(step.inputs):
                own = run.ancestors([target]) - run.ancestors([prediction])
                if any(run.steps[each].op == "max" and run.moves[each] for each in own):
                    yield replace(fit.root, constants=frozenset({target}))


def _is_of_errors(run: Run, fit: Fit, others: list[Fit]) -> bool:
    """Whether what is taken for a prediction is made of errors that explain other values: an update
    meets a parameter like a prediction its target.
    """
    known, before = {*fit.root.meets}, run.ancestors(fit.root.seeds)
    return any(
        each.given and each.inner and not known.issuperset(each.root.meets)
        for each in others
        if before.intersection(each.root.meets)
    )


def _is_monitor(run: Run, fit: Fit, assumed: list[Fit]) -> bool:
    """Whether a number is no cost: a mean absolute error, or a part of a gradient."""
    at = max(fit.root.seeds)
    before = run.ancestors([at])
    known = _EqualArrays(run.steps[index].value for index in before if run.moves[index])
    for each in assumed if fit.given < 1.0 and at not in {e.index for e in run.returned} else ():
        # The cost of some of the samples that errors are computed of.
        seen = [run.steps[k].value in known for k in each.root.seeds]
        if any(seen) and not all(seen):
            return True
    explaining = [each for each in assumed if each.given]
    if explaining and at not in {e.index for e in run.returned} and _is_linear(run, before):
        return True  # a weighted sum is no cost
    most = max((each.given for each in explaining), default=0.0)
    if explaining and fit.given < max(1.0, LEAST * most):
        # A cost of other data, such as those of a test, or of one sample.
        best = [each for each in explaining if each.given == most]
        if not all(_is_made_in(run, index, known) for each in best for index in each.root.seeds):
            return True
    for each in assumed:
        numbers = [
            float(gradient.ravel()[0])
            for index, gradient in each.truth.gradients.items()
            if gradient.size == 1 and not run.steps[index].op
        ]
        value = float(run.steps[at].value.ravel()[0])
        if any(np.isclose(value, c * g, rtol=1e-6) for c in each.factors for g in numbers):
            return True
        if each.given and any(g and _is_mean_of(value / g) for g in numbers):
            return True
        if any(_is_measure(run, fit, meets, before) for meets in each.root.meets):
            return True
    return False


def terms_of(run: Run, numbers: Iterable[int]) -> set[int]:
    """Return the numbers that some numbers add up, but for their factors."""
    found, waiting = set[int](), list(numbers)
    while waiting:
        step = run.steps[waiting.pop()]
        inner = [each for each in step.inputs if run.moves[each]]
        if step.op in ADDS_UP and all(run.steps[each].value.size == 1 for each in inner):
            waiting += inner
        else:
            found.add(step.index)
    return found


def _is_part(run: Run, fit: Fit, others: list[Fit]) -> bool:
    """Whether a cost is computed again without some terms of another one, such as its penalty."""
    own = terms_of(run, fit.root.seeds)
    values = {run.steps[at].value.tobytes() for at in own}
    for each in others:
        terms = terms_of(run, each.root.seeds)
        again = each is not fit and each.root.is_sure and own.isdisjoint(terms)
        if again and values < {run.steps[at].value.tobytes() for at in terms}:
            return True
    return False


def _is_made_in(run: Run, at: int, known: _EqualArrays) -> bool:
    """Whether a prediction is one of some arrays, or a quotient of some, as of a softmax whose cost
    is computed from the exponentials.
    """
    step = run.steps[at]
    if step.value in known:
        return True
    parts = [each for each in step.inputs if run.moves[each]]
    return step.op in _VIEWS | {"divide"} and all(_is_made_in(run, each, known) for each in parts)


def _is_entry(run: Run, fit: Fit, others: list[Fit]) -> bool:
    """Whether a number is an entry of what another cost, that explains as much, is made of: the
    probability of the right class has a multiple of the gradient of the cross-entropy.
    """
    of = {run.whole_of(each) for each in fit.root.seeds} - {*fit.root.seeds}
    more = (each for each in others if each is not fit and each.given >= fit.given > 0)
    return any(of.intersection(run.ancestors(each.root.seeds)) for each in more)


def _is_mean_of(factor: float) -> bool:
    """Whether a factor is that of a sum or a mean."""
    count = 1.0 / abs(factor) if factor else 0.0
    return 1.0 <= count < 10_000 and abs(count - round(count)) < 1e-6


def _is_linear(run: Run, steps: frozenset[int]) -> bool:
    """Whether each of some steps is linear in every source."""
    for at in steps:
        step = run.steps[at]
        known = [run.depends[each] for each in step.inputs if run.moves[each]]
        twice = step.op not in ("add", "subtract", "stack") and any(
            one & other for k, one in enumerate(known) for other in known[:k]
        )
        if run.moves[at] and step.op and (step.op not in LINEAR or twice):
            return False
    return True


def _is_measure(run: Run, fit: Fit, meets: int, before: frozenset[int]) -> bool:
    """Whether a number is a mean absolute error, or grows no faster than the error ``meets``."""
    at, made, ops = max(fit.root.seeds), {meets}, set[str]()
    for index in sorted(before) if meets in before else ():
        if made.intersection(run.steps[index].inputs):
            made.add(index)
            ops.add(run.steps[index].op)
    if "absolute" in ops and ops <= LINEAR | {"absolute", "max"}:
        return True
    slope = fit.truth.gradients.get(meets)
    if (
        slope is None
        or not made - {meets}
        or not ops <= LINEAR
        or run.steps[meets].op != "subtract"
    ):
        return False
    # A cost grows faster than the error that it is computed from.
    return bool(np.isclose((slope * run.steps[meets].value).sum(), run.steps[at].value).all())


class _EqualArrays:
    """Finds arrays by their shape and first number, whose last digits may differ by rounding."""

    def __init__(self, arrays: Iterable[Array]) -> None:
        self._known = dict[tuple[int, ...], list[tuple[float, int, Array]]]()
        for at, each in enumerate(arrays):
            if each.size:
                self._known.setdefault(each.shape, []).append((float(each.flat[0]), at, each))
        for some in self._known.values():
            some.sort(key=itemgetter(0, 1))

    def __contains__(self, array: Array) -> bool:
        first = float(array.flat[0]) if array.size else 0.0
        some, near = self._known.get(array.shape, []), 1e-9 * abs(first)
        begin = bisect_left(some, first - near, key=itemgetter(0))
        alike = takewhile(lambda each: each[0] <= first + near, some[begin:])
        return any(np.allclose(each, array, rtol=1e-9, atol=0.0) for _, _, each in alike)


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
    updates, changes = (updates | versions.keys()) - averaged.keys(), _changes(run)
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
            found.append(averaged.get(at, at))
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


def _unscaled(run: Run, at: int) -> int:
    """Return the value without the numbers that it is multiplied by."""
    moving = [each for each in run.steps[at].inputs if run.moves[each]]
    while run.steps[at].op == "multiply" and len(moving) == 1:
        at = moving[0]
        moving = [each for each in run.steps[at].inputs if run.moves[each]]
    return at


def _changes(run: Run) -> set[int]:
    """Return the numbers that say how far a cost is from that of the round before, or infinity."""
    found = set[int]()
    for step in run.steps:
        if step.op == "subtract" and step.value.size == 1:
            one, other = (run.steps[each] for each in step.inputs)
            before = (one.op and one.site == other.site) or not np.isfinite(step.value).all()
            before = before or is_compared(run, step)
            given = (each for each in (one, other) if not each.op)
            if before or any(abs(float(e.value.ravel()[0])) > INFINITE for e in given):
                found.add(step.index)
        elif step.op == "absolute" and step.inputs[0] in found:
            found.add(step.index)
    return found


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
    while run.steps[at].op in _VIEWS:
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


def assumed_costs(run: Run) -> Iterator[CostRoot]:
    """Yield the costs of each prediction and target that meet; those of all samples together."""
    places: dict[tuple[object, ...], list[tuple[int, Array, int]]] = {}
    for prediction, target, at in _meetings(run):
        shape = run.steps[prediction].value.shape
        places.setdefault((run.steps[at].site, shape), []).append((prediction, target, at))
    # The two steps of a sequence may each have a line of their own.
    shapes: dict[object, list[list[tuple[int, Array, int]]]] = {}
    for (_, of), group in places.items():
        shapes.setdefault(of, []).append(group)
    together = [list(chain(*some)) for some in shapes.values() if 1 < len(some) <= MAX_LINES]
    # What is made of an error is no prediction.
    together = [
        some
        for some in together
        if run.ancestors([each for each, _, _ in some]).isdisjoint([at for _, _, at in some])
    ]
    groups = [*places.values(), *together, *_constant_meetings(run)]
    for meetings in groups[:MAX_ASSUMED]:
        weights = [_weights(run, meetings), *_numbers_of(run, meetings)]
        for each in [*filter(None, weights), None]:
            yield from _costs_of(run, meetings, each)
    yield from _hinges(run)
    yield from _logistic(run)


def _logistic(run: Run) -> Iterator[CostRoot]:
    """Yield log(1 + exp(-m)) of each m = target · prediction whose exponential is taken, with
    targets of -1 and 1.
    """
    places = dict[object, list[int]]()
    for step in run.steps:
        for target, prediction in permutations(step.inputs) if step.op == "multiply" else ():
            signs = run.steps[target].value
            is_sign = bool((abs(signs) == 1).all()) and not run.depends[target] & _updated_bits(run)
            if not is_sign or not run.moves[prediction] or not run.steps[prediction].op:
                continue
            readers = list(run.readers_through(step.index, {"negative"}))
            if readers and all(run.steps[each].op == "exp" for each in readers):
                places.setdefault(step.site, []).append(step.index)
    for steps in places.values():
        margins = {at: run.steps[at].value for at in steps}
        seeds = {at: -1.0 / (1.0 + np.exp(m)) for at, m in margins.items()}
        yield CostRoot("binary_cross_entropy", seeds, tuple(steps))


def _hinges(run: Run) -> Iterator[CostRoot]:
    """Yield max(0, 1 - m) and max(0, -m) of each m = target · prediction that is only compared."""
    places = dict[object, list[int]]()
    for step in run.steps:
        pairs = (step.inputs, step.inputs[::-1]) if step.op == "multiply" else ()
        for target, prediction in pairs:
            is_target = bool(run.steps[prediction].op) and (
                _is_target(run, target, prediction) or is_margin(step) or is_tested(step)
            )
            is_sign = run.moves[prediction] and (abs(run.steps[target].value) == 1).all()
            readers = [run.steps[each] for each in run.readers[step.index]]
            only = all(each.op in COMPARES or is_less_than(run, each) for each in readers)
            if is_target and is_sign and only:
                places.setdefault(step.site, []).append(step.index)
    for steps in places.values():
        for limit in (1.0, 0.0):
            values = {at: run.steps[at].value for at in steps}
            seeds = {at: -((m < limit) | (m == 0.0)).astype(float) for at, m in values.items()}
            yield CostRoot("hinge", seeds, tuple(steps))


def _costs_of(
    run: Run, meetings: list[tuple[int, Array, int]], weights: list[Array] | None
) -> Iterator[CostRoot]:
    """Yield the costs of predictions that meet targets, perhaps weighted."""
    pairs = [(run.steps[p].value.astype(float), t) for p, t, _ in meetings]
    where = tuple(each for _, _, each in meetings)

    def root(kind: Kind, seeds: list[Array]) -> CostRoot:
        summed: dict[int, Array] = {}
        for k, ((index, _, _), seed) in enumerate(zip(meetings, seeds, strict=True)):
            seed = seed if weights is None else seed * weights[k]
            summed[index] = summed[index] + seed if index in summed else seed
        return CostRoot(kind, summed, where)

    yield root("mse", [p - t for p, t in pairs])
    if weights is None:
        yield root("mae", [np.sign(p - t) for p, t in pairs])
        for delta in _deltas(run):
            yield root("huber", [np.clip(p - t, -delta, delta) for p, t in pairs])
        if all(run.steps[p].op == "exp" for p, _, _ in meetings):
            yield root("poisson", [1.0 - t / p for p, t in pairs])
    if all(((p > 0) & (p < 1)).all() and ((t >= 0) & (t <= 1)).all() for p, t in pairs):
        yield root("binary_cross_entropy", [(p - t) / (p * (1 - p)) for p, t in pairs])
        yield root("cross_entropy", [-t / p for p, t in pairs])


def _deltas(run: Run) -> list[float]:
    """Return the given numbers that something else is compared with: a δ of the Huber loss."""
    given = {
        abs(float(run.steps[at].value.item()))
        for step in run.steps
        if step.op in (*COMPARES, "clip", "minimum")
        for at in map(run.whole_of, step.inputs)
        if not run.steps[at].op and run.steps[at].value.size == 1
    }
    return sorted(each for each in given if 0.0 < each < INFINITE)[:MAX_DELTAS]


def _weights(run: Run, meetings: list[tuple[int, Array, int]]) -> list[Array] | None:
    """Return by what errors are multiplied that no prediction is made of: an advantage, or which
    targets are known.
    """
    errors, prediction = [at for _, _, at in meetings], meetings[0][0]
    before = run.ancestors([each for each, _, _ in meetings])
    made, found = set(errors), list[int]()
    for at in range(min(errors) + 1, len(run.steps)):
        step = run.steps[at]
        carrying = [each for each in step.inputs if each in made]
        if not carrying:
            continue
        if step.op in _ARRANGES:
            made.add(at)
        elif step.op in ("multiply", "divide") and len(carrying) == 1:
            others = [each for each in step.inputs if each not in made]
            of_error, of_prediction = run.depends[errors[0]], run.depends[prediction]
            bits = (of_error if run.moves[each] else of_prediction for each in others)
            depends = any(run.depends[each] & bit for each, bit in zip(others, bits, strict=True))
            varies = any(np.ptp(run.steps[each].value.astype(float)) for each in others)
            depends |= any(run.whole_of(each) in before for each in others)
            # One line multiplies those of each episode.
            same = not found or run.steps[found[0]].site == step.site
            if not depends and varies and same:
                found.append(at)
    if not found:
        return None
    seeds = {at: np.ones(run.steps[at].value.shape) for at in found}
    gradients = Truth(run, seeds).gradients
    # Of -returns * (target - prediction) the sign belongs to the gradient.
    others = [k for k in run.steps[found[0]].inputs if k not in made]
    sign = -1.0 if any(run.steps[k].op == "negative" for k in others) else 1.0
    if not run.ancestors(found).issuperset(errors):
        return None
    none = (np.zeros(run.steps[at].value.shape) for at in errors)  # of a weight that is 0
    known = [gradients.get(at, zeros) for at, zeros in zip(errors, none, strict=True)]
    return [sign * each for each in known]


def _numbers_of(run: Run, meetings: list[tuple[int, Array, int]]) -> Iterator[list[Array]]:
    """Yield the numbers, another for each error, by which one line multiplies what is made of each
    alone and no prediction is made of: the returns of a policy, that weigh its samples.
    """
    owner = {at: k for k, (_, _, at) in enumerate(meetings)}
    if len(owner) < 2 or len(owner) < len(meetings):
        return
    first, found, several = min(owner), dict[object, dict[int, float]](), set[object]()
    before = [run.ancestors([prediction]) for prediction, _, _ in meetings]
    for step in run.steps[first + 1 :]:
        of = {owner[each] for each in step.inputs if each in owner}
        if len(of) != 1 or step.index in owner or step.op not in LINEAR:
            continue
        (k,) = of
        numbers = [
            each
            for each in step.inputs
            if each not in owner and run.steps[each].value.size == 1
            if step.op in ("multiply", "divide") and not before[k] & run.ancestors([each])
        ]
        rest = [each for each in step.inputs if each not in owner]
        if step.op in ("multiply", "divide", "matmul") or not any(run.moves[e] for e in rest):
            owner[step.index] = k
        for each in numbers:
            number = float(run.steps[each].value.ravel()[0])
            weight = number if step.op == "multiply" or not number else 1.0 / number
            if found.setdefault(step.site, {}).setdefault(k, weight) != weight:
                several.add(step.site)
    seen = set[tuple[float, ...]]()
    for site, known in found.items():
        weights = [known.get(k, 0.0) for k in range(len(meetings))]
        scale = max(map(abs, weights))
        key = tuple(round(each / scale, 9) for each in weights) if scale else ()
        is_one_for_each = len(known) == len(meetings) and site not in several
        if is_one_for_each and len({*key}) > 1 and key not in seen:
            seen.add(key)
            yield [np.asarray(each) for each in weights]


def _constant_meetings(run: Run) -> list[list[tuple[int, Array, int]]]:
    """Return the meetings of numbers of one place with constants: 0.9 of the right class, else 0.1.

    The 1 of a · (1 − a) is none; 0 and 1 in the rounds of one line are.
    """
    places: dict[object, dict[int, tuple[int, Array, int]]] = {}
    constants: dict[object, set[float]] = {}
    whole = run.whole or run
    changes = _changes(whole)
    for step in whole.steps:
        is_met = step.op == "subtract" and whole.moves[step.index]
        if not is_met or step.value.size > 1 or step.index in changes:
            continue
        for prediction, other in (step.inputs, step.inputs[::-1]):
            target = whole.steps[other]
            if whole.steps[prediction].op and not target.op and not whole.depends[other]:
                met = (prediction, target.value.astype(float).reshape(()), step.index)
                constants.setdefault(step.site, set()).add(float(met[1]))
                if step.index < len(run.steps):
                    places.setdefault(step.site, {}).setdefault(prediction, met)
    by_prediction: dict[object, dict[int, tuple[int, Array, int]]] = {}
    for site, group in places.items():
        for at, met in group.items() if constants[site] - {1.0} else ():
            by_prediction.setdefault(run.steps[at].site, {}).setdefault(at, met)
    return [list(group.values()) for group in by_prediction.values()]


def _meetings(run: Run) -> Iterator[tuple[int, Array, int]]:
    """Yield (step of a prediction, target, step where they meet)."""
    updates = {*versions_of(run), *run.after.values(), *_changes(run)}
    for step in run.steps:
        if not step.op or not run.moves[step.index] or step.index in updates:
            continue
        if step.op == "divide":
            yield from _met_by_entry(run, step)
        for position, at in enumerate(step.inputs):
            prediction = run.steps[at]
            if not prediction.op or not run.moves[at] or prediction.value.size != step.value.size:
                continue
            if prediction.op == "multiply" and _scales_source(run, at):
                continue  # a decay
            yield from _met(run, step, position)


def _met_by_entry(run: Run, step: Step) -> Iterator[tuple[int, Array, int]]:
    """Yield where what is made of probabilities is divided by one of them, as in the gradient of
    log p[action]: that entry is the target.
    """
    slope, entry = step.inputs
    read = run.steps[entry]
    of = run.steps[read.inputs[0]] if read.op == "getitem" else read
    if read is of or read.value.size > 1 or not of.op or not run.moves[slope]:
        return
    p = of.value
    if (p > 0).all() and np.allclose(p.sum(axis=-1), 1.0) and of.index in run.ancestors([slope]):
        indices = [run.steps[each].value for each in read.inputs[1:]]
        places = np.arange(p.size).reshape(p.shape)
        at = run.compute(read, [places, *indices])
        yield of.index, (places == at.ravel()[0]).astype(float), step.index


def _met(run: Run, step: Step, position: int) -> Iterator[tuple[int, Array, int]]:
    """Yield where the input of a step, a prediction, meets a target in it."""
    at = step.inputs[position]
    prediction, value = run.steps[at], run.steps[at].value.astype(float)
    other = step.inputs[1 - position] if len(step.inputs) == 2 else None
    negated = other is not None and step.op == "add" and run.steps[other].op == "negative"
    if other is not None and (step.op == "subtract" or negated):
        other = run.steps[other].inputs[0] if negated else other  # -target + prediction
        if _is_target(run, other, at):
            wanted = np.broadcast_to(run.steps[other].value, step.value.shape)
            yield at, wanted.reshape(value.shape).astype(float), step.index
    elif step.op == "divide" and position == 1 and _is_target(run, step.inputs[0], at):
        wanted = np.broadcast_to(run.steps[step.inputs[0]].value, step.value.shape)
        yield at, np.abs(wanted.reshape(value.shape)).astype(float), step.index
    elif (
        value.shape == step.value.shape
        and position == 0
        and len(step.inputs) > 1
        and (abs(value) <= 1).all()
    ):
        off = value - step.value
        if prediction.op == "negative":  # the target minus the prediction
            at, off = prediction.inputs[0], -off
        if off.size > 1 and off.any() and np.isin(np.round(off, 12), (0.0, 1.0)).all():
            yield at, np.round(off), step.index


def _scales_source(run: Run, at: int) -> bool:
    """Whether a product is that of a source of several entries and a number."""
    return any(
        not run.steps[one].op and run.steps[one].value.size > 1 == run.steps[other].value.size
        for one, other in permutations(run.steps[at].inputs)
    )


def _is_target(run: Run, index: int, prediction: int) -> bool:
    """Whether a step is a source, or made of one or of fewer than the prediction is made of."""
    step, sources, others = run.steps[index], run.depends[index], run.depends[prediction]
    is_more = sources & others or sources.bit_count() >= others.bit_count()
    if step.op and sources.bit_count() > 1 and is_more:
        return False
    if step.op and sources & others and sources & _updated_bits(run):
        return False  # a penalty
    if not step.op and step.value.size == 1 and sources & _updated_bits(run):
        return False  # a bias that is subtracted
    # A number alone, such as the 1 of 1 - a, is none; an entry of an array is one.
    return sources > 0 or run.steps[run.whole_of(index)].value.size > 1


def _updated_bits(run: Run) -> int:
    """The sources that are updated."""
    updated = {source for source, after in run.after.items() if after != source}
    return sum(1 << k for k, source in enumerate(run.sources) if source in updated)


def group_factors(run: Run, truth: Truth, tolerance: float) -> list[float]:
    """Return the factors of results that are lists of numbers, by their whole lists."""
    results = [e for e in (*run.returned, *run.state) if e.index not in truth.forward]
    numbers = [(e.path, e.index) for e in results if run.steps[e.index].value.size == 1]
    values = [run.steps[e.index].value for e in results if run.steps[e.index].value.size > 1]
    sources = [
        (run.steps[at].path or "", at)
        for at in run.sources
        if run.steps[at].value.size == 1 and at in truth.gradients
    ]
    found = []
    groups = groups_of(sources)
    alone = [at for path, at in sources if not path.endswith("]")]
    groups += [alone] if len(alone) > 1 else []
    values += [
        np.array([run.steps[at].value.ravel()[0] for at in group], dtype=float)
        for group in groups_of(numbers)
    ]
    for value in values if groups else ():
        for other in groups:
            if len(other) == value.size:
                gradient = np.array([truth.gradients[at].ravel()[0] for at in other])
                before = np.array([run.steps[at].value.ravel()[0] for at in other])
                factor = multiple(value, gradient, tolerance)
                factor = factor or multiple(value.ravel() - before, gradient, tolerance)
                if factor is not None:
                    found.append(factor)
                    break
    return found


def _fit(run: Run, root: CostRoot, tolerance: float) -> Fit:  # noqa: C901 - three kinds of results
    truth = Truth(run, root.seeds, constants=root.constants)
    fit = Fit(root, truth)
    sources, inner = KnownArrays(tolerance), KnownArrays(tolerance)
    for index, gradient in truth.gradients.items():
        if not run.steps[index].op:
            sources.add(gradient, index)
        elif index not in root.seeds:
            inner.add(gradient, index)
    direct = set[object]()
    for source, after in run.after.items():
        if after != source and source in truth.gradients:
            moved, before = run.steps[after].value, run.steps[source].value
            if moved.shape == before.shape:
                factor = _moved_by(moved - before, truth.gradients[source], before, tolerance)
                if factor is not None and moved.size > 1:
                    direct.add(source)
                    fit.given += 1.5
                    fit.factors.append(factor)
    for result in run.returned:
        value = run.steps[result.index].value
        for source in run.sources if not run.start else ():
            before, own = run.steps[source].value, truth.gradients.get(source)
            if own is not None and before.shape == value.shape and value.size > 1:
                factor = _moved_by(value - before, own, before, tolerance)
                if factor is not None:
                    fit.given += 1.5
                    fit.factors.append(factor)
                    break
    seen: set[object] = set()
    for each in (*run.returned, *run.state):
        for match in sources.find(run.steps[each.index].value).first:
            if each.index not in truth.forward and match.label not in seen:
                seen.add(match.label)
                fit.factors.append(match.factor)
                fit.given += 1.2 + 0.05 * (abs(match.factor - 1.0) < 1e-6)
    within = set[object]()  # the sources whose gradient is computed
    of_groups = group_factors(run, truth, tolerance)
    fit.given += 1.2 * len(of_groups)
    fit.factors += of_groups
    values = looked = 0
    for step in run.steps[run.start :]:
        is_backward = step.op and step.index not in truth.forward and run.moves[step.index]
        if is_backward and step.value.size > 1 and looked < MAX_LOOKED:
            looked += 1
            found = sources.find(step.value)
            within.update(each.label for each in found)
            if values < MAX_INNER:
                values += bool(found) or inner.knows(step.value)
    # The update of a right gradient may have a rule of its own.
    updated = {source for source, after in run.after.items() if after != source}
    fit.given += 0.3 * len(updated & within - direct)
    fit.inner = values
    # Factors of one root agree.
    fit.given += 0.05 * max(
        (sum(abs(a - b) <= 1e-4 * abs(a) for b in fit.factors) for a in fit.factors), default=0
    )
    return fit


def _moved_by(moved: Array, gradient: Array, before: Array, tolerance: float) -> float | None:
    """Return the factor of the gradient that a parameter moved by, perhaps decayed as well."""
    factor = multiple(moved, gradient, tolerance)
    return decayed(moved, gradient, before, tolerance) if factor is None else factor

"""What a recorded program differentiates: the cost that it computes, or one that its gradient fits.

A program that computes no cost (``error = y - out``) is compared with the squared error, binary
cross-entropy and cross-entropy of each prediction and target that it subtracts or divides.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice, permutations, takewhile
from operator import itemgetter

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.assumed_costs import assumed_costs, is_reward_and_value
from backprop_explorer.tutor.program.cost_roots import LINEAR, SHOWS, CostRoot, Fit, terms_of
from backprop_explorer.tutor.program.given_upstream import given_upstream
from backprop_explorer.tutor.program.own_costs import own_costs
from backprop_explorer.tutor.program.steps import Run, groups_of
from backprop_explorer.tutor.program.truth import KnownArrays, Truth, multiple
from backprop_explorer.tutor.program.updates import decayed

# An own cost that explains less than this share of what an assumed one does may be of other data.
LEAST = 0.5
MAX_OWN, MAX_INNER, MAX_LOOKED = 8, 50, 2000
# How many costs of one round may be added up.
MAX_ADDED = 3
# Of so many updates, and predictions of one kind, it is looked which belong together.
MIN_UPDATES, MAX_SEEDS = 2, 3
MAX_OTHERS = 5  # of which another one is tried where the most likely one says nothing
MAX_ERRORS = 3  # of which it is looked what multiplies them
# By how much more, or less, a cost explains where errors are multiplied by slopes of outputs.
_OF_SLOPES = {"mse": 1, "binary_cross_entropy": -1}


def best_fit(
    run: Run, tolerance: float, cost: str | None = None, of: Collection[int] = ()
) -> Fit | None:
    """Return the root that the program most likely differentiates; None if there is none."""
    fits = fits_of(run, tolerance, cost, of)
    if not fits:
        return None
    fits[0].others = fits[1 : 1 + MAX_OTHERS]
    return fits[0]


def fits_of(
    run: Run, tolerance: float, cost: str | None = None, of: Collection[int] = ()
) -> list[Fit]:
    """Return the roots that the program may differentiate, the most likely ones first.

    A cost that is told decides. Else one that the program computes counts before all that it does
    not compute. ``of``: it depends on one of these parameters.
    """
    roots = [*assumed_costs(run)]
    own_roots = [*islice(own_costs(run), MAX_OWN)]  # adds steps of costs after an update
    likely_roots = [each for each in roots if not _is_of_one_update(run, each)]
    if likely_roots or any(each.is_sure for each in own_roots):
        roots = likely_roots
    assumed = [_fit(run, root, tolerance) for root in roots]
    assumed = [each for each in assumed if not of or each.truth.gradients.keys() & of]
    assumed = [each for each in assumed if not _is_of_errors(run, each, assumed)]
    for each in assumed:
        if each.root.kind in _OF_SLOPES and _is_scaled(run, each):
            each.inner += _OF_SLOPES[each.root.kind]
    assumed += _joined(run, assumed, tolerance)
    if cost is not None:
        told = [each for each in assumed if each.root.kind == cost]
        for each in told:
            each.root = replace(each.root, is_told=True)
        return sorted(told, key=lambda each: (-each.given, -each.inner))
    own = [_fit(run, root, tolerance) for root in own_roots]
    real = [e for e in own if e.root.is_sure and not is_linear(run, run.ancestors(e.root.seeds))]
    known, inner = {at for e in real for at in e.known}, max((e.inner for e in real), default=0)
    assumed = [e for e in assumed if e.inner >= inner or not _is_behind(run, e, known)]
    # What depends on no parameter, such as a mean of the targets, is no cost.
    bits = {source: 1 << k for k, source in enumerate(run.sources)}
    changed = [(source, after) for source, after in run.after.items() if after != source]
    updated = {source for source, after in changed if run.depends[after] & bits[source]}
    own = [each for each in own if not of or each.truth.gradients.keys() & of]
    of_updated = [each for each in own if each.truth.gradients.keys() & updated]
    own = of_updated or ([] if updated and assumed else own)
    own = [_of_backward_pass(run, each, assumed, updated, tolerance) for each in own]
    detached = (_fit(run, each, tolerance) for fit in own for each in _detached(run, fit))
    most = max((each.given for each in own), default=0.0)
    own = [each for each in detached if each.given > most] or own
    own += _added(run, own, tolerance)
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

    found = sorted([*fits, *(each for each in assumed if each not in fits)], key=likely)
    if not any(each.given for each in found):
        # The sum of a gradient may be printed; another cost is the one of the program.
        costs = (each for each in sure if each.inner or results.intersection(each.root.seeds))
        inside = {at for each in costs for at in each.truth.forward}
        given = {*range(len(run.steps))}.intersection(*(each.truth.forward for each in sure))
        upstream = given_upstream(run, given - inside, lambda root: _fit(run, root, tolerance))
        most = max((each.inner for each in found), default=0)
        if upstream is not None and (upstream.given or upstream.inner > most):
            found = [upstream, *found]
    return found


def _is_of_one_update(run: Run, root: CostRoot) -> bool:
    """Whether of several parameters only one is updated with what is made of predictions: these are
    a state of its update, as the average of its gradients.
    """
    updates = [after for source, after in run.after.items() if after != source]
    some = (run.made_of(frozenset([at])) for at in islice(root.seeds, MAX_SEEDS))
    return len(updates) > MIN_UPDATES and all(
        sum(made[after] for after in updates) == 1 for made in some
    )


def _of_backward_pass(
    run: Run, fit: Fit, assumed: list[Fit], updated: Collection[int], tolerance: float
) -> Fit:
    """Return the fit of a cost by the predictions that the backward pass is made of, where the
    program computes the cost from others of the same data: all samples at once, after an update.
    """
    before = run.ancestors(fit.root.seeds)
    for each in sorted(assumed, key=lambda each: -each.inner):
        if each.inner <= fit.inner:
            break
        if not before.isdisjoint(each.root.seeds):
            continue
        known = [(fit.truth.gradients.get(at), each.truth.gradients.get(at)) for at in updated]
        pairs = [(a, b) for a, b in known if a is not None or b is not None]
        factors = [None if a is None or b is None else multiple(a, b, tolerance) for a, b in pairs]
        first = next(iter(factors), None) or 0.0
        if first > 0 and all(
            e is not None and abs(e - first) <= tolerance * first for e in factors
        ):
            seeds = {at: first * seed for at, seed in each.root.seeds.items()}
            return _fit(run, replace(each.root, kind="own", seeds=seeds), tolerance)
    return fit


def _joined(run: Run, assumed: list[Fit], tolerance: float) -> list[Fit]:
    """Return the fit of two assumed costs, of which each explains the updates of parameters that
    the other one does not depend on: those of a policy and of a value. Their scales may differ.
    """
    best = max(assumed, key=lambda each: (each.given, each.inner), default=None)
    changed = {at for at, after in run.after.items() if at != after}
    if best is None or not best.moved or not changed - best.moved:
        return []
    for each in assumed:
        other = each.truth.gradients.keys() & changed
        if not other or other - each.moved or other & best.truth.gradients.keys():
            continue
        scale = each.factors[0] / best.factors[0]
        if scale > 0 and best.root.seeds.keys().isdisjoint(each.root.seeds):
            seeds = {**best.root.seeds, **{at: scale * e for at, e in each.root.seeds.items()}}
            meets = best.root.meets + each.root.meets
            return [_fit(run, replace(best.root, seeds=seeds, meets=meets), tolerance)]
    return []


def _is_scaled(run: Run, fit: Fit) -> bool:
    """Whether errors of predictions are multiplied by what is made of these predictions: the slope
    of an output, which the cross-entropy of a sigmoid has already.
    """
    for error in fit.root.meets[:MAX_ERRORS] if not fit.given else ():
        seeds = [at for at in run.steps[error].inputs if at in fit.root.seeds]
        size = run.steps[error].value.size
        before = {k for k in run.ancestors(seeds) if run.moves[k] and run.steps[k].op}
        made = {*seeds, *(k for k in before if run.steps[k].value.size == size)}
        for reader in run.readers_through(error, {"negative", *SHOWS}):
            others = [k for k in run.steps[reader].inputs if not run.ancestors([k]) & {error}]
            own = (k for k in others if run.steps[k].value.size == size)
            if run.steps[reader].op == "multiply" and run.ancestors([*own]) & made:
                return True
    return False


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
    """Yield the cost with targets that are made of predictions of other data as constants, as
    Q-learning and temporal differences have them.
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
                has_largest = any(run.steps[k].op == "max" and run.moves[k] for k in own)
                if has_largest or is_reward_and_value(run, target, prediction):
                    yield replace(fit.root, constants=frozenset({target}))


def _added(run: Run, own: list[Fit], tolerance: float) -> list[Fit]:
    """Return the fit of the sum of some costs, if it explains more than each of them does: that of
    a reconstruction and a divergence, which may only be printed.
    """
    sure = [each for each in own if each.root.is_sure]
    sites = {run.steps[at].site for each in sure for at in each.root.seeds}
    if not 1 < len(sure) == len(sites) <= MAX_ADDED:
        return []
    seeds = {at: seed for each in sure for at, seed in each.root.seeds.items()}
    fits = [_fit(run, CostRoot("own", seeds), tolerance)]
    if (weights := _weights_of(run, sure, tolerance)) is not None:
        parts = zip(sure, weights, strict=True)
        seeds = {at: w * seed for each, w in parts for at, seed in each.root.seeds.items()}
        fits.append(_fit(run, CostRoot("own", seeds), tolerance))
    best = max(fits, key=lambda each: each.given)
    return [best] if best.given > max(each.given for each in sure) else []


def _weights_of(run: Run, costs: list[Fit], tolerance: float) -> list[float] | None:
    """Return the weights of costs that are printed without them, by the gradients of parameters
    that only one of them depends on; None if all are alike.
    """
    updated, found = {at for at, after in run.after.items() if after != at}, list[float | None]()
    forward = frozenset.union(*(each.truth.forward for each in costs))
    back = [e for e in run.steps[run.start :] if e.op and e.index not in forward][:MAX_LOOKED]
    for cost in costs:
        others = {at for each in costs if each is not cost for at in each.truth.gradients}
        own = [cost.truth.gradients[at] for at in (updated - others) & cost.truth.gradients.keys()]
        large = {each.shape: each for each in own if each.size > 1}
        pairs = ((e.value, large[e.value.shape]) for e in back if e.value.shape in large)
        factors = (multiple(value, gradient, tolerance) for value, gradient in pairs)
        found.append(next(filter(None, factors), None))
    known = [each for each in found if each is not None]
    weights = [(known[0] if each is None else each) / known[0] for each in found if known]
    return weights if weights and 0 < min(weights) < (1 - tolerance) * max(weights) else None


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


def _is_behind(run: Run, fit: Fit, gradients: set[int]) -> bool:
    """Whether what is taken for predictions is made of gradients: a state that an update reads."""
    seeds = fit.root.seeds
    return bool(gradients) and not any(gradients.isdisjoint(run.ancestors([at])) for at in seeds)


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
        if each.given >= 1.0 and all(seen) and _is_of_more(run, before, each):
            return True
    explaining = [each for each in assumed if each.given]
    if explaining and at not in {e.index for e in run.returned} and is_linear(run, before):
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


def _is_of_more(run: Run, before: frozenset[int], assumed: Fit) -> bool:
    """Whether a cost is that of more samples than a backward pass that explains the updates."""
    changed = {at for at, e in run.after.items() if at != e and run.steps[at].value.size > 1}
    if not changed or changed - assumed.moved:
        return False
    known = _EqualArrays(run.steps[seed].value for seed in assumed.root.seeds)
    twins = {at for at in before if run.moves[at] and run.steps[at].value in known}
    sites = {run.steps[at].site for at in twins}
    return any(run.steps[at].site in sites and at not in twins for at in before if run.moves[at])


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
    return step.op in SHOWS | {"divide"} and all(_is_made_in(run, each, known) for each in parts)


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


def is_linear(run: Run, steps: frozenset[int]) -> bool:
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
    for source, after in run.after.items():
        if after != source and source in truth.gradients:
            moved, before = run.steps[after].value, run.steps[source].value
            if moved.shape == before.shape:
                factor = _moved_by(moved - before, truth.gradients[source], before, tolerance)
                if factor is not None and moved.size > 1:
                    fit.moved.add(source)
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
    looked = 0
    for step in run.steps[run.start :]:
        is_backward = step.op and step.index not in truth.forward and run.moves[step.index]
        if is_backward and step.value.size > 1 and looked < MAX_LOOKED:
            looked += 1
            found = sources.find(step.value)
            within.update(each.label for each in found)
            if len(fit.known) < MAX_INNER and (found or inner.knows(step.value)):
                fit.known.add(step.index)
    # The update of a right gradient may have a rule of its own.
    updated = {source for source, after in run.after.items() if after != source}
    fit.given += 0.3 * len(updated & within - fit.moved)
    fit.inner = len(fit.known)
    # Factors of one root agree.
    fit.given += 0.05 * max(
        (sum(abs(a - b) <= 1e-4 * abs(a) for b in fit.factors) for a in fit.factors), default=0
    )
    return fit


def _moved_by(moved: Array, gradient: Array, before: Array, tolerance: float) -> float | None:
    """Return the factor of the gradient that a parameter moved by, perhaps decayed as well."""
    factor = multiple(moved, gradient, tolerance)
    return decayed(moved, gradient, before, tolerance) if factor is None else factor

"""Programs with several costs, such as those of two networks trained against each other."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from itertools import chain, combinations, islice

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.cost_roots import ADDS_UP, CostRoot, Fit, terms_of
from backprop_explorer.tutor.program.own_costs import own_costs
from backprop_explorer.tutor.program.truth import Truth
from backprop_explorer.tutor.program.updates import linear

MAX_COSTS = 6


def by_other_costs(alignment: Alignment) -> Alignment:
    """Return the alignment in which wrong results are judged by another cost that the program
    computes, or by two of them added up, if that makes some of them right.

    A number that is made of the same terms, such as a cost without its penalty, is no other cost.
    """
    run, wrong, root = alignment.run, alignment.wrong, alignment.fit.root
    if (
        root.kind != "own"
        or root.is_told
        or len(wrong) < 2
        or len(wrong) == len(alignment.outcomes)
    ):
        return alignment
    before = run.ancestors(alignment.truth.roots)
    roots = (
        each for each in islice(own_costs(run), MAX_COSTS) if each.kind == "own" and each.is_sure
    )
    # The same number may be found in two ways.
    found = {
        tuple(each.seeds): each for each in roots if before.isdisjoint(terms_of(run, each.seeds))
    }
    # Nor is one that the backward part computes again.
    values = {run.steps[at].value.tobytes() for at in terms_of(run, alignment.truth.roots)}
    found = {
        key: each
        for key, each in found.items()
        if any(run.steps[at].value.tobytes() not in values for at in terms_of(run, each.seeds))
    }
    best, most = alignment, 0
    sums = [
        CostRoot("own", {at: seed for each in some for at, seed in each.seeds.items()})
        for some in chain(combinations(found.values(), 1), combinations(found.values(), 2))
    ]
    weighted = (_weighted(alignment, each) for each in found.values())
    for root in (*sums, *filter(None, weighted)):
        other = Alignment(run, Fit(root, Truth(run, root.seeds)), exact=False)
        own = [e for e in other.outcomes if e.path in {each.path for each in wrong}]
        right = [each for each in own if each.state == "right"]
        if len(right) == len(wrong):
            alignment.outcomes = [e for e in alignment.outcomes if e not in wrong] + right
            return alignment
        if len(right) > most:
            known = {each.path for each in own}
            if any(each.path not in known for each in wrong):
                # The other cost knows nothing of these.
                better = {each.path for each in right}
                kept = [e for e in alignment.outcomes if e not in wrong or e.path not in better]
                other, own = copy(alignment), kept + right
            other.outcomes, best, most = own, other, len(right)
    return best


def is_of_other_data(alignment: Alignment) -> bool:
    """Whether wrong results are made of values of their own that the cost is not made of: this is
    the cost of other samples, or a part of it, such as its penalty.

    A result without any such value, such as one made of parameters and data alone, is wrong.
    """
    run, forward = alignment.run, alignment.truth.forward
    if alignment.fit.root.kind != "own" or any(e.state != "wrong" for e in alignment.outcomes):
        return False
    sources = {each.source for each in alignment.wrong} & {*run.sources}
    bits = sum(1 << run.sources.index(each) for each in sources if each is not None)

    def computed(steps: Iterable[int]) -> set[bytes]:
        found = (run.steps[at] for at in steps if run.depends[at] & bits)
        return {each.value.tobytes() for each in found if each.op and each.op not in ADDS_UP}

    behind = computed(run.ancestors([each.index for each in alignment.wrong]))
    return bool(behind) and behind.isdisjoint(computed(forward))


def _weighted(alignment: Alignment, other: CostRoot) -> CostRoot | None:
    """Return a sum of the cost and another one, with the weights by which all wrong results are
    made of the gradients of both: a mean and a sum, as of an error and a divergence.
    """
    run, rows = alignment.run, list[Array]()
    gradients = alignment.truth.gradients, Truth(run, other.seeds).gradients
    for each in alignment.wrong:
        source = each.source or 0
        before, value = run.steps[source].value, run.steps[each.index].value
        value = value - before if each.is_update and value.shape == before.shape else value
        both = [known.get(source, np.zeros(before.shape)) for known in gradients]
        if value.size != before.size:
            return None
        rows.append(np.stack([part.ravel() for part in (value, *both)]))
    made, one, two = np.concatenate(rows, axis=1)
    found = linear(made, [one, two], alignment.tolerance)
    if found is None or found[0] * found[1] <= 0:
        return None
    seeds = {at: seed * (found[1] / found[0]) for at, seed in other.seeds.items()}
    return CostRoot("own", {**alignment.fit.root.seeds, **seeds})

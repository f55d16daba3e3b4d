"""Programs with several costs, such as those of two networks trained against each other."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, combinations, islice

from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.roots import CostRoot, Fit, own_costs
from backprop_explorer.tutor.program.steps import Run
from backprop_explorer.tutor.program.truth import Truth

MAX_COSTS = 6
_OF_NUMBERS = frozenset({"add", "subtract", "multiply", "divide", "negative", "copy", "reshape"})


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
    best, most = alignment, 0
    for some in chain(combinations(found.values(), 1), combinations(found.values(), 2)):
        root = CostRoot("own", {at: seed for each in some for at, seed in each.seeds.items()})
        other = Alignment(run, Fit(root, Truth(run, root.seeds)), exact=False)
        own = [e for e in other.outcomes if e.path in {each.path for each in wrong}]
        right = [each for each in own if each.state == "right"]
        if len(right) == len(wrong):
            alignment.outcomes = [e for e in alignment.outcomes if e not in wrong] + right
            return alignment
        if len(right) > most:
            other.outcomes, best, most = own, other, len(right)
    return best


def terms_of(run: Run, numbers: Iterable[int]) -> set[int]:
    """Return the numbers that some numbers add up, but for their factors."""
    found, waiting = set[int](), list(numbers)
    while waiting:
        step = run.steps[waiting.pop()]
        inner = [each for each in step.inputs if run.moves[each]]
        if step.op in _OF_NUMBERS and all(run.steps[each].value.size == 1 for each in inner):
            waiting += inner
        else:
            found.add(step.index)
    return found

"""Which cases of a product of sizes, themes and the like ``make test`` runs."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pytest

Name = TypeVar("Name")


# Set from the command line: whether the cases that are marked exhaustive run too.
everything = False


def examples(count: int) -> int:
    """How many random examples to try: ``count`` in ``make test-all``, a third in ``make test``."""
    return count if everything else max(1, count // 3)


def exhaustive(*values: Any) -> Any:
    """A case for ``parametrize`` that ``make test`` leaves out and ``make test-all`` runs."""
    return pytest.param(*values, marks=pytest.mark.exhaustive)


def each_value_once(*axes: Sequence[Any]) -> list[Any]:
    """All combinations for ``parametrize``: ``make test`` runs the fewest that use each value.

    With axes of 4 and 5 values that is 5 of 20 combinations: values of shorter axes come again.
    """
    longest = max(map(len, axes))
    kept = {tuple(each[i % len(each)] for each in axes) for i in range(longest)}
    product: Iterable[tuple[Any, ...]] = itertools.product(*axes)
    return [pytest.param(*each) if each in kept else exhaustive(*each) for each in product]


def every_nth(n: int, values: Iterable[Any]) -> list[Any]:
    """Values for ``parametrize``: ``make test`` runs the first and every nth after it."""
    return [exhaustive(each) if k % n else each for k, each in enumerate(values)]


def covering(features: Mapping[Name, Collection[Any]]) -> list[Name]:
    """Few names that together have every feature, in the order in which they are given.

    Each time the name with the most features that no chosen name has is chosen (the greedy
    algorithm for a set cover). Names whose features later ones have, too, are left out again.
    """
    missing = {feature for some in features.values() for feature in some}
    kept = set()
    while missing:
        best = max(features, key=lambda name: len(missing.intersection(features[name])))
        kept.add(best)
        missing.difference_update(features[best])
    for name in sorted(filter(kept.__contains__, features), key=lambda name: len(features[name])):
        if set().union(*(features[other] for other in kept - {name})).issuperset(features[name]):
            kept.remove(name)
    return [name for name in features if name in kept]


def few_that_cover(features: Mapping[str, Collection[Any]]) -> list[Any]:
    """Names for ``parametrize``: few that together have every feature are run by ``make test``.

    A feature that is new in the data adds a case by itself.
    """
    kept = covering(features)
    return [name if name in kept else exhaustive(name) for name in features]

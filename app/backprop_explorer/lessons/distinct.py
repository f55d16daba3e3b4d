"""Choose numbers with which mistakes can be told apart.

With some numbers two mistakes give the same digits: then neither a lesson nor the checker can say
which was made. Among several draws the one is taken that separates the most pairs of mistakes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.texts import lessons_writing as texts
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.variants import Variant
from backprop_explorer.tutor.mistakes import alternatives
from backprop_explorer.tutor.problem import Problem

T = TypeVar("T")
# The lessons' tests show that far fewer tries are needed.
MOST_TRIES = 1_000
CANDIDATES = 8
# Digits with which answers are typed.
DIGITS = 4
Made = dict[tuple[str, str, str], bytes]


def first(make: Callable[[], T], good: Callable[[T], bool]) -> T:
    """Return the first result of ``make`` that is ``good``.

    This rejects numbers that teach nothing, for example if every ReLU is dead; the same seed still
    gives the same numbers. Raises RuntimeError after MOST_TRIES.
    """
    for _ in range(MOST_TRIES):
        value = make()
        if good(value):
            return value
    raise RuntimeError(texts.no_draw(MOST_TRIES))


def most_distinct(
    make: Callable[[], T],
    good: Callable[[T], bool],
    working_of: Callable[[T], Problem],
    candidates: int = CANDIDATES,
) -> T:
    """Return of several results of ``make`` that are ``good`` the one that separates most pairs.

    The earlier one if two separate equally many. Raises RuntimeError like ``first``.
    """
    candidates_made = [first(make, good) for _ in range(candidates)]
    return max(candidates_made, key=lambda each: count_separated(mistaken(working_of(each))))


def most_distinct_working(make: Callable[[], Problem], good: Callable[[Problem], bool]) -> Problem:
    """Return the working of ``most_distinct``."""
    return most_distinct(make, good, lambda working: working)


def mistaken(working: Problem) -> Made:
    """Return what each mistake gives, in four digits, by (line, misconception, detail).

    The right value of a line has the misconception "".
    """
    keys, values = [], []
    for line, name, detail, value in mistakes_of(working):
        keys.append((line, name, detail))
        values.append(np.asarray(value, dtype=np.float64))
    return dict(zip(keys, _digits(values), strict=True))


def mistakes_of(working: Problem) -> Iterator[tuple[str, str, str, Any]]:
    """Yield (line, misconception, detail, value of the line); "" for the right value."""
    reference = ReferenceWorking(working.trace)
    variant = Variant(reference)
    for line in reference.nodes:
        yield line, "", "", reference.value(line)
        for site in variant.sites(line):
            for each in alternatives(site):
                yield line, each.misconception.name, each.detail, each.value


def count_separated(made: Made) -> int:
    """Return how many pairs of mistakes in one line give other digits."""
    lines = Counter(line for line, _, _ in made)
    alike = Counter((line, digits) for (line, _, _), digits in made.items())
    return sum(n * (n - 1) for n in lines.values()) // 2 - (
        sum(n * (n - 1) for n in alike.values()) // 2
    )


def _digits(arrays: Sequence[NDArray[np.float64]]) -> Iterator[bytes]:
    """Yield the shape and the entries of each array to four significant digits.

    All entries are rounded at once: most arrays have fewer than ten, and there are hundreds.
    """
    entries = np.concatenate([array.ravel() for array in arrays])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        place = 10.0 ** (np.floor(np.log10(np.abs(entries))) - DIGITS + 1)
        rounded = np.where(
            (entries == 0.0) | ~np.isfinite(entries), entries, np.round(entries / place)
        )
    scale = np.where(np.isfinite(place), place, 0.0)
    # Adding 0.0 makes −0.0 and 0.0 the same.
    pairs = np.column_stack([rounded + 0.0, scale])
    end = 0
    for array in arrays:
        begin, end = end, end + array.size
        yield repr(array.shape).encode() + pairs[begin:end].tobytes()

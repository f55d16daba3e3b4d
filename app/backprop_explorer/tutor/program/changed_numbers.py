"""Divisors of updates that change from round to round, as the corrections of Adam's averages do,
and that stay in the update of one parameter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import numpy as np

from backprop_explorer.tutor.program.steps import Run


def unchanged_numbers(
    run: Run, first: Mapping[int, int], second: Mapping[int, int], forward: Collection[int]
) -> Iterator[tuple[int, int]]:
    """Yield parameters with the step of the first round that divides by a number which stays, while
    it changes for a parameter that divides by the same numbers in that round; or that stays as it
    is, 1 - β of an average, while the divisor of another average of the parameter changes.

    ``first`` and ``second`` are the updates of the two rounds; ``forward`` are the steps of the
    first forward pass.
    """
    end = max(first.values(), default=0)
    # What several updates are made of is a part of the backward pass.
    shared = [
        {
            at
            for at, times in Counter(at for e in some for at in run.ancestors([e])).items()
            if times > 1
        }
        for some in (first.values(), second.values())
    ]
    forward = {*forward, *shared[0]}
    numbers = {
        source: (
            _numbers(run, source, first[source], (-1, end), forward),
            _numbers(run, source, again, (end, len(run.steps)), shared[1]),
            _numbers(run, source, first[source], (-1, end), forward, "multiply"),
        )
        for source, again in second.items()
        if source in first
    }
    for source, (before, after, shares) in numbers.items():
        own = [before[each] for each in before.keys() & after.keys() & shares.keys()]
        if own and before.keys() - after.keys():
            yield source, max(own)
            continue
        for other_before, other_after, _ in numbers.values():
            changed = other_before.keys() - other_after.keys()
            stay = sorted(before[e] for e in changed & before.keys() & after.keys())
            if stay and before.keys() == other_before.keys():
                yield source, stay[-1]
                break


def _numbers(
    run: Run,
    source: int,
    after: int,
    between: tuple[int, int],
    forward: Collection[int],
    op: str = "divide",
) -> dict[float, int]:
    """Return by which numbers an update divides arrays of its shape, or multiplies them, with the
    step.
    """
    found, shape = dict[float, int](), np.squeeze(run.steps[source].value).shape
    for at in run.ancestors([after]):
        step = run.steps[at]
        if at in forward or not between[0] < at <= between[1]:
            continue
        if step.op != op or np.squeeze(step.value).shape != shape or step.value.size == 1:
            continue
        for each in step.inputs if op == "multiply" else step.inputs[1:]:
            number = run.steps[each].value
            if number.size == 1:
                found[float(f"{number.item():.9g}")] = at
    return found

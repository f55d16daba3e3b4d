"""Parameters that a program is given as lists of numbers, and that become arrays where they are
read: ``W = W - rate * dW`` with a list W.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from backprop_explorer.tutor.program.steps import Run

_SUMS = ("add", "subtract")


def join_lists(run: Run) -> dict[int, int]:
    """Let the arrays that are made of lists of numbers alone be constants, from which a run makes
    its parameters, if something that depends on them is added to them. Return which array each
    later one is equal to.
    """
    numbers = {
        at
        for at in run.sources
        if (run.steps[at].path or "").endswith("]") and run.steps[at].value.shape == ()
        if run.steps[at].value.dtype.kind == "f" and run.after.get(at, at) == at
        if all(run.steps[each].op == "stack" for each in run.readers[at])
    }
    same, parts = _arrays_of(run, numbers)
    wholes = {at for at in parts if at not in same and _is_added_to(run, at, same)}
    joined = {number for at in wholes for number in parts[at]}
    kept = {at for at, some in parts.items() if not joined.issuperset(some)}
    for at in joined:
        run.steps[at].path = None
        run.after.pop(at, None)
    run.forget()
    return {at: first for at, first in same.items() if at not in kept}


def _arrays_of(
    run: Run, numbers: Collection[int]
) -> tuple[dict[int, int], dict[int, frozenset[int]]]:
    """Return which array of numbers is equal to an earlier one, and the numbers of each."""
    same, parts = dict[int, int](), dict[int, frozenset[int]]()
    first = dict[tuple[tuple[int, ...], str], int]()
    for step in run.steps if numbers else ():
        if step.op != "stack" or not all(at in numbers or at in parts for at in step.inputs):
            continue
        inputs = tuple(same.get(at, at) for at in step.inputs)
        known = first.setdefault((inputs, repr(step.keywords)), step.index)
        parts[step.index] = frozenset().union(*(parts.get(at, {at}) for at in inputs))
        if known != step.index:
            same[step.index] = known
    return same, parts


def _is_added_to(run: Run, at: int, same: Mapping[int, int]) -> bool:
    """Whether something that is made of an array is added to it, or to one that is equal to it."""
    equal = {at, *(each for each, first in same.items() if first == at)}
    sums = (run.steps[k] for each in equal for k in run.readers[each])
    return any(
        step.op in _SUMS
        and step.value.shape == run.steps[at].value.shape
        and equal & run.ancestors([k for k in step.inputs if k not in equal])
        for step in sums
    )

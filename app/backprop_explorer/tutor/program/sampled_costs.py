"""The cost of negative samples, of programs that compute none: each product of a word and its
context meets 1, that of a word and a sample meets 0, which nothing is subtracted for.

Mikolov et al. (2013), Distributed representations of words and phrases, equation 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, permutations

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.cost_roots import SHOWS, CostRoot
from backprop_explorer.tutor.program.steps import Run, Step

_PRODUCTS = frozenset({"multiply", "matmul", "einsum"})
MAX_BEHIND = 12  # steps between a sigmoid and the sum that it is taken of


def sampled_costs(run: Run) -> Iterator[CostRoot]:
    """Yield -log p of each sigmoid p of which 1 is subtracted, with -log(1 - q) of each sigmoid q
    that multiplies what the parameters of its sum say.
    """
    errors = dict(_with_one_subtracted(run))
    known = {run.steps[at].value.tobytes() for at in errors}
    known |= {run.steps[at].value.tobytes() for at in errors.values()}
    sigmoids = (each for each in run.steps if each.value.tobytes() not in known)
    others = [each.index for each in sigmoids if _is_error(run, each)]
    positive, negative = _once(run, [*errors]), _once(run, others)
    # By Rendle et al. (2009), BPR, the difference of two scores alone is made large.
    if negative and (positive or all(run.steps[at].value.size == 1 for at in negative)):
        seeds = {at: -1.0 / run.steps[at].value for at in positive}
        seeds |= {at: 1.0 / (1.0 - run.steps[at].value) for at in negative}
        yield CostRoot("binary_cross_entropy", seeds, tuple(errors.values()))


def _with_one_subtracted(run: Run) -> Iterator[tuple[int, int]]:
    """Yield sigmoids p, and where p - 1 or 1 - p multiplies what the sum of p is made of."""
    for step in run.steps:
        for at, one in permutations(step.inputs) if step.op == "subtract" else ():
            given = run.steps[one]
            is_one = not given.op and given.path is None and bool((given.value == 1).all())
            behind = _sum_of(run, run.steps[at]) if is_one else None
            if behind is not None and _multiplies(run, step, behind):
                yield at, step.index


def _is_error(run: Run, step: Step) -> bool:
    """Whether a sigmoid only multiplies what its sum is made of, perhaps with a rate."""
    behind = _sum_of(run, step)
    return behind is not None and _multiplies(run, step, behind)


def _multiplies(run: Run, step: Step, behind: int) -> bool:
    """Whether a value only multiplies what the parameters of a sum say, and not 1 less itself."""
    of, waiting, is_product = run.depends[behind], [step.index], False
    others_of = 1.0 - abs(step.value)
    while waiting:
        at = waiting.pop()
        for reader in map(run.steps.__getitem__, run.readers[at]):
            others = [k for k in reader.inputs if k != at]
            if reader.op in SHOWS | {"negative"} or (
                reader.op in ("multiply", "divide")
                and not any(map(run.moves.__getitem__, others))
                and (reader.op == "multiply" or reader.inputs[0] == at)
            ):
                waiting.append(reader.index)
            elif reader.op not in _PRODUCTS or any(
                run.depends[k] & ~of or _is_equal(run.steps[k].value, others_of) for k in others
            ):
                return False
            else:
                is_product = True
    return is_product


def _is_equal(one: Array, other: Array) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other))


def _sum_of(run: Run, step: Step) -> int | None:
    """Return the value that a sigmoid is taken of; None if a step is no sigmoid."""
    p = step.value
    if not step.op or not run.moves[step.index] or step.op in SHOWS or p.dtype.kind != "f":
        return None
    if not p.size or not ((p > 0) & (p < 1)).all():
        return None
    sums, waiting = np.log(p / (1.0 - p)), [*step.inputs]
    for at in waiting:
        made = run.steps[at]
        if made.op and made.value.size == p.size and len(waiting) < MAX_BEHIND:
            if np.allclose(made.value.ravel(), sums.ravel(), rtol=1e-6, atol=1e-9):
                return at
            waiting += made.inputs
    return None


def _once(run: Run, steps: list[int]) -> list[int]:
    """Return steps without those of other places that have the same values: each gradient may be
    computed with a sigmoid of its own.
    """
    places = dict[object, list[int]]()
    for at in steps:
        places.setdefault(run.steps[at].site, []).append(at)
    found = dict[bytes, list[int]]()
    for some in places.values():
        values = np.concatenate([run.steps[at].value.ravel() for at in some])
        found.setdefault(np.sort(np.round(values, 9)).tobytes(), some)
    return [*chain(*found.values())]

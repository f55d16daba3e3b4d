"""Compares the factors of the updates of several rounds of one sample each.

With one sample and one output, each gradient is a multiple of the error, so a wrong slope of the
output looks like another learning rate. That of the next sample is another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.steps import Step

# Rounds that must agree, and numbers of one round that are looked at.
MIN_ROUNDS, MAX_NUMBERS = 4, 24
AGREES = 1e-6
_PRODUCTS = frozenset({"multiply", "matmul", "einsum"})


def wrong_slope(rounds: Sequence[Alignment]) -> tuple[str, int, float] | None:
    """Return the name of a mistake in the slope of an output, its step in the first round, and the
    rate that all rounds have without it; None if all updates have one rate, or if no slope says why
    they have not.
    """
    factors = np.array([each.mains.get(True, 0.0) for each in rounds])
    if len(rounds) < MIN_ROUNDS or not factors.all() or not _varies(factors):
        return None
    if not all(map(_is_cost, rounds)):
        return None
    if any(not _varies(factors * scale) for scale in _of_other_costs(rounds)):
        return None
    slopes, numbers = [_slopes(each) for each in rounds], [_numbers(each) for each in rounds]
    pairs = [[each.get(known, 0.0) for each in slopes] for known in slopes[0]]
    ratios = [np.ones(len(rounds)), *(np.array(each) for each in pairs if all(each))]
    for rates in (factors * each for each in ratios):
        if not _varies(rates):
            return ids.MISSING_ACTIVATION_DERIVATIVE, _error(rounds[0]), float(rates[0])
    # A policy may be weighed by what no cost says.
    first = 0 if rounds[0].fit.root.kind == "own" else 1
    for site, number in numbers[0].items():
        values = _in_all(numbers, site)
        for k, each in enumerate(ratios[first:] if values is not None else (), first):
            rates = factors * each / values
            if not _varies(rates):
                name = ids.WRONG_ACTIVATION_DERIVATIVE if k else ids.EXTRA_FACTOR
                return name, number.index, float(rates[0])
    return None


def _is_cost(alignment: Alignment) -> bool:
    """Whether what the program is taken to differentiate is assumed, or a number that is a cost: an
    error or a return may be less than 0.
    """
    if alignment.fit.root.kind != "own":
        return True
    roots = [alignment.run.steps[at] for at in alignment.fit.root.seeds]
    return all(each.op != "subtract" and (each.value >= 0).all() for each in roots)


def _varies(factors: np.ndarray) -> bool:
    """Whether some numbers are not all alike."""
    if not np.isfinite(factors).all():
        return True
    return bool(np.ptp(factors) > AGREES * abs(factors).max())


def _of_other_costs(rounds: Sequence[Alignment]) -> Iterator[np.ndarray]:
    """Yield by what the factors of the rounds are multiplied if another cost is assumed."""
    first = rounds[0].fit
    if first.root.kind == "own":
        return
    for kind in {each.root.kind for each in first.others} - {first.root.kind}:
        scales = []
        for each in rounds:
            (at, seed), *more = each.fit.root.seeds.items()
            others = (e.root.seeds for e in each.fit.others if e.root.kind == kind)
            other = next((seeds[at] for seeds in others if [*seeds] == [at]), None)
            if more or seed.size > 1 or other is None or not other.any():
                break
            scales.append(float(seed.item() / other.item()))
        if len(scales) == len(rounds):
            yield np.array(scales)


def _slopes(alignment: Alignment) -> dict[tuple[object, object], float]:
    """Return the local slopes between numbers of the way forward, by their sites."""
    run, truth = alignment.run, alignment.truth
    gradients = dict[int, float]()
    for at in sorted(truth.forward, reverse=True):
        step, gradient = run.steps[at], truth.gradients.get(at)
        if step.op and step.value.size == 1 and gradient is not None and gradient.any():
            gradients[at] = float(gradient.item())
    last = [*gradients][:MAX_NUMBERS]
    return {
        (run.steps[at].site, run.steps[of].site): gradients[of] / gradients[at]
        for at in last
        for of in run.steps[at].inputs
        for of in _behind(alignment, of, gradients)
    }


def _behind(alignment: Alignment, at: int, known: dict[int, float]) -> Iterator[int]:
    """Yield a number and those that it is made of, up to a sum of products."""
    run, waiting = alignment.run, [at]
    for each in islice(waiting, MAX_NUMBERS):
        if each in known:
            yield each
            if run.steps[each].op != "matmul":
                waiting += run.steps[each].inputs


def _numbers(alignment: Alignment) -> dict[object, Step]:
    """Return the numbers of the backward part that multiply and are made of numbers that change
    with the parameters, by their sites: a rate is none, nor is the norm of a gradient.
    """
    run, inside = alignment.run, alignment.truth.forward
    updated = {each.source for each in alignment.outcomes if each.is_update}
    bits = sum(1 << k for k, source in enumerate(run.sources) if source in updated)
    found, of_numbers = dict[object, Step](), set[int]()
    for step in run.steps[: run.recorded]:
        if step.value.size > 1 or (step.op and step.index not in inside):
            made = all(k in of_numbers or not run.depends[k] & bits for k in step.inputs)
            if step.value.size > 1 or not made:
                continue
        of_numbers.add(step.index)
        is_made = step.op and step.index not in inside and run.depends[step.index] & bits
        if is_made and any(run.steps[k].op in _PRODUCTS for k in run.readers[step.index]):
            found[step.site] = step
    return dict(islice(found.items(), MAX_NUMBERS))


def _in_all(numbers: Sequence[dict[object, Step]], site: object) -> np.ndarray | None:
    """Return the numbers of a site in all rounds; None if a round has none, or one is 0."""
    values = [float(e[site].value.item()) for e in numbers if site in e]
    return np.array(values) if len(values) == len(numbers) and all(values) else None


def _error(alignment: Alignment) -> int:
    """Return the first number of the backward part that is the gradient of another one."""
    numbers = [each.index for each in _numbers(alignment).values()]
    labels = ((at, each.label.kind) for at in numbers for each in alignment.labels(at))
    return next((at for at, kind in labels if kind == "gradient"), numbers[0])

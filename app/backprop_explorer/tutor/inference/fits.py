"""The penalty and the learning rate that pasted numbers show.

∂C/∂W has a penalty if it is that of the cost plus λ₂ W, or plus λ₁ sign(W). An array is an updated
W if it differs from W by a part of ∂C/∂W: that part is the rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.tutor.checker.tolerance import fitted_factor
from backprop_explorer.tutor.inference.matching import Match, Numbers, says_little
from backprop_explorer.tutor.inference.pasted import Pasted
from backprop_explorer.tutor.inference.settings import (
    Trial,
    natural_factors,
    printed_cost,
    rounded,
    slack,
)

Array = NDArray[np.float64]
# A penalty is fitted to matrices of this many numbers or more.
FEWEST_NUMBERS, MOST_ARRAYS = 4, 100
# Programs add λ/2 ΣW² or λ ΣW² to the cost that they print.
PARTS = (1.0, 2.0, 0.5)
# Rates of two arrays count as equal if they differ by less.
SAME_RATE = 1e-4


class Rates(NamedTuple):
    """The learning rate that the updated weights show, and the arrays that they are, by line."""

    rate: float | None
    matches: Mapping[str, list[Match]]


class _PenaltyFit(NamedTuple):
    kind: str
    line: str
    match: Match
    factor: float
    weight: float


def with_penalty(working: Trial, arrays: Sequence[Pasted], numbers: Numbers) -> Trial:
    """Return the working with the penalty that all gradients of W show, if there is one."""
    found_already = any(names.named(line).gradient_of == "W" for line in working.matches)
    if found_already or len(arrays) > MOST_ARRAYS:
        return working
    found = list(_fits(working, arrays, numbers))
    near = slack(numbers)
    for kind in ("l2", "l1"):
        fits = [fit for fit in found if fit.kind == kind]
        matches = {fit.line: [fit.match] for fit in fits}
        if not fits or len(matches) < len(working.problem.layers):
            continue
        factor, weight = working.parameters or fits[0].factor, fits[0].weight
        if weight * factor > 0.0 and all(
            abs(fit.factor - factor) <= near * abs(factor)
            and abs(fit.weight - weight) <= near * abs(weight)
            for fit in fits
        ):
            found_penalty = replace(
                working,
                matches={**working.matches, **matches},
                units=working.units or factor,
                parameters=factor,
                penalty={kind: abs(rounded(weight, near * abs(weight)))},
                agree=working.agree + len(matches),
            )
            return _with_cost(found_penalty, numbers)
    return working


def _fits(working: Trial, arrays: Sequence[Pasted], numbers: Numbers) -> Iterator[_PenaltyFit]:
    """Yield each array that is a gradient of W with a penalty."""
    taken = {id(m.array) for some in working.matches.values() for m in some}
    arrays = [a for a in arrays if a.values.ndim == 2 and a.values.size >= FEWEST_NUMBERS]
    for k, (W, _) in enumerate(working.problem.layers, start=1):
        line = names.gradient(names.weights(k))
        gradient = np.asarray(working.values[line])
        for array, turned in (
            (a, way) for a in arrays if id(a) not in taken for way in (False, True)
        ):
            v = array.values.T if turned else array.values
            if v.shape != W.shape or not np.isfinite(v).all():
                continue
            for kind, of in (("l2", W), ("l1", np.sign(W))):
                basis = np.stack([gradient.ravel(), of.ravel()], axis=1)
                (factor, weight), *_ = np.linalg.lstsq(basis, v.ravel(), rcond=None)
                left = np.abs(basis @ (factor, weight) - v.ravel()).max()
                bound = 2.0 * array.quantum.max() + numbers.tolerance * np.abs(v).max()
                if left <= bound and abs(weight) * np.abs(of).max() > 10.0 * bound:
                    yield _PenaltyFit(
                        kind, line, Match(array, turned), float(factor), float(weight)
                    )


def penalty_of(working: Trial) -> float:
    """Return the penalty's part of the cost."""
    l1, l2 = working.penalty.get("l1", 0.0), working.penalty.get("l2", 0.0)
    weights = [W for W, _ in working.problem.layers]
    return float(sum(l1 * np.abs(W).sum() + 0.5 * l2 * np.square(W).sum() for W in weights))


def gradient_of_penalty(working: Trial, W: Array) -> Array:
    """Return the penalty's part of ∂C/∂W."""
    return working.penalty.get("l1", 0.0) * np.sign(W) + working.penalty.get("l2", 0.0) * W


def _with_cost(working: Trial, numbers: Numbers) -> Trial:
    """Return the working with a pasted cost that contains the penalty."""
    if working.printed_cost is not None:
        return working
    natural = natural_factors(working.problem)
    for part in PARTS:
        added = part * penalty_of(working)
        if found := printed_cost(working.values["C"], natural, numbers, added):
            matches = {**working.matches, "C": found[1]}
            return replace(working, matches=matches, printed_cost=found[0], printed_penalty=added)
    return working


def rates_of(
    working: Trial, arrays: Sequence[Pasted], known: Sequence[float], tolerance: float
) -> Rates:
    """Return the rate of most updated weights, and the arrays that are updated with it.

    A rate is the part of ∂C/∂W, with the factor that the pasted gradients have, that an array
    differs from W by. ``known`` are rates that the text names; they count before others.
    """
    # Line, array, its rate, and how precise the rate is.
    steps: list[tuple[str, Match, float, float]] = []
    scale = abs(working.parameters or 1.0)
    for k, (W, b) in enumerate(working.problem.layers, start=1):
        for name, before in ((names.weights(k), W), (names.biases(k), b)):
            gradient = scale * np.asarray(working.values[names.gradient(name)])
            if name.quantity == "W" and working.penalty:
                gradient = gradient + gradient_of_penalty(working, W)
            for array in arrays:
                for turned in (False, True) if array.values.squeeze().ndim == 2 else (False,):
                    found = _rate(array, turned, before, gradient, tolerance)
                    if found is not None:
                        steps.append((names.updated(name), Match(array, turned), *found))
    if not steps:
        return Rates(None, {})
    near = max(SAME_RATE, 10.0 * tolerance)

    def worth(rate: float) -> tuple[int, bool, bool]:
        same = {line for line, _, other, _ in steps if abs(other - rate) <= near * abs(rate)}
        # A rate with a name counts, and a step against the gradient is the usual one.
        return len(same), any(abs(rate - each) <= near * each for each in known), rate > 0.0

    best = max((rate for _, _, rate, _ in steps), key=worth)
    steps = [each for each in steps if abs(each[2] - best) <= near * abs(best)]
    matches: dict[str, list[Match]] = {}
    for line, match, _, _ in steps if best > 0.0 else ():
        matches.setdefault(line, []).append(match)
    _, _, rate, spread = min(steps, key=lambda each: each[3])
    return Rates(rounded(rate, spread), matches)


def _rate(
    array: Pasted, turned: bool, before: Array, gradient: Array, tolerance: float
) -> tuple[float, float] | None:
    """Return the rate of a step along the gradient and its precision; None if it is none."""
    values = array.values.squeeze()
    values = values.T if turned else values
    W, g = before.squeeze(), gradient.squeeze()
    if values.shape != W.shape or says_little(array):
        return None
    step = W - values
    rate = fitted_factor(step, g)
    if not np.isfinite(step).all() or not np.isfinite(rate):
        return None
    bound = 2.02 * array.quantum.max() + 0.1 * tolerance * np.abs(W).max()
    left = np.abs(step - rate * g).max()
    moved = np.abs(rate * g).max()
    if left > bound + tolerance * moved or moved < 5.0 * bound:
        return None
    return rate, float(bound / np.abs(g).max())

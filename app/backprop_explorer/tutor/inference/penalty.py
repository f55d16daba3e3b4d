"""The penalty that pasted gradients of W show: ∂C/∂W of the cost plus λ₂ W, or plus λ₁ sign(W)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.tutor.inference.matching import Match, Numbers
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


def with_penalty(working: Trial, arrays: Sequence[Pasted], numbers: Numbers) -> Trial:
    """Return the working with the penalty that all gradients of W show, if there is one."""
    found_already = any(names.named(line).gradient_of == "W" for line in working.matches)
    if found_already or len(arrays) > MOST_ARRAYS:
        return working
    found = list(_fits(working, arrays, numbers))
    for kind in ("l2", "l1"):
        fits = [fit for fit in found if fit[0] == kind]
        layers = {line for _, line, *_ in fits}
        if not fits or len(layers) < len(working.problem.layers):
            continue
        factor, weight = working.parameters or fits[0][3], fits[0][4]
        near = slack(numbers)
        if weight * factor > 0.0 and all(
            abs(f - factor) <= near * abs(factor) and abs(w - weight) <= near * abs(weight)
            for *_, f, w in fits
        ):
            matches = {line: [Match(array, turned)] for _, line, (array, turned), *_ in fits}
            return _with_cost(
                replace(
                    working,
                    matches={**working.matches, **matches},
                    units=working.units or factor,
                    parameters=factor,
                    penalty={kind: abs(rounded(weight, near * abs(weight)))},
                    agree=working.agree + len(matches),
                ),
                numbers,
            )
    return working


def _fits(
    working: Trial, arrays: Sequence[Pasted], numbers: Numbers
) -> Iterator[tuple[str, str, tuple[Pasted, bool], float, float]]:
    """Yield each fit: kind, line, array, factor of the gradient, and λ."""
    taken = {id(m.array) for some in working.matches.values() for m in some}
    for k, (W, _) in enumerate(working.problem.layers, start=1):
        line = names.gradient(names.weights(k))
        gradient = np.asarray(working.values[line])
        for array in arrays:
            values = array.values
            if id(array) in taken or values.size < FEWEST_NUMBERS or values.ndim != 2:
                continue
            for turned in (False, True):
                v = values.T if turned else values
                if v.shape != W.shape or not np.isfinite(v).all():
                    continue
                for kind, of in (("l2", W), ("l1", np.sign(W))):
                    basis = np.stack([gradient.ravel(), of.ravel()], axis=1)
                    (factor, weight), *_ = np.linalg.lstsq(basis, v.ravel(), rcond=None)
                    left = np.abs(basis @ (factor, weight) - v.ravel()).max()
                    bound = 2.0 * array.quantum.max() + numbers.tolerance * np.abs(v).max()
                    if left <= bound and abs(weight) * np.abs(of).max() > 10.0 * bound:
                        yield kind, line, (array, turned), float(factor), float(weight)


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
        found = printed_cost(working.values["C"], natural, numbers, added)
        if found is not None:
            factor, matches = found
            return replace(
                working,
                matches={**working.matches, "C": matches},
                printed_cost=factor,
                printed_penalty=added,
            )
    return working

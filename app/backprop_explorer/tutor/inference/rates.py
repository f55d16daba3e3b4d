"""The learning rate that updated weights show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.tutor.inference.matching import Match, says_little
from backprop_explorer.tutor.inference.pasted import Pasted
from backprop_explorer.tutor.inference.penalty import gradient_of_penalty
from backprop_explorer.tutor.inference.reading import Rates
from backprop_explorer.tutor.inference.settings import Trial, rounded

# Rates of two arrays count as equal if they differ by less.
SAME_RATE = 1e-4


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

    def support(rate: float) -> tuple[int, bool]:
        same = {
            line
            for line, _, other, _ in steps
            if abs(other - rate) <= _slack(tolerance) * abs(rate)
        }
        named = any(abs(rate - each) <= _slack(tolerance) * each for each in known)
        return len(same), named

    # A step against the gradient is the usual one.
    best = max((rate for _, _, rate, _ in steps), key=lambda r: (*support(r), r > 0.0))
    near = [each for each in steps if abs(each[2] - best) <= _slack(tolerance) * abs(best)]
    matches: dict[str, list[Match]] = {}
    for line, match, _, _ in near if best > 0.0 else ():
        matches.setdefault(line, []).append(match)
    _, _, rate, spread = min(near, key=lambda each: each[3])
    return Rates(rounded(rate, spread), matches)


def _slack(tolerance: float) -> float:
    return max(SAME_RATE, 10.0 * tolerance)


def _rate(
    array: Pasted, turned: bool, before: np.ndarray, gradient: np.ndarray, tolerance: float
) -> tuple[float, float] | None:
    """Return the rate of a step along the gradient and its precision; None if it is none."""
    values = array.values.squeeze()
    values = values.T if turned else values
    W, g = before.squeeze(), gradient.squeeze()
    if values.shape != W.shape or says_little(array):
        return None
    size = float(np.vdot(g, g))
    step = W - values
    if not 0.0 < size < np.inf or not np.isfinite(step).all():
        return None
    rate = float(np.vdot(g, step)) / size
    bound = 2.02 * array.quantum.max() + 0.1 * tolerance * np.abs(W).max()
    left = np.abs(step - rate * g).max()
    moved = np.abs(rate * g).max()
    if left > bound + tolerance * moved or moved < 5.0 * bound:
        return None
    return rate, float(bound / np.abs(g).max())

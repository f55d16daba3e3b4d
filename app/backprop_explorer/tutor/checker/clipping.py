"""Limits to which the submitted gradients may have been clipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.mistakes.affine import TORCH_EPSILON
from backprop_explorer.tutor.mistakes.site import Array


class ClippedArray(NamedTuple):
    """An array of the line ``name`` that may be clipped; ``rounding`` is that of an entry."""

    name: str
    value: Array
    rounding: float


def candidate_limits(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> tuple[str, ...]:
    """Return the limits to which the submitted gradients of W and b may have been clipped."""
    arrays = []
    for name, given in submitted.items():
        reading = given.reading_shaped_like(reference.truth[name])
        if reading is not None:
            rounding = float(reading.quantum.max(initial=0.0))
            arrays.append(ClippedArray(name, reading.value, rounding))
    return limits_of(arrays, reference.trace.network.depth)


def limits_of(arrays: Iterable[ClippedArray], depth: int) -> tuple[str, ...]:
    """Return the limits, such as "entries 0.5": a way to clip and a round number.

    The number is the largest entry of an array, its length, or that of all gradients together.
    """
    found: list[str] = []
    squares, spreads = {"W": 0.0, "b": 0.0}, {"W": 0.0, "b": 0.0}
    clipped: set[str] = set()
    for name, value, rounding in arrays:
        if not name.startswith(("dC_dW", "dC_db")) or name in clipped or not value.size:
            continue
        clipped.add(name)
        square, spread = float(np.vdot(value, value)), rounding * value.size**0.5
        squares[name[4]] += square
        # spread**2 raises OverflowError if the result is too large; this gives inf.
        spreads[name[4]] += spread * spread
        largest = float(np.abs(value).max())
        if value.size == 1 or np.count_nonzero(np.abs(value) == largest) > 1:
            found += _round_number("entries", largest, rounding)
        found += _round_number("length", square**0.5, spread)
    if {names.gradient(names.weights(k)) for k in range(1, depth + 1)} <= clipped:
        found += _round_number("weights", squares["W"] ** 0.5, spreads["W"] ** 0.5)
        if len(clipped) == 2 * depth:
            length, spread = sum(squares.values()) ** 0.5, sum(spreads.values()) ** 0.5
            found += _round_number("all", length, spread)
            found += _round_number("torch", length, spread + TORCH_EPSILON)
    return tuple(dict.fromkeys(found))


def _round_number(how: str, number: float, spread: float) -> list[str]:
    """Return a limit if a number with at most two digits is within the spread."""
    if not 0.0 < number < np.inf or spread > 1e-3 * number:
        return []
    limit = float(f"{number:.2g}")
    return [f"{how} {limit:g}"] if abs(limit - number) <= spread + 1e-9 * number else []

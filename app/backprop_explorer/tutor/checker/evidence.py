"""Constants that the submitted numbers show: factors, offsets, limits of clipping, and slopes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.activation_parameters import split_name
from backprop_explorer.engine.names import Name
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.submission import Reading, SubmittedLine
from backprop_explorer.tutor.checker.tolerance import fitted_factor
from backprop_explorer.tutor.mistakes import Evidence
from backprop_explorer.tutor.mistakes.affine import MIN_ENTRIES_OF_OFFSET, TORCH_EPSILON
from backprop_explorer.tutor.mistakes.rule import Array, penalty_gradient

# Factors of single lines count as the same if they differ by less (relative).
SAME = 1e-4
MAX_DENOMINATOR = 128  # a factor is rounded to a fraction with at most this denominator


def evidence_of(reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]) -> Evidence:
    """Return what an exercise requires, and the constants that its submission shows."""
    return Evidence(
        reference.trace.objective,
        reference.trace.samples,
        _factors(reference, submitted),
        _offsets(reference, submitted),
        _limits(reference, submitted),
        _slopes(reference, submitted),
    )


def _factors(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> tuple[float, ...]:
    """Return the constants, most likely first, and last the one that the numbers show."""
    N, n = map(float, reference.givens["target"].shape)
    likely: tuple[float, ...] = (0.5, n, N, 2.0, 1.0 / n, 1.0 / N, n / 2.0, N * n / 2.0, N * n)
    likely += (2.0 / n, 1.0 / (N * n), 2.0 / (N * n), N / 2.0, 2.0 / N, n / N, N / n, 4.0)
    constants: list[float] = []
    for factor in (*likely, *_observed_factor(reference, submitted)):
        if all(abs(factor - other) > 1e-6 * abs(factor) for other in (1.0, *constants)):
            constants.append(factor)
    return tuple(constants)


def _observed_factor(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> list[float]:
    """Return the factor between most of the submitted gradients and the correct ones, if any."""
    # For each line: the factor, its weight (inverse variance), and the count of nonzero numbers.
    lines: list[tuple[float, float, int]] = []
    # A penalty adds a term to ∂C/∂W that does not scale with the cost's gradient.
    objective = reference.trace.objective
    scaled = "azbW" if not objective.penalized else "az" if objective.biases else "azb"
    for _, truth, reading in _gradients(reference, submitted, scaled):
        factor = fitted_factor(reading.value, truth)
        left = np.abs(reading.value - factor * truth).max()
        if left <= 2.0 * reading.quantum.max() + 1e-6 * np.abs(reading.value).max():
            quantum = float(np.clip(reading.quantum.max(), 1e-18, 1e100))
            weight = float(np.vdot(truth, truth)) / quantum**2
            lines.append((factor, weight, int(np.count_nonzero(truth))))
    groups = [
        [other for other in lines if abs(other[0] / k - 1.0) < SAME] for k, _, _ in lines if k
    ]
    most = max(groups, key=len, default=[])
    if sum(numbers for _, _, numbers in most) < 2:
        return []
    factor = sum(k * weight for k, weight, _ in most) / sum(weight for _, weight, _ in most)
    for bottom in range(1, MAX_DENOMINATOR + 1):
        top = round(factor * bottom)
        if top and abs(factor - top / bottom) < 1e-6 * abs(factor):
            return [top / bottom]
    return [factor]


def _gradients(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine], of: str
) -> Iterator[tuple[SubmittedLine, Array, Reading]]:
    """Yield the submitted gradients of some quantities that have the right shape, and the truth."""
    for name, given in submitted.items():
        truth = reference.truth[name]
        reading = given.reading_shaped_like(truth)
        if reading is not None and given.id.gradient_of and given.id.gradient_of in of:
            yield given, truth, reading


def _offsets(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> tuple[float, ...]:
    """Return the constants that a factor times the correct ∂C/∂W differs by in every entry."""
    found: list[float] = []
    for given, truth, reading in _gradients(reference, submitted, "W"):
        if reading.value.size < MIN_ENTRIES_OF_OFFSET:
            continue
        bound = 2.0 * float(reading.quantum.max()) + 1e-6 * float(np.abs(reading.value).max())
        for each in with_and_without_penalty(reference, given.id, truth):
            offset = offset_of(reading.value, each, bound)
            if offset is not None and all(abs(offset - other) > bound for other in found):
                found.append(offset)
    return tuple(found)


def with_and_without_penalty(
    reference: ReferenceWorking, name: Name, truth: Array
) -> tuple[Array, ...]:
    """Return ∂C/∂W, and without the penalty's gradient, which a constant may stand for."""
    objective = reference.trace.objective
    if not objective.penalized:
        return (truth,)
    W = np.asarray(reference.givens[name.variable])
    return truth, truth - penalty_gradient(W, objective.l1, objective.l2)


def offset_of(value: Array, truth: Array, bound: float) -> float | None:
    """Return the constant that every entry differs by from a factor times the truth, else None.

    Both arrays have the same shape. Entries may be off by ``bound``.
    """
    matrix = np.stack([truth.ravel(), np.ones(truth.size)], axis=1)
    if not (np.isfinite(matrix).all() and np.isfinite(value).all()):
        return None
    (factor, offset), *_ = np.linalg.lstsq(matrix, value.ravel(), rcond=None)
    left = np.abs(matrix @ (factor, offset) - value.ravel()).max()
    if left > bound or abs(offset) <= 10.0 * bound or abs(factor) < SAME:
        return None
    rounded = float(f"{offset:.3g}")
    return rounded if abs(rounded - offset) <= bound else float(offset)


def _slopes(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> tuple[float, ...]:
    """Return the slopes for negative z, or α of ELU, that the submitted a of a layer show."""
    found: list[float] = []
    for k, layer in enumerate(reference.trace.network.layers, start=1):
        base, _ = split_name(layer.activation) or (layer.activation, None)
        line, output = names.weighted_sum(k), names.activation(k)
        if base not in ("relu", "leaky_relu", "elu") or output not in submitted:
            continue
        truth = reference.truth[line]
        a = submitted[output].reading_shaped_like(truth)
        own = submitted[line].reading_shaped_like(truth) if line in submitted else None
        z = truth if own is None else own.value
        if a is None or not (np.isfinite(z).all() and np.isfinite(a.value).all()):
            continue
        below = z < 0.0
        shape = np.expm1(z[below]) if base == "elu" else z[below]
        slope = fitted_factor(a.value[below], shape)
        if np.count_nonzero(below) < 2 or not slope > 0.0:
            continue
        bound = 2.0 * float(a.quantum.max()) + 1e-6 * float(np.abs(a.value).max())
        rounded = float(f"{slope:.3g}")
        if np.all(np.abs(rounded * shape - a.value[below]) <= bound):
            found.append(rounded)
    return tuple(dict.fromkeys(found))


class ClippedArray(NamedTuple):
    """An array of the line ``name`` that may be clipped; ``rounding`` is that of an entry."""

    name: Name
    value: Array
    rounding: float


def _limits(reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]) -> tuple[str, ...]:
    """Return the limits to which the submitted gradients of W and b may have been clipped."""
    arrays = [
        ClippedArray(given.id, reading.value, float(reading.quantum.max(initial=0.0)))
        for given, _, reading in _gradients(reference, submitted, "Wb")
    ]
    return limits_of(arrays, reference.relations.parameters)


def limits_of(arrays: Iterable[ClippedArray], parameters: Sequence[Name]) -> tuple[str, ...]:
    """Return the limits, such as "entries 0.5": a way to clip and a round number.

    The number is the largest entry of an array, its length, or that of all gradients together.
    """
    found: list[str] = []
    squares: dict[Name, float] = {}
    spreads: dict[Name, float] = {}
    for name, value, rounding in arrays:
        of = name.variable
        if name.gradient_of not in ("W", "b") or of in squares or not value.size:
            continue
        square, spread = float(np.vdot(value, value)), rounding * value.size**0.5
        # spread**2 raises OverflowError if the result is too large; this gives inf.
        squares[of], spreads[of] = square, spread * spread
        largest = float(np.abs(value).max())
        if value.size == 1 or np.count_nonzero(np.abs(value) == largest) > 1:
            found += _round_number("entries", largest, rounding)
        found += _round_number("length", square**0.5, spread)
    weights = [each for each in parameters if each.quantity == "W"]
    for how, some in (("weights", weights), ("all", parameters), ("torch", parameters)):
        if squares.keys() >= set(some):
            length = sum(squares[each] for each in some) ** 0.5
            spread = sum(spreads[each] for each in some) ** 0.5
            found += _round_number(how, length, spread + TORCH_EPSILON * (how == "torch"))
    return tuple(dict.fromkeys(found))


def _round_number(how: str, number: float, spread: float) -> list[str]:
    """Return a limit if a number with at most two digits is within the spread."""
    if not 0.0 < number < np.inf or spread > 1e-3 * number:
        return []
    limit = float(f"{number:.2g}")
    return [f"{how} {limit:g}"] if abs(limit - number) <= spread + 1e-9 * number else []

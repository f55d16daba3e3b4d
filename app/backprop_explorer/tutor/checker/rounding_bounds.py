"""Bounds of rounding errors, propagated through one operation.

A ``spread`` holds, entry by entry, a bound of the absolute error of a value. Spreads have two uses:
the rounding errors of float64 itself (a slope a(1 − a) near saturation), and lines that are
recomputed from a student's own numbers, of which only the printed digits are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.operations import OPS, Operation
from backprop_explorer.tutor.reading.printed_array import from_array

Array = NDArray[np.float64]
# A few units in the last place: the difference between NumPy and a loop, or orders of summation.
UNIT = 8.0 * float(np.finfo(np.float64).eps)
SINGLE_UNIT = 2.0 * float(np.finfo(np.float32).eps)

# Digits of a printed number; the first ENTRIES_SAMPLED entries show whether there are more.
PRINTED_DIGITS = range(6, 11)
PRINTED_DECIMALS = range(7, 11)
ENTRIES_SAMPLED = 32
# Givens with fewer digits are exact: 0.5, -1.2.
FEWEST_GIVEN_DIGITS = 3
# Noise is limited to this part of the largest entry, but not below this many units.
MAX_NOISE, MIN_NOISE_UNITS = 0.01, 50.0
FEW_GIVEN_DECIMALS = range(3, 6)
MAX_NOISE_OF_FEW_DIGITS = 0.05
# The logarithm of 1 − a can lose more digits.
MAX_COST_NOISE = 0.05
# Beyond this |z| every slope is 0 or 1 to the last digit, or decays.
SATURATED = 8.0

Spreads = Sequence[Any]


def _corners(compute: Callable[[Any], Any], value: Any, spread: Any) -> Any:
    """Return the larger change of an elementwise function at ``value`` ± ``spread``."""
    middle = compute(value)
    # If one of the two is outside the domain of the function, fmax takes the other one.
    return np.fmax(
        np.abs(compute(value + spread) - middle), np.abs(compute(value - spread) - middle)
    )


def _affine(operation: Operation, inputs: Sequence[Any], spreads: Spreads) -> Any:
    a, W, _ = inputs
    return spreads[0] @ (np.abs(W) + spreads[1]) + np.abs(a) @ spreads[1] + spreads[2]


def _activation(operation: Operation, inputs: Sequence[Any], spreads: Spreads) -> Any:
    if ACTIVATIONS[operation.name].mixing is None:
        return _corners(operation.compute, inputs[0], spreads[0])
    a = operation.compute(inputs[0])
    spread = np.minimum(spreads[0], 1.0)
    return 2.0 * a * (spread + np.einsum("nk,nk->n", a, spread)[:, None])


def _cost_gradient(operation: Operation, inputs: Sequence[Any], spreads: Spreads) -> Any:
    a, target, factor = inputs
    changed = _corners(lambda value: operation.compute(value, target, factor), a, spreads[0])
    changed = changed + _corners(lambda y: operation.compute(a, y, factor), target, spreads[1])
    # The gradient of a logarithm has poles at 0 and 1; a step across one gives no bound.
    return np.where(np.isfinite(changed), changed, np.inf)


def _backward(operation: Operation, inputs: Sequence[Any], spreads: Spreads) -> Any:
    dC_da, read = inputs
    s, r = spreads
    activation = ACTIVATIONS[operation.name.removesuffix("_backward")]
    if activation.mixing is None:
        by_gradient = np.abs(operation.compute(s, read))
        by_slope = _corners(lambda z: operation.compute(np.abs(dC_da) + s, z), read, r)
        return by_gradient + by_slope
    a, size = np.abs(read) + r, np.abs(dC_da) + s
    inner = np.einsum("nk,nk->n", s, a) + np.einsum("nk,nk->n", size, r)
    total = np.einsum("nk,nk->n", size, a)
    return a * (s + inner[:, None]) + r * (size + total[:, None])


def _weight_gradient(operation: Operation, inputs: Sequence[Any], spreads: Spreads) -> Any:
    a, dC_dz = inputs[:2]
    product = np.abs(a).T @ spreads[1] + spreads[0].T @ (np.abs(dC_dz) + spreads[1])
    if len(inputs) < 5:
        return product
    _, _, W, l1, l2 = inputs
    # The derivative of λ₁|W| changes its sign within the spread.
    return product + l2 * spreads[2] + 2.0 * l1 * (np.abs(W) <= spreads[2])


def _bias_gradient(operation: Operation, inputs: Sequence[Any], spreads: Spreads) -> Any:
    total = spreads[0].sum(axis=0)
    if len(inputs) < 4:
        return total
    _, b, l1, l2 = inputs
    return total + l2 * spreads[1] + 2.0 * l1 * (np.abs(b) <= spreads[1])


def _input_gradient(operation: Operation, inputs: Sequence[Any], spreads: Spreads) -> Any:
    dC_dz, W = inputs
    return spreads[0] @ (np.abs(W) + spreads[1]).T + np.abs(dC_dz) @ spreads[1].T


def _cost(operation: Operation, inputs: Sequence[Any], spreads: Spreads) -> Any:
    if operation.name == "total_cost":
        return sum(spreads)
    prediction, target, factor = inputs
    # The largest change: every entry moves in the direction that increases its loss.
    gradient = OPS[f"{operation.name}_gradient"].compute(prediction, target, factor)
    # At the pole of a logarithm the gradient is 0; there the loss grows with the distance.
    direction = np.sign(np.where(gradient == 0.0, prediction - target, gradient)) * spreads[0]
    return _corners(lambda p: operation.compute(p, target, factor), prediction, direction)


def _elementwise(operation: Operation, inputs: Sequence[Any], spreads: Spreads) -> Any:
    """Elementwise operation of several inputs: the sum of the changes by each input."""
    total: Any = 0.0
    for at, spread in enumerate(spreads):
        if not np.any(spread):
            continue

        def compute(value: Any, at: int = at) -> Any:
            return operation.compute(*inputs[:at], value, *inputs[at + 1 :])

        total = total + _corners(compute, inputs[at], spread)
    return total


_BY_FAMILY: dict[str, Callable[[Operation, Sequence[Any], Spreads], Any]] = {
    "affine": _affine,
    "activation": _activation,
    "cost_gradient": _cost_gradient,
    "activation_backward": _backward,
    "weight_gradient": _weight_gradient,
    "bias_gradient": _bias_gradient,
    "input_gradient": _input_gradient,
    "cost": _cost,
}


def propagate(operation: Operation, inputs: Sequence[Any], spreads: Sequence[Any]) -> Any:
    """Return the spread of an operation's result, None if it is exact.

    ``spreads`` has one entry for each input, None for an exact input.
    """
    if all(spread is None for spread in spreads):
        return None
    filled = [
        np.zeros(np.shape(value)) if spread is None else spread
        for value, spread in zip(inputs, spreads, strict=True)
    ]
    try:
        result = _BY_FAMILY.get(operation.family, _elementwise)(operation, inputs, filled)
    except ValueError:
        # An input has a wrong shape, so the line has no value.
        return None
    return np.where(np.isfinite(result), result, np.inf)


def _cancelled_constant(operation: Operation, z: Array, a: Array) -> Any:
    """Return the size of the constant 1 in log(1 + exp(z)) and exp(z) − 1, whose digits cancel.

    0 for bounded activations: they are quotients and keep their digits.
    """
    if np.isfinite(ACTIVATIONS[operation.name].range[1]):
        return 0.0
    return np.where(a == z, 0.0, 1.0)


def _slope_amplification(operation: Operation, read: Array) -> Any:
    """Return the factor on a slope's rounding error: GELU multiplies 1 − tanh² u by up to z²."""
    activation = ACTIVATIONS[operation.name.removesuffix("_backward")]
    if activation.mixing is not None or np.isfinite(activation.range[1]):
        return 1.0
    return 1.0 + np.minimum(np.abs(read), SATURATED) ** 2


def own_noise(operation: Operation, inputs: Sequence[Any], value: Any, unit: float) -> Any:
    """Return the rounding error of the operation itself: ``unit`` times the size of its terms."""
    if operation.family == "affine":
        a, W, b = inputs
        size = np.abs(a) @ np.abs(W) + np.abs(b)
    elif operation.family == "weight_gradient":
        size = np.abs(inputs[0]).T @ np.abs(inputs[1])
    elif operation.family == "bias_gradient":
        size = np.abs(inputs[0]).sum(axis=0)
    elif operation.family == "input_gradient":
        size = np.abs(inputs[0]) @ np.abs(inputs[1]).T
    elif operation.family == "cost_gradient" and len(inputs) == 3:
        # prediction − target loses digits where the two are close.
        size = np.abs(value) + np.abs(inputs[2]) * np.abs(inputs[0])
    elif operation.family == "activation_backward":
        # 1 − a² and a(1 − a) lose digits near saturation.
        size = np.abs(value) + np.abs(inputs[0]) * _slope_amplification(operation, inputs[1])
    elif operation.family == "activation":
        size = np.abs(value) + _cancelled_constant(operation, inputs[0], value)
    elif operation.family == "cost" and len(inputs) == 3:
        size = np.abs(value) + np.abs(inputs[2]) * np.size(inputs[1])
    elif operation.family == "update":
        size = np.abs(value) + sum(np.abs(v) for v in inputs if np.shape(v) == np.shape(value))
    else:
        size = np.abs(value)
    return np.where(np.isfinite(size), unit * size, 0.0)


def rounded_givens(givens: Mapping[str, Any], *, few_digits: bool = False) -> dict[str, Any]:
    """Return the spread of each given that looks printed: the student may have had more digits.

    Numbers with 6 to 10 digits look printed. Fewer digits were probably typed; with ``few_digits``,
    numbers from 3 digits on count as printed too, and if no given has more than 5 decimals, all
    that are no whole numbers are rounded to as many. More digits are the full number.
    """
    digits, decimals = PRINTED_DIGITS, PRINTED_DECIMALS
    if few_digits:
        digits = decimals = range(FEWEST_GIVEN_DIGITS, PRINTED_DIGITS.stop)
    spreads: dict[str, Any] = {}
    common = _common_rounding(givens) if few_digits else None
    for name, value in givens.items():
        if not isinstance(value, np.ndarray) or name.startswith(("velocity", "sum", "square")):
            continue
        if common is not None:
            if np.any(value % 1.0):
                spreads[name] = np.full(value.shape, common)
            continue
        # The first entries show whether there are more digits.
        few = () if value.size <= ENTRIES_SAMPLED else (value.ravel()[:ENTRIES_SAMPLED],)
        for part in (*few, value):
            printed = from_array(part)
            if printed.digits not in digits and printed.decimals not in decimals:
                break
        else:
            spreads[name] = printed.quantum
    return spreads


def _common_rounding(givens: Mapping[str, Any]) -> float | None:
    """Return half a unit of the last decimal of all givens, None if they have many or no decimals.

    An array of few small numbers, such as [-0.058], does not show alone that it is rounded.
    """
    arrays = [value for value in givens.values() if isinstance(value, np.ndarray)]
    decimals = max((from_array(value).decimals for value in arrays), default=0)
    return 0.5 * 10.0**-decimals if decimals in FEW_GIVEN_DECIMALS else None


def limit_noise(
    operation: Operation, noise: Any, value: Any, unit: float, *, few_digits: bool = False
) -> Any:
    """Limit noise to a part of the largest entry, because near a pole the bounds are useless."""
    largest = float(np.max(np.abs(value), initial=0.0, where=np.isfinite(value)))
    part = MAX_COST_NOISE if operation.family == "cost" else MAX_NOISE
    if few_digits:
        part = MAX_NOISE_OF_FEW_DIGITS
    bound = max(part * largest, MIN_NOISE_UNITS * unit)
    return np.where(np.isfinite(noise), np.minimum(noise, bound), 0.0)

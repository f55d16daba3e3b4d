"""Bounds on the rounding error of each gradient of a trace (forward error analysis).

Two correct programs differ in their last digits. If a gradient is a small difference of large
terms, rounding dominates it: prediction − target when they agree, the sum over the samples near a
minimum, softmax near probability 1. ``uncertainties`` propagates the rounding error through the
operations of the backward pass and returns a bound for each entry of each gradient.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.backprop import Step
from backprop_explorer.engine.operations import OPS
from backprop_explorer.engine.trace import Trace
from backprop_explorer.proof.comparison import EPS, Array

# Rounding error of a sum relative to its terms: a few dozen roundings.
ROUNDING = 64.0 * EPS
_MIXING = {f"{each.name}_backward" for each in ACTIVATIONS.values() if each.mixing is not None}


def uncertainties(trace: Trace) -> dict[str, Array]:
    """Return a bound on the rounding error of each entry, by the id of the gradient line."""
    found: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for line in trace.lines:
            if line.id.startswith("dC_d"):
                found[line.id] = _line_bound(line.step, trace, found)
    return found


def _line_bound(step: Step, trace: Trace, found: Mapping[str, Array]) -> Array:
    operation = OPS[step.op]
    if operation.family == "cost_gradient":
        return _output_bound(step, trace)
    inputs = [trace[name] for name in step.inputs]
    if operation.family == "activation_backward":
        return _activation_bound(step, inputs[0], inputs[1], found[step.inputs[0]])
    # The other operations are linear: a product with ∂C/∂z, or the sum of its rows.
    dz = next(name for name in step.inputs if name.startswith("dC_dz"))
    terms = found[dz] + ROUNDING * np.abs(trace[dz])
    if operation.family == "bias_gradient":
        result = OPS["bias_gradient"].compute(terms)
        if len(inputs) > 1:
            b, l1, l2 = inputs[1:]
            result = result + ROUNDING * (l1 + l2 * np.abs(b))
    elif operation.family == "input_gradient":
        result = operation.compute(terms, np.abs(inputs[1]))
    else:
        result = OPS["weight_gradient"].compute(np.abs(inputs[0]), terms)
        if len(inputs) > 2:
            W, l1, l2 = inputs[2:]
            result = result + ROUNDING * (l1 + l2 * np.abs(W))
    bound: Array = np.abs(result)
    return bound


def _activation_bound(step: Step, gradient: Array, read: Array, above: Array) -> Array:
    if step.op not in _MIXING:
        bound: Array = np.abs(OPS[step.op].compute(above, read))
        return bound
    terms = above + ROUNDING * np.abs(gradient)
    mixed: Array = read * (terms + (terms * read).sum(axis=1, keepdims=True))
    return mixed


def _output_bound(step: Step, trace: Trace) -> Array:
    """The bound for the gradient of the cost, from the rounding of prediction and target."""
    prediction, target, factor = (trace[name] for name in step.inputs)
    cost = trace.objective.entry
    if trace.objective.fuses(trace.network) or cost.pole_distance is None:
        operands: Array = factor * (np.abs(prediction) + np.abs(target))
        return ROUNDING * operands
    # Closer than ε to the pole, rounding decides whether the value is on the pole.
    pole_distance = cost.pole_distance(prediction)
    slope = np.maximum(np.abs(trace[step.id]), factor / np.maximum(pole_distance, EPS))
    lost = np.clip(np.abs(prediction) / np.maximum(pole_distance, 1e-300), 1.0, 1.0 / EPS)
    uncertain: Array = ROUNDING * slope * lost
    return uncertain

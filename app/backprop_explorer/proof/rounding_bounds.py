"""What rounding may do to each gradient of a trace: an error analysis beside the backward pass.

Two right programs differ in their last digits. Where a gradient is a small difference of large
terms (prediction − target when they agree, the samples' pulls near a minimum, softmax near
certainty), those last digits are all there is. ``uncertainties`` follows them through the same
operations as the gradient itself: every array gets an array of how far rounding may have moved each
of its entries.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.backprop import Step
from backprop_explorer.engine.operations import OPS
from backprop_explorer.engine.trace import Trace
from backprop_explorer.proof.comparison import EPS, Array

# What a sum may lose, relative to its terms: a few dozen roundings.
ROUNDING = 64.0 * EPS
_MIXING = {f"{each.name}_backward" for each in ACTIVATIONS.values() if each.mixing is not None}


def uncertainties(trace: Trace) -> dict[str, Array]:
    """For every gradient line by its id, an array of its shape: how far each entry may be off."""
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
    # What is left is linear: a product with ∂C/∂z, or the sum of its rows.
    dz = next(name for name in step.inputs if name.startswith("dC_dz"))
    terms = found[dz] + ROUNDING * np.abs(trace[dz])
    if operation.family == "bias_gradient":
        result = operation.compute(terms)
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
    """Prediction − target knows no more than both do; log a, log(1 − a) no more than a, 1 − a."""
    prediction, target, factor = (trace[name] for name in step.inputs)
    cost = trace.objective.entry
    if trace.objective.fuses(trace.network) or cost.pole_distance is None:
        operands: Array = factor * (np.abs(prediction) + np.abs(target))
        return ROUNDING * operands
    # Below 1e-16 the rounding decides whether there is a pole at all.
    pole_distance = cost.pole_distance(prediction)
    slope = np.maximum(np.abs(trace[step.id]), factor / np.maximum(pole_distance, EPS))
    lost = np.clip(np.abs(prediction) / np.maximum(pole_distance, 1e-300), 1.0, 1.0 / EPS)
    uncertain: Array = ROUNDING * slope * lost
    return uncertain

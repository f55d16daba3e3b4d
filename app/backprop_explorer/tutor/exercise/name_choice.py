"""Choose among the mistakes that give the same numbers, by what a program does with them."""

from __future__ import annotations

import re

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.tutor.checker.variants import Variant
from backprop_explorer.tutor.exercise.explanations import Explanation
from backprop_explorer.tutor.exercise.observed import Observed
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.source import ERROR_NAME, means_quantity


def better_name(observed: Observed, explanation: Explanation) -> str | None:
    """Return another mistake that gives the same numbers and that this program shows, if any.

    A loop over the samples adds gradients up and divides in the end, or does not. Prediction
    minus target, multiplied by a derivative, is a ∂C/∂a only where it is stored as one.
    """
    (mistake, *more) = explanation.variant.mistakes
    samples = observed.traces[0].samples
    if more:
        return None
    if mistake.name == ids.COST_GRADIENT_SCALE and samples > 1:
        by_count = float(mistake.detail) in (samples, 1.0 / samples)
        return ids.BATCH_SCALE if by_count and loops_over_samples(observed) else None
    if mistake.name in (ids.DC_DZ_USED_AS_DC_DA, ids.OUTPUT_DERIVATIVE_TWICE):
        if stored_as_gradient(observed, explanation.variant) is not None:
            return ids.DC_DZ_USED_AS_DC_DA
        of_output = names.gradient(names.activation(observed.depth))
        known = any(label.line and label.name == of_output for e in observed.labels for label in e)
        return ids.ACTIVATION_DERIVATIVE_TWICE if known else ids.OUTPUT_DERIVATIVE_TWICE
    return None


def loops_over_samples(observed: Observed) -> bool:
    """Whether the program computes something for each sample alone, at one place."""
    for steps in observed.run.sites.values():
        samples = {
            label.sample
            for at in steps
            for label in observed.labels[at]
            if label.sample is not None and np.any(observed.values[at])
        }
        if len(steps) > 1 and len(samples) > 1:
            return True
    return False


def stored_as_gradient(observed: Observed, variant: Variant) -> int | None:
    """Return the step of ∂C/∂z of the output that is called ∂C/∂a: by a variable or a function."""
    right = variant.without_mistakes()
    of_output = names.gradient(names.weighted_sum(observed.depth))
    keys = sorted({k for some, _ in observed.appearances(of_output, right) for k in some})
    for key in keys:
        step = observed.run.steps[key]
        function = step.frames[0].function if step.returned and step.frames else ""
        named = means_quantity(step.name, names.OF_A) or ERROR_NAME.search(step.name)
        if named or names_cost_gradient(function):
            return key
    return None


def names_cost_gradient(function: str) -> bool:
    """Whether the name of a function means ∂C/∂a: mse_der, cost_derivative, dLoss."""
    name = function.lower()
    return bool(
        re.search(r"cost|loss|mse|entropy|ce_|bce|error|objective", name)
        and re.search(r"der|prime|grad|backward|^d_?[clj]", name)
    )

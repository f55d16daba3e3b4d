"""Mistakes in the gradient of the cost: ∂C/∂a of the output, or ∂C/∂z if they are one step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.activations import backward_of
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.texts import tutor_misconceptions as texts
from backprop_explorer.tutor.misconceptions.misconception import (
    Context,
    Misconception,
    format_factor,
    simple_fraction,
)


def _opposite(context: Context, detail: str) -> Any:
    return -context.right()


def _factors(context: Context) -> Sequence[str]:
    # A factor of −1 is cost_gradient_sign.
    return [repr(factor) for factor in context.situation.factors if factor != -1.0]


def _scaled(context: Context, detail: str) -> Any:
    return float(detail) * context.right()


def _factor_words(detail: str) -> str:
    factor = float(detail)
    if factor < 0.0:
        return texts.times_and_sign(format_factor(factor))
    return texts.times_correct(format_factor(factor))


def _factor_doubt(context: Context, detail: str) -> float:
    """Doubt a factor that is not a simple fraction, and one that is the number of samples.

    A single number always has a factor, so any other mistake that gives it is more likely. A factor
    of the number of samples is missing more often in the sum over the samples than here.
    """
    factor, samples = float(detail), context.situation.samples
    if simple_fraction(factor) is None:
        return 0.4 if np.size(context.right()) == 1 else 0.2
    return 0.05 if samples > 1 and factor in (samples, 1.0 / samples) else 0.0


def _cost_choices(context: Context) -> Sequence[str]:
    """List the other costs with the reduction of the exercise, then with other reductions."""
    objective = context.situation.objective
    reductions = [objective.reduction, *(r for r in REDUCTIONS if r != objective.reduction)]
    return [f"{c}/{r}" for r in reductions for c in COSTS if c != objective.cost]


def _wrong_cost(context: Context, detail: str) -> Any:
    a, target, _ = context.inputs
    cost, reduction = detail.split("/")
    dC_da = COSTS[cost].derivative(a, target) * REDUCTIONS[reduction].factor(*target.shape)
    if not context.fused:
        return dC_da
    activation = context.activation
    read = a if activation.mixing is not None else context.read(names.weighted_sum(context.layer))
    return backward_of(activation)(dC_da, read)


def _cost_doubt(context: Context, detail: str) -> float:
    """Doubt Huber and absolute error, and other reductions.

    Other reductions are more likely for the squared error, which is often copied from another
    exercise together with its scaling.
    """
    cost, reduction = detail.split("/")
    doubt = 0.1 if cost in ("huber", "mae") else 0.0
    if reduction != context.situation.objective.reduction:
        doubt += 0.05 if cost == "mse" else 0.3
    return doubt


def _cost_words(detail: str) -> str:
    return COSTS[detail.split("/")[0]].title


def _gradient_of_z(context: Context, detail: str) -> Any:
    """Compute ∂C/∂z of the output, which programs with softmax pass on as ∂C/∂a."""
    fused = COSTS[context.situation.objective.cost].fused.get(context.activation.name)
    if fused is None or context.fused or len(context.inputs) != 3:
        return None
    a, target, factor = context.inputs
    return factor * fused.gradient(a, target)


def _in_all_pairs(context: Context, detail: str) -> Any:
    """Compute with predictions (N, 1) and targets (N,), which NumPy broadcasts to (N, N)."""
    a, target, factor = context.inputs
    samples = len(target)
    if target.shape[1] != 1 or samples == 1:
        return None
    factor = factor / samples if detail == "mean" else factor
    cost = COSTS[context.situation.objective.cost]
    if context.fused:
        fused = cost.fused.get(context.activation.name)
        return None if fused is None else factor * (a - target.T)
    return factor * cost.derivative(a, target.T)


OUTPUT_GRADIENT = (
    Misconception(
        name="cost_gradient_sign",
        title="target minus prediction",
        did="The gradient of the cost has the opposite sign: target minus prediction.",
        why="C grows as the prediction moves away from the target, so a step against your gradient"
        " would increase C; check the order of the difference and the sign in front of it.",
        families=("cost_gradient",),
        compute=_opposite,
        on_result=True,
    ),
    Misconception(
        name="cost_gradient_scale",
        title="constant factor in the gradient of the cost",
        did="The gradient of the cost is off by a constant factor: {detail}.",
        why="Differentiate the cost as it is defined; compare its constants one by one with yours:"
        " the factor of the loss, and what the sum is divided by.",
        families=("cost_gradient",),
        compute=_scaled,
        details=_factors,
        words=_factor_words,
        on_result=True,
        doubt=_factor_doubt,
    ),
    Misconception(
        name="wrong_cost",
        title="gradient of another cost",
        did="The gradient is that of {detail}.",
        why="It must be the derivative of the given cost; compare the two formulas.",
        families=("cost_gradient",),
        compute=_wrong_cost,
        details=_cost_choices,
        words=_cost_words,
        doubt=_cost_doubt,
    ),
    Misconception(
        name="broadcast_columns",
        title="(N, 1) − (N,) gives (N, N)",
        did="Every prediction was compared with the targets of all samples: an array of shape"
        " (N, 1) and one of shape (N,) were combined.",
        why="NumPy stretches both to (N, N) without an error; print the shapes of both before you"
        " subtract.",
        families=("cost_gradient",),
        compute=_in_all_pairs,
        details=lambda context: ("sum", "mean"),
    ),
    Misconception(
        name="dC_dz_used_as_dC_da",
        title="∂C/∂z in place of ∂C/∂a",
        did="∂C/∂a of the output is ∂C/∂z: the derivative of the activation is already in it.",
        why="Prediction minus target is what remains after cost and activation are differentiated"
        " together; check which of the two your function returns.",
        families=("cost_gradient",),
        compute=_gradient_of_z,
    ),
)

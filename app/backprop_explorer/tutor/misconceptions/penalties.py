"""Mistakes in the penalty's part of ∂C/∂W and ∂C/∂b."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.texts import tutor_misconceptions as texts
from backprop_explorer.tutor.misconceptions.misconception import Context, Misconception


def _parts(context: Context) -> tuple[Any, Any, float, float] | None:
    """Return the gradient without the penalty, the parameter, λ₁ and λ₂; None without a penalty."""
    if context.node.op == "penalized_weight_gradient":
        below, dC_dz, W, l1, l2 = context.inputs
        return below.T @ dC_dz, W, l1, l2
    if context.node.op == "penalized_bias_gradient":
        dC_dz, b, l1, l2 = context.inputs
        return dC_dz.sum(axis=0), b, l1, l2
    return None


def _no_penalty(context: Context, detail: str) -> Any:
    parts = _parts(context)
    return None if parts is None else parts[0]


def _penalty_scale(context: Context, detail: str) -> Any:
    parts = _parts(context)
    if parts is None:
        return None
    plain, p, l1, l2 = parts
    samples = context.situation.samples
    if detail == "doubled":
        return plain + (1.0 if l2 else 2.0) * l1 * np.sign(p) + 2.0 * l2 * p
    if detail == "halved":
        return plain + (1.0 if l2 else 0.5) * l1 * np.sign(p) + 0.5 * l2 * p
    if detail == "without λ":
        return plain + (np.sign(p) if l1 else 0.0) + (p if l2 else 0.0)
    if detail == "subtracted":
        return plain - l1 * np.sign(p) - l2 * p
    if detail == "value":
        return plain + l1 * np.abs(p) + 0.5 * l2 * p**2
    if samples == 1:
        return None
    factor = samples if detail == "multiplied" else 1.0 / samples
    return plain + factor * (l1 * np.sign(p) + l2 * p)


_PENALTY_WORDS = {
    "doubled": texts.TWICE_L2,
    "halved": texts.HALF_L2,
    "subtracted": texts.OPPOSITE_SIGN,
    "value": texts.PENALTY_ITSELF,
    "divided": texts.DIVIDED_BY_SAMPLES,
    "multiplied": texts.MULTIPLIED_BY_SAMPLES,
    "without λ": texts.WITHOUT_LAMBDA,
}


def _penalty_on_bias(context: Context, detail: str) -> Any:
    objective = context.situation.objective
    if not objective.penalized or objective.biases:
        return None
    b = context.read(names.biases(context.layer))
    return context.right() + objective.l1 * np.sign(b) + objective.l2 * b


def _other_penalty(context: Context, detail: str) -> Any:
    parts = _parts(context)
    if parts is None or np.ndim(parts[1]) != 2:
        return None
    plain, W, l1, l2 = parts
    layer = context.layer + (1 if detail == "next" else -1)
    other = context.read(names.weights(layer)) if 1 <= layer <= context.depth else None
    if other is None or np.shape(other) != np.shape(W):
        return None
    return plain + l1 * np.sign(other) + l2 * other


PENALTIES = (
    Misconception(
        name="penalty_gradient_missing",
        title="penalty's gradient left out",
        did="The gradient of the penalty was left out.",
        why="The penalty depends on the parameters too, so its derivative belongs to their"
        " gradients; check the L1 and L2 terms.",
        families=("weight_gradient", "bias_gradient"),
        compute=_no_penalty,
    ),
    Misconception(
        name="penalty_gradient_scale",
        title="penalty's gradient with another factor or sign",
        did="The gradient of the penalty was added {detail}.",
        why="Differentiate the penalty, as it is defined, by one entry of W, and compare factor"
        " and sign.",
        families=("weight_gradient", "bias_gradient"),
        compute=_penalty_scale,
        details=lambda context: tuple(_PENALTY_WORDS),
        words=lambda detail: _PENALTY_WORDS[detail],
    ),
    Misconception(
        name="penalty_of_wrong_layer",
        title="penalty with another layer's weights",
        did="The penalty's gradient was computed with the weights of the {detail} layer.",
        why="Each W has its own part of the penalty; check the index of W where it is added.",
        families=("weight_gradient",),
        compute=_other_penalty,
        details=lambda context: ("next", "previous"),
    ),
    Misconception(
        name="penalty_on_bias",
        title="penalty on the bias",
        did="The penalty was applied to b as well.",
        why="The penalty applies only to weights, because a bias does not make the function"
        " steeper; check which parameters your L1 and L2 terms run over.",
        families=("bias_gradient",),
        compute=_penalty_on_bias,
        on_result=True,
    ),
)

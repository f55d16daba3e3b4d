"""Mistakes in the penalty's part of ∂C/∂W and ∂C/∂b."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.tutor.misconceptions.misconception import Context, Misconception


def _no_penalty(context: Context, detail: str) -> Any:
    if len(context.inputs) < 5:
        return None
    return context.inputs[0].T @ context.inputs[1]


def _penalty_scale(context: Context, detail: str) -> Any:
    if len(context.inputs) < 5:
        return None
    below, dC_dz, W, l1, l2 = context.inputs
    product = below.T @ dC_dz
    samples = len(dC_dz)
    if detail == "doubled":
        return product + l1 * np.sign(W) + 2.0 * l2 * W
    if detail == "halved":
        return product + l1 * np.sign(W) + 0.5 * l2 * W
    if detail == "subtracted":
        return product - l1 * np.sign(W) - l2 * W
    if detail == "value":
        return product + l1 * np.abs(W) + 0.5 * l2 * W**2
    return None if samples == 1 else product + (l1 * np.sign(W) + l2 * W) / samples


_PENALTY_WORDS = {
    "doubled": "with twice the L2 term",
    "halved": "with half the L2 term",
    "subtracted": "with the opposite sign",
    "value": "as the penalty itself instead of its derivative",
    "divided": "divided by the number of samples",
}


def _penalty_on_bias(context: Context, detail: str) -> Any:
    objective = context.situation.objective
    if not objective.penalized:
        return None
    b = context.read(f"b{context.layer}")
    return context.right() + objective.l1 * np.sign(b) + objective.l2 * b


def _other_penalty(context: Context, detail: str) -> Any:
    if len(context.inputs) < 5:
        return None
    below, dC_dz, W, l1, l2 = context.inputs
    layer = context.layer + (1 if detail == "next" else -1)
    other = context.read(f"W{layer}") if 1 <= layer <= context.depth else None
    if other is None or np.shape(other) != np.shape(W):
        return None
    return below.T @ dC_dz + l1 * np.sign(other) + l2 * other


PENALTIES = (
    Misconception(
        name="penalty_gradient_missing",
        title="penalty's gradient left out",
        did="∂C/∂W does not contain the gradient of the penalty.",
        why="The penalty depends on W too, so its derivative is added to every ∂C/∂W; check the"
        " L1 and L2 terms.",
        families=("weight_gradient",),
        compute=_no_penalty,
    ),
    Misconception(
        name="penalty_gradient_scale",
        title="penalty's gradient with another factor or sign",
        did="The penalty was added to ∂C/∂W {detail}.",
        why="The penalty is λ₁ Σ|W| + λ₂/2 ΣW²; differentiate it by one entry of W and compare"
        " factor and sign.",
        families=("weight_gradient",),
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

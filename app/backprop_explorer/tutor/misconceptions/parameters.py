"""Mistakes in ∂C/∂W and ∂C/∂b, computed from a correct ∂C/∂z."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.tutor.misconceptions.misconception import Array, Context, Misconception


def _for_bias(context: Context) -> bool:
    return context.step.op == "bias_gradient"


def _gradient_of_z(context: Context) -> Array:
    dC_dz: Array = context.inputs[0] if _for_bias(context) else context.inputs[1]
    return dC_dz


def _penalty(context: Context) -> Array | float:
    """Return the term of the penalty in ∂C/∂W."""
    if len(context.inputs) < 5:
        return 0.0
    _, _, W, l1, l2 = context.inputs
    added: Array = l1 * np.sign(W) + l2 * W
    return added


def _weights_from(context: Context, below: Array, dC_dz: Array) -> Any:
    if len(below) != len(dC_dz):
        return None
    added = _penalty(context)
    product = below.T @ dC_dz
    if np.ndim(added) and np.shape(added) != product.shape:
        return None
    return product + added


def _other_activations(context: Context) -> Sequence[str]:
    return ("own", "two below")


def _other_activation(context: Context, detail: str) -> Any:
    layer = context.layer if detail == "own" else context.layer - 2
    if layer < 0:
        return None
    below = context.read(f"a{layer}" if layer else "x")
    return _weights_from(context, below, _gradient_of_z(context))


def _activation_words(detail: str) -> str:
    return "of the layer itself" if detail == "own" else "of two layers below"


def _z_below(context: Context, detail: str) -> Any:
    if context.layer < 2:
        return None
    return _weights_from(context, context.read(f"z{context.layer - 1}"), _gradient_of_z(context))


def _without_slope(context: Context, detail: str) -> Any:
    dC_da = context.read(f"dC_da{context.layer}")
    if dC_da is None:
        return None
    if _for_bias(context):
        return dC_da.sum(axis=0)
    return _weights_from(context, context.inputs[0], dC_da)


def _turned(context: Context, detail: str) -> Any:
    right = context.right()
    return right.T.copy() if right.ndim == 2 else None


def _bias_ways(context: Context) -> Sequence[str]:
    return ("mean", "whole", "first", "last", "samples", "total")


def _not_summed(context: Context, detail: str) -> Any:
    dC_dz = _gradient_of_z(context)
    if len(dC_dz) == 1:
        return None
    if detail == "mean":
        return dC_dz.mean(axis=0)
    if detail in ("first", "last"):
        return dC_dz[0 if detail == "first" else -1]
    if detail == "whole":
        return dC_dz
    total: Any = dC_dz.sum(axis=1) if detail == "samples" else dC_dz.sum()
    return total


_BIAS_WORDS = {
    "mean": "averaged over the samples",
    "whole": "left as one row per sample",
    "first": "taken from the first sample alone",
    "last": "taken from the last sample alone",
    "samples": "summed over the units instead of the samples",
    "total": "summed over everything",
}


def _one_sample(context: Context, detail: str) -> Any:
    below, dC_dz = context.inputs[0], _gradient_of_z(context)
    if len(dC_dz) == 1:
        return None
    part = slice(0, 1) if detail == "first" else slice(-1, None)
    return _weights_from(context, below[part], dC_dz[part])


def _batch_scale(context: Context, detail: str) -> Any:
    samples = len(_gradient_of_z(context))
    if samples == 1:
        return None
    factor = 1.0 / samples if detail == "twice" else float(samples)
    if _for_bias(context):
        return context.right() * factor
    # The penalty does not depend on the samples, so its term keeps its scale.
    added = _penalty(context)
    return (context.right() - added) * factor + added


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


PARAMETERS = (
    Misconception(
        name="activation_of_wrong_layer",
        title="a of another layer",
        did="∂C/∂W was computed with the a {detail}.",
        why="The gradient of the weights needs the input of the layer, the a of the previous layer"
        " (x for the first layer); check the index of a in your loop.",
        families=("weight_gradient",),
        compute=_other_activation,
        details=_other_activations,
        words=_activation_words,
    ),
    Misconception(
        name="z_instead_of_activation",
        title="z used instead of a",
        did="∂C/∂W was computed with the z of the previous layer.",
        why="The weights multiply a, the output of the previous layer, so ∂z/∂W contains a; check"
        " what your forward pass stores as the layer's input.",
        families=("weight_gradient",),
        compute=_z_below,
    ),
    Misconception(
        name="dC_da_instead_of_dC_dz",
        title="∂C/∂a used instead of ∂C/∂z",
        did="The gradients of W and b were computed from ∂C/∂a, without f'(z).",
        why="W and b act on z, so their gradients start from ∂C/∂z; multiply by f'(z) first.",
        families=("weight_gradient", "bias_gradient"),
        compute=_without_slope,
    ),
    Misconception(
        name="gradient_transposed",
        title="∂C/∂W transposed",
        did="∂C/∂W is transposed.",
        why="The gradient must have the shape of W, so that it can be subtracted from W; swap the"
        " factors of the product, or check the convention of your W.",
        families=("weight_gradient",),
        compute=_turned,
        on_result=True,
    ),
    Misconception(
        name="bias_gradient_not_summed",
        title="bias gradient not summed over the samples",
        did="∂C/∂b was {detail}.",
        why="All samples share the same b, so ∂C/∂b is the sum of ∂C/∂z over the rows and has the"
        " shape of b; check axis=0.",
        families=("bias_gradient",),
        compute=_not_summed,
        details=_bias_ways,
        words=lambda detail: _BIAS_WORDS[detail],
    ),
    Misconception(
        name="batch_scale",
        title="number of samples counted wrongly",
        did="The parameter gradients are divided by the number of samples {detail}.",
        why="If the cost is divided by N, ∂C/∂a already contains this factor; do not divide the"
        " sum over the samples again.",
        families=("weight_gradient", "bias_gradient"),
        compute=_batch_scale,
        details=lambda context: ("twice", "not at all"),
        on_result=True,
    ),
    Misconception(
        name="weight_gradient_not_summed",
        title="∂C/∂W of one sample only",
        did="∂C/∂W is that of the {detail} sample of the batch.",
        why="All samples share the same W, so their contributions are summed; the product aᵀ ∂C/∂z"
        " over the whole batch does that.",
        families=("weight_gradient",),
        compute=_one_sample,
        details=lambda context: ("first", "last"),
    ),
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
        title="penalty's gradient scaled differently",
        did="The penalty was added to ∂C/∂W {detail}.",
        why="The penalty is λ₁ Σ|W| + λ₂/2 ΣW²; add its derivative once, without other factors.",
        families=("weight_gradient",),
        compute=_penalty_scale,
        details=lambda context: tuple(_PENALTY_WORDS),
        words=lambda detail: _PENALTY_WORDS[detail],
    ),
    Misconception(
        name="penalty_on_bias",
        title="penalty on the bias",
        did="The penalty was applied to b as well.",
        why="The penalty applies only to weights, because a bias does not make the function"
        " steeper; leave b out of the L1 and L2 terms.",
        families=("bias_gradient",),
        compute=_penalty_on_bias,
        on_result=True,
    ),
)

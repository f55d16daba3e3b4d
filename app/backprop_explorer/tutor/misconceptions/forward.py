"""Mistakes on the way forward: z, a and the cost itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.operations import OPS
from backprop_explorer.tutor.misconceptions.misconception import Array, Context, Misconception


def _transposed_weights(context: Context, detail: str) -> Any:
    a, W, b = context.inputs
    return a @ W.T + b if W.shape[0] == W.shape[1] else None


def _missing_bias(context: Context, detail: str) -> Any:
    a, W, _ = context.inputs
    return a @ W


def _bias_subtracted(context: Context, detail: str) -> Any:
    a, W, b = context.inputs
    return a @ W - b


def _z_passed_on(context: Context, detail: str) -> Any:
    if context.layer < 2:
        return None
    _, W, b = context.inputs
    return context.read(f"z{context.layer - 1}") @ W + b


def _missing_activation(context: Context, detail: str) -> Any:
    return None if context.activation.name == "identity" else context.inputs[0]


def _other_activations(context: Context) -> Sequence[str]:
    """Those that are mistaken for each other first; softmax only where it has something to mix."""
    common = ("sigmoid", "relu", "tanh", "softmax", "leaky_relu", "identity")
    names = [*common, *(name for name in ACTIVATIONS if name not in common)]
    return [
        name
        for name in names
        if name != context.activation.name and not (name == "softmax" and _units(context) == 1)
    ]


def _units(context: Context) -> int:
    return context.situation.network.layers[context.layer - 1].units


def _wrong_activation(context: Context, detail: str) -> Any:
    return ACTIVATIONS[detail].compute(context.inputs[0])


def _sign_in_exponent(context: Context, detail: str) -> Any:
    if context.activation.name not in ("sigmoid", "silu", "softmax"):
        return None
    z = context.inputs[0]
    if context.activation.name == "silu":
        return z * ACTIVATIONS["sigmoid"].compute(-z)
    return context.activation.compute(-z)


def _softmax_axis(context: Context, detail: str) -> Any:
    if context.activation.name != "softmax":
        return None
    z: Array = context.inputs[0]
    top = z.max(axis=0, keepdims=True) if detail != "sum" else z.max(axis=1, keepdims=True)
    e = np.exp(z - top)
    return e / e.sum(axis=1 if detail == "maximum" else 0, keepdims=True)


def _softmax_sum(context: Context, detail: str) -> Any:
    return np.exp(context.inputs[0]) if context.activation.name == "softmax" else None


def _other_costs(context: Context) -> Sequence[str]:
    return [name for name in COSTS if name != context.situation.objective.cost]


def _prediction(context: Context) -> Array:
    a: Array = context.read(f"a{context.depth}")
    return a


def _wrong_cost(context: Context, detail: str) -> Any:
    if context.step.op == "total_cost":
        return None
    _, target, factor = context.inputs
    return float(OPS[detail].compute(_prediction(context), target, factor))


def _cost_factors(context: Context) -> Sequence[str]:
    return [*REDUCTIONS, "half"]


def _cost_scale(context: Context, detail: str) -> Any:
    if context.step.op == "total_cost":
        return None
    _, target, factor = context.inputs
    other = 0.5 * factor if detail == "half" else REDUCTIONS[detail].factor(*target.shape)
    return float(context.right() * other / factor)


def _cost_scale_words(detail: str) -> str:
    return "half of it" if detail == "half" else REDUCTIONS[detail].title


def _cost_sign(context: Context, detail: str) -> Any:
    return None if context.step.op == "total_cost" else -context.right()


def _penalty_left_out(context: Context, detail: str) -> Any:
    return context.inputs[0] if context.step.op == "total_cost" else None


FORWARD = (
    Misconception(
        name="transposed_weights",
        title="weights turned round on the way forward",
        did="z was computed with the transpose of W.",
        why="Each unit must weigh the inputs with its own weights; a square matrix hides the slip,"
        " so compare which index of W counts the inputs.",
        families=("affine",),
        compute=_transposed_weights,
    ),
    Misconception(
        name="missing_bias",
        title="bias left out",
        did="The weighted sum was taken without adding b.",
        why="Every unit shifts its sum by its bias before the activation; look at the line for z.",
        families=("affine",),
        compute=_missing_bias,
    ),
    Misconception(
        name="bias_subtracted",
        title="bias subtracted",
        did="The bias was subtracted from the weighted sum.",
        why="It is added in z = W a + b; look at the sign in the line for z.",
        families=("affine",),
        compute=_bias_subtracted,
    ),
    Misconception(
        name="z_passed_on",
        title="z of the layer before instead of its a",
        did="The weighted sum was taken of the previous layer's z.",
        why="A layer receives what the one before it answers, so it is a that is multiplied by W;"
        " look at what is handed from layer to layer.",
        families=("affine",),
        compute=_z_passed_on,
    ),
    Misconception(
        name="missing_activation",
        title="activation left out",
        did="z was passed on as a, without the activation.",
        why="Without it layers collapse into one affine map; apply the layer's f to each z.",
        families=("activation",),
        compute=_missing_activation,
    ),
    Misconception(
        name="wrong_activation",
        title="another activation",
        did="The layer was computed with {detail} as its activation.",
        why="Each layer has its own activation; check which function stands at this place in your"
        " list of activations.",
        families=("activation",),
        compute=_wrong_activation,
        details=_other_activations,
        words=lambda detail: ACTIVATIONS[detail].title,
    ),
    Misconception(
        name="softmax_wrong_axis",
        title="softmax over the batch",
        did="The {detail} inside softmax was taken over the samples of the batch.",
        why="Softmax makes one sample's outputs sum to 1, so its maximum and its sum belong to each"
        " row; look at axis and keepdims.",
        families=("activation",),
        compute=_softmax_axis,
        details=lambda context: ("maximum", "sum", "both"),
        words=lambda detail: "maximum and the sum" if detail == "both" else detail,
    ),
    Misconception(
        name="softmax_not_normalised",
        title="softmax without its sum",
        did="exp(z) was not divided by its sum.",
        why="The outputs of softmax are probabilities and add up to 1; divide each row by its sum.",
        families=("activation",),
        compute=_softmax_sum,
    ),
    Misconception(
        name="activation_sign",
        title="sign lost in the exponent",
        did="The activation was computed with the opposite sign of z in its exponential.",
        why="It then falls where it should rise; check the sign inside exp.",
        families=("activation",),
        compute=_sign_in_exponent,
    ),
    Misconception(
        name="cost_scale",
        title="cost scaled differently",
        did="The cost is off by a constant factor: it was taken as {detail}.",
        why="The direction of all gradients stays, their length changes; compare what the cost is"
        " divided by with the definition given.",
        families=("cost",),
        compute=_cost_scale,
        details=_cost_factors,
        words=_cost_scale_words,
    ),
    Misconception(
        name="cost_sign",
        title="sign of the cost",
        did="The cost has the opposite sign.",
        why="A cost falls as the prediction gets better; look for the minus in front of the"
        " logarithm.",
        families=("cost",),
        compute=_cost_sign,
    ),
    Misconception(
        name="wrong_cost_value",
        title="another cost",
        did="The cost was computed as {detail}.",
        why="Each cost measures the miss in its own way; check which function is asked for.",
        families=("cost",),
        compute=_wrong_cost,
        details=_other_costs,
        words=lambda detail: COSTS[detail].title,
        doubt=lambda context, detail: 0.1 if detail in ("huber", "mae") else 0.0,
    ),
    Misconception(
        name="penalty_missing_in_cost",
        title="penalty left out of the cost",
        did="The cost holds the data's part only.",
        why="With L1 or L2 the penalty of every layer's weights is added; look at the last line of"
        " the cost.",
        families=("cost",),
        compute=_penalty_left_out,
    ),
)

"""Mistakes in the forward pass: z and a."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.activation_parameters import split_name
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.texts import tutor_misconceptions as texts
from backprop_explorer.tutor.misconceptions.misconception import (
    ELU_ALPHAS,
    LEAKY_SLOPES,
    Array,
    Context,
    Misconception,
)


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
    return context.read(names.weighted_sum(context.layer - 1)) @ W + b


def _missing_activation(context: Context, detail: str) -> Any:
    return None if context.activation.name == "identity" else context.inputs[0]


def _other_activations(context: Context) -> Sequence[str]:
    """List other activations, the often confused ones first; no softmax for a single unit."""
    common = ("sigmoid", "relu", "tanh", "softmax", "leaky_relu", "identity")
    names = [*common, *(name for name in ACTIVATIONS if name not in common)]
    return [
        name
        for name in names
        if name != context.activation.name and not (name == "softmax" and _units(context) == 1)
    ]


def _units(context: Context) -> int:
    return context.situation.network.layers[context.layer - 1].units


def _other_slopes(context: Context) -> Sequence[str]:
    usual = {"relu": LEAKY_SLOPES, "leaky_relu": LEAKY_SLOPES, "elu": ELU_ALPHAS}
    if context.base_name not in usual:
        return ()
    # The slope of the given activation changes nothing and is skipped by the search.
    slopes = (*context.situation.slopes, *usual[context.base_name])
    return list(dict.fromkeys(map(repr, slopes)))


_SLOPED = {"relu": "leaky_relu", "leaky_relu": "leaky_relu", "elu": "elu"}


def _sloped(given: str, detail: str) -> str | None:
    """Name the activation ``given`` with another slope or α, None if it has none."""
    base = split_name(given)
    name = _SLOPED.get(given if base is None else base[0])
    return None if name is None else f"{name}({float(detail):.12g})"


def _with_slope(context: Context, detail: str) -> Any:
    """Compute the activation, or its backward step, with another slope or α."""
    backward = context.node.op.endswith("_backward")
    other = ACTIVATIONS.get(_sloped(context.base_name, detail) or "")
    if other is None or other.derivative is None:
        return None
    if not backward:
        return other.compute(context.inputs[0])
    return context.inputs[0] * other.derivative(context.read(names.weighted_sum(context.layer)))


def _wrong_activation(context: Context, detail: str) -> Any:
    return ACTIVATIONS[detail].compute(context.inputs[0])


def _sign_in_exponent(context: Context, detail: str) -> Any:
    if context.activation.name not in ("sigmoid", "silu", "softmax", "elu"):
        return None
    z = context.inputs[0]
    if context.activation.name == "elu":
        return np.where(z > 0, z, np.expm1(-z))
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
    if context.activation.name != "softmax":
        return None
    z: Array = context.inputs[0]
    tops: Mapping[str, Any] = {
        "z": 0.0,
        "shifted": z.max(axis=1, keepdims=True),
        "shifted_by_all": z.max(),
    }
    return np.exp(z - tops[detail])


_EXPONENTIALS = {
    "z": texts.EXP_Z,
    "shifted": texts.EXP_SHIFTED,
    "shifted_by_all": texts.EXP_SHIFTED_BY_ALL,
}


FORWARD = (
    Misconception(
        name="transposed_weights",
        title="weights transposed on the way forward",
        did="z was computed with the transpose of W.",
        why="Each unit multiplies the inputs by its own weights; a square matrix gives no shape"
        " error, so check which index of W counts the inputs.",
        families=("affine",),
        compute=_transposed_weights,
    ),
    Misconception(
        name="missing_bias",
        title="bias left out",
        did="The weighted sum was taken without adding b.",
        why="Every unit adds its bias to the weighted sum; check the line for z.",
        families=("affine",),
        compute=_missing_bias,
    ),
    Misconception(
        name="bias_subtracted",
        title="bias subtracted",
        did="The bias was subtracted from the weighted sum.",
        why="The bias is added in z = W a + b; check the sign in the line for z.",
        families=("affine",),
        compute=_bias_subtracted,
    ),
    Misconception(
        name="z_passed_on",
        title="z of the previous layer instead of its a",
        did="The weights were multiplied by the previous layer's z.",
        why="The input of a layer is the output of the previous layer, which is a; check which"
        " variable you pass from layer to layer.",
        families=("affine",),
        compute=_z_passed_on,
    ),
    Misconception(
        name="missing_activation",
        title="activation left out",
        did="z was used as a, without the activation.",
        why="Without activations all layers together are one affine map; check what your forward"
        " pass hands to the next layer.",
        families=("activation",),
        compute=_missing_activation,
        activation=lambda given, detail: "identity",
    ),
    Misconception(
        name="wrong_activation",
        title="another activation",
        did="The layer was computed with {detail} as its activation.",
        why="Each layer has its own activation; check the entry of this layer in your list of"
        " activations.",
        families=("activation",),
        compute=_wrong_activation,
        details=_other_activations,
        words=lambda detail: ACTIVATIONS[detail].title,
        activation=lambda given, detail: detail,
    ),
    Misconception(
        name="slope_below_zero",
        title="leaky ReLU with another slope, or ELU with another α",
        did="The activation was computed with {detail} as its slope or α for negative z.",
        why="What the activation does for negative z is a choice that its definition makes;"
        " compare it with the given one.",
        families=("activation", "activation_backward"),
        compute=_with_slope,
        details=_other_slopes,
        activation=_sloped,
    ),
    Misconception(
        name="softmax_wrong_axis",
        title="softmax over the batch",
        did="The {detail} inside softmax was taken over the samples of the batch.",
        why="Softmax makes the outputs of each sample sum to 1; print the sums of your rows, and"
        " check axis and keepdims.",
        families=("activation",),
        compute=_softmax_axis,
        details=lambda context: ("maximum", "sum", "both"),
        words=lambda detail: "maximum and the sum" if detail == "both" else detail,
    ),
    Misconception(
        name="softmax_not_normalised",
        title="softmax not divided by its sum",
        did="Of softmax there is only {detail}, which was not divided by its sum.",
        why="The outputs of softmax are probabilities, and yours do not sum to 1; print the sum of"
        " a row.",
        families=("activation",),
        compute=_softmax_sum,
        details=lambda context: tuple(_EXPONENTIALS),
        words=lambda detail: _EXPONENTIALS[detail],
    ),
    Misconception(
        name="activation_sign",
        title="wrong sign in the exponent",
        did="The activation was computed with the opposite sign of z in its exponential.",
        why="The activation then falls where it should rise; check the sign inside exp.",
        families=("activation",),
        compute=_sign_in_exponent,
    ),
)

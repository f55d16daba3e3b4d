"""Mistakes in the backward step to the layer below: ∂C/∂a of hidden layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.texts import tutor_misconceptions as texts
from backprop_explorer.tutor.misconceptions.misconception import Context, Misconception, same_shape


def _below_shape(context: Context) -> tuple[int, ...]:
    """Return the shape (N, n) of ∂C/∂a of the layer below."""
    dC_dz, W = context.inputs
    return (len(dC_dz), W.shape[0])


def _untransposed(context: Context, detail: str) -> Any:
    dC_dz, W = context.inputs
    return dC_dz @ W if W.shape[0] == W.shape[1] else None


def _other_weights(context: Context) -> Sequence[str]:
    """List the layer itself and the layer after the next, each also with transposed weights."""
    return ("own", "own transposed", "after next", "after next transposed")


def _weights_of_other(context: Context, detail: str) -> Any:
    layer = context.layer if detail.startswith("own") else context.layer + 2
    if layer > context.depth:
        return None
    dC_dz, _ = context.inputs
    W = context.read(names.weights(layer))
    W = W if detail.endswith("transposed") else W.T
    if dC_dz.shape[1] != W.shape[0]:
        return None
    return same_shape(dC_dz @ W, _below_shape(context))


def _weights_words(detail: str) -> str:
    return texts.LAYER_ITSELF if detail.startswith("own") else texts.LAYER_AFTER_NEXT


def _updated_weights(context: Context, detail: str) -> Any:
    W = context.read(names.updated(names.weights(context.layer + 1)))
    return None if W is None else context.inputs[0] @ W.T


def _without_weights(context: Context, detail: str) -> Any:
    dC_dz, _ = context.inputs
    shape = _below_shape(context)
    if detail == "sum":
        return np.broadcast_to(dC_dz.sum(axis=1, keepdims=True), shape).copy()
    if dC_dz.shape == shape or dC_dz.shape[1] == 1:
        return np.broadcast_to(dC_dz, shape).copy()
    return None


def _before_slope(context: Context, detail: str) -> Any:
    dC_da = context.read(names.gradient(names.activation(context.layer + 1)))
    return None if dC_da is None else dC_da @ context.inputs[1].T


def _activation_for_weights(context: Context, detail: str) -> Any:
    dC_dz, _ = context.inputs
    shape = _below_shape(context)
    if detail == "sum":
        return dC_dz.sum(axis=1, keepdims=True) * context.read(names.activation(context.layer))
    if dC_dz.shape != shape and dC_dz.shape[1] != 1:
        return None
    return dC_dz * context.read(names.activation(context.layer))


def _activation_ways(context: Context) -> Sequence[str]:
    """List the product entry by entry, and where the shapes differ that with the sum."""
    dC_dz, _ = context.inputs
    alike = dC_dz.shape == _below_shape(context) or dC_dz.shape[1] == 1
    return ("",) if alike else ("sum",)


def _sign_changed(context: Context, detail: str) -> Any:
    dC_dz, W = context.inputs
    return -(dC_dz @ W.T)


BACKWARD = (
    Misconception(
        name="weights_transposed_backward",
        title="weights not transposed on the way back",
        did="On the way back W was used in the same orientation as in the forward pass.",
        why="Each unit sums the gradients of the units that use its output, so the backward pass"
        " needs the transpose; with a square W there is no shape error.",
        families=("input_gradient",),
        compute=_untransposed,
    ),
    Misconception(
        name="weights_of_wrong_layer",
        title="weights of another layer",
        did="On the way back ∂C/∂z was multiplied by the weights {detail}.",
        why="Between ∂C/∂z of the next layer and ∂C/∂a of this layer are the weights of the next"
        " layer; check the index of W in your loop.",
        families=("input_gradient",),
        compute=_weights_of_other,
        details=_other_weights,
        words=_weights_words,
    ),
    Misconception(
        name="updated_weights_backward",
        title="weights already updated",
        did="∂C/∂z was multiplied by weights that this step had already updated.",
        why="All gradients belong to the weights of the forward pass; check the order of gradients"
        " and updates in your loop.",
        families=("input_gradient",),
        compute=_updated_weights,
    ),
    Misconception(
        name="missing_weights_backward",
        title="weights left out on the way back",
        did="∂C/∂z of the next layer was used as ∂C/∂a, without the weights.",
        why="z of the next layer depends on this a through W, so the chain rule multiplies by W;"
        " check the step from ∂C/∂z of one layer to ∂C/∂a of the layer below.",
        families=("input_gradient",),
        compute=_without_weights,
        details=lambda context: ("", "sum"),
    ),
    Misconception(
        name="dC_da_passed_back",
        title="∂C/∂a used instead of ∂C/∂z on the way back",
        did="The next layer's ∂C/∂a was multiplied by the weights.",
        why="The weights of the next layer lead to its z, not to its a; check which of the two"
        " gradients you multiply by them.",
        families=("input_gradient",),
        compute=_before_slope,
    ),
    Misconception(
        name="activation_instead_of_weights",
        title="a used instead of W",
        did="On the way back ∂C/∂z was multiplied by the layer's own a.",
        why="How the next z depends on this a is not a matter of a itself; check what stands"
        " between two layers in z = W a + b.",
        families=("input_gradient",),
        compute=_activation_for_weights,
        details=_activation_ways,
        doubt=lambda context, detail: 0.3 if detail == "sum" else 0.0,
    ),
    Misconception(
        name="sign_lost_backward",
        title="sign changed on the way back",
        did="The gradient has the opposite sign after the step to the layer below.",
        why="∂z/∂a is W itself, without a minus; check the step to the layer below.",
        families=("input_gradient",),
        compute=_sign_changed,
    ),
)

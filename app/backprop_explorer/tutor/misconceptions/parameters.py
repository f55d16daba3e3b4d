"""Mistakes in ∂C/∂W and ∂C/∂b, computed from a correct ∂C/∂z."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.texts import tutor_misconceptions as texts
from backprop_explorer.tutor.misconceptions.misconception import (
    Array,
    Context,
    Misconception,
)


def _for_bias(context: Context) -> bool:
    return context.node.op in ("bias_gradient", "penalized_bias_gradient")


def _gradient_of_z(context: Context) -> Array:
    dC_dz: Array = context.inputs[0] if _for_bias(context) else context.inputs[1]
    return dC_dz


def _penalty(context: Context) -> Array | float:
    """Return the term of the penalty in ∂C/∂W or ∂C/∂b."""
    if not context.node.op.startswith("penalized"):
        return 0.0
    *_, parameter, l1, l2 = context.inputs
    added: Array = l1 * np.sign(parameter) + l2 * parameter
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
    below = context.read(names.activation(layer))
    return _weights_from(context, below, _gradient_of_z(context))


def _activation_words(detail: str) -> str:
    return texts.LAYER_ITSELF if detail == "own" else texts.TWO_LAYERS_BELOW


def _z_below(context: Context, detail: str) -> Any:
    if context.layer < 2:
        return None
    z = context.read(names.weighted_sum(context.layer - 1))
    return _weights_from(context, z, _gradient_of_z(context))


def _without_slope(context: Context, detail: str) -> Any:
    dC_da = context.read(names.gradient(names.activation(context.layer)))
    if dC_da is None:
        return None
    if _for_bias(context):
        return dC_da.sum(axis=0) + _penalty(context)
    return _weights_from(context, context.inputs[0], dC_da)


def _turned(context: Context, detail: str) -> Any:
    right = context.right()
    return right.T.copy() if right.ndim == 2 else None


def _bias_ways(context: Context) -> Sequence[str]:
    return ("mean", "whole", "first", "last", "samples", "total", "N times")


def _not_summed(context: Context, detail: str) -> Any:
    dC_dz = _gradient_of_z(context)
    if len(dC_dz) == 1:
        return None
    ways: dict[str, Callable[[], Any]] = {
        "mean": lambda: dC_dz.mean(axis=0),
        "whole": lambda: dC_dz,
        "first": lambda: dC_dz[0],
        "last": lambda: dC_dz[-1],
        "samples": lambda: dC_dz.sum(axis=1),
        "total": dC_dz.sum,
        "N times": lambda: len(dC_dz) * dC_dz.sum(axis=0),
    }
    return ways[detail]() + _penalty(context)


_BIAS_WORDS = {
    "mean": texts.AVERAGED,
    "whole": texts.ROW_PER_SAMPLE,
    "first": texts.FIRST_SAMPLE,
    "last": texts.LAST_SAMPLE,
    "samples": texts.SUMMED_OVER_UNITS,
    "N times": texts.SUMMED_N_TIMES,
    "total": texts.SUMMED_OVER_EVERYTHING,
}


def _one_sample(context: Context, detail: str) -> Any:
    below, dC_dz = context.inputs[0], _gradient_of_z(context)
    if len(dC_dz) == 1:
        return None
    if detail == "outer":
        return np.outer(below, dC_dz)
    if detail == "sums":
        return np.outer(below.sum(axis=0), dC_dz.sum(axis=0))
    if detail not in ("first", "last"):
        return np.einsum(f"ni,nj->{detail}", below, dC_dz)
    part = slice(0, 1) if detail == "first" else slice(-1, None)
    return _weights_from(context, below[part], dC_dz[part])


_SAMPLES_APART = ("nij", "nji", "ijn", "jin", "inj", "jni")
_OUTER_ENTRIES = 10_000


def _one_sample_ways(context: Context) -> Sequence[str]:
    """List the ways; no outer product of a large batch, which has N² times as many entries."""
    size = np.size(context.inputs[0]) * np.size(_gradient_of_z(context))
    return (
        "first",
        "last",
        "sums",
        *(("outer", *_SAMPLES_APART) if size <= _OUTER_ENTRIES else ()),
    )


def _one_sample_words(detail: str) -> str:
    if detail == "outer":
        return texts.OUTER_PRODUCT
    if detail == "sums":
        return texts.PRODUCT_OF_SUMS
    if detail in ("first", "last"):
        return texts.one_sample(detail)
    return texts.MATRIX_PER_SAMPLE


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
        why="W and b act on z, before the activation; check which gradient of the layer you pass"
        " to these lines.",
        families=("weight_gradient", "bias_gradient"),
        compute=_without_slope,
    ),
    Misconception(
        name="gradient_transposed",
        title="∂C/∂W transposed",
        did="∂C/∂W is transposed.",
        why="The gradient must have the shape of W, so that it can be subtracted from W; check the"
        " order of the factors, and the convention of your W.",
        families=("weight_gradient",),
        compute=_turned,
        on_result=True,
    ),
    Misconception(
        name="bias_gradient_not_summed",
        title="bias gradient not summed over the samples",
        did="∂C/∂b was {detail}.",
        why="All samples share the same b, so each of them adds to ∂C/∂b, which has the shape of"
        " b; check how you sum, and over which axis.",
        families=("bias_gradient",),
        compute=_not_summed,
        details=_bias_ways,
        words=lambda detail: _BIAS_WORDS[detail],
    ),
    Misconception(
        name="batch_scale",
        title="number of samples counted wrongly",
        did="The gradients of the parameters are {detail} the number of samples.",
        why="A division by N belongs to the cost and occurs once on the way back, in ∂C/∂a or in"
        " the gradients of the parameters; count the divisions in your code.",
        families=("weight_gradient", "bias_gradient"),
        compute=_batch_scale,
        details=lambda context: ("twice", "not at all"),
        words=lambda detail: {
            "twice": texts.DIVIDED_TWICE,
            "not at all": texts.NOT_DIVIDED,
        }[detail],
        on_result=True,
    ),
    Misconception(
        name="weight_gradient_not_summed",
        title="∂C/∂W not summed over the samples",
        did="∂C/∂W is {detail}.",
        why="All samples share the same W, so their contributions are summed; the matrix product of"
        " the whole batch does that, because its inner index is the sample.",
        families=("weight_gradient",),
        compute=_one_sample,
        details=_one_sample_ways,
        words=_one_sample_words,
    ),
)

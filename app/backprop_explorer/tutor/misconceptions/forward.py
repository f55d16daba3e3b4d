"""Mistakes in the forward pass: z, a and the cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.operations import OPS
from backprop_explorer.tutor.misconceptions.misconception import (
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
    return context.read(f"z{context.layer - 1}") @ W + b


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
    if context.base_name not in ("relu", "leaky_relu"):
        return ()
    # The slope of the given activation changes nothing and is skipped by the search.
    return [repr(slope) for slope in LEAKY_SLOPES]


def _leaky_with(context: Context, detail: str) -> Any:
    z = context.inputs[0]
    return np.where(z > 0, z, float(detail or "1") * z)


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
    """List the other costs with the reduction of the exercise, then with other reductions."""
    objective = context.situation.objective
    reductions = [objective.reduction, *(r for r in REDUCTIONS if r != objective.reduction)]
    return [f"{c}/{r}" for r in reductions for c in COSTS if c != objective.cost]


def _prediction(context: Context) -> Array:
    a: Array = context.read(f"a{context.depth}")
    return a


def _wrong_cost(context: Context, detail: str) -> Any:
    if context.step.op == "total_cost":
        return None
    cost, reduction = detail.split("/")
    _, target, factor = context.inputs
    if reduction != context.situation.objective.reduction:
        factor = REDUCTIONS[reduction].factor(*target.shape)
    return float(OPS[cost].compute(_prediction(context), target, factor))


def _wrong_cost_doubt(context: Context, detail: str) -> float:
    cost, reduction = detail.split("/")
    rare = 0.1 if cost in ("huber", "mae") else 0.0
    return rare + (0.0 if reduction == context.situation.objective.reduction else 0.2)


def _cost_of_pairs(context: Context, detail: str) -> Any:
    """Compute the cost with predictions (N, 1) and targets (N,), broadcast to (N, N)."""
    if context.step.op == "total_cost":
        return None
    _, target, factor = context.inputs
    samples = len(target)
    if target.shape[1] != 1 or samples == 1:
        return None
    factor = factor / samples if detail == "mean" else factor
    loss = COSTS[context.situation.objective.cost].loss
    return float(factor * loss(_prediction(context), target.T).sum())


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


def _penalty_in_cost(context: Context, detail: str) -> Any:
    if context.step.op != "total_cost":
        return None
    data, *penalties = context.inputs
    total, objective = sum(penalties), context.situation.objective
    if detail in ("biases", "weights"):
        if objective.biases != (detail == "weights"):
            return None
        biases = [context.read(f"b{k}") for k in range(1, context.depth + 1)]
        of_biases = sum(
            objective.l1 * np.abs(b).sum() + 0.5 * objective.l2 * np.square(b).sum() for b in biases
        )
        return data + total + (of_biases if detail == "biases" else -of_biases)
    return data + _PENALTY_FACTORS[detail](context.situation.samples) * total


_PENALTY_FACTORS: Mapping[str, Callable[[int], float]] = {
    "doubled": lambda samples: 2.0,
    "halved": lambda samples: 0.5,
    "divided": lambda samples: 1.0 / samples,
    "subtracted": lambda samples: -1.0,
    "halved and divided": lambda samples: 0.5 / samples,
    "doubled and divided": lambda samples: 2.0 / samples,
    "multiplied": lambda samples: samples,
}
_PENALTY_IN_COST = {
    "doubled": "twice as large, such as λ Σ W² in place of λ/2 Σ W²",
    "divided": "divided by the number of samples",
    "halved": "half as large",
    "biases": "with the biases in it",
    "weights": "without the biases",
    "halved and divided": "half as large and divided by the number of samples",
    "doubled and divided": "twice as large and divided by the number of samples",
    "subtracted": "subtracted",
    "multiplied": "multiplied by the number of samples",
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
        why="Without activations all layers together are one affine map; apply the layer's f to z.",
        families=("activation",),
        compute=_missing_activation,
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
    ),
    Misconception(
        name="slope_below_zero",
        title="leaky ReLU with another slope",
        did="The activation was computed with the slope {detail} for negative z.",
        why="The slope for negative z is a choice that the definition of the activation makes;"
        " compare it with the given one.",
        families=("activation",),
        compute=_leaky_with,
        details=_other_slopes,
    ),
    Misconception(
        name="softmax_wrong_axis",
        title="softmax over the batch",
        did="The {detail} inside softmax was taken over the samples of the batch.",
        why="Softmax makes the outputs of each sample sum to 1, so take maximum and sum of each"
        " row; check axis and keepdims.",
        families=("activation",),
        compute=_softmax_axis,
        details=lambda context: ("maximum", "sum", "both"),
        words=lambda detail: "maximum and the sum" if detail == "both" else detail,
    ),
    Misconception(
        name="softmax_not_normalised",
        title="softmax not divided by its sum",
        did="exp(z) was not divided by its sum.",
        why="The outputs of softmax are probabilities that sum to 1; divide each row by its sum.",
        families=("activation",),
        compute=_softmax_sum,
    ),
    Misconception(
        name="activation_sign",
        title="wrong sign in the exponent",
        did="The activation was computed with the opposite sign of z in its exponential.",
        why="The activation then falls where it should rise; check the sign inside exp.",
        families=("activation",),
        compute=_sign_in_exponent,
    ),
    Misconception(
        name="cost_scale",
        title="cost scaled differently",
        did="The cost is off by a constant factor: it was taken as {detail}.",
        why="The factor also scales all gradients; compare what you divide the cost by with the"
        " given definition.",
        families=("cost",),
        compute=_cost_scale,
        details=_cost_factors,
        words=_cost_scale_words,
    ),
    Misconception(
        name="cost_sign",
        title="sign of the cost",
        did="The cost has the opposite sign.",
        why="A cost falls as the prediction gets better; check the sign in front of the sum.",
        families=("cost",),
        compute=_cost_sign,
    ),
    Misconception(
        name="wrong_cost_value",
        title="another cost",
        did="The cost was computed as {detail}.",
        why="Each cost measures the error in its own way; check which cost is required.",
        families=("cost",),
        compute=_wrong_cost,
        details=_other_costs,
        words=lambda detail: COSTS[detail.split("/")[0]].title,
        doubt=_wrong_cost_doubt,
    ),
    Misconception(
        name="broadcast_columns_in_cost",
        title="(N, 1) − (N,) gives (N, N) in the cost",
        did="The cost compares every prediction with the targets of all samples: an array of shape"
        " (N, 1) and one of shape (N,) were combined.",
        why="NumPy stretches both to (N, N) without an error; print the shapes, and give both"
        " arrays the shape (N, 1).",
        families=("cost",),
        compute=_cost_of_pairs,
        details=lambda context: ("mean", "sum"),
    ),
    Misconception(
        name="penalty_scale_in_cost",
        title="penalty scaled differently in the cost",
        did="The penalty in the cost is {detail}.",
        why="Penalties are defined with λ or λ/2, with or without a division by N; compare the"
        " definition with yours, and take the gradient from the same one.",
        families=("cost",),
        compute=_penalty_in_cost,
        details=lambda context: tuple(_PENALTY_IN_COST),
        words=lambda detail: _PENALTY_IN_COST[detail],
    ),
    Misconception(
        name="penalty_missing_in_cost",
        title="penalty left out of the cost",
        did="The cost does not contain the penalty.",
        why="With L1 or L2 the penalty of the weights of every layer is added; check the last line"
        " of the cost.",
        families=("cost",),
        compute=_penalty_left_out,
    ),
)

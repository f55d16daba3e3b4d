"""Penalties on the weights: the penalty, its sum with the cost, and gradients that include it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.names import Name
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.ops.linear import (
    bias_formula,
    bias_gradient,
    weight_gradient,
    weight_gradient_formula,
    weight_gradient_spread,
    weight_gradient_terms,
)
from backprop_explorer.engine.ops.operation import EACH, Array, Operation, Rule
from backprop_explorer.tape import unboxed


def penalized_weight_gradient(
    a: Array, g: Array, W: Array, l1: float, l2: float, /, *, out: Array | None = None
) -> Array:
    """∂C/∂W = aᵀ ∂C/∂z + λ₁ sign(W) + λ₂ W."""
    gradient = weight_gradient(a, g, out=out)
    return add_penalty(gradient, W, l1, l2, out=gradient)


def add_penalty(
    gradient: Array, W: Array, l1: float, l2: float, /, *, out: Array | None = None
) -> Array:
    """``gradient`` + λ₁ sign(W) + λ₂ W."""
    if l1:
        gradient = np.add(gradient, l1 * np.sign(W), out=out)
    if l2:
        gradient = np.add(gradient, l2 * W, out=out)
    return gradient


def penalized_bias_gradient(
    g: Array, b: Array, l1: float, l2: float, /, *, out: Array | None = None
) -> Array:
    """∂C/∂b = Σ over the samples of ∂C/∂z + λ₁ sign(b) + λ₂ b."""
    gradient = bias_gradient(g, out=out)
    return add_penalty(gradient, b, l1, l2, out=gradient)


def penalty(W: Array, l1: float, l2: float, /, *, out: Array | None = None) -> float:
    """λ₁ Σ|W| + λ₂/2 ΣW²."""
    return unboxed(np.add(l1 * np.abs(W).sum(), 0.5 * l2 * np.square(W).sum(), out=out))


def penalty_with_biases(
    W: Array, b: Array, l1: float, l2: float, /, *, out: Array | None = None
) -> float:
    """λ₁ (Σ|W| + Σ|b|) + λ₂/2 (ΣW² + Σb²)."""
    absolute = np.abs(W).sum() + np.abs(b).sum()
    squares = np.square(W).sum() + np.square(b).sum()
    return unboxed(np.add(l1 * absolute, 0.5 * l2 * squares, out=out))


def _penalty_copies(*inputs: Array) -> Array:
    *parameters, l1, l2 = inputs
    rows = [each.reshape(len(each), -1) for each in parameters]
    absolute: Any = sum(np.abs(each).sum(axis=1) for each in rows)
    squares: Any = sum(np.square(each).sum(axis=1) for each in rows)
    penalties: Array = l1 * absolute + 0.5 * l2 * squares
    return penalties


def total_cost(*parts: float, out: Array | None = None) -> float:
    """The cost of the data plus the penalties of the layers."""
    # Not Python's ``sum``: since 3.12 it compensates rounding errors, which NumPy does not.
    whole: Any = parts[0]
    for part in parts[1:]:
        whole = np.add(whole, part, out=out)
    return unboxed(whole)


def _penalized_formula(inputs: tuple[Name, ...], notation: Notation) -> str:
    plain = weight_gradient_formula(inputs, notation)
    W = inputs[2].latex
    return rf"{plain} + \lambda_1\,\mathrm{{sign}}\left({W}\right) + \lambda_2\,{W}"


def _penalized_bias_formula(inputs: tuple[Name, ...], notation: Notation) -> str:
    b = inputs[1].latex
    plain = bias_formula(inputs, notation)
    return rf"{plain} + \lambda_1\,\mathrm{{sign}}\left({b}\right) + \lambda_2\,{b}"


def _penalty_with_biases_formula(inputs: tuple[Name, ...], notation: Notation) -> str:
    W, b = inputs[0].latex, inputs[1].latex
    return (
        rf"\lambda_1 \left(\sum \left|{W}\right| + \sum \left|{b}\right|\right) + "
        rf"\tfrac{{\lambda_2}}{{2}} \left(\sum \left({W}\right)^2 + \sum \left({b}\right)^2\right)"
    )


def _weight_spread(inputs: Sequence[Any], spreads: Sequence[Any]) -> Any:
    _, _, W, l1, l2 = inputs
    return weight_gradient_spread(inputs, spreads) + _penalty_spread(W, spreads[2], l1, l2)


def _bias_spread(inputs: Sequence[Any], spreads: Sequence[Any]) -> Any:
    _, b, l1, l2 = inputs
    return spreads[0].sum(axis=0) + _penalty_spread(b, spreads[1], l1, l2)


def _penalty_spread(parameter: Array, spread: Any, l1: float, l2: float) -> Any:
    # The derivative of λ₁|W| changes its sign within the spread.
    return l2 * spread + 2.0 * l1 * (np.abs(parameter) <= spread)


# Operations that add a penalty to their result: the name of the one with it, by that without it.
WITH_PENALTY = {
    "weight_gradient": "penalized_weight_gradient",
    "bias_gradient": "penalized_bias_gradient",
}
WITHOUT_PENALTY = {penalized: plain for plain, penalized in WITH_PENALTY.items()}

PENALTIES = (
    Operation(
        name="penalized_weight_gradient",
        family="weight_gradient",
        title="gradient of the weights, with penalty",
        compute=penalized_weight_gradient,
        formula=_penalized_formula,
        signature="ni,nj,ij,,->ij",
        entry="Σ[{1}·{0}] + {3}·sign({2}) + {4}·{2}",
        text="The input times the gradient at z, plus the gradient of the penalty.",
        terms=weight_gradient_terms,
        spread=_weight_spread,
    ),
    Operation(
        name="penalized_bias_gradient",
        family="bias_gradient",
        title="gradient of the biases, with penalty",
        compute=penalized_bias_gradient,
        formula=_penalized_bias_formula,
        signature="nj,j,,->j",
        entry="Σ[{0}] + {2}·sign({1}) + {3}·{1}",
        text="The gradient at z, summed over samples, plus the gradient of the penalty.",
        terms=lambda inputs, value: np.abs(inputs[0]).sum(axis=0),
        spread=_bias_spread,
    ),
    Operation(
        name="penalty",
        family="penalty",
        title="penalty",
        compute=penalty,
        formula=lambda inputs, notation: (
            rf"\lambda_1 \sum \left|{inputs[0].latex}\right| + "
            rf"\tfrac{{\lambda_2}}{{2}} \sum \left({inputs[0].latex}\right)^2"
        ),
        signature="ij,,->",
        entry="{1}·Σ[|{0}|] + {2}/2·Σ[{0}²]",
        text="Large weights of layer {layer} increase the cost.",
        copies=_penalty_copies,
    ),
    Operation(
        name="penalty_with_biases",
        family="penalty",
        title="penalty, biases included",
        compute=penalty_with_biases,
        formula=_penalty_with_biases_formula,
        signature="ij,j,,->",
        entry="{2}·(Σ[|{0}|] + Σ[|{1}|]) + {3}/2·(Σ[{0}²] + Σ[{1}²])",
        text="Large weights and biases of layer {layer} increase the cost.",
        copies=_penalty_copies,
    ),
    Operation(
        name="total_cost",
        family="cost",
        title="cost with penalty",
        compute=total_cost,
        formula=lambda inputs, notation: " + ".join(name.latex for name in inputs),
        signature=",…->",
        entry="{0} + …",
        text="The cost of the data plus the penalties of all layers.",
        backward=(Rule(EACH, "same", ("g",)),),
        spread=lambda inputs, spreads: sum(spreads),
        copies=total_cost,
    ),
)

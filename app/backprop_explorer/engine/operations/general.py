"""The operations of every network: weighted sums, gradients, penalties and Jacobians."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from backprop_explorer.engine.notation import Notation, symbol
from backprop_explorer.engine.operations.operation import Array, Operation, grouped
from backprop_explorer.engine.row_blocks import map_row_blocks, sum_row_blocks
from backprop_explorer.tape import unboxed


def affine(a: Array, W: Array, b: Array, /, *, out: Array | None = None) -> Array:
    """z = a W + b: (N, n_in), (n_in, n_out), (n_out,) → (N, n_out)."""
    out = map_row_blocks(np.matmul, a, W, out)
    return np.add(out, b, out=out)


def weight_gradient(a: Array, dC_dz: Array, /, *, out: Array | None = None) -> Array:
    """∂C/∂W = aᵀ ∂C/∂z: (N, n_in), (N, n_out) → (n_in, n_out)."""
    return sum_row_blocks(_weight_gradient, a, dC_dz, out=out)


def _weight_gradient(a: Array, dC_dz: Array, /, *, out: Array | None) -> Array:
    return np.matmul(a.T, dC_dz, out=out)


def penalized_weight_gradient(
    a: Array,
    dC_dz: Array,
    W: Array,
    l1: float,
    l2: float,
    /,
    *,
    out: Array | None = None,
) -> Array:
    """∂C/∂W = aᵀ ∂C/∂z + λ₁ sign(W) + λ₂ W."""
    gradient = weight_gradient(a, dC_dz, out=out)
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


@lru_cache(maxsize=64)
def _ones(samples: int) -> Array:
    ones = np.ones((1, samples))
    ones.setflags(write=False)
    return ones


def bias_gradient(dC_dz: Array, /, *, out: Array | None = None) -> Array:
    """∂C/∂b = Σ over the samples of ∂C/∂z: (N, n_out) → (n_out,)."""
    return sum_row_blocks(_bias_gradient, dC_dz, out=out)


def _bias_gradient(dC_dz: Array, /, *, out: Array | None) -> Array:
    # A product with ones is three times as fast as a reduction for the shapes of small networks.
    out = np.empty(dC_dz.shape[1]) if out is None else out
    np.matmul(_ones(len(dC_dz)), dC_dz, out=out[None, :])
    return out


def penalized_bias_gradient(
    dC_dz: Array, b: Array, l1: float, l2: float, /, *, out: Array | None = None
) -> Array:
    """∂C/∂b = Σ over the samples of ∂C/∂z + λ₁ sign(b) + λ₂ b."""
    gradient = bias_gradient(dC_dz, out=out)
    return add_penalty(gradient, b, l1, l2, out=gradient)


def input_gradient(dC_dz: Array, W: Array, /, *, out: Array | None = None) -> Array:
    """∂C/∂a of the layer below = ∂C/∂z Wᵀ: (N, n_out), (n_in, n_out) → (N, n_in)."""
    return map_row_blocks(np.matmul, dC_dz, W.T, out)


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


def total_cost(*parts: float, out: Array | None = None) -> float:
    """The cost of the data plus the penalties of the layers."""
    # Not Python's ``sum``: since 3.12 it compensates rounding errors, which NumPy does not.
    whole: Any = parts[0]
    for part in parts[1:]:
        whole = np.add(whole, part, out=out)
    return unboxed(whole)


def weight_jacobian(a: Array, b: Array, /) -> Array:
    """∂z_j/∂W_ik = δ_jk a_i: (N, n_in), (n_out,) → (N, n_out, n_in, n_out).

    Only the length of ``b`` is used.
    """
    jacobian: Array = np.einsum("jk,ni->njik", np.eye(len(b)), a)
    return jacobian


def bias_jacobian(b: Array, /) -> Array:
    """∂z/∂b, the identity (n_out, n_out)."""
    return np.eye(len(b))


def input_jacobian(W: Array, /) -> Array:
    """∂z/∂a of the layer below, shape (n_out, n_in): the transposed weights."""
    return np.ascontiguousarray(W.T)


def _by_convention(which: str, *letters: str) -> Callable[[tuple[str, ...], Notation], str]:
    def formula(inputs: tuple[str, ...], notation: Notation) -> str:
        suffix = "single" if notation.single else "batch"
        template: str = getattr(notation.convention, f"{which}_{suffix}")
        for letter, name in zip(letters, inputs, strict=False):
            template = template.replace(f"{{{letter}}}^T", f"{grouped(symbol(name))}^T")
            template = template.replace(f"{{{letter}}}", symbol(name))
        return template

    return formula


_weight_gradient_formula = _by_convention("weight_gradient", "a", "dz")


def _penalized_formula(inputs: tuple[str, ...], notation: Notation) -> str:
    plain = _weight_gradient_formula(inputs, notation)
    W = symbol(inputs[2])
    return rf"{plain} + \lambda_1\,\mathrm{{sign}}\left({W}\right) + \lambda_2\,{W}"


def _bias_formula(inputs: tuple[str, ...], notation: Notation) -> str:
    dz = symbol(inputs[0])
    return dz if notation.single else rf"\sum_n {grouped(dz)}_n"


def _penalized_bias_formula(inputs: tuple[str, ...], notation: Notation) -> str:
    b = symbol(inputs[1])
    plain = _bias_formula(inputs, notation)
    return rf"{plain} + \lambda_1\,\mathrm{{sign}}\left({b}\right) + \lambda_2\,{b}"


def _penalty_with_biases_formula(inputs: tuple[str, ...], notation: Notation) -> str:
    W, b = symbol(inputs[0]), symbol(inputs[1])
    return (
        rf"\lambda_1 \left(\sum \left|{W}\right| + \sum \left|{b}\right|\right) + "
        rf"\tfrac{{\lambda_2}}{{2}} \left(\sum \left({W}\right)^2 + \sum \left({b}\right)^2\right)"
    )


def _weight_jacobian_formula(inputs: tuple[str, ...], notation: Notation) -> str:
    """A tensor product if W is displayed transposed; else with indices, as the axes differ."""
    a = symbol(inputs[0])
    if notation.convention.transposed:
        return rf"I \otimes {a}"
    return rf"\delta_{{jk}}\,{{{a}}}_{{{'' if notation.single else 'n'}i}}"


GENERAL = (
    Operation(
        name="affine",
        family="affine",
        title="weighted sum",
        compute=affine,
        formula=_by_convention("forward", "a", "W", "b"),
        signature="ni,ij,j->nj",
        entry="Σ[{1}·{0}] + {2}",
        text="Each unit of layer {layer} sums its inputs times its weights and adds its bias.",
    ),
    Operation(
        name="weight_gradient",
        family="weight_gradient",
        title="gradient of the weights",
        compute=weight_gradient,
        formula=_weight_gradient_formula,
        signature="ni,nj->ij",
        entry="Σ[{1}·{0}]",
        text="The gradient of a weight is its input times the gradient at the z it leads to.",
    ),
    Operation(
        name="penalized_weight_gradient",
        family="weight_gradient",
        title="gradient of the weights, with penalty",
        compute=penalized_weight_gradient,
        formula=_penalized_formula,
        signature="ni,nj,ij,,->ij",
        entry="Σ[{1}·{0}] + {3}·sign({2}) + {4}·{2}",
        text="The input times the gradient at z, plus the gradient of the penalty.",
    ),
    Operation(
        name="bias_gradient",
        family="bias_gradient",
        title="gradient of the biases",
        compute=bias_gradient,
        formula=_bias_formula,
        signature="nj->j",
        entry="Σ[{0}]",
        text="A bias is added to z directly, so its gradient is that of z, summed over samples.",
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
    ),
    Operation(
        name="input_gradient",
        family="input_gradient",
        title="gradient of the layer below",
        compute=input_gradient,
        formula=_by_convention("input_gradient", "dz", "W"),
        # Here j is a unit of the layer above, and i a unit of this layer.
        signature="nj,ij->ni",
        entry="Σ[{1}·{0}]",
        text="Each unit of layer {layer} sums the gradients of the units above, times the weights.",
    ),
    Operation(
        name="penalty",
        family="penalty",
        title="penalty",
        compute=penalty,
        formula=lambda inputs, notation: (
            rf"\lambda_1 \sum \left|{symbol(inputs[0])}\right| + "
            rf"\tfrac{{\lambda_2}}{{2}} \sum \left({symbol(inputs[0])}\right)^2"
        ),
        signature="ij,,->",
        entry="{1}·Σ[|{0}|] + {2}/2·Σ[{0}²]",
        text="Large weights of layer {layer} increase the cost.",
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
    ),
    Operation(
        name="total_cost",
        family="cost",
        title="cost with penalty",
        compute=total_cost,
        formula=lambda inputs, notation: " + ".join(symbol(name) for name in inputs),
        signature=",…->",
        entry="{0} + …",
        text="The cost of the data plus the penalties of all layers.",
    ),
    Operation(
        name="weight_jacobian",
        family="jacobian",
        title="Jacobian of z by the weights",
        compute=weight_jacobian,
        formula=_weight_jacobian_formula,
        signature="ni,j->njik",
        entry="{0} if j = k else 0",
        text="The z of a unit depends only on the weights that lead to it, each times its input.",
    ),
    Operation(
        name="bias_jacobian",
        family="jacobian",
        title="Jacobian of z by the biases",
        compute=bias_jacobian,
        formula=lambda inputs, notation: "I",
        signature="j->jk",
        entry="1 if j = k else 0",
        text="Each bias is added to its own z, so the matrix is the identity.",
    ),
    Operation(
        name="input_jacobian",
        family="jacobian",
        title="Jacobian of z by the layer below",
        compute=input_jacobian,
        formula=lambda inputs, notation: (
            symbol(inputs[0]) if notation.convention.transposed else f"{{{symbol(inputs[0])}}}^T"
        ),
        signature="ij->ji",
        entry="{0}",
        text="How each z changes with each unit below: the weights themselves.",
    ),
)

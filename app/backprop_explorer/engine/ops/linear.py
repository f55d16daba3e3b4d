"""Linear operations: weighted sums with their gradients and Jacobians."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from backprop_explorer.engine.names import Name
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.ops.operation import Array, Operation, Rule, grouped
from backprop_explorer.engine.row_blocks import map_row_blocks, sum_row_blocks


def affine(a: Array, W: Array, b: Array, /, *, out: Array | None = None) -> Array:
    """z = a W + b: (N, n_in), (n_in, n_out), (n_out,) → (N, n_out)."""
    out = map_row_blocks(np.matmul, a, W, out)
    return np.add(out, b, out=out)


def _affine_copies(a: Array, W: Array, b: Array) -> Array:
    z: Array = np.matmul(a, W) + b[:, None]
    return z


def weight_gradient(a: Array, dC_dz: Array, /, *, out: Array | None = None) -> Array:
    """∂C/∂W = aᵀ ∂C/∂z: (N, n_in), (N, n_out) → (n_in, n_out)."""
    return sum_row_blocks(_weight_gradient, a, dC_dz, out=out)


def _weight_gradient(a: Array, dC_dz: Array, /, *, out: Array | None) -> Array:
    return np.matmul(a.T, dC_dz, out=out)


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


def input_gradient(dC_dz: Array, W: Array, /, *, out: Array | None = None) -> Array:
    """∂C/∂a of the layer below = ∂C/∂z Wᵀ: (N, n_out), (n_in, n_out) → (N, n_in)."""
    return map_row_blocks(np.matmul, dC_dz, W.T, out)


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


def _by_convention(which: str, *letters: str) -> Callable[[tuple[Name, ...], Notation], str]:
    def formula(inputs: tuple[Name, ...], notation: Notation) -> str:
        template = notation.product(which)
        for letter, name in zip(letters, inputs, strict=False):
            template = template.replace(f"{{{letter}}}^T", f"{grouped(name.latex)}^T")
            template = template.replace(f"{{{letter}}}", name.latex)
        return template

    return formula


weight_gradient_formula = _by_convention("weight_gradient", "a", "dz")


def bias_formula(inputs: tuple[Name, ...], notation: Notation) -> str:
    dz = inputs[0].latex
    return dz if notation.single else rf"\sum_n {grouped(dz)}_n"


def _weight_jacobian_formula(inputs: tuple[Name, ...], notation: Notation) -> str:
    """A tensor product if W is displayed transposed; else with indices, as the axes differ."""
    a = inputs[0].latex
    if notation.convention.transposed:
        return rf"I \otimes {a}"
    return rf"\delta_{{jk}}\,{{{a}}}_{{{'' if notation.single else 'n'}i}}"


def _affine_terms(inputs: Sequence[Any], value: Any) -> Any:
    a, W, b = inputs
    return np.abs(a) @ np.abs(W) + np.abs(b)


def _affine_spread(inputs: Sequence[Any], spreads: Sequence[Any]) -> Any:
    a, W, _ = inputs
    return spreads[0] @ (np.abs(W) + spreads[1]) + np.abs(a) @ spreads[1] + spreads[2]


def weight_gradient_terms(inputs: Sequence[Any], value: Any) -> Any:
    """Return the size of the terms of aᵀ ∂C/∂z."""
    return np.abs(inputs[0]).T @ np.abs(inputs[1])


def weight_gradient_spread(inputs: Sequence[Any], spreads: Sequence[Any]) -> Any:
    """Return the spread of aᵀ ∂C/∂z."""
    a, dC_dz = inputs[:2]
    return np.abs(a).T @ spreads[1] + spreads[0].T @ (np.abs(dC_dz) + spreads[1])


def _input_gradient_spread(inputs: Sequence[Any], spreads: Sequence[Any]) -> Any:
    dC_dz, W = inputs
    return spreads[0] @ (np.abs(W) + spreads[1]).T + np.abs(dC_dz) @ spreads[1].T


LINEAR = (
    Operation(
        name="affine",
        family="affine",
        title="weighted sum",
        compute=affine,
        formula=_by_convention("forward", "a", "W", "b"),
        signature="ni,ij,j->nj",
        entry="Σ[{1}·{0}] + {2}",
        text="Each unit of layer {layer} sums its inputs times its weights and adds its bias.",
        backward=(
            Rule(1, "weight_gradient", (0, "g")),
            Rule(2, "bias_gradient", ("g",)),
            Rule(0, "input_gradient", ("g", 1)),
        ),
        jacobians=(
            Rule(1, "weight_jacobian", (0, 2)),
            Rule(2, "bias_jacobian", (2,)),
            Rule(0, "input_jacobian", (1,)),
        ),
        terms=_affine_terms,
        copies=_affine_copies,
        spread=_affine_spread,
    ),
    Operation(
        name="weight_gradient",
        family="weight_gradient",
        title="gradient of the weights",
        compute=weight_gradient,
        formula=weight_gradient_formula,
        signature="ni,nj->ij",
        entry="Σ[{1}·{0}]",
        text="The gradient of a weight is its input times the gradient at the z it leads to.",
        terms=weight_gradient_terms,
        spread=weight_gradient_spread,
    ),
    Operation(
        name="bias_gradient",
        family="bias_gradient",
        title="gradient of the biases",
        compute=bias_gradient,
        formula=bias_formula,
        signature="nj->j",
        entry="Σ[{0}]",
        text="A bias is added to z directly, so its gradient is that of z, summed over samples.",
        terms=lambda inputs, value: np.abs(inputs[0]).sum(axis=0),
        spread=lambda inputs, spreads: spreads[0].sum(axis=0),
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
        terms=lambda inputs, value: np.abs(inputs[0]) @ np.abs(inputs[1]).T,
        spread=_input_gradient_spread,
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
            inputs[0].latex if notation.convention.transposed else f"{{{inputs[0].latex}}}^T"
        ),
        signature="ij->ji",
        entry="{0}",
        text="How each z changes with each unit below: the weights themselves.",
    ),
)

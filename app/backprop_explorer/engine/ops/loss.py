"""Costs and their gradients, separate and fused with an output activation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.costs import Cost, Fused, Loss, LossDerivative
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.ops.operation import Applied, Array, Operation, Rule, corners
from backprop_explorer.tape import unboxed
from backprop_explorer.texts import engine as texts


def _reduced(loss: Loss) -> Callable[..., float]:
    def compute(
        prediction: Array, target: Array, factor: float, /, *, out: Array | None = None
    ) -> float:
        return unboxed(np.multiply(loss(prediction, target).sum(), factor, out=out))

    return compute


def _scaled(gradient: LossDerivative) -> Callable[..., Array]:
    def compute(a: Array, target: Array, factor: float, /, *, out: Array | None = None) -> Array:
        return np.multiply(gradient(a, target, out), factor, out=out)

    return compute


def _copies(loss: Loss) -> Callable[..., Array]:
    def compute(prediction: Array, target: Array, factor: Array) -> Array:
        whole, units = np.broadcast_shapes(prediction.shape, target.shape), target.shape[-1]
        rows = (np.broadcast_to(each, whole).reshape(-1, units) for each in (prediction, target))
        total: Array = loss(*rows).reshape(whole[0], -1).sum(axis=1)
        return total * factor

    return compute


def _cost_terms(inputs: Sequence[Any], value: Any) -> Any:
    return np.abs(value) + np.abs(inputs[2]) * np.size(inputs[1])


def _cost_spread(
    compute: Callable[..., float], gradient: Callable[..., Array]
) -> Callable[[Sequence[Any], Sequence[Any]], Any]:
    def spread(inputs: Sequence[Any], spreads: Sequence[Any]) -> Any:
        prediction, target, factor = inputs
        # The largest change: every entry moves in the direction that increases its loss.
        slope = gradient(prediction, target, factor)
        # At the pole of a logarithm the gradient is 0; there the loss grows with the distance.
        direction = np.sign(np.where(slope == 0.0, prediction - target, slope)) * spreads[0]
        return corners(lambda p: compute(p, target, factor), prediction, direction)

    return spread


def _gradient_terms(inputs: Sequence[Any], value: Any) -> Any:
    # prediction − target loses digits where the two are close.
    return np.abs(value) + np.abs(inputs[2]) * np.abs(inputs[0])


def _gradient_spread(
    compute: Callable[..., Array],
) -> Callable[[Sequence[Any], Sequence[Any]], Any]:
    def spread(inputs: Sequence[Any], spreads: Sequence[Any]) -> Any:
        a, target, factor = inputs
        changed = corners(lambda value: compute(value, target, factor), a, spreads[0])
        changed = changed + corners(lambda y: compute(a, y, factor), target, spreads[1])
        # The gradient of a logarithm has poles at 0 and 1; a step across one gives no bound.
        return np.where(np.isfinite(changed), changed, np.inf)

    return spread


_LETTERS = re.compile(r"(?<![\\a-zA-Z])([azy])(_k)?(?![a-zA-Z])")


def _with_symbols(latex: str, inputs: tuple[Name, ...], indexed: Notation | None = None) -> str:
    """Replace the letters a, z (the first input) and y (the target) by the symbols of the inputs.

    With ``indexed`` the symbols get the index of one entry, as needed in a sum.
    """
    prediction, target = inputs[0].latex, inputs[1].latex
    names = {"a": prediction, "z": prediction, "y": target}

    def written(match: re.Match[str]) -> str:
        letter, other = match.groups()
        return names[letter] + (indexed.index("k" if other else "j") if indexed else "")

    return _LETTERS.sub(written, latex)


def _sum_of(term: str, inputs: tuple[Name, ...], notation: Notation) -> str:
    """The factor of the reduction times the sum of ``term``, with a leading minus in front."""
    sign = "-" if term.startswith("-") else ""
    coefficient = notation.reduction.coefficient(1, notation.single)
    total = r"\sum_j" if notation.single else r"\sum_{n,j}"
    return f"{sign}{coefficient}{total} {_with_symbols(term.removeprefix('-'), inputs, notation)}"


def _times(constant: int, latex: str, inputs: tuple[Name, ...], notation: Notation) -> str:
    """The factor of the reduction times ``latex``, without brackets if the factor is 1."""
    coefficient = notation.reduction.coefficient(constant, notation.single)
    if coefficient:
        sign = "-" if latex.startswith("-") else ""
        return rf"{sign}{coefficient}\,{_with_symbols(latex.removeprefix('-'), inputs)}"
    if latex.startswith(r"\left("):
        latex = latex.removeprefix(r"\left(").removesuffix(r"\right)")
    return _with_symbols(latex, inputs)


def operations_from_cost(cost: Cost) -> tuple[Operation, ...]:
    """Return the operations of C and its gradient, separate and fused with each activation."""
    compute, gradient = _reduced(cost.loss), _scaled(cost.derivative)
    operations = [
        Operation(
            name=cost.name,
            family="cost",
            title=cost.title,
            compute=compute,
            formula=lambda inputs, notation: _sum_of(cost.term, inputs, notation),
            signature="nj,nj,->",
            entry=f"{{2}}·Σ[{cost.loss_entry}]",
            text=texts.COST_TEXT,
            backward=(Rule(0, f"{cost.name}_gradient", (0, 1, 2)),),
            terms=_cost_terms,
            spread=_cost_spread(compute, gradient),
            ties=None if cost.smooth else lambda inputs, value: inputs[0] == inputs[1],
            copies=_copies(cost.loss),
        ),
        Operation(
            name=f"{cost.name}_gradient",
            family="cost_gradient",
            title=texts.gradient_of_cost(cost.title),
            compute=gradient,
            formula=lambda inputs, notation: _times(
                cost.gradient_factor, cost.gradient, inputs, notation
            ),
            signature="nj,nj,->nj",
            entry=f"{{2}}·{cost.gradient_entry}",
            text=texts.COST_GRADIENT_TEXT,
            terms=_gradient_terms,
            spread=_gradient_spread(gradient),
        ),
    ]
    for activation, fused in cost.fused.items():
        operations.extend(_fused_operations(cost, activation, fused))
    return tuple(operations)


def _fused_operations(cost: Cost, activation: str, fused: Fused) -> tuple[Operation, ...]:
    name = f"{activation}_{cost.name}"
    compute, gradient = _reduced(fused.loss), _scaled(fused.gradient)
    return (
        Operation(
            name=name,
            family="cost",
            title=texts.cost_of(cost.title, activation),
            compute=compute,
            formula=lambda inputs, notation: _sum_of(fused.formula, inputs, notation),
            signature="nj,nj,->",
            entry=f"{{2}}·Σ[{fused.loss_entry}]",
            text=texts.fused_cost_text(cost.title),
            # The cost reads z, its gradient a = f(z).
            backward=(Rule(0, f"{name}_gradient", (Applied(activation, 0), 1, 2)),),
            terms=_cost_terms,
            spread=_cost_spread(compute, gradient),
            copies=_copies(fused.loss),
        ),
        Operation(
            name=f"{name}_gradient",
            family="cost_gradient",
            title=texts.gradient_together(cost.title, activation),
            compute=gradient,
            formula=lambda inputs, notation: _times(1, fused.derivative_formula, inputs, notation),
            signature="nj,nj,->nj",
            entry=f"{{2}}·{fused.gradient_entry}",
            text=texts.cancel_text(activation),
            terms=_gradient_terms,
            spread=_gradient_spread(gradient),
        ),
    )

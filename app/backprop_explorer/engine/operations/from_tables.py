"""Derive operations from the entries of ACTIVATIONS, COSTS, SCHEDULES and UPDATE_OPERATIONS."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from backprop_explorer.engine.activations import Activation, backward_of, jacobian_of
from backprop_explorer.engine.costs import Cost, Fused, Loss, LossDerivative
from backprop_explorer.engine.notation import Notation, symbol
from backprop_explorer.engine.operations.operation import Array, Operation, grouped
from backprop_explorer.engine.optimizers import UpdateOperation
from backprop_explorer.engine.schedules import Schedule
from backprop_explorer.tape import unboxed
from backprop_explorer.texts import engine as texts


def operations_from_activation(activation: Activation) -> tuple[Operation, ...]:
    """Return the operations f(z), its backward pass and its Jacobian."""
    f = activation.symbol
    mixes = activation.derivative is None
    return (
        Operation(
            name=activation.name,
            family="activation",
            title=activation.title,
            compute=activation.compute,
            formula=lambda inputs, notation: rf"{f}\left({symbol(inputs[0])}\right)",
            signature="nj->nj",
            entry=activation.entry,
            text=texts.activation_text(activation.title),
        ),
        Operation(
            name=f"{activation.name}_backward",
            family="activation_backward",
            title=texts.back_through(activation.title),
            compute=backward_of(activation),
            formula=(
                (
                    lambda inputs, notation: (
                        rf"{symbol(inputs[1])} \odot \left({symbol(inputs[0])} - "
                        rf"\sum_k {grouped(symbol(inputs[0]))}{_index('k', notation)}\,"
                        rf"{symbol(inputs[1])}{_index('k', notation)}\right)"
                    )
                )
                if mixes
                else (
                    lambda inputs, notation: (
                        rf"{symbol(inputs[0])} \odot {f}'\left({symbol(inputs[1])}\right)"
                    )
                )
            ),
            signature="nj,nj->nj",
            entry="{1}·({0} − Σ[{0:nk}·{1:nk}])"
            if mixes
            else f"{{0}}·{activation.derivative_entry}",
            text=texts.MIXES if mixes else texts.slope_text(activation.title),
        ),
        Operation(
            name=f"{activation.name}_jacobian",
            family="jacobian",
            title=texts.jacobian_of(activation.title),
            compute=jacobian_of(activation),
            formula=(
                (
                    lambda inputs, notation: (
                        rf"{symbol(inputs[0])}{_index('j', notation)}\,\left(\delta_{{jk}} - "
                        rf"{symbol(inputs[0])}{_index('k', notation)}\right)"
                    )
                )
                if mixes
                else (
                    lambda inputs, notation: (
                        rf"\mathrm{{diag}}\left({f}'\left({symbol(inputs[0])}\right)\right)"
                    )
                )
            ),
            signature="nj->njk",
            entry="{0}·([j = k] − {0:nk})"
            if mixes
            else activation.derivative_entry.replace("{1}", "{0}") + " if j = k else 0",
            text=texts.JACOBIAN_MIXES if mixes else texts.JACOBIAN_DIAGONAL,
        ),
    )


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


_LETTERS = re.compile(r"(?<![\\a-zA-Z])([azy])(_k)?(?![a-zA-Z])")


def _with_symbols(latex: str, inputs: tuple[str, ...], indexed: Notation | None = None) -> str:
    """Replace the letters a, z (the first input) and y (the target) by the symbols of the inputs.

    With ``indexed`` the symbols get the index of one entry, as needed in a sum.
    """
    prediction, target = symbol(inputs[0]), symbol(inputs[1])
    names = {"a": prediction, "z": prediction, "y": target}

    def written(match: re.Match[str]) -> str:
        letter, other = match.groups()
        return names[letter] + (_index("k" if other else "j", indexed) if indexed else "")

    return _LETTERS.sub(written, latex)


def _index(letter: str, notation: Notation) -> str:
    return f"_{letter}" if notation.single else f"_{{n{letter}}}"


def _sum_of(term: str, inputs: tuple[str, ...], notation: Notation) -> str:
    """The factor of the reduction times the sum of ``term``, with a leading minus in front."""
    sign = "-" if term.startswith("-") else ""
    coefficient = notation.reduction.coefficient(1, notation.single)
    total = r"\sum_j" if notation.single else r"\sum_{n,j}"
    return f"{sign}{coefficient}{total} {_with_symbols(term.removeprefix('-'), inputs, notation)}"


def _times(constant: int, latex: str, inputs: tuple[str, ...], notation: Notation) -> str:
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
    operations = [
        Operation(
            name=cost.name,
            family="cost",
            title=cost.title,
            compute=_reduced(cost.loss),
            formula=lambda inputs, notation: _sum_of(cost.term, inputs, notation),
            signature="nj,nj,->",
            entry=f"{{2}}·Σ[{cost.loss_entry}]",
            text=texts.COST_TEXT,
        ),
        Operation(
            name=f"{cost.name}_gradient",
            family="cost_gradient",
            title=texts.gradient_of_cost(cost.title),
            compute=_scaled(cost.derivative),
            formula=lambda inputs, notation: _times(
                cost.gradient_factor, cost.gradient, inputs, notation
            ),
            signature="nj,nj,->nj",
            entry=f"{{2}}·{cost.gradient_entry}",
            text=texts.COST_GRADIENT_TEXT,
        ),
    ]
    for activation, fused in cost.fused.items():
        operations.extend(_fused_operations(cost, activation, fused))
    return tuple(operations)


def _fused_operations(cost: Cost, activation: str, fused: Fused) -> tuple[Operation, ...]:
    return (
        Operation(
            name=f"{activation}_{cost.name}",
            family="cost",
            title=texts.cost_of(cost.title, activation),
            compute=_reduced(fused.loss),
            formula=lambda inputs, notation: _sum_of(fused.formula, inputs, notation),
            signature="nj,nj,->",
            entry=f"{{2}}·Σ[{fused.loss_entry}]",
            text=texts.fused_cost_text(cost.title),
        ),
        Operation(
            name=f"{activation}_{cost.name}_gradient",
            family="cost_gradient",
            title=texts.gradient_together(cost.title, activation),
            compute=_scaled(fused.gradient),
            formula=lambda inputs, notation: _times(1, fused.derivative_formula, inputs, notation),
            signature="nj,nj,->nj",
            entry=f"{{2}}·{fused.gradient_entry}",
            text=texts.cancel_text(activation),
        ),
    )


def operation_from_schedule(schedule: Schedule) -> Operation:
    """Return the operation that computes the learning rate of a step."""
    latex = schedule.formula.split("=", 1)[1].strip()
    return Operation(
        name=f"{schedule.name}_schedule",
        family="schedule",
        title=texts.learning_rate(schedule.title),
        compute=schedule.rate,
        formula=lambda inputs, notation: latex,
        signature=",…->",
        entry=schedule.entry,
        text=texts.LEARNING_RATE_TEXT,
    )


def operation_from_update(update: UpdateOperation) -> Operation:
    """Return the operation of one line of an optimizer."""
    return Operation(
        name=update.name,
        family="update",
        title=update.name.replace("_", " "),
        compute=update.compute,
        formula=lambda inputs, notation: update.formula.format(*(symbol(i) for i in inputs)),
        signature="*,…->*",
        entry=update.entry,
        text=update.text,
    )

"""The operations that a working is made of, one table for forward, cost, backward and update.

An operation's ``compute`` takes the values of a line's inputs and returns the line's value; the
same function runs in training, where it writes into ``out``. Everything else in an entry tells how
the line is written: its formula, the axes that one entry reads (``signature``, letters as in
``notation``) and how one entry is written out (``entry``).

Templates of ``entry``: ``{k}`` is the entry of input k at the bound axes, ``{k:nk}`` the same
with the axes named, ``Σ[…]`` a sum over the axes that only the inputs have.

An activation, a cost or an optimizer brings its operations with it; only the operations that belong
to none of them are written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.core.activations import ACTIVATIONS, Activation, backward_of, jacobian_of
from app.core.costs import COSTS, Cost, Fused, Loss
from app.core.notation import Notation, symbol
from app.core.optimizers import UPDATE_OPERATIONS, UpdateOperation
from app.core.registry import Registry
from app.core.schedules import SCHEDULES, Schedule

Array = NDArray[np.float64]
Family = Literal[
    "affine",
    "activation",
    "cost",
    "penalty",
    "cost_gradient",
    "activation_backward",
    "weight_gradient",
    "bias_gradient",
    "input_gradient",
    "jacobian",
    "schedule",
    "update",
]


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of line.

    ``formula`` gives the right-hand side in LaTeX from the ids of the inputs and the notation.
    In ``signature`` a ``*`` stands for the axes of whatever parameter the line is about, and a
    signature that ends in ``…`` repeats its last part for any number of inputs.
    """

    name: str
    family: Family
    title: str
    compute: Callable[..., Any]
    formula: Callable[[tuple[str, ...], Notation], str]
    signature: str
    entry: str
    text: str


# ---------------------------------------------------------------------------------------- forward


def affine(
    a: Array, W: Array, b: Array, /, *, out: Array | None = None  # noqa: N803
) -> Array:
    """z = a W + b: (N, n_in), (n_in, n_out), (n_out,) → (N, n_out)."""
    out = np.matmul(a, W, out=out)
    return np.add(out, b, out=out)


# --------------------------------------------------------------------------------------- backward


def weight_gradient(a: Array, dC_dz: Array, /, *, out: Array | None = None) -> Array:  # noqa: N803
    """∂C/∂W = aᵀ ∂C/∂z: (N, n_in), (N, n_out) → (n_in, n_out)."""
    return np.matmul(a.T, dC_dz, out=out)


def penalized_weight_gradient(
    a: Array,
    dC_dz: Array,  # noqa: N803
    W: Array,  # noqa: N803
    l1: float,
    l2: float,
    /,
    *,
    out: Array | None = None,
) -> Array:
    """∂C/∂W = aᵀ ∂C/∂z + λ₁ sign(W) + λ₂ W."""
    out = np.matmul(a.T, dC_dz, out=out)
    if l1:
        np.add(out, l1 * np.sign(W), out=out)
    if l2:
        np.add(out, l2 * W, out=out)
    return out


def bias_gradient(dC_dz: Array, /, *, out: Array | None = None) -> Array:  # noqa: N803
    """∂C/∂b = Σ over the samples of ∂C/∂z: (N, n_out) → (n_out,)."""
    return np.add.reduce(dC_dz, axis=0, out=out)


def input_gradient(dC_dz: Array, W: Array, /, *, out: Array | None = None) -> Array:  # noqa: N803
    """∂C/∂a of the layer below = ∂C/∂z Wᵀ: (N, n_out), (n_in, n_out) → (N, n_in)."""
    return np.matmul(dC_dz, W.T, out=out)


def penalty(W: Array, l1: float, l2: float, /) -> float:  # noqa: N803
    """λ₁ Σ|W| + λ₂/2 ΣW²."""
    return float(l1 * np.abs(W).sum() + 0.5 * l2 * np.square(W).sum())


def total_cost(*parts: float) -> float:
    """The cost of the data plus the penalties of the layers."""
    return float(sum(parts[1:], start=parts[0]))


def weight_jacobian(a: Array, b: Array, /) -> Array:
    """∂z_j/∂W_ki of shape (N, n_out, n_out, n_in), whose only content is ``a``.

    ``b`` only says how many units the layer has.
    """
    return np.einsum("jk,ni->njki", np.eye(len(b)), a)


def bias_jacobian(b: Array, /) -> Array:
    """∂z/∂b, the identity (n_out, n_out)."""
    return np.eye(len(b))


def input_jacobian(W: Array, /) -> Array:  # noqa: N803
    """∂z/∂a of the layer below, shape (n_out, n_in): the weights themselves."""
    return np.ascontiguousarray(W.T)


def _by_convention(which: str) -> Callable[[tuple[str, ...], Notation], str]:
    def formula(inputs: tuple[str, ...], notation: Notation) -> str:
        suffix = "single" if notation.single else "batch"
        template: str = getattr(notation.convention, f"{which}_{suffix}")
        if which == "forward":
            a, W = (_grouped(symbol(name)) for name in inputs[:2])  # noqa: N806
            return template.format(a=a, W=W, b=symbol(inputs[2]))
        if which == "weight_gradient":
            a, dz = (_grouped(symbol(name)) for name in inputs[:2])
            return template.format(a=a, dz=dz)
        dz, W = (_grouped(symbol(name)) for name in inputs)  # noqa: N806
        return template.format(dz=dz, W=W)

    return formula


def _grouped(latex: str) -> str:
    """Something that can carry a transposition or an index: a fraction needs brackets for that."""
    return rf"\left({latex}\right)" if latex.startswith(r"\frac") else f"{{{latex}}}"


def _penalized_formula(inputs: tuple[str, ...], notation: Notation) -> str:
    plain = _by_convention("weight_gradient")(inputs, notation)
    W = symbol(inputs[2])  # noqa: N806
    return rf"{plain} + \lambda_1\,\mathrm{{sign}}\,{W} + \lambda_2\,{W}"


def _bias_formula(inputs: tuple[str, ...], notation: Notation) -> str:
    dz = symbol(inputs[0])
    return dz if notation.single else rf"\sum_{{\mathrm{{samples}}}} {dz}"


_GENERAL = (
    Operation(
        name="affine",
        family="affine",
        title="weighted sum",
        compute=affine,
        formula=_by_convention("forward"),
        signature="ni,ij,j->nj",
        entry="Σ[{1}·{0}] + {2}",
        text="Each unit of layer {layer} adds up its inputs times its weights, and its bias.",
    ),
    Operation(
        name="weight_gradient",
        family="weight_gradient",
        title="gradient of the weights",
        compute=weight_gradient,
        formula=_by_convention("weight_gradient"),
        signature="ni,nj->ij",
        entry="Σ[{1}·{0}]",
        text="A weight's gradient is what came in at its start times the gradient at its end.",
    ),
    Operation(
        name="penalized_weight_gradient",
        family="weight_gradient",
        title="gradient of the weights, with penalty",
        compute=penalized_weight_gradient,
        formula=_penalized_formula,
        signature="ni,nj,ij,,->ij",
        entry="Σ[{1}·{0}] + {3}·sign({2}) + {4}·{2}",
        text="What came in times the gradient at z, plus the pull of the penalty towards zero.",
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
        name="input_gradient",
        family="input_gradient",
        title="gradient handed to the layer below",
        compute=input_gradient,
        formula=_by_convention("input_gradient"),
        # Here j is a unit of the layer above, and i the unit that receives.
        signature="nj,ij->ni",
        entry="Σ[{1}·{0}]",
        text="Each unit of layer {layer} collects the gradients it fed, through the same weights.",
    ),
    Operation(
        name="penalty",
        family="penalty",
        title="penalty",
        compute=penalty,
        formula=lambda inputs, notation: (
            rf"\lambda_1 \sum |{symbol(inputs[0])}| + "
            rf"\tfrac{{\lambda_2}}{{2}} \sum \left({symbol(inputs[0])}\right)^2"
        ),
        signature="ij,,->",
        entry="{1}·Σ[|{0}|] + {2}/2·Σ[{0}²]",
        text="Large weights of layer {layer} cost extra.",
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
        formula=lambda inputs, notation: rf"I \otimes {symbol(inputs[0])}",
        signature="ni,j->njki",
        entry="{0} if j = k else 0",
        text="Only the weights that end in a unit move its z, each by the input at its start.",
    ),
    Operation(
        name="bias_jacobian",
        family="jacobian",
        title="Jacobian of z by the biases",
        compute=bias_jacobian,
        formula=lambda inputs, notation: "I",
        signature="j->jk",
        entry="1 if j = k else 0",
        text="Each bias moves its own z, one to one.",
    ),
    Operation(
        name="input_jacobian",
        family="jacobian",
        title="Jacobian of z by the layer below",
        compute=input_jacobian,
        formula=lambda inputs, notation: symbol(inputs[0])
        if notation.convention.transposed
        else f"{{{symbol(inputs[0])}}}^T",
        signature="ij->ji",
        entry="{0}",
        text="How much each z moves with each unit below: the weights themselves.",
    ),
)

# ------------------------------------------------------- what activations, costs, … bring with them


def _activation_operations(activation: Activation) -> tuple[Operation, ...]:
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
            text=f"Layer {{layer}} answers with {activation.title} of its z.",
        ),
        Operation(
            name=f"{activation.name}_backward",
            family="activation_backward",
            title=f"back through {activation.title}",
            compute=backward_of(activation),
            formula=(
                (
                    lambda inputs, notation: (
                        rf"{symbol(inputs[1])} \odot \left({symbol(inputs[0])} - "
                        rf"\sum_k {_grouped(symbol(inputs[0]))}_k\,"
                        rf"{_grouped(symbol(inputs[1]))}_k\right)"
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
            text="Every output of softmax depends on every z of its row."
            if mixes
            else f"The gradient passes the activation scaled by its slope at z: "
            f"the derivative of {activation.title}.",
        ),
        Operation(
            name=f"{activation.name}_jacobian",
            family="jacobian",
            title=f"Jacobian of {activation.title}",
            compute=jacobian_of(activation),
            formula=(
                (
                    lambda inputs, notation: (
                        rf"\mathrm{{diag}}({symbol(inputs[0])}) - "
                        rf"{symbol(inputs[0])}\,{_grouped(symbol(inputs[0]))}^T"
                    )
                )
                if mixes
                else (
                    lambda inputs, notation: (
                        rf"\mathrm{{diag}}\,{f}'\left({symbol(inputs[0])}\right)"
                    )
                )
            ),
            signature="nj->njk",
            entry="{0}·([j = k] − {0:nk})"
            if mixes
            else activation.derivative_entry.replace("{1}", "{0}") + " if j = k else 0",
            text="Each output of softmax moves with each z."
            if mixes
            else "Each unit answers to its own z only, so the matrix is diagonal.",
        ),
    )


def _reduced(loss: Loss) -> Callable[[Array, Array, float], float]:
    def compute(prediction: Array, target: Array, factor: float, /) -> float:
        return float(factor * loss(prediction, target).sum())

    return compute


def _scaled(gradient: Loss) -> Callable[..., Array]:
    def compute(
        a: Array, target: Array, factor: float, /, *, out: Array | None = None
    ) -> Array:
        return np.multiply(gradient(a, target), factor, out=out)

    return compute


def _with_symbols(latex: str, inputs: tuple[str, ...]) -> str:
    """Write the layer's own symbols for the letters a, z (the first input) and y (the target)."""
    prediction, target = symbol(inputs[0]), symbol(inputs[1])
    names = {"a": prediction, "z": prediction, "y": target}
    return re.sub(r"(?<![\\a-zA-Z])[azy](?![a-zA-Z])", lambda m: names[m[0]], latex)


def _sum_sign(notation: Notation) -> str:
    return r"\sum_j" if notation.single else r"\sum_{i,j}"


def _cost_operations(cost: Cost) -> tuple[Operation, ...]:
    operations = [
        Operation(
            name=cost.name,
            family="cost",
            title=cost.title,
            compute=_reduced(cost.loss),
            formula=lambda inputs, notation: (
                rf"{notation.reduction.coefficient(1, notation.single)}"
                rf"{_sum_sign(notation)} {_with_symbols(cost.term, inputs)}"
            ),
            signature="nj,nj,->",
            entry=f"{{2}}·Σ[{cost.loss_entry}]",
            text="How far the prediction is from the target, as one number.",
        ),
        Operation(
            name=f"{cost.name}_gradient",
            family="cost_gradient",
            title=f"gradient of the {cost.title}",
            compute=_scaled(cost.derivative),
            formula=lambda inputs, notation: (
                rf"{notation.reduction.coefficient(cost.gradient_factor, notation.single)}"
                rf"\,{_with_symbols(cost.gradient, inputs)}"
            ),
            signature="nj,nj,->nj",
            entry=f"{{2}}·{cost.gradient_entry}",
            text="How the cost changes when each output does: where the way back begins.",
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
            title=f"{cost.title} of {activation}",
            compute=_reduced(fused.loss),
            formula=lambda inputs, notation: (
                rf"{notation.reduction.coefficient(1, notation.single)}"
                rf"{_sum_sign(notation)} {_with_symbols(fused.formula, inputs)}"
            ),
            signature="nj,nj,->",
            entry=f"{{2}}·Σ[{fused.loss_entry}]",
            text=f"The {cost.title}, computed from z so that no logarithm of 0 can occur.",
        ),
        Operation(
            name=f"{activation}_{cost.name}_gradient",
            family="cost_gradient",
            title=f"gradient of {cost.title} and {activation} together",
            compute=_scaled(fused.gradient),
            formula=lambda inputs, notation: (
                rf"{notation.reduction.coefficient(1, notation.single)}"
                rf"\left({symbol(inputs[0])} - {symbol(inputs[1])}\right)"
            ),
            signature="nj,nj,->nj",
            entry=f"{{2}}·{fused.gradient_entry}",
            text=f"Cost and {activation} cancel to prediction minus target.",
        ),
    )


def _schedule_operation(schedule: Schedule) -> Operation:
    latex = schedule.formula.split("=", 1)[1].strip()
    return Operation(
        name=f"{schedule.name}_schedule",
        family="schedule",
        title=f"learning rate, {schedule.title}",
        compute=schedule.rate,
        formula=lambda inputs, notation: latex,
        signature=",…->",
        entry=schedule.entry,
        text="The learning rate of this step.",
    )


def _update_operation(update: UpdateOperation) -> Operation:
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


OPS: Registry[Operation] = Registry(
    "operation",
    *_GENERAL,
    *(op for activation in ACTIVATIONS.values() for op in _activation_operations(activation)),
    *(op for cost in COSTS.values() for op in _cost_operations(cost)),
    *(_schedule_operation(s) for s in SCHEDULES.values()),
    *(_update_operation(update) for update in UPDATE_OPERATIONS.values()),
)

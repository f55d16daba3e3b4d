"""Mistakes in the backward step through an activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.activations import ACTIVATIONS, backward_of
from backprop_explorer.texts import tutor_misconceptions as texts
from backprop_explorer.tutor.misconceptions.misconception import (
    Array,
    Context,
    Misconception,
    same_shape,
)
from backprop_explorer.tutor.misconceptions.wrong_derivatives import (
    SLOPES_OF_OUTPUTS,
    WRONG_DERIVATIVES,
)


def _missing_derivative(context: Context, detail: str) -> Any:
    return None if context.activation.name == "identity" else context.inputs[0]


def _z(context: Context) -> Array:
    z: Array = context.read(names.weighted_sum(context.layer))
    return z


def _a(context: Context) -> Array:
    a: Array = context.read(names.activation(context.layer))
    return a


def _value_as_slope(context: Context, detail: str) -> Any:
    return context.inputs[0] * context.activation.compute(_z(context))


def _slope_at_a(context: Context, detail: str) -> Any:
    derivative = context.activation.derivative
    if derivative is None or context.activation.name == "identity":
        return None
    return context.inputs[0] * derivative(_a(context))


def _derivatives(context: Context) -> Sequence[str]:
    """List the wrong derivatives of the activation, then the derivatives of other activations."""
    own = context.activation.name
    common = ("sigmoid", "relu", "tanh", "softmax")
    others = [*common, *(name for name in ACTIVATIONS if name not in common)]
    return [
        *WRONG_DERIVATIVES.get(context.base_name, {}),
        *(n for n in others if n != own and ACTIVATIONS[n].derivative is not None),
    ]


def _wrong_derivative(context: Context, detail: str) -> Any:
    dC_da, z = context.inputs[0], _z(context)
    wrong = WRONG_DERIVATIVES.get(context.base_name, {}).get(detail)
    if wrong is not None:
        return dC_da * wrong(z)
    derivative = ACTIVATIONS[detail].derivative if detail in ACTIVATIONS else None
    if derivative is None or detail == context.activation.name or detail == "identity":
        return None
    return dC_da * derivative(z)


def _derivative_words(detail: str) -> str:
    if detail in ACTIVATIONS:
        return texts.derivative_of(ACTIVATIONS[detail].title)
    return detail


_NEIGHBOURS = {
    "below": texts.BELOW,
    "above": texts.ABOVE,
    "below_output": texts.BELOW_BY_OUTPUT,
    "above_output": texts.ABOVE_BY_OUTPUT,
}


def _neighbours(context: Context) -> Sequence[str]:
    return tuple(_NEIGHBOURS)


def _slope_of_neighbour(context: Context, detail: str) -> Any:
    other = context.layer - 1 if detail.startswith("below") else context.layer + 1
    derivative = context.activation.derivative
    if "output" in detail:
        # The other formulas read only the sign of a, which is that of z.
        formula = SLOPES_OF_OUTPUTS.get(context.activation.name)
        own = context.activation.name in ("sigmoid", "tanh")
        if formula is None or not own or not 0 <= other <= context.depth:
            return None
        a = same_shape(context.read(names.activation(other)), context.inputs[0].shape)
        return None if a is None else context.inputs[0] * formula(a)
    if not 1 <= other <= context.depth or derivative is None:
        return None
    dC_da = context.inputs[0]
    # One unit is broadcast to all.
    product = dC_da * derivative(context.read(names.weighted_sum(other)))
    return same_shape(product, dC_da.shape)


def _softmax_elementwise(context: Context, detail: str) -> Any:
    if context.activation.name != "softmax":
        return None
    p = _a(context)
    return context.inputs[0] * p * (1.0 - p)


def _slope_as_matrix(context: Context, detail: str) -> Any:
    """Compute NumPy's * with ``np.diag(f'(z))``, or @ with f'(z), for a whole batch.

    ``np.diag`` of a matrix returns its diagonal, not a diagonal matrix. None if shapes differ.
    """
    derivative = context.activation.derivative
    dC_da = context.inputs[0]
    if derivative is None or context.situation.samples == 1:
        return None
    slope = derivative(_z(context))
    other = np.diag(slope) if detail == "diagonal" else slope
    try:
        return dC_da * other if detail == "diagonal" else dC_da @ other
    except ValueError:
        return None


def _matrix_words(detail: str) -> str:
    return {
        "diagonal": texts.ONLY_DIAGONAL,
        "product": texts.MATRIX_PRODUCT,
    }[detail]


def _slope_twice(context: Context, detail: str) -> Any:
    activation = context.activation
    # A fused output has a single line for both steps, and its own misconception.
    of_output = context.node.op.endswith("_gradient")
    if activation.name == "identity" or context.fused != of_output:
        return None
    if activation.derivative is not None:
        return context.right() * activation.derivative(_z(context))
    p = _a(context)
    if detail == "elementwise":
        return context.right() * p * (1.0 - p)
    return backward_of(activation)(context.right(), p)


SLOPES = (
    Misconception(
        name="missing_activation_derivative",
        title="activation's derivative left out",
        did="∂C/∂a was used as ∂C/∂z, without the derivative of the activation.",
        why="a depends on z through f, so the chain rule multiplies by f'(z); check the step from"
        " a back to z.",
        families=("activation_backward",),
        compute=_missing_derivative,
    ),
    Misconception(
        name="activation_instead_of_derivative",
        title="f(z) used instead of f'(z)",
        did="∂C/∂a was multiplied by f(z), the activation itself.",
        why="The chain rule needs the derivative of a with respect to z, which is f'(z); check"
        " which function you call on the way back.",
        families=("activation_backward",),
        compute=_value_as_slope,
    ),
    Misconception(
        name="derivative_at_activation",
        title="derivative evaluated at a",
        did="The derivative was evaluated at a instead of z.",
        why="f' is a function of z, and some programs write it in terms of a; check which of the"
        " two your function expects.",
        families=("activation_backward",),
        compute=_slope_at_a,
    ),
    Misconception(
        name="softmax_derivative_elementwise",
        title="softmax's derivative without its mixed terms",
        did="∂C/∂a was multiplied by p(1 − p), entry by entry.",
        why="Every output of softmax depends on every z of its row, so the terms −p_j p_k of the"
        " Jacobian are needed too.",
        families=("activation_backward",),
        compute=_softmax_elementwise,
    ),
    Misconception(
        name="wrong_activation_derivative",
        title="another derivative",
        did="The derivative of the activation was computed as {detail}.",
        why="It must be the derivative of this layer's activation at z; derive the formula again,"
        " or compare with a difference quotient.",
        families=("activation_backward",),
        compute=_wrong_derivative,
        details=_derivatives,
        words=_derivative_words,
    ),
    Misconception(
        name="slope_as_matrix",
        title="slopes of a batch in a matrix product",
        did="∂C/∂a was not multiplied by f'(z) entry by entry, but by {detail}.",
        why="The diagonal Jacobian is for one sample; for a batch f'(z) has one row per sample:"
        " check which entry of f'(z) each entry of ∂C/∂a meets.",
        families=("activation_backward",),
        compute=_slope_as_matrix,
        details=lambda context: ("diagonal", "product"),
        words=_matrix_words,
        doubt=lambda context, detail: 0.1,
    ),
    Misconception(
        name="derivative_of_wrong_layer",
        title="derivative at another layer's z",
        did="The derivative was evaluated at the z of the layer {detail}.",
        why="The gradient goes through this layer's activation, so evaluate f' at this layer's z;"
        " check the index of z in your loop.",
        families=("activation_backward",),
        compute=_slope_of_neighbour,
        details=_neighbours,
        words=lambda detail: _NEIGHBOURS[detail],
    ),
    Misconception(
        name="output_derivative_twice",
        title="prediction minus target times the derivative",
        did="Prediction minus target was multiplied by the derivative of the output's activation.",
        why="For this cost and output activation, prediction minus target is already ∂C/∂z, not"
        " ∂C/∂a; count how often f' occurs between C and z.",
        families=("cost_gradient",),
        compute=_slope_twice,
        details=lambda context: (
            ("",) if context.activation.mixing is None else ("jacobian", "elementwise")
        ),
        on_result=True,
    ),
    Misconception(
        name="activation_derivative_twice",
        title="activation's derivative twice",
        did="The gradient was multiplied by the derivative of the activation twice.",
        why="The chain rule has one factor f'(z) for each activation; look for a second one in the"
        " step from a back to z.",
        families=("activation_backward",),
        compute=_slope_twice,
        details=lambda context: (
            ("",) if context.activation.mixing is None else ("jacobian", "elementwise")
        ),
        on_result=True,
    ),
)

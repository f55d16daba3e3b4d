"""Mistakes in ∂C/∂a of the output, and in the backward step through an activation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS, LEAKY_SLOPE, backward_of
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.tutor.misconceptions.misconception import (
    LEAKY_SLOPES,
    Array,
    Context,
    Misconception,
    format_factor,
    same_shape,
    simple_fraction,
)


def _opposite(context: Context, detail: str) -> Any:
    return -context.right()


def _factors(context: Context) -> Sequence[str]:
    # A factor of −1 is cost_gradient_sign.
    return [repr(factor) for factor in context.situation.factors if factor != -1.0]


def _scaled(context: Context, detail: str) -> Any:
    return float(detail) * context.right()


def _factor_words(detail: str) -> str:
    factor = float(detail)
    if factor < 0.0:
        return f"it is {format_factor(factor)} times the correct one and has the opposite sign"
    return f"it is {format_factor(factor)} times the correct one"


def _factor_doubt(context: Context, detail: str) -> float:
    """Doubt a factor that is not a simple fraction, and one that is the number of samples.

    A single number always has a factor, so any other mistake that gives it is more likely. A factor
    of the number of samples is missing more often in the sum over the samples than here.
    """
    factor, samples = float(detail), context.situation.samples
    if simple_fraction(factor) is None:
        return 0.4 if np.size(context.right()) == 1 else 0.2
    return 0.05 if samples > 1 and factor in (samples, 1.0 / samples) else 0.0


def _cost_choices(context: Context) -> Sequence[str]:
    """List the other costs with the reduction of the exercise, then with other reductions."""
    objective = context.situation.objective
    reductions = [objective.reduction, *(r for r in REDUCTIONS if r != objective.reduction)]
    return [f"{c}/{r}" for r in reductions for c in COSTS if c != objective.cost]


def _wrong_cost(context: Context, detail: str) -> Any:
    a, target, _ = context.inputs
    cost, reduction = detail.split("/")
    dC_da = COSTS[cost].derivative(a, target) * REDUCTIONS[reduction].factor(*target.shape)
    if not context.fused:
        return dC_da
    activation = context.activation
    read = a if activation.mixing is not None else context.read(f"z{context.layer}")
    return backward_of(activation)(dC_da, read)


def _cost_doubt(context: Context, detail: str) -> float:
    """Doubt Huber and absolute error, and other reductions.

    Other reductions are more likely for the squared error, which is often copied from another
    exercise together with its scaling.
    """
    cost, reduction = detail.split("/")
    doubt = 0.1 if cost in ("huber", "mae") else 0.0
    if reduction != context.situation.objective.reduction:
        doubt += 0.05 if cost == "mse" else 0.3
    return doubt


def _cost_words(detail: str) -> str:
    return COSTS[detail.split("/")[0]].title


def _gradient_of_z(context: Context, detail: str) -> Any:
    """Compute ∂C/∂z of the output, which programs with softmax pass on as ∂C/∂a."""
    fused = COSTS[context.situation.objective.cost].fused.get(context.activation.name)
    if fused is None or context.fused or len(context.inputs) != 3:
        return None
    a, target, factor = context.inputs
    return factor * fused.gradient(a, target)


def _in_all_pairs(context: Context, detail: str) -> Any:
    """Compute with predictions (N, 1) and targets (N,), which NumPy broadcasts to (N, N)."""
    a, target, factor = context.inputs
    samples = len(target)
    if target.shape[1] != 1 or samples == 1:
        return None
    factor = factor / samples if detail == "mean" else factor
    cost = COSTS[context.situation.objective.cost]
    if context.fused:
        fused = cost.fused.get(context.activation.name)
        return None if fused is None else factor * (a - target.T)
    return factor * cost.derivative(a, target.T)


def _missing_derivative(context: Context, detail: str) -> Any:
    return None if context.activation.name == "identity" else context.inputs[0]


def _z(context: Context) -> Array:
    z: Array = context.read(f"z{context.layer}")
    return z


def _a(context: Context) -> Array:
    a: Array = context.read(f"a{context.layer}")
    return a


def _value_as_slope(context: Context, detail: str) -> Any:
    return context.inputs[0] * context.activation.compute(_z(context))


def _slope_at_a(context: Context, detail: str) -> Any:
    derivative = context.activation.derivative
    if derivative is None or context.activation.name == "identity":
        return None
    return context.inputs[0] * derivative(_a(context))


def _sigmoid(z: Array) -> Array:
    return ACTIVATIONS["sigmoid"].compute(z)


def _slope_below_zero(slope: float, z: Array) -> Array:
    return np.where(z > 0, 1.0, slope)


def _other_slopes(*used: float) -> dict[str, Callable[[Array], Array]]:
    """Return the derivatives of leaky ReLU with other slopes than ``used``, by their words."""
    return {
        f"{slope:g} where z < 0": partial(_slope_below_zero, slope)
        for slope in LEAKY_SLOPES
        if slope not in used
    }


# Common wrong derivatives of each activation, as functions of z.
WRONG_DERIVATIVES: Mapping[str, Mapping[str, Callable[[Array], Array]]] = {
    "sigmoid": {
        "exp(−z)/(1 + exp(−z))·2": lambda z: np.exp(-z) / (1.0 + np.exp(-z)) * 2.0,
        "exp(−z)/(1 + exp(−z))": lambda z: np.exp(-z) / (1.0 + np.exp(-z)),
        "z(1 − z)": lambda z: z * (1.0 - z),
        "1 − σ(z)": lambda z: 1.0 - _sigmoid(z),
        "1 − σ²(z)": lambda z: 1.0 - _sigmoid(z) ** 2,
        "σ(z)(1 + σ(z))": lambda z: _sigmoid(z) * (1.0 + _sigmoid(z)),
        "−σ(z)(1 − σ(z))": lambda z: -_sigmoid(z) * (1.0 - _sigmoid(z)),
        "σ(z)(σ(z) − z)": lambda z: _sigmoid(z) * (_sigmoid(z) - z),
        "1/(1 + exp(−z))²": lambda z: _sigmoid(z) ** 2,
    },
    "tanh": {
        "1 − z²": lambda z: 1.0 - z**2,
        "1 − tanh(z)": lambda z: 1.0 - np.tanh(z),
        "(1 − tanh(z))²": lambda z: (1.0 - np.tanh(z)) ** 2,
        "1 + tanh²(z)": lambda z: 1.0 + np.tanh(z) ** 2,
        "tanh(z)(1 − tanh(z))": lambda z: np.tanh(z) * (1.0 - np.tanh(z)),
        "tanh²(z) − 1": lambda z: np.tanh(z) ** 2 - 1.0,
    },
    "relu": {
        "1 where z < 0": lambda z: np.where(z < 0, 1.0, 0.0),
        "1 everywhere": np.ones_like,
        "sign(z)": np.sign,
        **_other_slopes(0.0, LEAKY_SLOPE),
    },
    "leaky_relu": {
        "0 where z < 0": lambda z: np.where(z > 0, 1.0, 0.0),
        "0.01 z where z < 0": lambda z: np.where(z > 0, 1.0, LEAKY_SLOPE * z),
        "−0.01 where z < 0": lambda z: np.where(z > 0, 1.0, -LEAKY_SLOPE),
        "1 everywhere": np.ones_like,
        **_other_slopes(),
    },
    "elu": {
        "exp(z) − 1 where z < 0": lambda z: np.where(z > 0, 1.0, np.expm1(np.minimum(z, 0))),
        "exp(z) everywhere": np.exp,
    },
    "softplus": {
        "1 − σ(z)": lambda z: _sigmoid(-z),
        "exp(z)": np.exp,
    },
    "silu": {
        "σ(z)": _sigmoid,
        "σ(z) + z": lambda z: _sigmoid(z) + z,
        "z σ(z)(1 − σ(z))": lambda z: z * _sigmoid(z) * _sigmoid(-z),
    },
    "gelu": {},
}


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
        return f"the derivative of {ACTIVATIONS[detail].title}"
    return detail


def _neighbours(context: Context) -> Sequence[str]:
    return ("below", "above")


def _slope_of_neighbour(context: Context, detail: str) -> Any:
    other = context.layer - 1 if detail == "below" else context.layer + 1
    derivative = context.activation.derivative
    if not 1 <= other <= context.depth or derivative is None:
        return None
    dC_da = context.inputs[0]
    z = same_shape(context.read(f"z{other}"), dC_da.shape)
    return None if z is None else dC_da * derivative(z)


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
        "diagonal": "its diagonal np.diag(f'(z)) only",
        "product": "f'(z) as a matrix product",
    }[detail]


def _slope_twice(context: Context, detail: str) -> Any:
    activation = context.activation
    # A fused output has a single line for both steps, and its own misconception.
    of_output = context.step.op.endswith("_gradient")
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
        name="cost_gradient_sign",
        title="target minus prediction",
        did="The gradient of the cost has the opposite sign: target minus prediction.",
        why="C grows as the prediction moves away from the target, so a step against your gradient"
        " would increase C; check the order of the difference and the sign in front of it.",
        families=("cost_gradient",),
        compute=_opposite,
        on_result=True,
    ),
    Misconception(
        name="cost_gradient_scale",
        title="constant factor in the gradient of the cost",
        did="The gradient of the cost is off by a constant factor: {detail}.",
        why="Differentiate the cost as it is defined; compare its constants one by one with yours:"
        " the factor of the loss, and what the sum is divided by.",
        families=("cost_gradient",),
        compute=_scaled,
        details=_factors,
        words=_factor_words,
        on_result=True,
        doubt=_factor_doubt,
    ),
    Misconception(
        name="wrong_cost",
        title="gradient of another cost",
        did="The gradient is that of {detail}.",
        why="It must be the derivative of the given cost; compare the two formulas.",
        families=("cost_gradient",),
        compute=_wrong_cost,
        details=_cost_choices,
        words=_cost_words,
        doubt=_cost_doubt,
    ),
    Misconception(
        name="broadcast_columns",
        title="(N, 1) − (N,) gives (N, N)",
        did="Every prediction was compared with the targets of all samples: an array of shape"
        " (N, 1) and one of shape (N,) were combined.",
        why="NumPy stretches both to (N, N) without an error; print the shapes, and give both"
        " arrays the shape (N, 1).",
        families=("cost_gradient",),
        compute=_in_all_pairs,
        details=lambda context: ("sum", "mean"),
    ),
    Misconception(
        name="dC_dz_used_as_dC_da",
        title="∂C/∂z in place of ∂C/∂a",
        did="∂C/∂a of the output is ∂C/∂z: the derivative of the activation is already in it.",
        why="Prediction minus target is what remains after cost and activation are differentiated"
        " together; check which of the two your function returns.",
        families=("cost_gradient",),
        compute=_gradient_of_z,
    ),
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
        why="f' is a function of z, so pass z to a function that computes f itself; pass a only if"
        " the formula uses a, such as a(1 − a).",
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
        why="The diagonal Jacobian is for one sample; for a batch f'(z) has one row per sample, so"
        " multiply entry by entry.",
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

"""Mistakes in the backward rule of an activation, and in what follows a fused cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS, LEAKY_SLOPE, Activation, backward_of
from backprop_explorer.texts import tutor_mistakes as texts
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.mistakes.cost import GRADIENT
from backprop_explorer.tutor.mistakes.forward import LEAKY_SLOPES, SLOPE, base_name, common_first
from backprop_explorer.tutor.mistakes.relations import Operand, ReadOperand, again, under
from backprop_explorer.tutor.mistakes.rule import Array, Misconception, MistakeSite, WrongRule


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


# f'(z) as a function of a = f(z), as many programs compute it, also with a wrong a.
SLOPES_OF_OUTPUTS: Mapping[str, Callable[[Array], Array]] = {
    "sigmoid": lambda a: a * (1.0 - a),
    "tanh": lambda a: 1.0 - a**2,
    "relu": lambda a: np.where(a > 0, 1.0, 0.0),
    "leaky_relu": lambda a: np.where(a > 0, 1.0, LEAKY_SLOPE),
    "elu": lambda a: np.where(a > 0, 1.0, a + 1.0),
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
        "σ(z)(1 − z)": lambda z: _sigmoid(z) * (1.0 - z),
        "σ(z)(1 − σ(z))²": lambda z: _sigmoid(z) * (1.0 - _sigmoid(z)) ** 2,
        "σ²(z)(1 − σ(z))": lambda z: _sigmoid(z) ** 2 * (1.0 - _sigmoid(z)),
        "(1 − σ(z))²": lambda z: (1.0 - _sigmoid(z)) ** 2,
    },
    "tanh": {
        "1 − z²": lambda z: 1.0 - z**2,
        "1 − tanh(z)": lambda z: 1.0 - np.tanh(z),
        "(1 − tanh(z))²": lambda z: (1.0 - np.tanh(z)) ** 2,
        "1 + tanh²(z)": lambda z: 1.0 + np.tanh(z) ** 2,
        "tanh(z)(1 − tanh(z))": lambda z: np.tanh(z) * (1.0 - np.tanh(z)),
        "1/cosh(z)": lambda z: 1.0 / np.cosh(z),
        "(1 − tanh²(z))²": lambda z: (1.0 - np.tanh(z) ** 2) ** 2,
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
        "exp(−z) where z < 0": lambda z: np.where(z > 0, 1.0, np.exp(-np.minimum(z, 0))),
        "0 where z < 0": lambda z: np.where(z > 0, 1.0, 0.0),
        "1 everywhere": np.ones_like,
    },
    "softplus": {"1 − σ(z)": lambda z: _sigmoid(-z), "exp(z)": np.exp},
    "silu": {
        "σ(z)": _sigmoid,
        "σ(z) + z": lambda z: _sigmoid(z) + z,
        "z σ(z)(1 − σ(z))": lambda z: z * _sigmoid(z) * _sigmoid(-z),
    },
    "gelu": {},
}


def _slope_at_output(f: Activation, g: Array, a: Array) -> Any:
    return None if f.derivative is None or f.name == "identity" else g * f.derivative(a)


def _derivatives(site: MistakeSite) -> Sequence[str]:
    """List the wrong derivatives of the activation, then the derivatives of other activations."""
    own = site.function.name
    others = common_first("sigmoid", "relu", "tanh", "softmax")
    return [
        *WRONG_DERIVATIVES.get(base_name(own), {}),
        *(n for n in others if n != own and ACTIVATIONS[n].derivative is not None),
    ]


def _wrong_derivative(detail: str, f: Activation, g: Array, z: Array) -> Any:
    wrong = WRONG_DERIVATIVES.get(base_name(f.name), {}).get(detail)
    if wrong is not None:
        return g * wrong(z)
    derivative = ACTIVATIONS[detail].derivative if detail in ACTIVATIONS else None
    if derivative is None or detail in (f.name, "identity"):
        return None
    return g * derivative(z)


def _as_matrix(detail: str, words: str, product: Callable[[Array, Array], Array]) -> WrongRule:
    def compute(f: Activation, g: Array, z: Array) -> Any:
        return None if f.derivative is None else product(g, f.derivative(z))

    return WrongRule(SLOPE, compute, ("f", "g", 0), detail, words, doubt=0.1, batch=True)


def _of_neighbour(f: Activation, g: Array, z: Array) -> Any:
    # One unit is broadcast to all.
    if f.derivative is None:
        return None
    product = g * f.derivative(z)
    return product if product.shape == g.shape else None


def _of_neighbours_output(f: Activation, g: Array, a: Array) -> Any:
    # The other formulas read only the sign of a, which is that of z.
    return g * SLOPES_OF_OUTPUTS[f.name](a) if a.shape == g.shape else None


def _neighbour(detail: str, words: str, z: Operand) -> WrongRule:
    return WrongRule(SLOPE, _of_neighbour, ("f", "g", z), detail, words, confused=(z, 0))


def _neighbour_by_output(detail: str, words: str, a: Operand) -> WrongRule:
    return WrongRule(
        SLOPE,
        _of_neighbours_output,
        ("f", "g", a),
        detail,
        words,
        only=("sigmoid", "tanh"),
        confused=(a, "result"),
    )


def _ways(site: MistakeSite) -> Sequence[str]:
    return ("",) if site.function.mixing is None else ("jacobian", "elementwise")


def _once_more(detail: str, site: MistakeSite, right: Array) -> Any:
    """Return ∂C/∂z times f'(z) once more; for softmax its Jacobian or p(1 − p)."""
    f, of_cost = site.function, site.forward.role == "cost"
    # Cost and output activation in one step are a single line, with a mistake of its own.
    if f.name == "identity" or site.fused != of_cost:
        return None
    if f.derivative is not None:
        return right * f.derivative(site.value(0))
    p = site.value(ReadOperand(0) if of_cost else "result")
    return right * p * (1.0 - p) if detail == "elementwise" else backward_of(f)(right, p)


SLOPES = (
    Misconception(
        name=ids.MISSING_ACTIVATION_DERIVATIVE,
        title="activation's derivative left out",
        did="∂C/∂a was used as ∂C/∂z, without the derivative of the activation.",
        why="a depends on z through f, so the chain rule multiplies by f'(z); check the step from"
        " a back to z.",
        rules=(WrongRule(SLOPE, lambda f, g: None if f.name == "identity" else g, ("f", "g")),),
    ),
    Misconception(
        name=ids.ACTIVATION_INSTEAD_OF_DERIVATIVE,
        title="f(z) used instead of f'(z)",
        did="∂C/∂a was multiplied by f(z), the activation itself.",
        why="The chain rule needs the derivative of a with respect to z, which is f'(z); check"
        " which function you call on the way back.",
        rules=(WrongRule(SLOPE, lambda f, g, z: g * f.compute(z), ("f", "g", 0)),),
    ),
    Misconception(
        name=ids.DERIVATIVE_AT_ACTIVATION,
        title="derivative evaluated at a",
        did="The derivative was evaluated at a instead of z.",
        why="f' is a function of z, and some programs write it in terms of a; check which of the"
        " two your function expects.",
        rules=(WrongRule(SLOPE, _slope_at_output, ("f", "g", "result"), confused=("result", 0)),),
    ),
    Misconception(
        name=ids.SOFTMAX_DERIVATIVE_ELEMENTWISE,
        title="softmax's derivative without its mixed terms",
        did="∂C/∂a was multiplied by p(1 − p), entry by entry.",
        why="Every output of softmax depends on every z of its row, so the terms −p_j p_k of the"
        " Jacobian are needed too.",
        rules=(
            WrongRule(SLOPE, lambda g, p: g * p * (1.0 - p), ("g", "result"), only=("softmax",)),
        ),
    ),
    Misconception(
        name=ids.WRONG_ACTIVATION_DERIVATIVE,
        title="another derivative",
        did="The derivative of the activation was computed as {detail}.",
        why="It must be the derivative of this layer's activation at z; derive the formula again,"
        " or compare with a difference quotient.",
        rules=(WrongRule(SLOPE, _wrong_derivative, ("f", "g", 0), details=_derivatives),),
        words=lambda detail: (
            texts.derivative_of(ACTIVATIONS[detail].title) if detail in ACTIVATIONS else detail
        ),
    ),
    Misconception(
        name=ids.SLOPE_AS_MATRIX,
        title="slopes of a batch in a matrix product",
        did="∂C/∂a was not multiplied by f'(z) entry by entry, but by {detail}.",
        why="The diagonal Jacobian is for one sample; for a batch f'(z) has one row per sample:"
        " check which entry of f'(z) each entry of ∂C/∂a meets.",
        rules=(
            # np.diag of a matrix returns its diagonal, not a diagonal matrix.
            _as_matrix("diagonal", texts.ONLY_DIAGONAL, lambda g, slope: g * np.diag(slope)),
            _as_matrix("product", texts.MATRIX_PRODUCT, np.matmul),
        ),
    ),
    Misconception(
        name=ids.DERIVATIVE_OF_WRONG_LAYER,
        title="derivative at another layer's z",
        did="The derivative was evaluated at the z of the layer {detail}.",
        why="The gradient goes through this layer's activation, so evaluate f' at this layer's z;"
        " check the index of z in your loop.",
        rules=(
            _neighbour("below", texts.BELOW, again(0, -1)),
            _neighbour("above", texts.ABOVE, again(0, 1)),
            _neighbour_by_output("below_output", texts.BELOW_BY_OUTPUT, under(0)),
            _neighbour_by_output("above_output", texts.ABOVE_BY_OUTPUT, again("result", 1)),
        ),
    ),
    Misconception(
        name=ids.OUTPUT_DERIVATIVE_TWICE,
        title="prediction minus target times the derivative",
        did="Prediction minus target was multiplied by the derivative of the output's activation.",
        why="For this cost and output activation, prediction minus target is already ∂C/∂z, not"
        " ∂C/∂a; count how often f' occurs between C and z.",
        rules=(WrongRule(GRADIENT, _once_more, ("site", "right"), details=_ways),),
    ),
    Misconception(
        name=ids.ACTIVATION_DERIVATIVE_TWICE,
        title="activation's derivative twice",
        did="The gradient was multiplied by the derivative of the activation twice.",
        why="The chain rule has one factor f'(z) for each activation; look for a second one in the"
        " step from a back to z.",
        rules=(WrongRule(SLOPE, _once_more, ("site", "right"), details=_ways),),
    ),
)

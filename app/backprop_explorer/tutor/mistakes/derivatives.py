"""Common wrong derivatives of each activation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS, LEAKY_SLOPE
from backprop_explorer.tutor.mistakes.forward import LEAKY_SLOPES
from backprop_explorer.tutor.mistakes.rule import Array


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

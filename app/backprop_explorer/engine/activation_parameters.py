"""Activations with a parameter in their name: ``leaky_relu(0.1)``, ``elu(0.5)``.

``leaky_relu`` and ``elu`` alone have the usual slope 0.01 and α = 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activation import Activation
from backprop_explorer.engine.registry import Parameter
from backprop_explorer.texts import engine as texts

Array = NDArray[np.float64]

PARAMETERS: Mapping[str, Parameter] = {
    "leaky_relu": Parameter("slope", "slope for negative z", 0.01, 0.0, 1.0),
    "elu": Parameter("alpha", "α, the limit below zero", 1.0, 0.0, 100.0),
}
_NAME = re.compile(r"([a-z_]{1,20})\((\d{1,3}(?:\.\d{1,12})?(?:e-?\d{1,2})?)\)")


def split_name(name: str) -> tuple[str, float] | None:
    """Return the base name and the parameter, None for a name without one or out of bounds."""
    match = _NAME.fullmatch(name)
    if match is None or match[1] not in PARAMETERS:
        return None
    parameter, value = PARAMETERS[match[1]], float(match[2])
    return (match[1], value) if parameter.minimum <= value <= parameter.maximum else None


def name_with(base: str, value: float) -> str:
    """Return the name of an activation with a parameter: ``base`` alone if it is the usual one."""
    return base if value == PARAMETERS[base].default else f"{base}({value:.12g})"


def identifier(name: str) -> str:
    """Return the name as a Python identifier: "leaky_relu(0.1)" → "leaky_relu_0_1"."""
    return re.sub(r"\W+", "_", name).strip("_")


def activation_with_parameter(name: str) -> Activation | None:
    """Return the activation of a name such as "leaky_relu(0.1)", None for any other name."""
    parts = split_name(name)
    return None if parts is None else _MAKERS[parts[0]](name, parts[1])


def _leaky_derivative(
    slope: float, z: Array, /, *, a: Array | None = None, out: Array | None = None
) -> Array:
    return np.maximum(np.heaviside(z, 0.0, out=out), slope, out=out)


def _leaky_relu(name: str, slope: float) -> Activation:
    return Activation(
        name=name,
        title=texts.leaky_relu(slope),
        description=texts.leaky_relu_description(slope),
        symbol=r"\mathrm{lReLU}",
        formula=rf"\mathrm{{lReLU}}(z) = \max(z,\; {slope:g}\,z)",
        derivative_formula=r"\mathrm{lReLU}'(z) = 1 \text{ if } z > 0 \text{ else } " f"{slope:g}",
        compute=lambda z, /, *, out=None: np.maximum(z, slope * z, out=out),
        derivative=partial(_leaky_derivative, slope),
        range=(-np.inf if slope else 0.0, np.inf),
        smooth=False,
        entry=f"max({{0}}, {slope:g}·{{0}})",
        derivative_entry=f"(1 if {{1}} > 0 else {slope:g})",
    )


def _elu(alpha: float, z: Array, /, *, out: Array | None = None) -> Array:
    low = np.expm1(np.minimum(z, 0.0))
    return np.add(np.maximum(z, 0.0), alpha * low, out=out)


def _elu_derivative(
    alpha: float, z: Array, /, *, a: Array | None = None, out: Array | None = None
) -> Array:
    above = np.heaviside(z, 0.0)
    below = alpha * np.exp(np.minimum(z, 0.0))
    return np.add(above, np.multiply(np.subtract(1.0, above), below), out=out)


def _elu_with(name: str, alpha: float) -> Activation:
    return Activation(
        name=name,
        title=texts.elu(alpha),
        description=texts.elu_description(alpha),
        symbol=r"\mathrm{ELU}",
        formula=r"\mathrm{ELU}(z) = z \text{ if } z > 0 \text{ else } "
        rf"{alpha:g}\,(e^{{z}} - 1)",
        derivative_formula=r"\mathrm{ELU}'(z) = 1 \text{ if } z > 0 \text{ else } "
        rf"{alpha:g}\,e^{{z}}",
        compute=partial(_elu, alpha),
        derivative=partial(_elu_derivative, alpha),
        range=(-alpha, np.inf),
        # With another α than 1 the slope jumps at 0.
        smooth=alpha == 1.0,
        entry=f"({{0}} if {{0}} > 0 else {alpha:g}·(exp({{0}}) − 1))",
        derivative_entry=f"(1 if {{1}} > 0 else {alpha:g}·exp({{1}}))",
    )


_MAKERS: Mapping[str, Callable[[str, float], Activation]] = {
    "leaky_relu": _leaky_relu,
    "elu": _elu_with,
}

"""Names of activations and costs as programs spell them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backprop_explorer.engine.activation_parameters import PARAMETERS, name_with, split_name
from backprop_explorer.engine.activations import ACTIVATIONS

# Other names of activations and costs, without capitals, blanks, underscores and hyphens.
_OTHER_NAMES: Mapping[str, str] = {
    "linear": "identity",
    "none": "identity",
    "id": "identity",
    "logistic": "sigmoid",
    "sigm": "sigmoid",
    "expit": "sigmoid",
    "sigmoidfunction": "sigmoid",
    "hyperbolictangent": "tanh",
    "rectifier": "relu",
    "lrelu": "leaky_relu",
    "swish": "silu",
    "meansquarederror": "mse",
    "squarederror": "mse",
    "quadratic": "mse",
    "l2": "mse",
    "meanabsoluteerror": "mae",
    "l1": "mae",
    "bce": "binary_cross_entropy",
    "logloss": "binary_cross_entropy",
    "binarycrossentropyloss": "binary_cross_entropy",
    "ce": "cross_entropy",
    "crossentropyloss": "cross_entropy",
    "categoricalcrossentropy": "cross_entropy",
    "softmaxcrossentropy": "cross_entropy",
}


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter not in " _-")


def activation_name(given: object) -> object:
    """Return the usual name of an activation; other objects unchanged.

    Accepts other spellings, and a parameter in brackets or in an object: "LeakyReLU(0.1)",
    ``{"name": "leaky_relu", "slope": 0.1}``.
    """
    if isinstance(given, Mapping) and len(given) == 2 and isinstance(given.get("name"), str):
        base = usual_name(given["name"], ACTIVATIONS)
        parameter = PARAMETERS.get(base)
        value = None if parameter is None else given.get(parameter.name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return name_with(base, float(value))
    if not isinstance(given, str):
        return given
    name, bracket, rest = given.partition("(")
    base = usual_name(name, ACTIVATIONS)
    parts = split_name(f"{base}({rest}".replace(" ", "")) if bracket else None
    return name_with(*parts) if parts is not None else usual_name(given, ACTIVATIONS)


def usual_name(name: str, known: Mapping[str, Any]) -> str:
    """Return the name in ``known`` that ``name`` spells, such as "relu" for "ReLU".

    Returns ``name`` itself if it is unknown, so that the error message can quote it.
    """
    if name in known:
        return name
    plain = _plain(name)
    for entry in known:
        if _plain(entry) == plain:
            return entry
    other = _OTHER_NAMES.get(plain)
    return other if other is not None and other in known else name

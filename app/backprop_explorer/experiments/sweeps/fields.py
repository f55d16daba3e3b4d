"""Set one field of a recipe, by the name that an axis gives it.

A field is a path into the recipe's JSON (``optimizer.learning_rate``, ``network.layers.0.units``),
a weight or bias by its place (``W1[0,2]``, set on arrival at step 0), one of HIDDEN, which set all
hidden layers, or the learning rate of one layer (``optimizer.learning_rate.1``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.names import entry
from backprop_explorer.texts import experiments_sweeps as texts

Value = float | int | str | bool

# The learning rate of a layer, counted from 1.
LAYER_RATE = re.compile(r"optimizer\.learning_rate\.([1-9][0-9]{0,2})")
# Names of fields that set all hidden layers.
HIDDEN: Mapping[str, str] = {
    "network.depth": texts.HIDDEN_DEPTH,
    "network.units": texts.HIDDEN_UNITS,
    "network.activation": texts.HIDDEN_ACTIVATION,
}
# Of the present part, these remain when its name changes; its other parameters belong to the name.
_REMAINS: Mapping[str, tuple[str, ...]] = {
    "optimizer": ("learning_rate", "schedule", "layer_factors"),
    "optimizer.schedule": (),
    "dataset": ("seed", "test_fraction", "standardize"),
    "cost": ("reduction",),
}
# Contents, not settings.
_NOT_SETTINGS = ("edits", "network.weights", "dataset.x", "dataset.target", "dataset.classes")
MOST_DEPTH = 256


def is_parameter(field: str) -> bool:
    """Tell whether ``field`` is a weight or bias by its place."""
    return entry(field) is not None


def settings_of(recipe: Mapping[str, Any]) -> dict[str, Value | None]:
    """Return the fields of a recipe (as JSON) that an axis can set, with their present values.

    Weights and biases by their place are not listed.
    """
    hidden = recipe["network"]["layers"][:-1]
    settings: dict[str, Value | None] = {"network.depth": len(hidden)}
    if hidden:
        settings |= {f"network.{name}": hidden[0][name] for name in ("units", "activation")}
    _collect("", recipe, settings)
    return settings


def _collect(path: str, value: Any, settings: dict[str, Value | None]) -> None:
    if path.startswith(_NOT_SETTINGS):
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        name = f"{path}.{key}" if path else str(key)
        if isinstance(inner, dict | list):
            _collect(name, inner, settings)
        elif not name.startswith(_NOT_SETTINGS) and name != "dataset.id":
            settings[name] = inner


def in_order(fields: list[str]) -> list[int]:
    """Return the order in which to set ``fields``: first those that others depend on."""
    first = [field == "network.depth" or field.endswith(".name") for field in fields]
    return sorted(range(len(fields)), key=lambda k: (not first[k], fields[k].count(".")))


def with_value(recipe: dict[str, Any], field: str, value: Value) -> dict[str, Any]:
    """Return a copy of ``recipe`` (as JSON) in which ``field`` is ``value``; not yet validated.

    Raises InvalidInput with the field "field" for a field that the recipe does not have.
    """
    if is_parameter(field):
        # Before later edits of the same step: they are applied in the order of the list.
        edits = list(recipe["edits"])
        return {**recipe, "edits": [*edits, {"step": 0, "set": field, "to": value}]}
    if field in HIDDEN:
        return {**recipe, "network": _hidden(recipe["network"], field, value)}
    layer = LAYER_RATE.fullmatch(field)
    if layer is not None:
        depth = len(recipe["network"]["layers"])
        rates = with_layer_rate(recipe["optimizer"], depth, int(layer[1]), value)
        return {**recipe, "optimizer": rates}
    head, _, last = field.rpartition(".")
    changed: dict[str, Any] = _replaced(recipe, head.split(".") if head else [], last, value, field)
    return changed


def with_layer_rate(
    optimizer: dict[str, Any], depth: int, layer: int, value: Value
) -> dict[str, Any]:
    """Return a copy of ``optimizer`` (as JSON) in which ``layer`` learns with the rate ``value``.

    The common learning rate becomes 1 and the factors the rates, so that each is exact.
    """
    if not layer <= depth:
        raise InvalidInput("field", texts.layers_numbered(depth))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput("value", texts.NUMBER)
    common = optimizer["learning_rate"]
    factors = optimizer.get("layer_factors") or [1.0] * depth
    rates = [common * factor for factor in factors]
    rates[layer - 1] = value
    return {**optimizer, "learning_rate": 1.0, "layer_factors": rates}


def _hidden(network: dict[str, Any], field: str, value: Value) -> dict[str, Any]:
    *hidden, output = network["layers"]
    if field == "network.depth":
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MOST_DEPTH:
            raise InvalidInput("value", texts.HIDDEN_LAYERS)
        like = hidden[0] if hidden else {"units": 4, "activation": "tanh"}
        hidden = [*hidden, *[like] * value][:value] if hidden else [like] * value
    elif not hidden:
        raise InvalidInput("field", texts.NO_HIDDEN_LAYER)
    else:
        name = field.rpartition(".")[2]
        hidden = [{**layer, name: value} for layer in hidden]
    return {**network, "layers": [*hidden, output]}


def _replaced(part: Any, path: list[str], last: str, value: Value, field: str) -> Any:
    """Return a copy of ``part`` with one value replaced, and the names' own parameters dropped."""
    unknown = InvalidInput("field", texts.NOT_A_SETTING)
    if isinstance(part, list):
        key = (path or [last])[0]
        if not (key.isascii() and key.isdigit() and int(key) < len(part)):
            raise unknown
        copy = list(part)
        copy[int(key)] = _replaced(part[int(key)], path[1:], last, value, field) if path else value
        return copy
    if not isinstance(part, dict):
        raise unknown
    if path:
        if path[0] not in part:
            raise unknown
        return {**part, path[0]: _replaced(part[path[0]], path[1:], last, value, field)}
    owner = field.rpartition(".")[0]
    if last == "name" and owner in _REMAINS:
        return {"name": value, **{k: part[k] for k in _REMAINS[owner] if k in part}}
    # A parameter of another name's part is not here: its part refuses it, and says what there is.
    if last not in part and owner not in _REMAINS:
        raise unknown
    return {**part, last: value}

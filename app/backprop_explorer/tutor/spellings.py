"""Spellings of names: which quantity, activation or cost a name in a program stands for.

``W1``, ``weights1``, ``dc_dw2``, ``grad_W1``, ``nabla_w``, ``delta2``, ``hidden_weights_gradient``,
``X_train``, ``dWo``. Capitals and underscores make no difference. Names made of whole words may be
in any language of ``words``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from backprop_explorer.engine import names
from backprop_explorer.engine.activation_parameters import PARAMETERS, name_with, split_name
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.tutor.words import kinds_of

LAST, HIDDEN = "last", "hidden"
MAX_NAME = 64
# Quantities with an entry for each weight.
OF_WEIGHTS = ("W", names.OF_W)


@dataclass(frozen=True, slots=True)
class Spelling:
    """The meaning of a name.

    ``quantity`` is "x", "target", "C", "z", "a", "W", "b", or the kind of a gradient of these.
    ``layer`` is a number as written, ``LAST``, ``HIDDEN`` (the layer before the last), or None if
    the name has none. ``updated`` marks parameters after the update.
    """

    quantity: str
    layer: int | str | None = None
    updated: bool = False

    def line_id(self, depth: int) -> str | None:
        """Return the id of the line in a network of ``depth`` layers, None without a layer."""
        if self.quantity in ("x", "target", "C"):
            return self.quantity
        layer = self.number(depth)
        if layer is None:
            return None
        found = names.of_layer(self.quantity, layer)
        return names.updated(found) if self.updated else found

    @property
    def is_gradient(self) -> bool:
        """Whether it is the gradient of something."""
        return names.of_gradient(self.quantity) is not None

    def number(self, depth: int) -> int | None:
        """Return the layer as a number, None without a layer."""
        if self.layer == LAST:
            return depth
        if self.layer == HIDDEN:
            return depth - 1 or None
        if self.layer is None:
            return 1 if depth == 1 else None
        return int(self.layer)

    def shifted(self, by: int) -> Spelling:
        """Return the same with another number of the layer."""
        return replace(self, layer=int(self.layer or 0) + by)


_QUANTITIES = {
    "W": r"w|weights?|wts?|theta|kernels?|coefs?|vekt(?:er)?|vektene",
    "b": r"b|bias(?:es)?|biaser|intercepts?|skjevhet(?:er)?",
    "z": r"z|zs|preactivations?|logits?|netinput|net",
    "a": r"a|as|act|activations?|aktivering(?:er)?|activated|outputs?|out",
}
_QUANTITY = "|".join(f"(?P<{name}>{words})" for name, words in _QUANTITIES.items())
# The same of words of any language, the first that a name has.
_OF_KINDS = {"weights": "W", "bias": "b", "sum": "z", "activation": "a"}
_COST = r"c|l|j|e|cost|loss|err|error|kostnad|tap"
_GRADIENT = (
    rf"(?:d_?(?:{_COST})_?(?:/|by|over|wrt)?_?d|d_?(?:loss|cost|error)|grad_?d|d(?:er(?:iv(?:ative)?)?)?"
    r"|grad(?:ients?|s)?|gradient(?:er|en)?|nabla|g|delta|del|partial|updates?)"
)
_GRADIENT_AFTER = r"(?:grad(?:ients?|s)?|gradient(?:er|en)?|derivatives?|deltas?|der|d)"
_LAYER = (
    r"(?P<layer>(?:layers?|lag|l)?_?(?P<number>\d{1,3})(?:th)?"
    r"|(?P<last>(?:o|out|outputs?|outer|ut|utgang|last|final|l)(?:_?layer)?|ho|hy"
    r"|hidden_?output|hidden_?to_?output)"
    r"|(?P<hidden>h|hid|hidden(?:_?layer)?|skjult(?:e)?|inner|ih|xh|input_?hidden"
    r"|input_?to_?hidden)_?(?P<hidden_number>\d{1,3})?)"
)
_DELTA = (
    r"(?:deltas?|(?P<error>err(?:or)?s?|feil(?:en)?)|sensitivit(?:y|ies)|local_?grad(?:ient)?s?)"
)
_UPDATED = r"(?:new|next|updated|ny(?:e)?|oppdatert(?:e)?|after)"
# A name that says nothing else than the output of the network.
_PREDICTION = (
    r"(?:y_?(?:h|hat|pred(?:icted|iction)?s?|prob(?:a|abilities)?|out)|predict(?:ed|ions?)?(?:_?outputs?)?|preds?"
    r"|prob(?:s|abilit(?:y|ies))?|outputs?|out|net_?output|model_?output|prediksjon(?:er)?|o)"
)

_COSTS = (
    rf"(?:(?P<array>e|errors?|err|feil)|{_COST}|total_?(?:cost|loss)|(?:cost|loss)_?(?:value|val|fn|func)?|mse|kostnad(?:en)?"
    r"|kostnadsfunksjon)"
)
_TARGETS = r"(?:y|t|y_?(?:train|true|data|batch|i|target)|targets?|labels?|fasit|(?:y_?)?one_?hot)"
_INPUTS = r"(?:x|x_?(?:train|data|batch|i|in|input|sample)|inputs?|input_?data|features?|a_?0)"
_HIDDEN_OUTPUT = (
    r"(?:hidden_?layer|hidden|skjult(?:_?lag)?|h)_?(?:outputs?|out|act)?_?(?P<number>\d{1,3})?"
)
# The output of a layer that has no other name: l1, layer_2.
_LAYER_OUTPUT = r"(?:layers?|lag|l)_?(?P<number>\d{1,3})"
# z of the output, whatever the number of layers.
_SCORES = r"(?:logits?|scores?)"
_LAYER_INPUT = rf"{_LAYER}_?(?:inputs?|in|sum)"
_GRADIENT_OF_COST = (
    r"(?:(?:loss|cost|error)_?(?:grad(?:ient)?s?|derivative|der)"
    r"|(?:grad(?:ient)?|derivative|der|d)_?(?:of_?)?(?:loss|cost|y))"
)

_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("cost", _COSTS),
        ("x", _INPUTS),
        ("target", _TARGETS),
        ("prediction", _PREDICTION),
        ("delta", rf"{_DELTA}_?(?:at_?)?{_LAYER}?"),
        ("delta", rf"{_LAYER}_?{_DELTA}"),
        ("prediction gradient", rf"{_GRADIENT}_?{_PREDICTION}|{_PREDICTION}_?{_GRADIENT_AFTER}"),
        ("gradient", rf"{_GRADIENT}_?(?:{_QUANTITY})_?{_LAYER}?"),
        ("gradient", rf"(?:{_QUANTITY})_?{_LAYER}?_?{_GRADIENT_AFTER}"),
        ("gradient", rf"{_LAYER}_?(?:{_QUANTITY})_?{_GRADIENT_AFTER}"),
        ("gradient", rf"{_LAYER}_{_GRADIENT}_?(?:{_QUANTITY})"),
        ("gradient", rf"{_GRADIENT}_?{_LAYER}_(?:{_QUANTITY})"),
        ("gradient", rf"(?:{_QUANTITY})_?{_GRADIENT_AFTER}_?{_LAYER}"),
        (
            "hidden gradient",
            r"(?:d|grad(?:ient)?|delta)_?(?:hidden_?layer|hidden|hid|h)_?(?P<number>\d{1,3})?",
        ),
        ("scores gradient", rf"{_GRADIENT}_?{_SCORES}"),
        ("prediction gradient", _GRADIENT_OF_COST),
        ("updated", rf"(?:{_QUANTITY})_?{_LAYER}?_?{_UPDATED}"),
        ("updated", rf"{_UPDATED}_?(?:{_QUANTITY})_?{_LAYER}?"),
        ("updated", rf"{_LAYER}_?(?:{_QUANTITY})_?{_UPDATED}"),
        ("scores", _SCORES),
        ("value", rf"(?:{_QUANTITY})_?{_LAYER}?"),
        ("value", rf"{_LAYER}_(?:{_QUANTITY})"),
        ("hidden output", _HIDDEN_OUTPUT),
        ("layer input", _LAYER_INPUT),
        ("hidden output", _LAYER_OUTPUT),
    )
)
# An entry of a dictionary or a list: the dW1 of grads, the first of nabla_w.
_KEY = re.compile(r"(?P<of>[\w.]+)\[\s*['\"](?P<key>\w+)['\"]\s*\]")
_INDEX = re.compile(r"(?P<of>.+?)\[\s*(?P<index>-?\d{1,3})\s*\]")
_WORD_BREAK = re.compile(r"(?<=[a-zæøå])(?=[A-Z])")
# Jacobians: ∂a1/∂z1, da_1_dz_1, and with one number for both, da_dz1 or da1_dz.
_JACOBIAN = re.compile(r"[d∂]_?([az])(?:_?(\d+))?[_/]?[d∂]_?(x|[azWb](?:_?(\d+))?)")
_UPSTREAM = re.compile(
    r"_?(d_?[a-zA-Z]\w{0,2}|d(out|next|prev|loss)\w*|d\w*_next|(up)?grad\w*|upstream\w*)"
)


def is_upstream(name: str) -> bool:
    """Whether a name is that of a given gradient: dout, dh, da_next, grad_output."""
    return _UPSTREAM.fullmatch(name) is not None


def is_jacobian(name: str) -> bool:
    """Whether ``name`` is spelled as ∂a/∂z, ∂z/∂W, … of one layer, with or without numbers."""
    return _JACOBIAN.fullmatch(name) is not None


def known_id(name: str, known: Mapping[str, Any], depth: int) -> str | None:
    """Return the line id for ``name``, an id or a common spelling of one; None if unknown."""
    if name in known:
        return name
    match = _JACOBIAN.fullmatch(name)
    if match is not None and (layer := match[2] or match[4]):
        by = names.X if match[3] == "x" else names.indexed(match[3][0], int(match[4] or layer))
        if (found := names.jacobian(names.indexed(match[1], int(layer)), by)) in known:
            return found
    lines = (spelling.line_id(depth) for spelling in spellings(name))
    return next((line for line in lines if line is not None and line in known), None)


@lru_cache(maxsize=4096)
def spellings(name: str) -> tuple[Spelling, ...]:
    """Return the meanings that a name may have, the most likely first; none for an unknown one."""
    if len(name) > MAX_NAME:
        return ()
    name = name.strip().removeprefix("self.").removesuffix(".T").removesuffix("_T")
    of_gradients = False
    if (key := _KEY.fullmatch(name)) is not None:
        of_gradients = re.search(r"grad|nabla", key["of"], re.IGNORECASE) is not None
        name = key["key"]
    index: int | None = None
    if match := _INDEX.fullmatch(name):
        name, index = match["of"], int(match["index"])
    found = list(dict.fromkeys(_spellings(name))) or list(_of_words(name))
    if index is not None:
        # Lists count from 0, and from the end with −1.
        layer = LAST if index == -1 else index + 1
        found = [
            replace(each, layer=layer)
            for each in found
            if each.layer is None and each.quantity not in ("x", "target", "C")
        ]
    if of_gradients:
        found = [
            replace(each, quantity=names.gradient_id(each.quantity))
            if each.quantity in "zaWb"
            else each
            for each in found
        ]
    return tuple(found)


def _spellings(name: str) -> Iterator[Spelling]:
    plain = name.replace("∂", "d").replace("δ", "delta").replace("/", "_").replace("-", "_")
    plain = re.sub(r"[\s._^()]+", "_", plain).strip("_")
    for written in dict.fromkeys((plain, _WORD_BREAK.sub("_", plain))):
        for kind, pattern in _PATTERNS:
            if match := pattern.fullmatch(written):
                yield from _meanings(kind, match.groupdict())


def _of_words(name: str) -> Iterator[Spelling]:
    """Yield the meanings of a name made of whole words: "gradiente_pesos_salida"."""
    kinds, number = kinds_of(name)
    quantity = next((q for kind, q in _OF_KINDS.items() if kind in kinds), None)
    place = HIDDEN if "hidden" in kinds else LAST if "output" in kinds else None
    layer = place if number is None else number
    wholes = {"cost": "C", "target": "target", "input": "x"}
    whole = next((q for kind, q in wholes.items() if kind in kinds and layer is None), None)
    if quantity in ("W", "b") and not kinds & {"gradient", "delta", "error"}:
        yield Spelling(quantity, layer, updated="new" in kinds)
    elif quantity is not None and (quantity in ("W", "b") or "gradient" in kinds):
        yield Spelling(names.gradient_id(quantity), layer)
    elif kinds & {"delta", "error"}:
        # The error of a network may be its cost, that of a layer ∂C/∂a.
        if "delta" not in kinds:
            yield from (Spelling(q) for q in ("C",) if layer is None)
            yield Spelling(names.OF_A, LAST if layer is None else layer)
        yield Spelling(names.OF_Z, LAST if layer is None else layer)
    elif whole is not None:
        yield Spelling(whole)
    elif quantity == "z" or "input" in kinds:
        yield Spelling("z", layer)
    elif quantity == "a" or kinds & {"hidden", "output"}:
        yield Spelling("a", layer)


def _meanings(kind: str, groups: Mapping[str, str | None]) -> Iterator[Spelling]:
    if kind == "cost":
        yield Spelling("C")
        if groups.get("array"):
            # An array of errors is no cost.
            yield Spelling(names.OF_A, LAST)
            yield Spelling(names.OF_Z, LAST)
    elif kind in ("x", "target"):
        yield Spelling(kind)
    elif kind == "prediction":
        yield Spelling("a", LAST)
    elif kind in ("prediction gradient", "hidden gradient"):
        # Programs that go from layer to layer in one line call ∂C/∂z the gradient of the output.
        layer = LAST if kind == "prediction gradient" else _number(groups) or HIDDEN
        yield Spelling(names.OF_A, layer)
        yield Spelling(names.OF_Z, layer)
    elif kind in ("scores", "scores gradient"):
        yield Spelling("z" if kind == "scores" else names.OF_Z, LAST)
    elif kind == "layer input":
        yield Spelling("z", _layer(groups))
    elif kind == "hidden output":
        yield Spelling("a", _number(groups) or HIDDEN)
    elif kind == "delta":
        yield Spelling(names.OF_Z, _layer(groups))
        if groups.get("error"):
            # Beside a delta, the error of a layer is ∂C/∂a.
            yield Spelling(names.OF_A, _layer(groups))
    else:
        quantity = next(letter for letter in "WbZza" if groups.get(letter))
        whole = names.gradient_id(quantity) if kind == "gradient" else quantity
        yield Spelling(whole, _layer(groups), updated=kind == "updated")
        if kind == "value" and (groups["a"] or "").lower().startswith(("activation", "aktiv")):
            # "Activation" may be the sum that is activated, beside an output.
            yield Spelling("z", _layer(groups))


def _number(groups: Mapping[str, str | None]) -> int | None:
    number = groups.get("number") or groups.get("hidden_number")
    return int(number) if number else None


def _layer(groups: Mapping[str, str | None]) -> int | str | None:
    if (number := _number(groups)) is not None:
        return number
    if groups.get("last"):
        return LAST
    return HIDDEN if groups.get("hidden") else None


# Other names of activations and costs, without capitals, blanks, underscores and hyphens.
_OTHER_NAMES: Mapping[str, str] = {
    other: usual
    for usual, others in {
        "identity": "linear none id",
        "sigmoid": "logistic sigm expit sigmoidfunction",
        "tanh": "hyperbolictangent",
        "relu": "rectifier",
        "leaky_relu": "lrelu",
        "silu": "swish",
        "mse": "meansquarederror squarederror quadratic l2",
        "mae": "meanabsoluteerror l1",
        "binary_cross_entropy": "bce logloss binarycrossentropyloss",
        "cross_entropy": "ce crossentropyloss categoricalcrossentropy softmaxcrossentropy",
    }.items()
    for other in others.split()
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


def line_ids(depth: int) -> dict[str, None]:
    """Return all line ids of a network with ``depth`` layers, as keys."""
    found: list[names.Name] = [names.X, names.TARGET, names.COST]
    for k in range(1, depth + 1):
        below, z, a = names.activation(k - 1), names.weighted_sum(k), names.activation(k)
        W, b = names.weights(k), names.biases(k)
        found += [W, b, z, a, *map(names.gradient, (a, z, W, b)), names.updated(W)]
        found += [names.updated(b), names.jacobian(a, z)]
        found += [names.jacobian(z, each) for each in (W, b, below)]
    return dict.fromkeys(found)

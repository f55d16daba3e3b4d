"""Names: the id of each value of a working, with its parts and its written forms.

A ``Name`` is a string, the id, so it is a key of every dict of values and JSON as it stands. It
also holds what the id says: the quantity, its number (in a dense network the layer, from 1) and
the names that it belongs to. No other module builds an id from text or takes one apart.

====================  =========================================  ==========================
id                    made by                                    ``quantity`` and parts
====================  =========================================  ==========================
``W2``                ``weights(2)``                             W, number 2
``x``, ``a1``         ``activation(0)``, ``activation(1)``       x; a, number 1
``dC_dW2``            ``gradient(weights(2))``                   gradient, of W2
``dz2_dW2``           ``jacobian(weighted_sum(2), weights(2))``  jacobian, of z2 and W2
``velocity_W2``       ``state("velocity", weights(2))``          velocity, of W2
``W2_next``           ``updated(weights(2))``                    updated, of W2
====================  =========================================  ==========================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec

import numpy as np

from backprop_explorer.texts import engine as texts

# The LaTeX of quantities without a number.
_LATEX = {
    "target": "y",
    "C_data": r"C_{\mathrm{data}}",
    "cost_factor": "c",
    "l1": r"\lambda_1",
    "l2": r"\lambda_2",
    "learning_rate": r"\eta",
    "base_learning_rate": r"\eta_0",
    "step": r"\tau",
    "momentum": r"\mu",
    "rho": r"\rho",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "epsilon": r"\epsilon",
    "update_count": "t",
    "every": "k",
    "factor": r"\gamma",
    "steps": "T",
    "floor": "f",
}
# The letters of quantities that each layer has, and of an optimizer's states.
_OF_LAYER = {"penalty": "R", "learning_rate": r"\eta", "layer_factor": "q"}
_OF_STATE = {"velocity": "v", "sum": "s", "square": "s", "m_hat": r"\hat{m}", "v_hat": r"\hat{v}"}
# The same letters in Unicode, where they are written otherwise than in LaTeX.
_UNICODE = {
    "learning_rate": "η",
    "base_learning_rate": "η₀",
    "m_hat": "m\u0302",
    "v_hat": "v\u0302",
}
# Names of a program that are a letter: Greek, with a hat or bar, a number, and runs of loops.
_SYMBOL = re.compile(
    r"(?:(?P<greek>alpha|beta|gamma|delta|epsilon|eta|theta|lambda|mu|nu|xi|rho|sigma|tau|phi|chi"
    r"|psi|omega)|(?P<letter>[A-Za-z]))(?:_?(?P<over>hat|bar))?_?(?P<low>\d{1,2}|(?<=[A-Z])[a-z])?"
    r"(?:\[(?P<runs>\w+=\d+(?:, \w+=\d+)*)\])?"
)
# Of "xhat.1" and "h.3[t=0]" what makes it a part of the expression of a variable.
_UNNAMED = re.compile(r"\.\d+(?=\[|@|$)")
_GREEK = {
    **dict(
        zip(("alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta"), "αβγδϵηθ", strict=True)
    ),
    **dict(zip(("lambda", "mu", "nu", "xi", "rho", "sigma", "tau"), "λμνξρστ", strict=True)),
    **dict(zip(("phi", "chi", "psi", "omega"), "φχψω", strict=True)),
}
_P = ParamSpec("_P")
_GRADIENT = "dC_d"
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Name(str):
    """The id of a value, with its parts and forms: ``latex``, ``plain`` (Unicode), ``spoken``.

    Made by the functions of this module. ``spoken`` is what a screen reader says, ``kind`` the id
    without numbers of layers, such as "z", "dC_dW" or "W_next".
    """

    __slots__ = ("kind", "latex", "number", "of", "plain", "quantity", "spoken")

    quantity: str
    kind: str
    number: int | None
    of: tuple[Name, ...]
    latex: str
    plain: str
    spoken: str

    def __reduce__(self) -> tuple[Any, ...]:
        return _name, (
            *(str(self), self.kind, self.quantity, self.latex, self.plain, self.spoken),
            *(self.number, self.of),
        )

    @property
    def layer(self) -> int | None:
        """Its number, or that of the first name it belongs to that has one."""
        if self.number is not None:
            return self.number
        return next((each.layer for each in self.of if each.layer is not None), None)

    @property
    def gradient_of(self) -> str:
        """The quantity of which it is the gradient: "W" of ∂C/∂W; "" if it is none."""
        return self.of[0].quantity if self.quantity == "gradient" else ""

    @property
    def about(self) -> str:
        """One sentence on what the value is."""
        return texts.about(self.quantity, self.of[0].plain if self.of else "", self.plain)

    @property
    def variable(self) -> Name:
        """The value of the forward pass that a gradient, Jacobian, update or state belongs to."""
        return self.of[-1].variable if self.of else self


def _name(
    text: str,
    kind: str,
    quantity: str,
    latex: str,
    plain: str,
    spoken: str,
    number: int | None = None,
    of: tuple[Name, ...] = (),
) -> Name:
    name = Name(text)
    name.quantity, name.number, name.of = quantity, number, of
    name.kind = kind
    name.latex, name.plain, name.spoken = latex, plain, spoken
    return name


def _kept(make: Callable[_P, Name]) -> Callable[_P, Name]:
    """Cache a function of names by their parts: a program's own "W2" is not that of a layer."""

    plain: Callable[..., Name] = make

    @lru_cache(maxsize=4096)
    def found(parts: tuple[Any, ...], *given: Any) -> Name:
        return plain(*given)

    @wraps(make)
    def kept(*arguments: _P.args, **named: _P.kwargs) -> Name:
        parts = [(each.quantity, each.latex) for each in arguments if isinstance(each, Name)]
        assert not named, "names are given by position"
        return found(tuple(parts), *arguments)

    return kept


@lru_cache(maxsize=512)
def single(quantity: str) -> Name:
    """Return the name of a value without a number, such as "C" or "momentum"."""
    words = quantity.replace("_", " ")
    latex = _LATEX.get(quantity, quantity)
    if len(quantity) > 1 and latex == quantity:
        latex = rf"\mathrm{{{words}}}"
    plain = _UNICODE.get(quantity, words)
    return _name(quantity, quantity, quantity, latex, plain, texts.SPOKEN.get(quantity, words))


@lru_cache(maxsize=4096)
def indexed(quantity: str, layer: int) -> Name:
    """Return the name of a value of layer ``layer`` (from 1): "z2", "penalty1"."""
    letter = _OF_LAYER.get(quantity, quantity)
    plain = f"{_UNICODE.get(quantity, letter)}⁽{str(layer).translate(_RAISED)}⁾"
    spoken = texts.spoken_of_layer(quantity.replace("_", " "), layer)
    latex = f"{letter}^{{({layer})}}"
    return _name(f"{quantity}{layer}", quantity, quantity, latex, plain, spoken, layer)


def penalty(layer: int | None) -> Name:
    """Return the penalty on the parameters of a layer, or on all parameters."""
    return single("penalty") if layer is None else indexed("penalty", layer)


def weights(layer: int) -> Name:
    """Return W of a layer (n_in, n_out)."""
    return indexed("W", layer)


def biases(layer: int) -> Name:
    """Return b of a layer (n_out,)."""
    return indexed("b", layer)


def weighted_sum(layer: int) -> Name:
    """Return z of a layer (N, n_out), the pre-activation."""
    return indexed("z", layer)


def activation(layer: int) -> Name:
    """Return a of a layer (N, n_out); layer 0 is the input x."""
    return indexed("a", layer) if layer else X


@_kept
def gradient(of: Name) -> Name:
    """Return ∂C/∂ of a value."""
    return _name(
        gradient_id(of),
        gradient_id(of.kind),
        "gradient",
        rf"\frac{{\partial C}}{{\partial {of.latex}}}",
        f"∂C/∂{of.plain}",
        texts.spoken_gradient(of.quantity, of.layer),
        of=(of,),
    )


@_kept
def share(of: Name, reader: Name, place: int) -> Name:
    """Return the part of ∂C/∂``of`` that comes through input ``place`` of ``reader``.

    Of a reader without a name, such as xhat.1, the part is named by the variable that it is for.
    """
    whole = gradient(of)
    through = variable(_UNNAMED.sub("", reader)) if _UNNAMED.search(reader) else reader
    return _name(
        f"{whole}_through_{reader}_{place}",
        f"{whole.kind}_through_{reader.kind}_{place}",
        "share",
        rf"\left.{whole.latex}\right|_{{{through.latex}}}",
        texts.share(whole.plain, through.plain),
        texts.share(whole.spoken, through.spoken),
        of=(reader, of),
    )


@_kept
def stretched(whole: Name) -> Name:
    """Return a gradient before its sum over the axes along which the value was repeated."""
    return _name(
        f"{whole}_stretched",
        f"{whole.kind}_stretched",
        "stretched",
        whole.latex,
        texts.before_sum(whole.plain),
        texts.before_sum(whole.spoken),
        of=whole.of,
    )


def number_latex(value: Any) -> str:
    """Return a constant of a program in LaTeX."""
    if not isinstance(value, float | np.floating):
        return str(value)
    digits, _, power = f"{float(value):g}".partition("e")
    factor = "" if digits == "1" else rf"{digits} \cdot "
    return f"{factor}10^{{{int(power)}}}" if power else digits


def variable(text: str, latex: str | None = None) -> Name:
    """Return the name of a value of a recorded program: "h", "x@2", "h[t=2]", "self.W1"."""
    # A key of a dictionary may have any character; some of them are commands in LaTeX.
    safe = re.sub(r"[\\{}^~%#&$]", "·", text).replace("_", r"\_")
    latex = latex or _symbol(text) or rf"\mathrm{{{safe}}}"
    return _name(text, text, text, latex, _lettered(text), text)


def _lettered(text: str) -> str:
    """A name with Greek letters and hats: x̂, μ, γ[t=2]."""
    match = _SYMBOL.fullmatch(text)
    if match is None or not (match["greek"] or match["over"]):
        return text
    letter = _GREEK[match["greek"]] if match["greek"] else match["letter"]
    over = {"hat": "\u0302", "bar": "\u0304", None: ""}[match["over"]]
    return f"{letter}{over}{text[match.end('over') if over else match.end('greek') :]}"


def _symbol(text: str) -> str | None:
    """A name as formulas have it: xhat, mu, W1, Wq, h[t=2]; None for any other name."""
    match = _SYMBOL.fullmatch(text)
    if match is None:
        return None
    letter = rf"\{match['greek']}" if match["greek"] else match["letter"]
    if match["over"]:
        letter = rf"\{match['over']}{{{letter}}}"
    low = ",\\,".join(filter(None, (match["low"], match["runs"])))
    return f"{letter}_{{{low}}}" if low else letter


@_kept
def jacobian(of: Name, by: Name) -> Name:
    """Return ∂``of``/∂``by``."""
    return _name(
        f"d{of}_d{by}",
        f"d{of.kind}_d{by.kind}",
        "jacobian",
        rf"\frac{{\partial {of.latex}}}{{\partial {by.latex}}}",
        f"∂{of.plain}/∂{by.plain}",
        texts.spoken_jacobian(of.quantity, by.quantity, of.layer),
        of=(of, by),
    )


@_kept
def applied(op: str, to: Name) -> Name:
    """Return the result of an operation that only the backward pass reads: softmax of z."""
    latex = rf"\mathrm{{{op.replace('_', ' ')}}}\left({to.latex}\right)"
    return _name(
        *(f"{op}_{to}", f"{op}_{to.kind}"),
        *(op, latex, f"{op}({to.plain})", f"{op}, {to.spoken}"),
        of=(to,),
    )


@_kept
def state(quantity: str, parameter: Name) -> Name:
    """Return an optimizer's value for a parameter: "velocity_W1", "m_hat_b2"."""
    letter = _OF_STATE.get(quantity, quantity)
    plain = texts.state_of(_state_letter(quantity), parameter.plain)
    spoken = texts.spoken_state(quantity.replace("_", " "), parameter.quantity, parameter.layer)
    latex = f"{letter}_{{{parameter.latex}}}"
    kind = f"{quantity}_{parameter.kind}"
    return _name(
        *(f"{quantity}_{parameter}", kind, quantity, latex, plain, spoken), of=(parameter,)
    )


def _state_letter(quantity: str) -> str:
    return _UNICODE.get(quantity, _OF_STATE.get(quantity, quantity))


@_kept
def updated(of: Name) -> Name:
    """Return the value of a parameter or state after the update: "W1_next"."""
    mark = r"\mathrm{new}"
    quantity, plain = of.quantity, f"{of.plain}′"
    if of.of:  # A state: the mark follows the parameter in the index.
        latex = rf"{of.latex[:-1]},\,{mark}}}"
        quantity = texts.state_of(of.quantity.replace("_", " "), of.variable.quantity)
        plain = texts.state_of(f"{_state_letter(of.quantity)}′", of.variable.plain)
    else:
        latex = f"{of.latex}_{{{mark}}}"
    spoken = texts.spoken_new(quantity, of.layer)
    return _name(*(f"{of}_next", f"{of.kind}_next", "updated", latex, plain, spoken), of=(of,))


def gradient_id(of: str) -> str:
    """Return the id of ∂C/∂v, or its kind, for that of v."""
    return f"{_GRADIENT}{of}"


def of_gradient(text: str) -> str | None:
    """Return the id of v, or its kind, for that of ∂C/∂v; None for others."""
    return text.removeprefix(_GRADIENT) if text.startswith(_GRADIENT) else None


def of_layer(kind: str, layer: int) -> Name:
    """Return the name of layer ``layer`` of a kind such as "z", "dC_dW" or "W_next"."""
    inner = of_gradient(kind)
    if inner is not None:
        return gradient(of_layer(inner, layer))
    if kind.endswith("_next"):
        return updated(of_layer(kind.removesuffix("_next"), layer))
    return indexed(kind, layer)


# One entry of W or b, as edits, sweeps and slices name it: "W2[0,1]", "b1[0]".
ENTRY = r"W([0-9]{1,4})\[([0-9]{1,5}),([0-9]{1,5})\]|b([0-9]{1,4})\[([0-9]{1,5})\]"
_ENTRY = re.compile(ENTRY)


def entry(text: str) -> tuple[Name, int, int] | None:
    """Return the array, row and column of "W2[0,1]" or "b1[0]" (row 0); None for other texts."""
    match = _ENTRY.fullmatch(text)
    if match is None:
        return None
    W, row, column, b, unit = match.groups()
    if W:
        return weights(int(W)), int(row), int(column)
    return biases(int(b)), 0, int(unit)


_INDEXED = re.compile(r"(z|a|W|b|penalty|learning_rate|layer_factor)(\d+)")
_OF_PARAMETER = re.compile(r"(\w+?)_([Wb]\d+)")
_JACOBIAN = re.compile(r"d([za]\d+)_d([zaWb]\d+|x)")


@lru_cache(maxsize=8192)
def named(text: str) -> Name:
    """Return the name of a value of a dense network by its id, as links and requests send it."""
    if (inner := of_gradient(text)) is not None:
        return gradient(named(inner))
    if text.endswith("_next"):
        return updated(named(text.removesuffix("_next")))
    if match := _INDEXED.fullmatch(text):
        return indexed(match[1], int(match[2]))
    if match := _JACOBIAN.fullmatch(text):
        return jacobian(named(match[1]), named(match[2]))
    if match := _OF_PARAMETER.fullmatch(text):
        return state(match[1], named(match[2]))
    return single(text)


def before_update(text: str) -> Name:
    """Return the name of a parameter or state by the id after its update, or of any other value."""
    name = named(text)
    return name.of[0] if name.quantity == "updated" else name


X, TARGET, COST, COST_OF_DATA = map(single, ("x", "target", "C", "C_data"))
COST_FACTOR, L1, L2 = map(single, ("cost_factor", "l1", "l2"))
# Kinds of gradients, which answers have as fields of a layer.
OF_W, OF_B, OF_Z, OF_A = map(gradient_id, "Wbza")
LEARNING_RATE, BASE_LEARNING_RATE = map(single, ("learning_rate", "base_learning_rate"))
UPDATE_COUNT, STEP = map(single, ("update_count", "step"))

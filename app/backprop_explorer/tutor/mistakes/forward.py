"""Mistakes in the forward pass: z and a."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.activation_parameters import split_name
from backprop_explorer.engine.activations import ACTIVATIONS, Activation
from backprop_explorer.texts import tutor_mistakes as texts
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.mistakes.relations import MistakePlace, under
from backprop_explorer.tutor.mistakes.rule import Array, Misconception, MistakeSite, WrongRule

Z, A, SLOPE = MistakePlace("affine"), MistakePlace("activation"), MistakePlace("activation", 0)

# Slopes of leaky ReLU for negative z, and α of ELU, that programs use.
LEAKY_SLOPES = (0.01, 0.1, 0.2, 0.05, 0.001, 0.3, 0.25)
ELU_ALPHAS = (1.0, 0.5, 0.1, 0.2, 0.01, 2.0)
_USUAL = {"relu": LEAKY_SLOPES, "leaky_relu": LEAKY_SLOPES, "elu": ELU_ALPHAS}
_SLOPED = {"relu": "leaky_relu", "leaky_relu": "leaky_relu", "elu": "elu"}


def base_name(name: str) -> str:
    """Return the name of an activation without its parameter."""
    parts = split_name(name)
    return name if parts is None else parts[0]


def common_first(*common: str) -> list[str]:
    """Return the names of all activations, ``common`` first."""
    return [*common, *(name for name in ACTIVATIONS if name not in common)]


def _other_activations(site: MistakeSite) -> Sequence[str]:
    """List other activations, the often confused ones first; no softmax for a single unit."""
    single = np.shape(site.value(0))[-1:] == (1,)
    others = common_first("sigmoid", "relu", "tanh", "softmax", "leaky_relu", "identity")
    return [
        name for name in others if name != site.function.name and not (name == "softmax" and single)
    ]


def _other_slopes(site: MistakeSite) -> Sequence[str]:
    usual = _USUAL.get(base_name(site.function.name))
    # The slope of the given activation changes nothing and is skipped by the search.
    if usual is None:
        return []
    details = dict.fromkeys(map(repr, (*site.evidence.slopes, *usual)))
    # Slopes that the numbers show may be beyond those that an activation can have.
    return [each for each in details if _sloped(site.function.name, each)]


def _sloped(given: str, detail: str) -> str | None:
    """Name the activation ``given`` with another slope or α, None if it cannot have it."""
    name = f"{_SLOPED.get(base_name(given))}({float(detail):.12g})"
    return name if name in ACTIVATIONS else None


def _with_slope(detail: str, f: Activation, z: Array) -> Any:
    other = _sloped(f.name, detail)
    return None if other is None else ACTIVATIONS[other].compute(z)


def _back_with_slope(detail: str, f: Activation, g: Array, z: Array) -> Any:
    derivative = ACTIVATIONS[_sloped(f.name, detail) or "softmax"].derivative
    return None if derivative is None else g * derivative(z)


_OPPOSITE_SIGN: Mapping[str, Callable[[Array], Array]] = {
    "sigmoid": lambda z: ACTIVATIONS["sigmoid"].compute(-z),
    "softmax": lambda z: ACTIVATIONS["softmax"].compute(-z),
    "silu": lambda z: z * ACTIVATIONS["sigmoid"].compute(-z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(-z)),
}


def _softmax(z: Array, top_axis: int, sum_axis: int) -> Array:
    e = np.exp(z - z.max(axis=top_axis, keepdims=True))
    shares: Array = e / e.sum(axis=sum_axis, keepdims=True)
    return shares


def _of_softmax(compute: Callable[[Array], Any], detail: str, words: str = "") -> WrongRule:
    return WrongRule(A, compute, (0,), detail, words, only=("softmax",))


FORWARD = (
    Misconception(
        name=ids.TRANSPOSED_WEIGHTS,
        title="weights transposed on the way forward",
        did="z was computed with the transpose of W.",
        why="Each unit multiplies the inputs by its own weights; a square matrix gives no shape"
        " error, so check which index of W counts the inputs.",
        rules=(WrongRule(Z, lambda a, W, b: a @ W.T + b, (0, 1, 2), confused=(1, 1)),),
    ),
    Misconception(
        name=ids.MISSING_BIAS,
        title="bias left out",
        did="The weighted sum was taken without adding b.",
        why="Every unit adds its bias to the weighted sum; check the line for z.",
        rules=(WrongRule(Z, lambda a, W: a @ W, (0, 1)),),
    ),
    Misconception(
        name=ids.BIAS_SUBTRACTED,
        title="bias subtracted",
        did="The bias was subtracted from the weighted sum.",
        why="The bias is added in z = W a + b; check the sign in the line for z.",
        rules=(WrongRule(Z, lambda a, W, b: a @ W - b, (0, 1, 2)),),
    ),
    Misconception(
        name=ids.Z_PASSED_ON,
        title="z of the previous layer instead of its a",
        did="The weights were multiplied by the previous layer's z.",
        why="The input of a layer is the output of the previous layer, which is a; check which"
        " variable you pass from layer to layer.",
        rules=(WrongRule(Z, "affine", (under(0), 1, 2), confused=(under(0), 0)),),
    ),
    Misconception(
        name=ids.MISSING_ACTIVATION,
        title="activation left out",
        did="z was used as a, without the activation.",
        why="Without activations all layers together are one affine map; check what your forward"
        " pass hands to the next layer.",
        rules=(WrongRule(A, lambda f, z: None if f.name == "identity" else z, ("f", 0)),),
        activation=lambda given, detail: "identity",
    ),
    Misconception(
        name=ids.WRONG_ACTIVATION,
        title="another activation",
        did="The layer was computed with {detail} as its activation.",
        why="Each layer has its own activation; check the entry of this layer in your list of"
        " activations.",
        rules=(
            WrongRule(
                A,
                lambda detail, z: ACTIVATIONS[detail].compute(z),
                (0,),
                details=_other_activations,
            ),
        ),
        words=lambda detail: ACTIVATIONS[detail].title,
        activation=lambda given, detail: detail,
    ),
    Misconception(
        name=ids.SLOPE_BELOW_ZERO,
        title="leaky ReLU with another slope, or ELU with another α",
        did="The activation was computed with {detail} as its slope or α for negative z.",
        why="What the activation does for negative z is a choice that its definition makes;"
        " compare it with the given one.",
        rules=(
            WrongRule(A, _with_slope, ("f", 0), details=_other_slopes),
            WrongRule(SLOPE, _back_with_slope, ("f", "g", 0), details=_other_slopes),
        ),
        activation=_sloped,
    ),
    Misconception(
        name=ids.SOFTMAX_WRONG_AXIS,
        title="softmax over the batch",
        did="The {detail} inside softmax was taken over the samples of the batch.",
        why="Softmax makes the outputs of each sample sum to 1; print the sums of your rows, and"
        " check axis and keepdims.",
        rules=(
            _of_softmax(lambda z: _softmax(z, 0, 1), "maximum"),
            _of_softmax(lambda z: _softmax(z, 1, 0), "sum"),
            _of_softmax(lambda z: _softmax(z, 0, 0), "both", "maximum and the sum"),
        ),
    ),
    Misconception(
        name=ids.SOFTMAX_NOT_NORMALISED,
        title="softmax not divided by its sum",
        did="Of softmax there is only {detail}, which was not divided by its sum.",
        why="The outputs of softmax are probabilities, and yours do not sum to 1; print the sum of"
        " a row.",
        rules=(
            _of_softmax(np.exp, "z", texts.EXP_Z),
            _of_softmax(
                lambda z: np.exp(z - z.max(axis=1, keepdims=True)), "shifted", texts.EXP_SHIFTED
            ),
            _of_softmax(lambda z: np.exp(z - z.max()), "shifted_by_all", texts.EXP_SHIFTED_BY_ALL),
        ),
    ),
    Misconception(
        name=ids.ACTIVATION_SIGN,
        title="wrong sign in the exponent",
        did="The activation was computed with the opposite sign of z in its exponential.",
        why="The activation then falls where it should rise; check the sign inside exp.",
        rules=(
            WrongRule(
                A, lambda f, z: _OPPOSITE_SIGN[f.name](z), ("f", 0), only=tuple(_OPPOSITE_SIGN)
            ),
        ),
    ),
)

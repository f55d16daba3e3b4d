"""Diagnose a network in plain words: vanishing gradients, dead units and so on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.network import Network
from backprop_explorer.texts import experiments as texts

Array = NDArray[np.float64]
Kind = Literal["vanishing", "exploding", "dead", "saturated", "symmetric", "diverged"]

# A layer with less than this fraction of the last layer's gradient learns too slowly.
VANISHING_FRACTION = 1e-3
EXPLODING_RATIO = 1e3
DEAD_FRACTION = 0.5
SATURATED_FRACTION = 0.5
# The activation's slope is below a fiftieth of its maximum.
_SATURATED_TANH = 0.99
_SATURATED_SIGMOID = 0.005

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One finding: what happened and why, and what to try."""

    kind: Kind
    layer: int | None
    text: str
    suggestion: str


class ActivationStatistics(NamedTuple):
    """Statistics of one layer's outputs over the training set.

    ``dead_fraction``: fraction of units that are 0 for every sample (ReLU only, else None).
    ``saturated_fraction``: fraction of outputs in the flat ends (sigmoid and tanh, else None).
    """

    mean: float
    std: float
    dead_fraction: float | None
    saturated_fraction: float | None


def statistics(activation: str, a: Array) -> ActivationStatistics:
    """Return the statistics of a layer's outputs ``a`` (N, n)."""
    trouble = ACTIVATIONS[activation].trouble
    dead = float((a == 0.0).all(axis=0).mean()) if trouble == "dies" else None
    saturated = None
    if trouble == "saturates":
        if activation == "tanh":
            flat = np.abs(a) > _SATURATED_TANH
        else:
            flat = np.abs(a - 0.5) > 0.5 - _SATURATED_SIGMOID
        saturated = np.count_nonzero(flat) / flat.size
    # Same as a.mean() and a.std(), without computing the mean twice.
    mean = float(np.add.reduce(a, axis=None)) / a.size
    off = (a - mean).ravel()
    std = math.sqrt(float(off.dot(off)) / a.size)
    return ActivationStatistics(mean, std, dead, saturated)


def all_alike(W: list[Array], b: list[Array]) -> list[bool]:
    """Tell for each layer whether it has several units, all with equal weights and bias."""
    return [
        b.size > 1 and bool((W[:, :1] == W).all() and (b[0] == b).all())
        for W, b in zip(W, b, strict=True)
    ]


def _percent(fraction: float) -> str:
    """Format a fraction: 100 %, 62 %, 0.04 %, a fraction of 10⁻⁹."""
    if fraction >= 0.1:
        return f"{100 * fraction:.0f} %"
    if fraction >= 1e-5:
        return f"{float(f'{100 * fraction:.1g}')} %"
    return texts.fraction(_power(fraction))


def _times(factor: float) -> str:
    """Format a factor: 2,100-fold, 10⁴⁴-fold."""
    return f"{float(f'{factor:.2g}'):,.0f}-fold" if factor < 1e6 else f"{_power(factor)}-fold"


def _power(value: float) -> str:
    return f"10{str(round(math.log10(value))).translate(_SUPERSCRIPTS)}"


def alarms(
    network: Network, z_norms: list[float], layers: list[ActivationStatistics], alike: list[bool]
) -> Iterator[Alarm]:
    """Yield findings from the norms of ∂C/∂z, the outputs' statistics and ``all_alike``."""
    last, first = z_norms[-1], z_norms[0]
    names = {layer.activation for layer in network.layers[:-1]}
    if network.depth > 1 and last > 0 and 0 < first < VANISHING_FRACTION * last:
        why, remedy = texts.EACH_LAYER_SMALLER, texts.TRY_FEWER_LAYERS
        if "sigmoid" in names:
            why, remedy = texts.SIGMOID_SLOPES, texts.TRY_TANH
        elif any((each.saturated_fraction or 0.0) >= SATURATED_FRACTION for each in layers[:-1]):
            why = texts.SATURATED_ON_THE_WAY
        fraction = _percent(first / last)
        yield Alarm("vanishing", 1, texts.gradient_vanishes(network.depth, fraction, why), remedy)
    if network.depth > 1 and first > EXPLODING_RATIO * max(last, 1e-300) and last > 0:
        grows = texts.gradient_explodes(_times(first / last))
        yield Alarm("exploding", 1, grows, texts.TRY_SMALLER_RATE)
    for index, each in enumerate(layers[:-1], start=1):
        dead, saturated = each.dead_fraction, each.saturated_fraction
        if dead is not None and dead >= DEAD_FRACTION:
            text = texts.units_dead(_percent(dead), index)
            yield Alarm("dead", index, text, texts.TRY_LEAKY_RELU)
        if saturated is not None and saturated >= SATURATED_FRACTION:
            text = texts.units_saturated(_percent(saturated), index)
            yield Alarm("saturated", index, text, texts.TRY_SMALLER_WEIGHTS)
        if alike[index - 1]:
            yield Alarm("symmetric", index, texts.units_alike(index), texts.TRY_DIFFERENT_WEIGHTS)

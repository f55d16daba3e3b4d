"""The shape of a network, and its parameters in one flat vector.

Shapes follow the engine's row convention: samples are rows, ``W`` of a layer is (n_in, n_out),
``b`` is (n_out,), and ``z = a @ W + b``. ``notation`` converts to other conventions for display.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import engine as texts

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Layer:
    """A dense layer: its number of units and the name of its activation."""

    units: int
    activation: str


@dataclass(frozen=True)
class Network:
    """A dense feed-forward network: ``inputs`` features, then the layers in order.

    Raises UnknownName for an unknown activation, InvalidInput without inputs, layers or units.
    """

    inputs: int
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if self.inputs < 1:
            raise InvalidInput("x", texts.NO_INPUT)
        if not self.layers:
            raise InvalidInput("layers", texts.NO_LAYER)
        for index, layer in enumerate(self.layers):
            ACTIVATIONS.find(layer.activation, f"layers.{index}.activation")
            if layer.units < 1:
                raise InvalidInput(f"layers.{index}.units", texts.NO_UNIT)

    @property
    def depth(self) -> int:
        """The number of layers, without the input."""
        return len(self.layers)

    @property
    def outputs(self) -> int:
        """The number of units in the last layer."""
        return self.layers[-1].units

    @cached_property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """(n_in, n_out) of each layer."""
        sizes = [self.inputs, *(layer.units for layer in self.layers)]
        return tuple(pairwise(sizes))

    @cached_property
    def parameter_count(self) -> int:
        """The number of weights and biases of all layers."""
        return sum((n_in + 1) * n_out for n_in, n_out in self.shapes)


@lru_cache(maxsize=256)
def network_of(inputs: int, layers: tuple[tuple[int, str], ...]) -> Network:
    """Return the network with ``layers``, each a pair of units and activation.

    Equal arguments return the same object, so values that depend only on the network are cached.
    Raises InvalidInput.
    """
    return Network(inputs, tuple(Layer(units, activation) for units, activation in layers))


class Parameters:
    """All weights and biases in one vector ``flat`` (P,), with a view of it per layer.

    ``W[l]`` (n_in, n_out) and ``b[l]`` (n_out,) share memory with ``flat``. So an optimizer updates
    a network of any depth with a few calls on whole vectors. Gradients and optimizer state use the
    same class. List indices start at 0, names such as "W1" at 1. Raises ValueError if ``flat`` has
    another length.
    """

    __slots__ = ("W", "b", "flat", "network")

    def __init__(self, network: Network, flat: Array | None = None) -> None:
        if flat is None:
            flat = np.zeros(network.parameter_count)
        if flat.shape != (network.parameter_count,):
            raise ValueError(texts.parameter_count(network.parameter_count, flat.shape))
        self.network = network
        self.flat = flat
        self.W: list[Array] = []
        self.b: list[Array] = []
        at = 0
        for n_in, n_out in network.shapes:
            self.W.append(flat[at : at + n_in * n_out].reshape(n_in, n_out))
            at += n_in * n_out
            self.b.append(flat[at : at + n_out])
            at += n_out

    def copy(self) -> Parameters:
        """Return an independent copy."""
        return Parameters(self.network, self.flat.copy())

    def named(self) -> dict[str, Array]:
        """{"W1": …, "b1": …, "W2": …} in the order of the layers."""
        arrays: dict[str, Array] = {}
        for index, (W, b) in enumerate(zip(self.W, self.b, strict=True), start=1):
            arrays[names.weights(index)] = W
            arrays[names.biases(index)] = b
        return arrays

    @classmethod
    def from_layers(cls, network: Network, layers: Sequence[tuple[Array, Array]]) -> Parameters:
        """Copy [(W (n_in, n_out), b (n_out,)), …] into a flat vector.

        Raises InvalidInput that names the layer with the wrong shape.
        """
        if len(layers) != network.depth:
            raise InvalidInput("layers", texts.layers_needed(network.depth))
        parameters = cls(network)
        for index, (W, b) in enumerate(layers):
            if W.shape != network.shapes[index]:
                raise InvalidInput(
                    f"layers.{index}.W", texts.weights_shape(W.shape, network.shapes[index])
                )
            if b.shape != (network.shapes[index][1],):
                raise InvalidInput(
                    f"layers.{index}.b", texts.bias_shape(b.shape, network.shapes[index][1])
                )
            parameters.W[index][...] = W
            parameters.b[index][...] = b
        return parameters

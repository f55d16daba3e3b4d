"""Initializers: how the initial weights are drawn. To add one, add one entry to INITIALIZERS.

Weights are drawn in the shape (n_out, n_in) and transposed, layer by layer, W before b, as the
exercises' ``create_layers`` does with ``np.random.randn``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.registry import Parameter, Registry

Array = NDArray[np.float64]
# (generator, n_in, n_out, value) -> W of shape (n_out, n_in)
Draw = Callable[[np.random.Generator, int, int, float], Array]


@dataclass(frozen=True, slots=True)
class Initializer:
    """How the parameters of one layer are drawn. Biases are 0 unless ``draw_bias`` is given."""

    name: str
    title: str
    description: str
    formula: str
    draw: Draw
    draw_bias: Callable[[np.random.Generator, int, float], Array] | None = None
    parameters: tuple[Parameter, ...] = ()


def _scaled_normal(variance: Callable[[int, int], float]) -> Draw:
    return lambda rng, n_in, n_out, value: (
        rng.standard_normal((n_out, n_in)) * np.sqrt(variance(n_in, n_out))
    )


def _scaled_uniform(variance: Callable[[int, int], float]) -> Draw:
    def draw(rng: np.random.Generator, n_in: int, n_out: int, value: float) -> Array:
        # A uniform variable on [−l, l] has the variance l²/3.
        limit = np.sqrt(3.0 * variance(n_in, n_out))
        return rng.uniform(-limit, limit, (n_out, n_in))

    return draw


def _xavier(n_in: int, n_out: int) -> float:
    return 2.0 / (n_in + n_out)


def _he(n_in: int, n_out: int) -> float:
    return 2.0 / n_in


INITIALIZERS: Registry[Initializer] = Registry(
    "initializer",
    Initializer(
        name="normal",
        title="standard normal",
        description="W and b from N(0, 1), as in the exercises. Large for wide layers.",
        formula=r"W, b \sim \mathcal{N}(0, 1)",
        draw=_scaled_normal(lambda n_in, n_out: 1.0),
        draw_bias=lambda rng, n_out, value: rng.standard_normal(n_out),
    ),
    Initializer(
        name="zeros",
        title="zeros",
        description="All units of a layer stay equal for ever: nothing breaks the symmetry.",
        formula=r"W = 0",
        draw=lambda rng, n_in, n_out, value: np.zeros((n_out, n_in)),
    ),
    Initializer(
        name="constant",
        title="constant",
        description="The same number everywhere, and the same symmetry as with zeros.",
        formula=r"W = b = c",
        draw=lambda rng, n_in, n_out, value: np.full((n_out, n_in), value),
        draw_bias=lambda rng, n_out, value: np.full(n_out, value),
        parameters=(Parameter("value", "constant c", 0.5, -100.0, 100.0),),
    ),
    Initializer(
        name="xavier_normal",
        title="Xavier, normal",
        description="Keeps the variance forward and backward, for tanh (Glorot & Bengio 2010).",
        formula=r"W \sim \mathcal{N}\left(0, \frac{2}{n_{\mathrm{in}} + n_{\mathrm{out}}}\right)",
        draw=_scaled_normal(_xavier),
    ),
    Initializer(
        name="xavier_uniform",
        title="Xavier, uniform",
        description="The same variance from a uniform distribution (Glorot & Bengio 2010).",
        formula=r"W \sim \mathcal{U}(-l, l),\; "
        r"l = \sqrt{\frac{6}{n_{\mathrm{in}} + n_{\mathrm{out}}}}",
        draw=_scaled_uniform(_xavier),
    ),
    Initializer(
        name="he_normal",
        title="He, normal",
        description="Twice the variance, since ReLU drops half of it (He et al. 2015).",
        formula=r"W \sim \mathcal{N}\left(0, \frac{2}{n_{\mathrm{in}}}\right)",
        draw=_scaled_normal(_he),
    ),
    Initializer(
        name="he_uniform",
        title="He, uniform",
        description="The same variance from a uniform distribution (He et al. 2015).",
        formula=r"W \sim \mathcal{U}(-l, l),\; l = \sqrt{\frac{6}{n_{\mathrm{in}}}}",
        draw=_scaled_uniform(_he),
    ),
    Initializer(
        name="lecun_normal",
        title="LeCun, normal",
        description="Keeps the variance on the way forward (LeCun et al. 1998).",
        formula=r"W \sim \mathcal{N}\left(0, \frac{1}{n_{\mathrm{in}}}\right)",
        draw=_scaled_normal(lambda n_in, n_out: 1.0 / n_in),
    ),
)


def initialize(
    network: Network, name: str, rng: np.random.Generator, *, value: float = 0.5
) -> Parameters:
    """Draw all parameters of ``network`` with the initializer ``name`` from ``rng``.

    ``value`` is used by the initializer "constant" only. Raises UnknownName.
    """
    initializer = INITIALIZERS.find(name, "network.initializer")
    parameters = Parameters(network)
    for W, b in zip(parameters.W, parameters.b, strict=True):
        n_in, n_out = W.shape
        W[...] = initializer.draw(rng, n_in, n_out, value).T
        if initializer.draw_bias is not None:
            b[...] = initializer.draw_bias(rng, n_out, value)
    return parameters

"""Small networks, data that suit their cost, and traces of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.network import Layer, Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, trace

Array = NDArray[np.float64]

# The output activation that a cost with a logarithm asks for.
OUTPUT = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}


def build(inputs: int, *layers: tuple[int, str]) -> Network:
    """``build(2, (3, "sigmoid"), (4, "relu"))``."""
    return Network(inputs, tuple(Layer(units, activation) for units, activation in layers))


def deep(activation: str, depth: int, cost: str, *, inputs: int = 2, units: int = 3) -> Network:
    """``depth`` layers of ``activation``, ending in the output that ``cost`` asks for."""
    names = [activation] * (depth - 1) + [OUTPUT.get(cost, activation)]
    # Widths that differ, so that no transposed matrix fits by accident.
    return build(inputs, *((units + k % 2, name) for k, name in enumerate(names)))


def draw(rng: np.random.Generator, network: Network, scale: float = 1.0) -> Parameters:
    """Parameters of about the size that keeps signals alive at any depth."""
    parameters = Parameters(network)
    for W, b in zip(parameters.W, parameters.b, strict=True):
        W[...] = scale * rng.standard_normal(W.shape) * np.sqrt(1.5 / len(W))
        b[...] = 0.3 * scale * rng.standard_normal(b.shape)
    return parameters


def data(
    rng: np.random.Generator, network: Network, cost: str, samples: int
) -> tuple[Array, Array]:
    """x and a target that ``cost`` is defined for."""
    x = rng.standard_normal((samples, network.inputs))
    shape = (samples, network.outputs)
    if cost == "cross_entropy":
        return x, np.eye(network.outputs)[rng.integers(network.outputs, size=samples)]
    if cost == "binary_cross_entropy":
        return x, rng.integers(2, size=shape).astype(np.float64)
    return x, rng.standard_normal(shape)


def traced(
    rng: np.random.Generator,
    network: Network,
    objective: Objective | None = None,
    *,
    samples: int = 1,
    scale: float = 1.0,
    **options: Any,
) -> Trace:
    """A trace of ``network`` with drawn parameters and data; options are those of ``trace``."""
    objective = objective or Objective()
    x, target = data(rng, network, objective.cost, samples)
    return trace(network, draw(rng, network, scale), objective, x, target, **options)


def gradient_ids(worked: Trace) -> list[str]:
    """The ids of all ∂C/∂… lines, in order."""
    return [node.id for node in worked.graph.nodes if node.id.quantity == "gradient"]

"""The graph of a dense network: layers of weighted sums and activations, and a cost."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.backward import backward_nodes
from backprop_explorer.engine.graph import Given, Graph, Node, run
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.rewrite import fuse, penalize

Array = NDArray[np.float64]

# Size of the caches of graphs, which depend only on the network and the objective.
GRAPHS = 256


@lru_cache(maxsize=GRAPHS)
def forward_nodes(network: Network) -> tuple[Node, ...]:
    """Return the nodes z1, a1, z2, a2, … in order."""
    nodes: list[Node] = []
    for k, layer in enumerate(network.layers, start=1):
        z, a = names.weighted_sum(k), names.activation(k)
        inputs = (names.activation(k - 1), names.weights(k), names.biases(k))
        nodes.append(Node(z, "forward", "affine", inputs, "nj"))
        nodes.append(Node(a, "forward", layer.activation, (z,), "nj"))
    return tuple(nodes)


@lru_cache(maxsize=GRAPHS)
def dense_graph(network: Network, objective: Objective, *, jacobians: bool = False) -> Graph:
    """Return the working of a network: forward pass, cost and gradients."""
    layers = range(1, network.depth + 1)
    weights, biases = [names.weights(k) for k in layers], [names.biases(k) for k in layers]
    givens = [Given(names.X, "ni"), Given(names.TARGET, "nj"), Given(names.COST_FACTOR, "")]
    for W, b in zip(weights, biases, strict=True):
        givens += [Given(W, "ij", parameter=True), Given(b, "j", parameter=True)]
    reads = (names.activation(network.depth), names.TARGET, names.COST_FACTOR)
    cost = Node(names.COST, "cost", objective.cost, reads, "")
    graph = Graph(tuple(givens), (*forward_nodes(network), cost))
    if objective.fused:
        graph = fuse(graph)
    gradients = backward_nodes(graph, names.COST, jacobians=jacobians)
    graph = graph.replaced((*graph.nodes, *gradients))
    if objective.penalized:
        graph = penalize(graph, graph.parameters if objective.biases else weights)
    return graph


def given_values(objective: Objective, x: Array, target: Array) -> dict[str, Any]:
    """Return the values that a working starts from, without the parameters, by id."""
    values: dict[str, Any] = {
        names.X: x,
        names.TARGET: target,
        names.COST_FACTOR: objective.factor(*target.shape),
    }
    if objective.penalized:
        values |= {names.L1: objective.l1, names.L2: objective.l2}
    return values


def predict(network: Network, parameters: Parameters, x: Array) -> Array:
    """Return the output of the last layer, (N, n_out), for samples ``x`` (N, inputs)."""
    return activations(network, parameters, x)[-1]


def activations(network: Network, parameters: Parameters, x: Array) -> list[Array]:
    """Return the output (N, units) of each layer for samples ``x`` (N, inputs)."""
    values: dict[str, Any] = {names.X: x, **parameters.named()}
    run(forward_nodes(network), values)
    return [values[names.activation(layer)] for layer in range(1, network.depth + 1)]

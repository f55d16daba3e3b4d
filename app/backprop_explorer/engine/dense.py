"""The graph of a dense network: layers of weighted sums and activations, a cost and a penalty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.backward import backward_nodes
from backprop_explorer.engine.graph import Given, Graph, Node, run
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.penalty import WITH_PENALTY

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


def fuse(graph: Graph) -> Graph:
    """Compute each cost together with the activation that it reads, where the two have one form."""
    activations = {node.id: node for node in graph.nodes if node.operation.family == "activation"}

    def fused(node: Node) -> Node:
        read = activations.get(node.inputs[0])
        if node.role != "cost" or read is None or f"{read.op}_{node.op}" not in OPS:
            return node
        return replace(node, op=f"{read.op}_{node.op}", inputs=(*read.inputs, *node.inputs[1:]))

    return graph.replaced(map(fused, graph.nodes))


def penalize(graph: Graph, parameters: Iterable[Name]) -> Graph:
    """Add λ₁ Σ|p| + λ₂/2 Σp² of each of the parameters to the cost "C".

    ``graph`` has backward nodes. Its cost becomes "C_data"; each layer has one line of its penalty,
    and the gradient of a parameter stays one line.
    """
    penalized = tuple(parameters)
    layers: dict[int | None, list[Name]] = {}
    for each in penalized:
        layers.setdefault(each.number, []).append(each)
    gradients = {names.gradient(each): each for each in penalized}

    def nodes() -> Iterator[Node]:
        for node in graph.nodes:
            if node.id == names.COST:
                yield replace(node, id=names.COST_OF_DATA)
                parts = [names.COST_OF_DATA]
                for layer, of in layers.items():
                    parts.append(names.penalty(layer))
                    op = "penalty" if len(of) == 1 else "penalty_with_biases"
                    yield Node(parts[-1], "cost", op, (*of, names.L1, names.L2), "")
                yield Node(names.COST, "cost", "total_cost", tuple(parts), "")
            elif node.id in gradients:
                inputs = (*node.inputs, gradients[node.id], names.L1, names.L2)
                yield replace(node, op=WITH_PENALTY[node.op], inputs=inputs)
            else:
                yield node

    return graph.replaced(nodes(), (Given(names.L1, ""), Given(names.L2, "")))

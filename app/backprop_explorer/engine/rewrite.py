"""Rewrites of a graph: the fused cost, and the penalty on the parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from backprop_explorer.engine import names
from backprop_explorer.engine.graph import Given, Graph, Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops import OPS


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
                yield replace(node, op=f"penalized_{node.op}", inputs=inputs)
            else:
                yield node

    return graph.replaced(nodes(), (Given(names.L1, ""), Given(names.L2, "")))

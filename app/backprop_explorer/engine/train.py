"""Training: a graph on a tape, with reused buffers.

The tape records the same operations as a trace runs, so both have the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.dense import dense_graph, given_values
from backprop_explorer.engine.graph import Graph, Node, shape_of
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.penalty import add_penalty
from backprop_explorer.engine.row_blocks import split_rows
from backprop_explorer.tape import Call, Entry, Scratch, Tape, parallel_branches, record

Array = NDArray[np.float64]

# Cost of the activation of one unit, in multiplications of a matrix product.
ACTIVATION_WORK = 25


class Pass:
    """The forward pass of a graph, and with ``gradient`` the backward pass, in reused buffers.

    ``values`` holds the values of the graph's givens, arrays that may change between runs; after
    ``run()`` it holds those of all nodes, too. ``gradient`` (P,) takes the gradients of the
    parameters, one after the other in their order. ``cost()`` returns the cost of the last pass.
    ``plain`` is the graph without a penalty.
    """

    def __init__(
        self,
        graph: Graph,
        values: dict[str, Any],
        gradient: Array | None = None,
        plain: Graph | None = None,
    ) -> None:
        self._graph, self._plain = graph, plain or graph
        self.values = values
        nodes = graph.of_role("forward")
        if gradient is not None:
            values |= self._split(gradient)
            nodes += graph.of_role("backward")
        self._rows = {name for name, axes in graph.axes.items() if axes.startswith("n")}
        blocks = split_rows(max((len(values[n]) for n in self._rows if n in values), default=1))
        if len(blocks) == 1:
            self.tape = Tape(_recorded(nodes, values))
        else:
            self.tape = Tape(self._in_blocks(nodes, blocks, gradient))
        # The cost has a tape of its own: most passes do not need it.
        costs = dict(values)
        self._cost_tape = Tape(_recorded(graph.of_role("cost"), costs))
        self._costs = {name: costs[name] for name in costs.keys() - values.keys()}
        self._with_cost: Tape | None = None

    def _split(self, gradient: Array) -> dict[str, Array]:
        """The views of a vector (P,) for each parameter, by the names of their gradients."""
        parts: dict[str, Array] = {}
        end = 0
        for name in self._graph.parameters:
            parameter = self.values[name]
            start, end = end, end + parameter.size
            parts[names.gradient(name)] = gradient[start:end].reshape(parameter.shape)
        return parts

    def _in_blocks(
        self, nodes: Sequence[Node], blocks: Sequence[slice], gradient: Array | None
    ) -> list[Entry]:
        """Record ``nodes`` for each block of rows, then the sum of their gradients in block order.

        The first block writes into ``gradient``, each other block into its own memory.
        """
        for node in nodes:
            _add_buffer(node, self.values)
        # The penalty is added once, to the sum, and not to the gradient of each block.
        plain = [self._plain.by_id[node.id] for node in nodes]
        lists: list[list[Entry]] = []
        sums: list[Entry] = []
        for rows in blocks:
            values = {
                name: value[rows] if name in self._rows else value
                for name, value in self.values.items()
            }
            if gradient is not None and lists:
                part = np.zeros_like(gradient)
                values |= self._split(part)
                sums.append(Call(np.add, (gradient, part), gradient))
            lists.append(_recorded(plain, values))
        for node, without in zip(nodes, plain, strict=True):
            if node != without:
                penalty = [self.values[name] for name in node.inputs[len(without.inputs) :]]
                out = self.values[node.id]
                sums += record(add_penalty, out, *penalty, out=out)
        return [*parallel_branches(lists, self._work(nodes)), *sums]

    def _work(self, nodes: Sequence[Node]) -> float:
        """Estimate the work of a run, in multiplications."""
        sums = [node for node in nodes if node.operation.family == "affine"]
        inputs = (np.size(self.values[node.inputs[0]]) for node in sums)
        outputs = [self.values[node.id].shape for node in sums]
        products: float = sum(n * shape[1] for n, shape in zip(inputs, outputs, strict=True))
        forward = products + (1 + ACTIVATION_WORK) * sum(map(math.prod, outputs))
        return forward * (3 if nodes[-1].role == "backward" else 1)

    def run(self) -> None:
        """Run the pass over the current values of the givens."""
        self.tape.run()

    def with_cost(self) -> tuple[Tape, Array]:
        """Return a tape of the pass and the cost, and the array () in which it leaves C."""
        if self._with_cost is None:
            self._with_cost = Tape((*self.tape.entries, *self._cost_tape.entries))
        return self._with_cost, self._costs[names.COST]

    def cost(self) -> float:
        """Return C of the last pass."""
        return self.costs()[names.COST]

    def costs(self) -> dict[str, float]:
        """Return C of the last pass and, with a penalty, its parts, by id."""
        self._cost_tape.run()
        return {name: value.item() for name, value in self._costs.items()}


def _recorded(nodes: Iterable[Node], values: dict[str, Any]) -> list[Entry]:
    """Record ``nodes`` as tape entries, with a new buffer for each that has none yet."""
    entries: list[Entry] = []
    scratch = Scratch()
    for node in nodes:
        _add_buffer(node, values)
        keywords: dict[str, Any] = {"out": values[node.id], "scratch": scratch}
        if node.hint is not None:
            keywords["a"] = values[node.hint]
        inputs = [values[name] for name in node.inputs]
        entries += record(OPS[node.op].compute, *inputs, **keywords)
    return entries


def _add_buffer(node: Node, values: dict[str, Any]) -> None:
    if node.id not in values:
        values[node.id] = np.zeros(shape_of(node, values))


class Forward(Pass):
    """The forward pass of a dense network over ``x`` (N, inputs), in reused buffers.

    After ``run()``, ``values`` holds z and a of every layer by id, and ``cost()`` returns C against
    ``target`` (N, outputs). The contents of ``x``, ``target`` and ``parameters`` may change between
    runs. If ``gradient`` is given, the backward pass follows and fills it.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        parameters: Parameters,
        x: Array,
        target: Array,
        gradient: Parameters | None = None,
    ) -> None:
        self.x, self.target = x, target
        self.parameters = parameters
        super().__init__(
            dense_graph(network, objective),
            given_values(objective, x, target) | parameters.named(),
            None if gradient is None else gradient.flat,
            dense_graph(network, replace(objective, l1=0.0, l2=0.0))
            if objective.penalized
            else None,
        )


class Backprop(Forward):
    """Gradients for batches of one size, in reused buffers.

    Fill ``x`` (N, inputs) and ``target`` (N, outputs) and call ``gradients()``. ``gradient`` then
    holds ∂C/∂W and ∂C/∂b of every layer, ``values`` every intermediate array by id, and ``cost()``
    returns C of the same pass.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        parameters: Parameters,
        gradient: Parameters,
        samples: int,
    ) -> None:
        x, target = np.zeros((samples, network.inputs)), np.zeros((samples, network.outputs))
        super().__init__(network, objective, parameters, x, target, gradient)
        self.gradient = gradient

    def gradients(self) -> None:
        """Run the forward and backward pass over ``x`` and ``target``."""
        self.run()

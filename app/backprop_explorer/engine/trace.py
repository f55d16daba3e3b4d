"""Trace: the working of one backpropagation as a list of lines with values.

The page, the checker, the exports and the proof all read this structure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.dense import GRAPHS, dense_graph, given_values
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.engine.graph import Graph, Node, run
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.updates import (
    Update,
    state_values,
    update_givens,
    with_update,
    zero_state,
)
from backprop_explorer.texts import engine as texts

Array = NDArray[np.float64]

# Limit for ∂z/∂W, which has N n_out² n_in entries, nearly all of them zero.
MAX_JACOBIAN_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the working: a node and its value in the engine's row convention."""

    node: Node
    value: Any

    def signature(self) -> str:
        """The axes of each input and of the value, in the engine's convention."""
        inputs, output = self.node.operation.signature.split("->")
        if "*" in self.node.operation.signature:
            # Each input is a number, or an array like the value that belongs to the same variable.
            axes = [
                self.node.axes if name.variable == self.node.id.variable else ""
                for name in self.node.inputs
            ]
            return f"{','.join(axes)}->{self.node.axes}"
        parts = inputs.split(",")
        if parts[-1] == "…":
            parts = parts[:-1] + [""] * (len(self.node.inputs) - len(parts) + 1)
        return f"{','.join(parts)}->{output}"

    def entry(self) -> str:
        """The expression of one entry of the value (see ``operations``)."""
        if self.node.operation.entry.endswith("…"):
            return " + ".join(f"{{{k}}}" for k in range(len(self.node.inputs)))
        return self.node.operation.entry

    def text(self) -> str:
        """A sentence that explains the line."""
        return self.node.operation.text.format(layer=self.node.id.layer)


@dataclass(frozen=True)
class Trace:
    """All lines of one backpropagation and the values they start from.

    ``givens`` holds x (N, inputs), target (N, outputs), W1, b1, …, the factor of the cost and, with
    an update, the optimizer's parameters and state. ``line_values`` holds the values of the nodes
    of ``graph`` by id, in the order of computation.
    """

    network: Network
    objective: Objective
    graph: Graph
    givens: Mapping[str, Any]
    line_values: Mapping[str, Any]

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The nodes of ``graph`` with their values."""
        return tuple(map(Line, self.graph.nodes, self.line_values.values()))

    @property
    def samples(self) -> int:
        """The number of samples N."""
        return len(self.givens["x"])

    @property
    def cost(self) -> float:
        """The cost C."""
        return float(self.line_values[names.COST])

    def __getitem__(self, name: str) -> Any:
        """Return the value of a line or given by its id."""
        return self._values[name]

    @cached_property
    def _values(self) -> dict[str, Any]:
        return {**self.givens, **self.line_values}

    def values(self) -> dict[str, Any]:
        """Return a new dict of all values, givens and lines, by id."""
        return dict(self._values)


def _check_jacobians(network: Network, samples: int) -> None:
    """Raise LimitExceeded if a ∂z/∂W would have more than MAX_JACOBIAN_ENTRIES entries."""
    for n_in, n_out in reversed(network.shapes):
        entries = samples * n_out * n_out * n_in
        if entries > MAX_JACOBIAN_ENTRIES:
            raise LimitExceeded("jacobians", texts.JACOBIAN_ENTRIES, MAX_JACOBIAN_ENTRIES, entries)


@lru_cache(maxsize=GRAPHS)
def _graph(
    network: Network, objective: Objective, update: tuple[str, str, int] | None, *, jacobians: bool
) -> Graph:
    """The cached graph. ``update`` is optimizer, schedule and the number of factors of layers."""
    graph = dense_graph(network, objective, jacobians=jacobians)
    if update is None:
        return graph
    name, schedule, factors = update
    return with_update(graph, Update(name, schedule=schedule, layer_factors=(1.0,) * factors))


def trace(
    network: Network,
    parameters: Parameters,
    objective: Objective,
    x: Array,
    target: Array,
    *,
    update: Update | None = None,
    state: Mapping[str, Parameters] | None = None,
    step: int = 0,
    count: int = 1,
    jacobians: bool = False,
) -> Trace:
    """Compute every line of the backpropagation of ``x`` (N, inputs) to ``target`` (N, outputs).

    With ``update``, the optimizer's lines follow: training step ``step`` (from 0), the ``count``-th
    update, from ``state`` (zeros if None). Raises InvalidInput if shapes do not match,
    LimitExceeded if Jacobians are too large.
    """
    if x.ndim != 2 or x.shape[1] != network.inputs or len(x) == 0:
        raise InvalidInput("x", texts.numbers_per_sample(network.inputs))
    if target.shape != (len(x), network.outputs):
        raise InvalidInput("target", texts.target_shape(target.shape, (len(x), network.outputs)))
    if update is not None:
        update.check(network)
    if jacobians:
        _check_jacobians(network, len(x))
    start: dict[str, Any] = {**given_values(objective, x, target), **parameters.named()}
    lines = None if update is None else (update.name, update.schedule, len(update.layer_factors))
    graph = _graph(network, objective, lines, jacobians=jacobians)
    if update is not None:
        start |= update_givens(update, step, count)
        start |= state_values(zero_state(network, update) if state is None else state)
    with np.errstate(over="ignore", invalid="ignore"):
        values = run(graph.nodes, dict(start))
    return Trace(
        network=network,
        objective=objective,
        graph=graph,
        givens=start,
        line_values={node.id: values[node.id] for node in graph.nodes},
    )


def present(trace: Trace, notation: Notation) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the givens and the lines of ``trace`` as dicts in ``notation``, with NumPy arrays.

    Formulas and symbols are LaTeX strings. The web layer converts them to MathML and JSON.
    """
    axes = trace.graph.axes
    shown_givens = [
        {
            **described(names.named(name), axes[name], notation),
            "value": notation.show(value, axes[name]),
        }
        for name, value in trace.givens.items()
    ]
    return shown_givens, [present_line(line, notation) for line in trace.lines]


def present_line(line: Line, notation: Notation) -> dict[str, Any]:
    """Return one line as a dict in ``notation``."""
    value = notation.show(line.value, line.node.axes)
    return {**written(line.node, notation), "value": value}


def described(name: Name, axes: str, notation: Notation) -> dict[str, Any]:
    """Return what a line or given is called, and the names of its axes in ``notation``."""
    return {
        "id": name,
        "symbol": name.latex,
        "label": name.plain,
        "spoken": name.spoken,
        "about": name.about,
        "axes": [texts.AXES[letter] for letter in notation.letters(axes)],
        "quantity": name.kind,
        "layer": name.layer,
        "of": name.variable if name.of else None,
    }


def written(node: Node, notation: Notation) -> dict[str, Any]:
    """Return the description of a line, without its value, as a dict in ``notation``."""
    line = Line(node, None)
    return {
        **described(node.id, node.axes, notation),
        "phase": node.role,
        "op": node.op,
        "inputs": list(node.inputs),
        "formula": f"{node.id.latex} = {line.node.operation.formula(node.inputs, notation)}",
        "text": line.text(),
        "signature": notation.signature(line.signature()),
        "entry": notation.entry(line.entry()),
    }

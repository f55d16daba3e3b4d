"""Graph: the operations of a working in order, each with the names that it reads.

A ``Node`` is one line of a working without its value. ``run`` computes nodes from the values of
their inputs, ``replay`` one of them again, with the same bits, ``rounding_bounds`` how far each
value may be off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np

from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops import OPS, Operation
from backprop_explorer.engine.ops.operation import Attributes

Role = Literal["forward", "cost", "backward", "update"]


@dataclass(frozen=True, slots=True)
class Node:
    """One line of a working: the operation ``op`` of ``inputs``.

    ``axes`` are the letters of its value's axes (see ``notation``). ``hint`` names a value that the
    operation would otherwise compute again (a = f(z) for f'(z)). It does not change the result.
    ``attributes`` are constants of the operation, such as the axis of a sum: pairs of a name and a
    number, string, None or tuple of these, so that they can be compared and written as JSON.
    """

    id: Name
    role: Role
    op: str
    inputs: tuple[Name, ...]
    axes: str
    hint: Name | None = None
    attributes: Attributes = ()

    @property
    def keywords(self) -> dict[str, Any]:
        """The attributes as keyword arguments of the operation's functions."""
        return dict(self.attributes)

    @property
    def operation(self) -> Operation:
        """The entry of the table of operations."""
        return OPS[self.op]


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a graph starts from. Gradients are computed of parameters only."""

    name: Name
    axes: str
    parameter: bool = False


@dataclass(frozen=True, eq=False)  # One object per graph, so that caches can compare by identity.
class Graph:
    """Nodes in the order of computation, and the values they start from."""

    givens: tuple[Given, ...]
    nodes: tuple[Node, ...]

    @cached_property
    def axes(self) -> Mapping[str, str]:
        """The axes of each given and node by its id."""
        axes: dict[str, str] = {each.name: each.axes for each in self.givens}
        return axes | {node.id: node.axes for node in self.nodes}

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        """The nodes by id, in order."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def parameters(self) -> tuple[Name, ...]:
        """The names of the parameters, in order."""
        return tuple(each.name for each in self.givens if each.parameter)

    @cached_property
    def moving(self) -> frozenset[Name]:
        """The parameters, and the nodes that a gradient leads back through to one of them."""
        names = set(self.parameters)
        for node in self.nodes:
            # None leads back through an operation without rules, such as a comparison.
            if node.operation.backward and not names.isdisjoint(node.inputs):
                names.add(node.id)
        return frozenset(names)

    def of_role(self, *roles: Role) -> tuple[Node, ...]:
        """Return the nodes of ``roles``, in order."""
        return tuple(node for node in self.nodes if node.role in roles)

    def replaced(self, nodes: Iterable[Node], givens: Iterable[Given] = ()) -> Graph:
        """Return a graph with other nodes, and ``givens`` added."""
        return Graph((*self.givens, *givens), tuple(nodes))


def compute(node: Node, values: Mapping[str, Any]) -> Any:
    """Compute the value of one node from the values of its inputs."""
    arguments = [values[name] for name in node.inputs]
    if node.hint is not None and node.hint in values:
        return OPS[node.op].compute(*arguments, a=values[node.hint])
    return _computed(OPS[node.op], arguments, node.attributes)


def run(nodes: Iterable[Node], values: dict[str, Any]) -> dict[str, Any]:
    """Compute ``nodes`` in order, add each value to ``values`` by its id, and return ``values``."""
    for node in nodes:
        values[node.id] = compute(node, values)
    return values


def replay(node: Node, values: Mapping[str, Any]) -> Any:
    """Compute the value of a node again from only its inputs. It has the same bits."""
    return _computed(OPS[node.op], [values[name] for name in node.inputs], node.attributes)


def rounding_bounds(
    nodes: Iterable[Node], values: Mapping[str, Any], unit: float
) -> dict[str, Any]:
    """Return a bound on the rounding error of each node's value, entry by entry, by id.

    Each operation's own bound, and those of its inputs propagated (forward error analysis).
    ``unit`` is the relative error of one operation; the values that no node computes are exact.
    """
    bounds: dict[str, Any] = {}
    for node in nodes:
        operation, inputs = node.operation, [values[name] for name in node.inputs]
        bound = operation.rounding(inputs, values[node.id], unit, node.attributes)
        spreads = [bounds.get(name) for name in node.inputs]
        propagated = operation.propagated(inputs, spreads, node.attributes)
        bounds[node.id] = bound if propagated is None else bound + propagated
    return bounds


def _computed(operation: Operation, arguments: list[Any], attributes: Attributes) -> Any:
    if operation.written is None:
        return operation.compute(*arguments)
    return contiguous(operation.compute(*arguments, **dict(attributes)))


def contiguous(value: Any) -> Any:
    """Return an array in C order: the bits of a sum depend on the order in memory."""
    if isinstance(value, np.ndarray) and not value.flags.c_contiguous:
        return np.ascontiguousarray(value)
    return value


def shape_of(node: Node, values: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the shape of a node's value from the values of its inputs."""
    places = _places(node.operation.signature)
    if places is None:
        return max((np.shape(values[name]) for name in node.inputs), key=len)
    return tuple([np.shape(values[node.inputs[at]])[axis] for at, axis in places])


@lru_cache(maxsize=512)
def _places(signature: str) -> tuple[tuple[int, int], ...] | None:
    """The input and its axis that has the length of each axis of the value; None for "*"."""
    inputs, output = signature.split("->")
    if output == "*":
        return None
    parts = list(enumerate(inputs.split(",")))
    return tuple(
        next((at, part.index(letter)) for at, part in parts if letter in part) for letter in output
    )

"""Backpropagation of any graph: its backward nodes follow from the rules of its operations.

The nodes of the forward pass are read in reverse order. Each rule of an operation gives the
gradient of one input. A value that several inputs read gets one node for each share and one that
adds them. Jacobians follow from rules of the same kind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from backprop_explorer.engine import names
from backprop_explorer.engine.graph import Graph, Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import (
    EACH,
    Applied,
    Attributes,
    Place,
    Rule,
    Shape,
    letters,
)


def backward_nodes(
    graph: Graph, root: Name, *, jacobians: bool = False, shapes: Mapping[str, Shape] | None = None
) -> tuple[Node, ...]:
    """Return the nodes of ∂``root``/∂v for each parameter v and each value between the two.

    ``root`` is a number. With ``jacobians``, each is preceded by the Jacobians of the nodes that
    read v. ``shapes`` has the shape of each value, which operations with attributes need. The
    gradient of an input that was broadcast is summed over the stretched axes by a node of its own.
    """
    return tuple(_Backward(graph, root, jacobians=jacobians, shapes=shapes or {}).nodes())


class _Backward:
    def __init__(
        self, graph: Graph, root: Name, *, jacobians: bool, shapes: Mapping[str, Shape]
    ) -> None:
        self._graph, self._root, self._jacobians = graph, root, jacobians
        self._shapes = shapes
        self._moving = graph.moving
        self._path = list(self._reversed_path())
        self._places = Counter(
            node.inputs[rule.input] for node, rules in self._path for rule in rules
        )
        self._shares: dict[Name, list[Name]] = defaultdict(list)
        self._extra: list[Node] = []

    def _reversed_path(self) -> Iterator[tuple[Node, list[Rule]]]:
        """The nodes between a parameter and the root, the last first, with their rules."""
        needed = {self._root}
        for node in reversed(self._graph.nodes):
            if node.id in needed and node.id in self._moving:
                # An input without a rule, such as an index, has no gradient.
                rules = self._rules(node)
                needed.update(node.inputs[rule.input] for rule in rules)
                yield node, rules

    def _rules(self, node: Node) -> list[Rule]:
        rules: list[Rule] = []
        for rule in node.operation.backward:
            if rule.input == EACH:
                places = (k for k, name in enumerate(node.inputs) if name in self._moving)
                rules += [replace(rule, input=k) for k in places]
            elif rule.input < len(node.inputs) and node.inputs[rule.input] in self._moving:
                rules.append(rule)
        return rules

    def nodes(self) -> Iterator[Node]:
        for node, rules in self._path:
            if node.id == self._root and any("g" in rule.operands for rule in rules):
                yield Node(names.gradient(node.id), "backward", "one", (), "")
            for rule in rules:
                of = node.inputs[rule.input]
                if self._jacobians and of not in self._shares:
                    yield from self._jacobians_by(of)
                single = self._places[of] == 1
                name = names.gradient(of) if single else names.share(of, node.id, rule.input)
                self._shares[of].append(name)
                yield from self._gradient(node, rule, name, of)
                if not single and len(self._shares[of]) == self._places[of]:
                    shares = tuple(self._shares[of])
                    axes = self._graph.axes[of]
                    yield Node(names.gradient(of), "backward", "add_shares", shares, axes)

    def _gradient(self, node: Node, rule: Rule, name: Name, of: Name) -> Iterator[Node]:
        axes = self._graph.axes[of]
        inputs = tuple(self._operands(node, rule))
        hint = None if rule.hint is None else self._operand(node, rule.hint)
        attributes: Attributes = ()
        place = self._place(node, rule) if self._shapes else None
        if rule.attributes is not None and place is not None:
            attributes = tuple(rule.attributes(place).items())
        yield from self._extra
        self._extra.clear()
        stretches = node.operation.stretches if place is not None else None
        wider = stretches(place) if stretches is not None and place is not None else None
        # The input was repeated to the shape of the value.
        if wider is not None and wider != self._shapes[of]:
            whole = inputs[0]
            if rule.op != "same":
                whole = names.stretched(name)
                yield Node(whole, "backward", rule.op, inputs, letters(wider), hint, attributes)
            attributes = (("shape", self._shapes[of]),)
            yield Node(name, "backward", "sum_stretched", (whole,), axes, None, attributes)
            return
        if "g" in rule.operands or node.id == self._root:
            yield Node(name, "backward", rule.op, inputs, axes, hint, attributes)
            return
        # The rule gives the derivative of a number, which is not the cost itself.
        jacobian_name = names.jacobian(node.id, of)
        yield Node(jacobian_name, "backward", rule.op, inputs, axes, hint)
        yield Node(name, "backward", "chain", (names.gradient(node.id), jacobian_name), axes)

    def _operands(self, node: Node, rule: Rule) -> Iterator[Name]:
        for operand in rule.operands:
            if operand == "others":
                yield from (*node.inputs[: rule.input], *node.inputs[rule.input + 1 :])
            elif isinstance(operand, slice):
                yield from node.inputs[operand]
            else:
                yield self._operand(node, operand)

    def _place(self, node: Node, rule: Rule) -> Place:
        shapes = tuple(self._shapes[name] for name in node.inputs)
        moving = tuple(name in self._moving for name in node.inputs)
        return Place(node.keywords, shapes, self._shapes[node.id], rule.input, moving)

    def _operand(self, node: Node, operand: Any) -> Name:
        if isinstance(operand, Applied):
            return self._applied(operand.op, node.inputs[operand.input])
        if operand == "g":
            return names.gradient(node.id)
        return node.id if operand == "result" else node.inputs[operand]

    def _applied(self, op: str, to: Name) -> Name:
        """Return the node that is ``op`` of ``to``; a new one if the graph has none."""
        nodes: Sequence[Node] = (*self._graph.nodes, *self._extra)
        known = next((n.id for n in nodes if n.op == op and n.inputs == (to,)), None)
        if known is None:
            known = names.applied(op, to)
            self._extra.append(Node(known, "backward", op, (to,), self._graph.axes[to]))
        return known

    def _jacobians_by(self, of: Name) -> Iterator[Node]:
        for node in reversed(self._graph.nodes):
            for rule in node.operation.jacobians:
                if node.inputs[rule.input] == of:
                    inputs = tuple(self._operand(node, each) for each in rule.operands)
                    axes = OPS[rule.op].signature.split("->")[1]
                    yield Node(names.jacobian(node.id, of), "backward", rule.op, inputs, axes)

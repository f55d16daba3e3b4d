"""Backpropagation of any graph: its backward nodes follow from the rules of its operations.

The nodes of the forward pass are read in reverse order. Each rule of an operation gives the
gradient of one input. A value that several inputs read gets one node for each share and one that
adds them. Jacobians follow from rules of the same kind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from backprop_explorer.engine import names
from backprop_explorer.engine.graph import Graph, Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import EACH, Applied, Operand, Rule


def backward_nodes(graph: Graph, root: Name, *, jacobians: bool = False) -> tuple[Node, ...]:
    """Return the nodes of ∂``root``/∂v for each parameter v and each value between the two.

    ``root`` is a number. With ``jacobians``, each is preceded by the Jacobians of the nodes that
    read v.
    """
    return tuple(_Backward(graph, root, jacobians=jacobians).nodes())


class _Backward:
    def __init__(self, graph: Graph, root: Name, *, jacobians: bool) -> None:
        self._graph, self._root, self._jacobians = graph, root, jacobians
        self._moving = set(graph.parameters)
        for node in graph.nodes:
            if self._moving.intersection(node.inputs):
                self._moving.add(node.id)
        self._path = list(self._reversed_path())
        self._places = Counter(
            node.inputs[rule.input] for node in self._path for rule in self._rules(node)
        )
        self._shares: dict[Name, list[Name]] = defaultdict(list)
        self._extra: list[Node] = []

    def _reversed_path(self) -> Iterator[Node]:
        """The nodes that the root depends on and that depend on a parameter, the last first."""
        needed = {self._root}
        for node in reversed(self._graph.nodes):
            if node.id in needed and node.id in self._moving:
                needed.update(node.inputs)
                yield node

    def _rules(self, node: Node) -> list[Rule]:
        found: list[Rule] = []
        for rule in node.operation.backward:
            places = range(len(node.inputs)) if rule.input == EACH else (rule.input,)
            found += [replace(rule, input=k) for k in places if node.inputs[k] in self._moving]
        return found

    def nodes(self) -> Iterator[Node]:
        for node in self._path:
            rules = self._rules(node)
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
        inputs = tuple(self._operand(node, each) for each in rule.operands)
        hint = None if rule.hint is None else self._operand(node, rule.hint)
        yield from self._extra
        self._extra.clear()
        if "g" in rule.operands or node.id == self._root:
            yield Node(name, "backward", rule.op, inputs, axes, hint)
            return
        # The rule gives the derivative of a number, which is not the cost itself.
        own = names.jacobian(node.id, of)
        yield Node(own, "backward", rule.op, inputs, axes, hint)
        yield Node(name, "backward", "chain", (names.gradient(node.id), own), axes)

    def _operand(self, node: Node, operand: Operand) -> Name:
        if isinstance(operand, Applied):
            return self._applied(operand.op, node.inputs[operand.input])
        if operand == "g":
            return names.gradient(node.id)
        return node.id if operand == "result" else node.inputs[operand]

    def _applied(self, op: str, to: Name) -> Name:
        """Return the node that is ``op`` of ``to``; a new one if the graph has none."""
        nodes: Sequence[Node] = (*self._graph.nodes, *self._extra)
        found = next((n.id for n in nodes if n.op == op and n.inputs == (to,)), None)
        if found is None:
            found = names.applied(op, to)
            self._extra.append(Node(found, "backward", op, (to,), self._graph.axes[to]))
        return found

    def _jacobians_by(self, of: Name) -> Iterator[Node]:
        for node in reversed(self._graph.nodes):
            for rule in node.operation.jacobians:
                if node.inputs[rule.input] == of:
                    inputs = tuple(self._operand(node, each) for each in rule.operands)
                    axes = OPS[rule.op].signature.split("->")[1]
                    yield Node(names.jacobian(node.id, of), "backward", rule.op, inputs, axes)

"""The order in which submitted lines are read, and what lies between two of them."""

from __future__ import annotations

from collections.abc import Mapping

from backprop_explorer.engine import names
from backprop_explorer.engine.graph import Node
from backprop_explorer.tutor.checker.reference import ReferenceWorking


def reading_order(reference: ReferenceWorking) -> list[str]:
    """Return the lines in order, but ∂C/∂b before ∂C/∂W: fewer mistakes are possible in it."""

    def key(node: Node) -> tuple[int, int]:
        if node.id.gradient_of == "b":
            return reference.order[names.gradient(names.weights(node.layer or 0))], 0
        return reference.order[node.id], 1

    return [node.id for node in sorted(reference.nodes.values(), key=key)]


def segment(reference: ReferenceWorking, name: str, known: Mapping[str, object]) -> list[str]:
    """Return the line and the lines it depends on whose values are not in ``known``, in order."""
    lines: set[str] = set()
    waiting = [name]
    while waiting:
        line = waiting.pop()
        if line in lines or (line in known and line != name):
            continue
        lines.add(line)
        steps = reference.nodes_for(line)
        waiting += [i for node in steps for i in node.inputs if i in reference.nodes]
    return sorted(lines, key=reference.order.__getitem__)

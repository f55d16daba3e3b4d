"""The order in which submitted lines are read, and what lies between two of them."""

from __future__ import annotations

from collections.abc import Mapping

from backprop_explorer.tutor.checker.reference import ReferenceWorking


def reading_order(reference: ReferenceWorking) -> list[str]:
    """Return the lines in order, but ∂C/∂b before ∂C/∂W: fewer mistakes are possible in it."""

    def key(name: str) -> tuple[int, int]:
        if name.startswith("dC_db"):
            return (reference.order[name.replace("dC_db", "dC_dW")], 0)
        return (reference.order[name], 1)

    return sorted(reference.nodes, key=key)


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

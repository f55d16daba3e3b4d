"""The places of nodes for the folded graph: layers from left to right, as the values are read."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import Any

from backprop_explorer.engine.names import Name
from backprop_explorer.record.folding import Folding
from backprop_explorer.record.recording import ProgramRecording

# In pixels: a matrix of 4×4 numbers with its head, and the space for an edge.
_WIDTH, _HEIGHT, _BETWEEN, _BELOW = 200, 120, 60, 30


def layout(recording: ProgramRecording, folding: Folding) -> dict[str, Any]:
    """Return {"nodes": {id: [x, y, width, height]}, "edges": [[from, to], …]}.

    A node is a folded group, a forward line that is in none, or an array among the arguments. A
    layer is one to the right of all that it reads; in a layer nodes are ordered by the mean height
    of what they read.
    """
    groups = {group.id: group for group in folding.groups}

    def drawn(name: Name) -> str:
        found, at = str(name), folding.of.get(name)
        while at is not None:
            found = at if groups[at].folded else found
            at = groups[at].within
        return found

    nodes = recording.graph.of_role("forward", "cost")
    shown = {*recording.arguments, *recording.graph.parameters, *(node.id for node in nodes)}
    # A group stands where its last line does.
    last = {drawn(node.id): k for k, node in enumerate(nodes)}
    order = sorted(last, key=last.__getitem__)
    reads: dict[str, dict[str, None]] = defaultdict(dict)
    for node in nodes:
        for name in node.inputs:
            if name in shown and drawn(name) != drawn(node.id):
                reads[drawn(node.id)][drawn(name)] = None
    layers: dict[str, int] = {}
    for each in order:
        layers[each] = 1 + max((layers.get(read, 0) for read in reads[each]), default=0)
    for each in order:
        for read in reads[each].keys() - last.keys():
            layers[read] = min(layers.get(read, len(order)), layers[each] - 1)
    rows: dict[str, int] = {}

    def height(each: str) -> float:
        return sum(rows.get(read, 0) for read in reads[each]) / max(1, len(reads[each]))

    for _, column in groupby(sorted(layers, key=layers.__getitem__), layers.__getitem__):
        rows |= {each: k for k, each in enumerate(sorted(column, key=height))}
    left, top = _WIDTH + _BETWEEN, _HEIGHT + _BELOW
    return {
        "nodes": {
            each: [layers[each] * left, row * top, _WIDTH, _HEIGHT] for each, row in rows.items()
        },
        "edges": [[read, each] for each in order for read in reads[each]],
    }

"""A program's graph as a Plotly figure: a box for each source line, loop and call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.notebook.figures import Box, graph_figure
from backprop_explorer.notebook.html import number
from backprop_explorer.notebook.program_rows import Fold, rows_of
from backprop_explorer.record import ProgramRecording
from backprop_explorer.texts import notebook as texts

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def program_figure(recording: ProgramRecording) -> Figure:
    """Return the graph: an arrow goes from what is read to what reads it."""
    boxes: list[Box] = []
    owner: dict[str, str] = {}
    for each in rows_of(recording):
        row = each.head if isinstance(each, Fold) else each
        last = row.names[-1]
        inside = {str(node.id) for node in row.nodes} or {str(last)}
        reads = [owner[name] for node in row.nodes for name in node.inputs if name in owner]
        owner |= dict.fromkeys(inside, str(last))
        value = np.asarray(recording.values[last])
        hover = f"{row.source}<br>{texts.times(value.shape)}"
        gradient = recording.values.get(names.gradient(last))
        if gradient is not None:
            largest = number(float(np.abs(gradient).max(initial=0.0)))
            hover += f"<br>{texts.largest_gradient(largest)}"
        read = tuple(dict.fromkeys(name for name in reads if name != last))
        boxes.append(Box(str(last), read, ", ".join(row.names), hover, given=not row.nodes))
    return graph_figure(texts.GRAPH, boxes)

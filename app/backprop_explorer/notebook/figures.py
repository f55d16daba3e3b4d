"""Plotly figures of workings and experiments. They follow the notebook's light or dark theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from backprop_explorer.engine import names
from backprop_explorer.notebook.arrays import Array
from backprop_explorer.notebook.html import number
from backprop_explorer.notebook.program_rows import Fold, rows_of
from backprop_explorer.record import ProgramRecording
from backprop_explorer.texts import notebook as texts

# Both signs and the text have a contrast of at least 3:1 on white and on JupyterLab's dark #111.
POSITIVE, NEGATIVE, TEXT, GRID = "#3d8bd4", "#d9731a", "#7f7f7f", "rgba(127,127,127,0.3)"
SERIES = ("#3d8bd4", "#d9731a", "#3a9a68", "#a56bc4", "#c0504d")
# A layer with more units shows this many of them.
MAX_UNITS = 24


def network_figure(weights: Sequence[Array], values: Sequence[Array]) -> go.Figure:
    """Draw the network: ``weights`` (n_in, n_out) as edges, ``values`` (n,) of each layer.

    The width of an edge is |W|, its colour the sign.
    """
    figure = _figure("Network")
    shown = [min(len(each), MAX_UNITS) for each in values]
    heights = [np.linspace(-(n - 1) / 2, (n - 1) / 2, n)[::-1] for n in shown]
    largest = max((float(np.abs(W).max(initial=0.0)) for W in weights), default=1.0) or 1.0
    for layer, W in enumerate(weights):
        for i in range(shown[layer]):
            for j in range(shown[layer + 1]):
                figure.add_trace(
                    go.Scatter(
                        x=[layer, layer + 1],
                        y=[heights[layer][i], heights[layer + 1][j]],
                        mode="lines",
                        line={
                            "width": 0.3 + 4.7 * abs(float(W[i, j])) / largest,
                            "color": POSITIVE if W[i, j] >= 0 else NEGATIVE,
                        },
                        hoverinfo="skip",
                        showlegend=False,
                    )
                )
    for layer, activations in enumerate(values):
        name = names.activation(layer)
        figure.add_trace(
            go.Scatter(
                x=[layer] * shown[layer],
                y=heights[layer],
                mode="markers+text",
                marker={"size": 30, "color": "#5f6b78", "line": {"width": 1, "color": TEXT}},
                text=[f"{float(v):z.2g}" for v in activations[: shown[layer]]],
                textfont={"color": "#ffffff", "size": 10},
                hovertext=[f"{name}[{unit}]" for unit in range(shown[layer])],
                name=name,
                showlegend=False,
            )
        )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def gradient_flow_figure(W_norms: Sequence[float], z_norms: Sequence[float]) -> go.Figure:
    """Draw ‖∂C/∂W‖ and ‖∂C/∂z‖ of each layer on a logarithmic axis."""
    figure = _figure(texts.GRADIENT_FLOW)
    names = [texts.layer_title(k) for k in range(1, len(W_norms) + 1)]
    for label, norms, colour in (("‖∂C/∂W‖", W_norms, SERIES[0]), ("‖∂C/∂z‖", z_norms, SERIES[1])):
        figure.add_trace(go.Bar(x=names, y=list(norms), name=label, marker_color=colour))
    figure.update_yaxes(type="log", exponentformat="power")
    return figure


class Box(NamedTuple):
    """A node of ``graph_figure``: ids of what it reads, its name, and the text beside it."""

    id: str
    reads: tuple[str, ...]
    label: str
    hover: str
    given: bool = False


def graph_figure(title: str, boxes: Sequence[Box]) -> go.Figure:
    """Draw ``boxes`` (each after what it reads) from left to right, with an arrow for each read."""
    figure = _figure(title)
    places = _layered(boxes)
    for box in boxes:
        x, y = places[box.id]
        for read in dict.fromkeys(box.reads):
            figure.add_annotation(
                x=x,
                y=y,
                ax=places[read][0],
                ay=places[read][1],
                xref="x",
                yref="y",
                axref="x",
                ayref="y",
                text="",
                arrowhead=2,
                arrowwidth=1.2,
                arrowcolor="rgba(127,127,127,0.7)",
                standoff=16,
                startstandoff=14,
                showarrow=True,
            )
    for given, colour in ((True, "#5f6b78"), (False, SERIES[0])):
        shown = [box for box in boxes if box.given == given]
        figure.add_trace(
            go.Scatter(
                x=[places[box.id][0] for box in shown],
                y=[places[box.id][1] for box in shown],
                mode="markers+text",
                marker={"size": 20, "symbol": "square", "color": colour},
                text=[box.label for box in shown],
                textposition="top center",
                hovertext=[box.hover for box in shown],
                hoverinfo="text",
                name=texts.GIVEN if given else texts.COMPUTED,
            )
        )
    height = 1 + max((abs(y) for _, y in places.values()), default=0)
    figure.update_layout(height=max(260, int(170 * height)))
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, range=[-height, height])
    return figure


def program_figure(recording: ProgramRecording) -> go.Figure:
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


def _layered(boxes: Sequence[Box]) -> dict[str, tuple[float, float]]:
    """(x, y) of each box: x after all that it reads, y near them; rows are 1 apart."""
    column: dict[str, int] = {}
    for box in boxes:
        column[box.id] = 1 + max((column[each] for each in box.reads), default=-1)
    for box in reversed(boxes):
        readers = [column[each.id] for each in boxes if box.id in each.reads]
        if box.given and readers:  # What is given stands beside what reads it.
            column[box.id] = min(readers) - 1
    places: dict[str, tuple[float, float]] = {}
    for x in sorted(set(column.values())):
        inside = [box for box in boxes if column[box.id] == x]
        height = {
            box.id: float(np.mean([places[r][1] for r in box.reads if r in places] or [0.0]))
            for box in inside
        }
        inside.sort(key=lambda box: height[box.id])
        for k, box in enumerate(inside):
            places[box.id] = (float(x), k - (len(inside) - 1) / 2)
    return places


def curves_figure(history: dict[str, Any]) -> go.Figure:
    """Draw the cost of training and test data over the steps."""
    figure = _figure(texts.TRAINING_CURVES)
    for column, name, colour in (
        ("cost_train", texts.COST_TRAIN, SERIES[0]),
        ("cost_test", texts.COST_TEST, SERIES[1]),
    ):
        figure.add_trace(
            go.Scatter(x=history["step"], y=history[column], name=name, line_color=colour)
        )
    figure.update_xaxes(title="step")
    return figure


def map_figure(
    values: Array,
    diverged: Array,
    axes: Sequence[tuple[str, Sequence[Any]]],
    title: str,
    best: tuple[int, int] | None,
) -> go.Figure:
    """Draw the cells (rows, columns) of a sweep, the best with a star, those that diverged dark."""
    figure = _figure(title)
    there = values[np.isfinite(values)]
    log = bool(there.size and there.min() > 0 and there.max() > 20 * there.min())
    with np.errstate(invalid="ignore"):
        shown = np.log10(values) if log else values
    names = [*axes, ("", [""])][:2]
    y, x = ([f"{v:.3g}" if isinstance(v, float) else str(v) for v in each] for _, each in names)
    figure.add_trace(
        go.Heatmap(
            z=shown,
            customdata=values,
            colorscale=[[0, POSITIVE], [0.5, "#f4f1ea"], [1, NEGATIVE]],
            colorbar={"title": f"log₁₀ {title}" if log else title},
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.add_trace(
        go.Heatmap(
            z=diverged,
            colorscale=[[0, "#22252a"], [1, "#8d8776"]],
            showscale=False,
            hovertemplate="diverged at step %{z}<extra></extra>",
        )
    )
    if best is not None:
        marker = {"symbol": "star", "size": 14, "color": "#ffffff", "line": {"width": 1}}
        figure.add_trace(
            go.Scatter(x=[best[1]], y=[best[0]], mode="markers", marker=marker, showlegend=False)
        )
    for update, text, labels in (
        (figure.update_yaxes, names[0][0], y),
        (figure.update_xaxes, names[1][0], x),
    ):
        every = max(1, len(labels) // 6)
        update(title=text, tickvals=list(range(0, len(labels), every)), ticktext=labels[::every])
    return figure


def data_figure(x: Array, target: Array, *, classes: bool) -> go.Figure:
    """Draw samples (N, inputs): the first two features by class, or target over feature."""
    figure = _figure(texts.TRAINING_DATA)
    if not classes:
        figure.add_trace(
            go.Scatter(x=x[:, 0], y=target[:, 0], mode="markers", marker_color=SERIES[0])
        )
        return figure
    label = target.argmax(axis=1) if target.shape[1] > 1 else target[:, 0].round().astype(int)
    second = x[:, 1] if x.shape[1] > 1 else np.zeros(len(x))
    for each in np.unique(label):
        of_class = label == each
        figure.add_trace(
            go.Scatter(
                x=x[of_class, 0],
                y=second[of_class],
                mode="markers",
                name=texts.class_title(each),
                marker={"color": SERIES[int(each) % len(SERIES)], "symbol": int(each) % 5},
            )
        )
    return figure


def _figure(title: str) -> go.Figure:
    """Return an empty figure without background, so that the notebook's shows."""
    figure = go.Figure()
    figure.update_layout(
        title=title,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": TEXT},
        height=360,
        margin={"l": 50, "r": 20, "t": 50, "b": 40},
    )
    figure.update_xaxes(gridcolor=GRID, zerolinecolor=GRID)
    figure.update_yaxes(gridcolor=GRID, zerolinecolor=GRID)
    return figure

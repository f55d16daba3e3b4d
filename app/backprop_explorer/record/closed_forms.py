"""Short formulas for gradients that a program computes in several steps: softmax and norms.

Each is compared with the gradient of the recording, and left out unless the numbers are equal; they
differ, for example, where the input is read elsewhere as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops.operation import Shape, aligned, letters
from backprop_explorer.record.recording import ProgramRecording
from backprop_explorer.texts import record as texts

# Relative to the largest entry.
_TOLERANCE = 1e-9
# Gradient, its value by the formula, and the fields.
_Form = tuple[Name, Any, dict[str, Any]]


def closed_forms(recording: ProgramRecording) -> dict[Name, list[dict[str, Any]]]:
    """Return label, formula, signature, entry and inputs of formulas for a gradient, by its id."""
    found: dict[Name, list[dict[str, Any]]] = defaultdict(list)
    nodes = recording.graph.by_id
    with np.errstate(all="ignore"):
        for node in recording.graph.of_role("forward"):
            if node.op not in ("divide", "multiply") or names.gradient(node.id) not in nodes:
                continue
            for line, value, fields in _forms(recording, node, nodes.get(node.inputs[0])):
                actual = recording.values.get(line, np.zeros(()))
                size = np.max(np.abs(actual), initial=0.0)
                if size and np.max(np.abs(value - actual)) <= _TOLERANCE * size:
                    found[line].append(fields)
    return found


def _forms(recording: ProgramRecording, node: Node, top: Node | None) -> Iterator[_Form]:
    """Of y = exp(x)/Σ exp(x), g being ∂C/∂y: y ⊙ (g − Σ g ⊙ y), with or without a shift of x.

    Of y = (x − mean x)/σ: (g − mean g − y · mean(g ⊙ y))/σ; the last mean as that of the variance.
    """
    shape, scale = recording.shapes[node.id], node.inputs[1]
    axes = _repeated(shape, recording.shapes[scale])
    if top is None or not axes:
        return
    y, back = node.id, names.gradient(node.id)
    Y, g = recording.values[y], recording.values[back]
    whole = letters(shape)
    summed = list(whole)
    for k, axis in enumerate(axes):
        summed[axis] = letters((*shape, *axes))[len(shape) + k]
    g_y = f"Σ[{{0:{''.join(summed)}}}·{{1:{''.join(summed)}}}]"
    product, latex = np.sum(g * Y, axis=axes, keepdims=True), rf"{back.latex} \odot {y.latex}"
    if top.op == "exp":
        shifted = recording.graph.by_id.get(top.inputs[0])
        fields = {
            "label": texts.SHORT,
            "formula": rf"{y.latex} \odot \left({back.latex} - \sum {latex}\right)",
            "signature": f"{whole},{whole}->{whole}",
            "entry": f"{{1}}·({{0}} − {g_y})",
            "inputs": (back, y),
        }
        moved = shifted is not None and shifted.op == "subtract"
        for x in (*top.inputs, *(shifted.inputs[:1] if shifted is not None and moved else ())):
            if recording.shapes[x] == shape:
                yield names.gradient(x), Y * (g - product), dict(fields)
    elif top.op == "subtract" and axes == _repeated(shape, recording.shapes[top.inputs[1]]):
        x, n = top.inputs[0], int(np.prod([shape[k] for k in axes]))
        over = rf"\frac{{1}}{{{scale.latex}}}" if node.op == "divide" else scale.latex
        centred = g - np.mean(g, axis=axes, keepdims=True)
        for m in (n, n - 1):
            value = node.operation.compute(
                centred - Y * product / max(m, 1), recording.values[scale]
            )
            if m and recording.shapes[x] == shape:
                fields = {
                    "label": texts.ONE_FORMULA,
                    "formula": rf"{over}\left({back.latex} - \frac{{1}}{{{n}}}\sum {back.latex}"
                    rf" - {y.latex} \odot \frac{{1}}{{{m}}}\sum {latex}\right)",
                    "signature": aligned([shape, shape, recording.shapes[scale]], shape),
                    "entry": f"({{0}} − {g_y.split('·')[0]}]/{n} − {{1}}·{g_y}/{m})"
                    + ("/{2}" if node.op == "divide" else "·{2}"),
                    "inputs": (back, y, scale),
                }
                yield names.gradient(x), value, fields


def _repeated(shape: Shape, own: Shape) -> tuple[int, ...]:
    """The axes along which an array of the shape ``own`` is repeated to ``shape``."""
    before = len(shape) - len(own)
    return tuple(
        k for k, length in enumerate(shape) if k < before or own[k - before] == 1 != length
    )

"""Short formulas for gradients that a program computes in several steps: softmax and norms.

Each is compared with the gradient of the recording, and left out unless the numbers are equal; they
differ, for example, where the input is read elsewhere as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops.operation import Shape, aligned, letters
from backprop_explorer.record.recording import ProgramRecording
from backprop_explorer.texts import record as texts

# Relative to the largest entry.
_TOLERANCE = 1e-9


class ClosedForm(NamedTuple):
    """A formula with the same numbers as a line; ``signature`` and ``entry`` are as of a line."""

    line: Name
    label: str
    formula: str
    signature: str
    entry: str
    inputs: tuple[Name, ...]
    value: Any


def closed_forms(recording: ProgramRecording) -> dict[Name, list[ClosedForm]]:
    """Return the formulas that give the numbers of a gradient, by the gradient's id."""
    found: dict[Name, list[ClosedForm]] = {}
    with np.errstate(all="ignore"):
        for node in recording.graph.of_role("forward"):
            if node.op not in ("divide", "multiply") or names.gradient(node.id) not in (
                recording.graph.by_id
            ):
                continue
            for each in (*_softmax(recording, node), *_norm(recording, node)):
                actual = recording.values.get(each.line)
                size = 0.0 if actual is None else np.max(np.abs(actual), initial=0.0)
                if size and np.max(np.abs(each.value - actual)) <= _TOLERANCE * size:
                    found.setdefault(each.line, []).append(each)
    return found


def _softmax(recording: ProgramRecording, node: Node) -> Iterator[ClosedForm]:
    """P ⊙ (g − Σ g ⊙ P) for P = exp(x) / Σ exp(x), with or without a shift of x."""
    top = recording.graph.by_id.get(node.inputs[0])
    if top is None or top.op != "exp":
        return
    x, shape = top.inputs[0], recording.shapes[node.id]
    shifted = recording.graph.by_id.get(x)
    axes = _repeated(shape, recording.shapes[node.inputs[1]])
    sources = [x, shifted.inputs[0]] if shifted is not None and shifted.op == "subtract" else [x]
    p, dC_dp = node.id, names.gradient(node.id)
    P, g = recording.values[p], recording.values[dC_dp]
    whole, summed = _letters(shape, axes)
    for source in sources:
        if axes and recording.shapes[source] == shape:
            yield ClosedForm(
                *(names.gradient(source), texts.SHORT),
                rf"{p.latex} \odot \left({dC_dp.latex} - \sum {dC_dp.latex} \odot {p.latex}\right)",
                f"{whole},{whole}->{whole}",
                f"{{1}}·({{0}} − Σ[{{0:{summed}}}·{{1:{summed}}}])",
                (dC_dp, p),
                P * (g - np.sum(g * P, axis=axes, keepdims=True)),
            )


def _norm(recording: ProgramRecording, node: Node) -> Iterator[ClosedForm]:
    """(g − mean g − x̂ · mean(g ⊙ x̂)) / σ for x̂ = (x − mean x) / σ, of any kind of norm."""
    centred = recording.graph.by_id.get(node.inputs[0])
    shape, scale = recording.shapes[node.id], node.inputs[1]
    if centred is None or centred.op != "subtract":
        return
    x, mean = centred.inputs
    axes = _repeated(shape, recording.shapes[mean])
    if (
        not axes
        or recording.shapes[x] != shape
        or axes != _repeated(shape, recording.shapes[scale])
    ):
        return
    xhat, dC_dxhat = node.id, names.gradient(node.id)
    g, values = recording.values[dC_dxhat], recording.values
    count = int(np.prod([shape[k] for k in axes]))
    slope = np.divide(1.0, values[scale]) if node.op == "divide" else values[scale]
    summed = _letters(shape, axes)[1]
    over = rf"\frac{{1}}{{{scale.latex}}}" if node.op == "divide" else scale.latex
    by = "/{2}" if node.op == "divide" else "·{2}"
    for degrees in (count, count - 1):
        if degrees > 0:
            product = np.sum(g * values[xhat], axis=axes, keepdims=True) / degrees
            yield ClosedForm(
                *(names.gradient(x), texts.ONE_FORMULA),
                rf"{over}\left({dC_dxhat.latex} - "
                rf"\frac{{1}}{{{count}}}\sum {dC_dxhat.latex} - {xhat.latex} \odot "
                rf"\frac{{1}}{{{degrees}}}\sum {dC_dxhat.latex} \odot {xhat.latex}\right)",
                aligned([shape, shape, recording.shapes[scale]], shape),
                f"({{0}} − Σ[{{0:{summed}}}]/{count} − "
                f"{{1}}·Σ[{{0:{summed}}}·{{1:{summed}}}]/{degrees}){by}",
                (dC_dxhat, xhat, scale),
                slope * (g - np.mean(g, axis=axes, keepdims=True) - values[xhat] * product),
            )


def _repeated(shape: Shape, own: Shape) -> tuple[int, ...]:
    """The axes along which an array of the shape ``own`` is repeated to ``shape``."""
    before = len(shape) - len(own)
    return tuple(
        k for k, length in enumerate(shape) if k < before or own[k - before] == 1 != length
    )


def _letters(shape: Shape, axes: tuple[int, ...]) -> tuple[str, str]:
    """The letters of the axes, and those with others for the axes that are summed over."""
    whole = letters(shape + (1,) * len(axes))
    summed = list(whole[: len(shape)])
    for k, axis in enumerate(axes):
        summed[axis] = whole[len(shape) + k]
    return whole[: len(shape)], "".join(summed)

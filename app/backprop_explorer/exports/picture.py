"""A picture of the network at one line of its working, for the preview of a shared link.

Everything in it is made of numbers and of names that this program knows: no text that a user typed.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.activation import Array
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.trace import Line, Trace
from backprop_explorer.exports import HEIGHT, WIDTH

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

MOST_UNITS = 10
MOST_NUMBERS = 6
MOST_TEXT = 90
# Edges are drawn at twice the size and shrunk, which makes them smooth.
SCALE = 2
TOP, BOTTOM = 60, 400

PAPER, SHEET, INK, SOFT, RULE = "#fbfaf6", "#ffffff", "#22252a", "#5a5d63", "#c9c4b6"
POSITIVE, NEGATIVE, ZERO = (47, 127, 199), (223, 116, 23), (244, 241, 234)
PHASES = {"forward": "#0b6f68", "cost": "#8a5200", "backward": "#6a3fbf", "update": "#3d7012"}

# Centre and radius of each drawn unit of a layer.
_Unit = tuple[float, float, float]


@dataclass(frozen=True)
class Picture:
    """What is drawn: a line of a trace, and a few words about where it comes from."""

    trace: Trace
    line: Line
    about: str

    @property
    def sizes(self) -> tuple[int, ...]:
        """The units of each layer, input first."""
        network = self.trace.network
        return (network.inputs, *(layer.units for layer in network.layers))

    def value(self, name: str) -> Array | None:
        """Return the value of a line or given, None if the trace has no such."""
        trace = self.trace
        found = trace.line_values.get(name, trace.givens.get(name))
        return None if found is None else np.asarray(found, float)


def make_picture(picture: Picture) -> bytes:
    """Return the picture as PNG, WIDTH × HEIGHT pixels."""
    # Only this export needs it.
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), PAPER)
    draw = ImageDraw.Draw(image)
    _draw_network(draw, picture)
    image = image.reduce(SCALE)
    _write(ImageDraw.Draw(image), picture)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _place(name: Name, depth: int) -> tuple[int, bool] | None:
    """The layer of a vector or matrix in the picture, and whether it is a matrix."""
    if name in (names.X, names.TARGET):
        return (0 if name == names.X else depth), False
    of = name.of[0] if name.quantity in ("gradient", "updated") else name
    if of.number is None or of.of:
        return None
    return of.number, of == names.weights(of.number)


def _values(picture: Picture) -> dict[int, list[float]]:
    """The values of each layer that the line reads or writes; the written one counts more."""
    depth = len(picture.sizes) - 1
    found = {}
    for name in (names.X, *reversed(picture.line.node.inputs), picture.line.node.id):
        at, value = _place(name, depth), picture.value(name)
        if at and not at[1] and value is not None:
            rows = np.atleast_2d(value)
            found[at[0]] = (rows.sum(0) if name.quantity == "gradient" else rows.mean(0)).tolist()
    return found


def _weights(picture: Picture, layer: int) -> Array | None:
    """The gradient of the weights (n_in, n_out) on its own line, else the weights."""
    weights = names.weights(layer)
    gradient = names.gradient(weights)
    return picture.value(gradient if picture.line.node.id == gradient else weights)


def _units(sizes: Sequence[int]) -> list[list[_Unit]]:
    """Where the first MOST_UNITS units of each layer are."""
    across = (WIDTH - 240) / max(1, len(sizes) - 1)
    drawn = [min(size, MOST_UNITS) for size in sizes]
    down = min(96.0, (BOTTOM - TOP) / max(drawn))
    radius = max(4.0, min(30.0, down * 0.36, across * 0.3))
    middle = (TOP + BOTTOM) / 2
    return [
        [(120 + layer * across, middle + (k - (n - 1) / 2) * down, radius) for k in range(n)]
        for layer, n in enumerate(drawn)
    ]


def _colour(weight: float) -> tuple[int, int, int]:
    end = POSITIVE if weight >= 0 else NEGATIVE
    part = min(1.0, abs(weight))
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(ZERO, end, strict=True))
    return red, green, blue


def _draw_network(draw: ImageDraw.ImageDraw, picture: Picture) -> None:
    units = _units(picture.sizes)
    matrices = {k: _weights(picture, k) for k in range(1, len(picture.sizes))}
    finite = [np.abs(w[np.isfinite(w)]).max(initial=0) for w in matrices.values() if w is not None]
    largest = max(finite, default=0) or 1.0
    edges = [
        (abs(weight), weight, below, above)
        for layer, matrix in matrices.items()
        if matrix is not None
        for i, below in enumerate(units[layer - 1])
        for j, above in enumerate(units[layer])
        if np.isfinite(weight := float(matrix[i, j]) / largest)
    ]
    for size, weight, (x1, y1, _), (x2, y2, _) in sorted(edges, key=lambda edge: edge[0]):
        ends = [(x1 * SCALE, y1 * SCALE), (x2 * SCALE, y2 * SCALE)]
        strength = 0.25 + 0.75 * weight if weight >= 0 else -0.25 + 0.75 * weight
        draw.line(ends, fill=_colour(strength), width=round((1 + 6 * size) * SCALE))
    values = _values(picture)
    node = picture.line.node
    written = _place(node.id, len(units) - 1)
    for layer, places in enumerate(units):
        own = values.get(layer, [])
        most = max((abs(v) for v in own if np.isfinite(v)), default=0) or 1.0
        for k, (x, y, r) in enumerate(places):
            known = k < len(own) and np.isfinite(own[k])
            ring = written is not None and written == (layer, False)
            draw.ellipse(
                [c * SCALE for c in (x - r, y - r, x + r, y + r)],
                fill=_colour(own[k] / most) if known else SHEET,
                outline=PHASES[node.role] if ring else RULE,
                width=(4 if ring else 2) * SCALE,
            )


def _write(draw: ImageDraw.ImageDraw, picture: Picture) -> None:
    """The words and numbers below the network."""
    values = _values(picture)
    for layer, places in enumerate(_units(picture.sizes)):
        own = values.get(layer, [])
        most = max((abs(v) for v in own if np.isfinite(v)), default=0) or 1.0
        for value, (x, y, r) in zip(own, places, strict=False):
            if r >= 18 and np.isfinite(value):
                ink = SHEET if abs(value / most) > 0.62 else INK
                draw.text((x, y), _number(value, 2), ink, _font(round(r * 0.54)), anchor="mm")
        if (left := picture.sizes[layer] - len(places)) > 0:
            x, y, r = places[-1]
            draw.text((x, y + r + 12), f"and {left} more", SOFT, _font(20), anchor="mm")
    line, nodes = picture.line, picture.trace.graph.nodes
    colour = PHASES[line.node.role]
    draw.rectangle((0, 436, WIDTH, 440), colour)
    draw.text((60, 484), line.node.id.plain, colour, _font(52), anchor="lm")
    where = f"line {nodes.index(line.node) + 1} of {len(nodes)}, {line.node.role}"
    draw.text((WIDTH - 60, 484), where, colour, _font(30), anchor="rm")
    text = line.text()
    if len(text) > MOST_TEXT:
        text = f"{text[: MOST_TEXT - 1].rstrip()}…"
    draw.text((60, 538), text, INK, _font(30), anchor="lm")
    flat = np.asarray(line.value, float).ravel()
    numbers = "   ".join(_number(value, 4) for value in flat[:MOST_NUMBERS])
    if len(flat) > MOST_NUMBERS:
        numbers += f"   and {len(flat) - MOST_NUMBERS} more"
    draw.text((60, 586), numbers, INK, _font(30), anchor="lm")
    draw.text((60, 32), "Backprop Explorer", INK, _font(28), anchor="lm")
    draw.text((WIDTH - 60, 32), picture.about, SOFT, _font(26), anchor="rm")


def _number(value: float, digits: int) -> str:
    return f"{value:z.{digits}g}".replace("-", "−") if np.isfinite(value) else "∞"


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """The font of the page's formulas, which has every character of the picture."""
    from PIL import ImageFont

    spec = find_spec("ziamath")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package ziamath is not installed")
    folder = Path(next(iter(spec.submodule_search_locations)))
    return ImageFont.truetype(folder / "fonts" / "STIXTwoMath-Regular.ttf", size)

"""Arrays of a program as HTML: coloured numbers where they are few, else a picture.

Colours are translucent, so that text and background stay those of the notebook's theme.
"""

from __future__ import annotations

import io
import math
from base64 import b64encode
from collections.abc import Sequence
from html import escape

import numpy as np

from backprop_explorer.notebook.arrays import Array
from backprop_explorer.notebook.html import number
from backprop_explorer.texts import notebook as texts

# Up to so many numbers are written; a vector and the rows of a matrix have a limit of their own.
MOST_NUMBERS, MOST_COLUMNS, MOST_IN_VECTOR = 40, 4, 10
# Slices of an array with more than two axes that are shown; of more, one less and a count.
MOST_SLICES = 4
# A larger picture is averaged over blocks.
MOST_PIXELS = 32
POSITIVE, NEGATIVE = (47, 127, 199), (223, 116, 23)
# The largest entry is so opaque that text on it keeps its contrast in both themes.
OPAQUE = 0.55

STYLE = """
.bx table.bx-h{border-collapse:separate;border-spacing:1px;border:0;border-left:3px solid;
 margin:0 0 3px;padding-left:2px;width:auto;background:none;color:inherit;table-layout:fixed}
.bx table.bx-h.bx-val{border-left-color:rgb(20 140 130)}
.bx table.bx-h.bx-grad{border-left-color:rgb(140 100 220)}
.bx table.bx-h tr{background:none!important}
.bx table.bx-h td{min-width:42px;padding:0 4px;border:0;border-radius:2px;text-align:right;
 color:inherit;font:12.5px/18px "STIX Two Text",Cambria,Georgia,"Times New Roman",serif;
 white-space:nowrap}
.bx .bx-img{border-left:3px solid;padding-left:3px;display:inline-block;margin:0 4px 2px 0}
.bx .bx-img.bx-val{border-left-color:rgb(20 140 130)}
.bx .bx-img.bx-grad{border-left-color:rgb(140 100 220)}
.bx .bx-img img{display:block;image-rendering:pixelated;margin:0;max-width:none;
 outline:1px solid rgb(127 127 127/.35)}
.bx .bx-cap{font-size:11px;opacity:.8}
"""


def heat(value: Array, kind: str, digits: int = 3) -> str:
    """Return ``value`` (any shape) as HTML; ``kind`` is "val" or "grad", which sets the bar.

    The largest entry has ``digits`` digits, the others as many decimals. All slices share one scale
    of colours.
    """
    array = np.asarray(value, dtype=np.float64)
    largest = float(np.abs(array[np.isfinite(array)]).max(initial=0.0))
    return _shown(array, kind, _Scale(largest, digits))


class _Scale:
    """Colours and digits of an array whose largest entry is ``largest`` in size."""

    def __init__(self, largest: float, digits: int) -> None:
        self.largest = largest
        self._digits = digits
        exponent = math.floor(math.log10(largest)) if largest else 0
        self._decimals = digits - 1 - exponent if -4 <= exponent < 6 else None

    def text(self, entry: float) -> str:
        """The number as it is written."""
        if not math.isfinite(entry) or entry == 0:
            return number(entry)
        if self._decimals is None:
            return f"{entry:.{self._digits - 1}e}".replace("-", "−")
        return f"{entry:z.{max(0, self._decimals)}f}".replace("-", "−")

    def opacity(self, entry: float) -> float:
        """How strong the colour of an entry is."""
        return OPAQUE * abs(entry) / self.largest if self.largest and entry == entry else 0.0


def _shown(array: Array, kind: str, scale: _Scale) -> str:
    if array.size == 0:
        return f'<span class="bx-cap">{texts.EMPTY}</span>'
    if array.ndim > 2:
        leading = array.reshape(-1, *array.shape[-2:])
        count = len(leading)
        shown = leading if count <= MOST_SLICES else leading[: MOST_SLICES - 1]
        parts = [_shown(each, kind, scale) for each in shown]
        if count > len(shown):
            more = escape(texts.more_slices(count - len(shown)))
            parts.append(f'<span class="bx-cap">{more}</span>')
        return "".join(parts)
    rows = array.reshape(1, -1) if array.ndim < 2 else array
    if array.ndim < 2 and array.size <= MOST_IN_VECTOR:
        # A vector that is too wide for its column goes on in the next row.
        vector = array.ravel()
        starts = range(0, vector.size, MOST_COLUMNS)
        return _numbers([vector[k : k + MOST_COLUMNS] for k in starts], kind, scale)
    if rows.shape[1] <= MOST_COLUMNS and rows.size <= MOST_NUMBERS:
        return _numbers(list(rows), kind, scale)
    return _picture(rows, kind, scale)


def _numbers(rows: Sequence[Array], kind: str, scale: _Scale) -> str:
    body = "".join(
        f"<tr>{''.join(_cell(float(entry), scale) for entry in row)}</tr>" for row in rows
    )
    return f'<table class="bx-h bx-{kind}">{body}</table>'


def _cell(entry: float, scale: _Scale) -> str:
    red, green, blue = POSITIVE if entry >= 0 else NEGATIVE
    colour = f"rgb({red} {green} {blue}/{scale.opacity(entry):.2f})"
    return f'<td style="background:{colour}" title="{entry!r}">{scale.text(entry)}</td>'


def _picture(rows: Array, kind: str, scale: _Scale) -> str:
    """A picture with a pixel for each entry, or for the mean of a block of them."""
    from PIL import Image

    high, wide = (-(-side // MOST_PIXELS) for side in rows.shape)
    shape = " × ".join(map(str, rows.shape))
    small = _averaged(rows, high, wide) if max(high, wide) > 1 else rows
    colours = np.empty((*small.shape, 4), dtype=np.uint8)
    colours[..., :3] = np.where((small >= 0)[..., None], POSITIVE, NEGATIVE)
    # A picture has no text on it: its largest entry may be opaque.
    with np.errstate(invalid="ignore"):
        opacity = np.nan_to_num(np.abs(small) / (scale.largest or 1.0), nan=0.0, posinf=1.0)
    colours[..., 3] = (255 * np.clip(opacity, 0, 1)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(colours).save(stream, "PNG")
    pixel = min(11, max(4, 150 // max(small.shape)))
    caption = texts.averaged(shape, high, wide) if max(high, wide) > 1 else shape
    finite = rows[np.isfinite(rows)]
    least, largest = (float(end(initial=0.0)) for end in (finite.min, finite.max))
    about = texts.picture_about(shape, scale.text(least), scale.text(largest))
    source = b64encode(stream.getvalue()).decode("ascii")
    height, width = (pixel * side for side in small.shape)
    return (
        f'<span class="bx-img bx-{kind}"><img alt="{escape(about)}" title="{escape(about)}"'
        f' width="{width}" height="{height}" src="data:image/png;base64,{source}">'
        f'<span class="bx-cap">{escape(caption)}</span></span>'
    )


def _averaged(rows: Array, high: int, wide: int) -> Array:
    """The means of blocks of high × wide; blocks at the end may be smaller."""
    totals, counts = (
        np.add.reduceat(
            np.add.reduceat(each, range(0, rows.shape[0], high), axis=0),
            range(0, rows.shape[1], wide),
            axis=1,
        )
        for each in (rows, np.ones(rows.shape))
    )
    result: Array = totals / counts
    return result

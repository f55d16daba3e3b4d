"""Numbers as Python source that evaluates to the same bits."""

from __future__ import annotations

import base64
import textwrap
from typing import Any

import numpy as np

# Arrays up to this size are written as readable numbers; larger ones are packed.
MAX_WRITTEN = 3000
WIDTH = 96

# Unpacks packed numbers; a script that contains any defines it.
UNPACK = '''\
import base64


def unpack(text, *shape):
    """An array from base64: exact, and a third of the size of written numbers."""
    return np.frombuffer(base64.b64decode(text), dtype="<f8").reshape(shape).copy()
'''


def number(value: Any) -> str:
    """Return a number as source; ``repr`` of a float is the shortest text that gives it back."""
    value = float(value)
    return repr(value) if np.isfinite(value) else f'float("{value}")'


def array(value: Any) -> str:
    """Return a number, or an array of one or two dimensions, as a NumPy expression."""
    values = np.asarray(value, dtype=np.float64)
    if values.ndim == 0:
        return number(values)
    if values.size > MAX_WRITTEN:
        data = base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode()
        lines = "\n".join(textwrap.wrap(data, WIDTH))
        return f'unpack("""\n{lines}\n""", {", ".join(map(str, values.shape))})'
    if values.ndim == 1:
        return f"np.array({_row(values)})"
    rows = ",\n    ".join(_row(row) for row in values)
    return f"np.array([\n    {rows},\n])"


def _row(values: Any) -> str:
    text = ", ".join(number(value) for value in values)
    if len(text) <= WIDTH:
        return f"[{text}]"
    lines = textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
    return "[\n" + textwrap.indent(lines, "    ") + "\n]"


def assignments(values: dict[str, Any]) -> str:
    """Return ``name = value`` lines."""
    return "\n".join(f"{name} = {array(value)}" for name, value in values.items())


def table(values: dict[str, Any]) -> str:
    """Return a dictionary of arrays as source."""
    entries = "".join(f'"{name}": {array(value)},\n' for name, value in values.items())
    # Packed strings tolerate the indentation.
    return f"{{\n{textwrap.indent(entries, '    ', lambda _line: True)}}}"


def unpacking(*values: Any) -> str:
    """Return UNPACK with two empty lines if any of these arrays needs it, else ""."""
    packed = any(np.asarray(value).size > MAX_WRITTEN for value in values)
    return f"{UNPACK}\n\n" if packed else ""

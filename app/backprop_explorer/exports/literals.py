"""Numbers as Python source that reads back bit for bit."""

from __future__ import annotations

import base64
import textwrap
from typing import Any

import numpy as np

# Up to here numbers are written out, to be read; more are packed, to be loaded.
MAX_WRITTEN = 3000
WIDTH = 96

# What packed numbers are unpacked with; a script that has any defines it.
UNPACK = '''\
import base64


def unpack(text, *shape):
    """An array from base64: exact, and a third of the size of written numbers."""
    return np.frombuffer(base64.b64decode(text), dtype="<f8").reshape(shape).copy()
'''


def number(value: Any) -> str:
    """A number as source; ``repr`` of a float is the shortest text that reads back the same."""
    value = float(value)
    return repr(value) if np.isfinite(value) else f'float("{value}")'


def array(value: Any) -> str:
    """An array of one or two dimensions, or a number, as an expression of NumPy."""
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
    """``name = value`` for each, a line or more apiece."""
    return "\n".join(f"{name} = {array(value)}" for name, value in values.items())


def table(values: dict[str, Any]) -> str:
    """A dictionary of arrays."""
    entries = "".join(f'    "{name}": {_inner(array(value))},\n' for name, value in values.items())
    return f"{{\n{entries}}}"


def _inner(source: str) -> str:
    """``source`` indented under a dictionary; what stands in quotes does not mind."""
    return source.replace("\n", "\n    ")


def is_packed(*values: Any) -> bool:
    """Whether any of these arrays needs UNPACK."""
    return any(np.asarray(value).size > MAX_WRITTEN for value in values)

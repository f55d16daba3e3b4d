"""HTML of notebook displays: numbers, matrices, formulas, and the style sheet.

Outputs stand in the page of JupyterLab, VS Code or marimo, in light or dark. Text inherits its
colour, and every other colour is translucent, so that it is readable on both. There are no scripts:
notebooks that are not trusted remove them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

import numpy as np

# A larger array is shown by its first and last rows and columns.
SHOWN = 12

STYLE = """<style>
.bx{font-size:13px;line-height:1.45;max-width:100%;overflow-x:auto}
.bx *{box-sizing:border-box}
.bx details{border-top:1px solid rgb(127 127 127/.3);padding:2px 0}
.bx details:last-of-type{border-bottom:1px solid rgb(127 127 127/.3)}
.bx summary{cursor:pointer;padding:3px 4px}
.bx summary:focus-visible{outline:2px solid currentColor}
.bx .bx-body{padding:2px 8px 8px 22px}
.bx .bx-soft{opacity:.75}
.bx table.bx-m{border-collapse:collapse;border:0;border-left:1.5px solid;border-right:1.5px solid;
 border-radius:5px;margin:2px 4px;display:inline-table;vertical-align:middle;width:auto;
 color:inherit;background:none}
.bx table.bx-m td{padding:1px 7px;text-align:right;border:0;background:none;color:inherit;
 font:12.5px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre}
.bx table.bx-m tr{background:none!important}
.bx table.bx-m td.bx-no{background:rgb(224 83 48/.28);outline:1px solid rgb(224 83 48/.7)}
.bx math{font-size:1.1em}
.bx .bx-v{font-weight:600;padding:4px 8px;border-left:4px solid rgb(127 127 127/.6);margin:4px 0}
.bx .bx-correct{border-color:rgb(46 160 90);background:rgb(46 160 90/.14)}
.bx .bx-wrong{border-color:rgb(224 83 48);background:rgb(224 83 48/.14)}
.bx .bx-unclear,.bx .bx-incomplete{border-color:rgb(200 150 20);background:rgb(200 150 20/.14)}
.bx .bx-note{margin:4px 8px}
.bx .bx-code{font:12.5px/1.5 ui-monospace,Menlo,Consolas,monospace;border-collapse:collapse;
 width:auto;margin:4px 0;color:inherit;background:none}
.bx .bx-code td{border:0;padding:0 8px;text-align:left;white-space:pre;vertical-align:top;
 background:none;color:inherit}
.bx .bx-code tr{background:none!important}
.bx .bx-code td.bx-n{opacity:.6;text-align:right}
.bx .bx-code td.bx-what{white-space:normal;border-left:1px solid rgb(127 127 127/.3);
 min-width:12em}
.bx .bx-code tr.bx-bad td{background:rgb(224 83 48/.2)}
.bx .bx-code tr.bx-after td.bx-what{opacity:.75}
</style>"""


@lru_cache(maxsize=2048)
def mathml(latex: str) -> str:
    """Return the MathML of ``latex``."""
    from latex2mathml.converter import convert

    result: str = convert(latex)
    return result


def number(value: float) -> str:
    """Return ``value`` with five significant digits."""
    return f"{value:z.5g}".replace("-", "−")


def _kept(length: int) -> list[int | None]:
    """Return the indices to show of an axis; None stands for those left out."""
    if length <= SHOWN:
        return list(range(length))
    half = SHOWN // 2
    return [*range(half), None, *range(length - half, length)]


def matrix(value: Any, right: Any = None) -> str:
    """Return a table of a number, vector or matrix; a vector is a column.

    ``right`` has the same shape: entries that are False are marked.
    """
    array = np.asarray(value, dtype=np.float64)
    if array.ndim == 0:
        return f"<span>{number(float(array))}</span>"
    if array.ndim > 2:
        return "".join(matrix(each) for each in array[:4]) + (" …" if len(array) > 4 else "")
    rows = array[:, None] if array.ndim == 1 else array
    good = None if right is None else np.asarray(right).reshape(rows.shape)
    cells = []
    for i in _kept(rows.shape[0]):
        row = []
        for j in _kept(rows.shape[1]):
            if i is None or j is None:
                row.append("<td>…</td>")
            else:
                wrong = good is not None and not good[i, j]
                mark = ' class="bx-no" title="wrong"' if wrong else ""
                row.append(f"<td{mark}>{number(float(rows[i, j]))}</td>")
        cells.append(f"<tr>{''.join(row)}</tr>")
    return f'<table class="bx-m">{"".join(cells)}</table>'


def shape_text(value: Any) -> str:
    """Return the shape as text: "number", "(3)", "(3 × 2)"."""
    shape: Sequence[int] = np.shape(value)
    return f"({' × '.join(map(str, shape))})" if shape else "number"


def verdict_line(verdict: str, text: str) -> str:
    """Return the line with the verdict on top of a display."""
    mark = {"correct": "✓", "wrong": "✗"}.get(verdict, "?")
    return f'<div class="bx-v bx-{escape(verdict)}">{mark} {escape(text)}</div>'


def document(*parts: str) -> str:
    """Return one display: the style sheet and ``parts``."""
    return f'{STYLE}<div class="bx">{"".join(parts)}</div>'

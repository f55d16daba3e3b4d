"""A program as cells, each with a text, a formula and code."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``text`` is Markdown; ``latex`` is a formula, shown in notebooks only."""

    text: str
    code: str = ""
    latex: str = ""


def as_script(cells: list[Cell]) -> str:
    """Return the cells as one Python file: texts become comments, formulas are left out."""
    parts = []
    for cell in cells:
        comment = "\n".join(_comment(line) for line in cell.text.splitlines())
        parts.append("\n".join(part for part in (comment, cell.code.strip("\n")) if part))
    return "\n\n".join(part for part in parts if part) + "\n"


def _comment(line: str) -> str:
    if line.startswith("#"):
        return f"# ---- {line.lstrip('# ')} ----"
    return "\n".join(f"# {each}" for each in textwrap.wrap(line, 96)) or "#"

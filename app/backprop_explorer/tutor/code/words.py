"""Symbols of the working in plain text: dC_dz2 → ∂C/∂z⁽²⁾."""

from __future__ import annotations

import re

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def symbol_text(name: str) -> str:
    """Return the symbol of a line or given in Unicode; other names unchanged."""
    if match := re.fullmatch(r"([azWb])(\d+)(_next)?", name):
        return _layered(match[1], match[2]) + (" after the update" if match[3] else "")
    if match := re.fullmatch(r"dC_d([azWb])(\d+)", name):
        return f"∂C/∂{_layered(match[1], match[2])}"
    if match := re.fullmatch(r"d([az])(\d+)_d([azWb])(\d+)", name):
        return f"∂{_layered(match[1], match[2])}/∂{_layered(match[3], match[4])}"
    return {"target": "the target", "C": "the cost C", "C_data": "the cost without penalty"}.get(
        name, name
    )


def _layered(letter: str, layer: str) -> str:
    return f"{letter}⁽{layer.translate(_RAISED)}⁾"


def shape_words(shape: tuple[int, ...]) -> str:
    """Return a shape as Python prints it; "a number" for no axes."""
    return str(tuple(shape)) if shape else "a number"

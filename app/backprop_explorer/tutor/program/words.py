"""Symbols of the working in plain text: dC_dz2 → ∂C/∂z⁽²⁾."""

from __future__ import annotations

from backprop_explorer.engine.names import named
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.checker.naming import shown


def symbol_text(name: str) -> str:
    """Return the symbol of a line or given in Unicode; other names unchanged."""
    if named(name).layer is not None:
        return shown(name)
    return {
        "target": texts.THE_TARGET,
        "C": texts.THE_COST,
        "C_data": texts.COST_WITHOUT_PENALTY,
    }.get(name, name)


def shape_words(shape: tuple[int, ...]) -> str:
    """Return a shape as Python prints it; "a number" for no axes."""
    return str(tuple(shape)) if shape else texts.A_NUMBER

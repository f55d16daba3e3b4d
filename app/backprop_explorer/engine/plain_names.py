"""Names of lines where there is neither MathML nor LaTeX: in a picture, in the title of a link."""

from __future__ import annotations

import re

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain_name(name: str) -> str:
    """Write the id of a line in Unicode: "dC_da1" → "∂C/∂a⁽¹⁾"."""
    if found := re.fullmatch(r"dC_d([azWb])([0-9]+)", name):
        return f"∂C/∂{found[1]}{_layer(found[2])}"
    if found := re.fullmatch(r"([azWb])([0-9]+)(_next)?", name):
        return f"{'new ' if found[3] else ''}{found[1]}{_layer(found[2])}"
    return name.replace("_", " ")


def _layer(number: str) -> str:
    return f"⁽{number.translate(_SUPERSCRIPT)}⁾"

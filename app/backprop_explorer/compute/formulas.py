"""Convert LaTeX to MathML, which browsers show without a script. Results are cached."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

# How the formulas of an answer are written. MathML is more than half of a trace's answer.
Formulas = Literal["both", "none", "latex", "mathml"]


@lru_cache(maxsize=4096)
def mathml(latex: str) -> str:
    """The MathML of ``latex``."""
    # Workers convert; the web process, which only has the type of formulas, does not import this.
    from latex2mathml.converter import convert

    return convert(latex)


def formula(latex: str, formulas: Formulas = "both") -> dict[str, str]:
    """A formula in an answer: ``{"latex": …, "mathml": …}``, or one of them."""
    if formulas == "latex":
        return {"latex": latex}
    if formulas == "mathml":
        return {"mathml": mathml(latex)}
    return {"latex": latex, "mathml": mathml(latex)}


def with_formulas(content: Any, formulas: Formulas) -> Any:
    """``content`` with its formulas in one notation; with "none" their fields are left out."""
    if formulas == "both":
        return content
    if isinstance(content, dict):
        if _is_formula(content):
            return {formulas: content[formulas]}
        return {
            key: with_formulas(each, formulas)
            for key, each in content.items()
            if formulas != "none" or not _is_formula(each)
        }
    if isinstance(content, list):
        return [with_formulas(each, formulas) for each in content]
    return content


def _is_formula(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"latex", "mathml"}

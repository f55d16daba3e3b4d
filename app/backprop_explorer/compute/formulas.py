"""Convert LaTeX to MathML, which browsers show without a script. Results are cached."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import Any, Literal

# How the formulas of an answer are written. MathML is more than half of a trace's answer.
Formulas = Literal["both", "none", "latex", "mathml"]


_DIGIT = re.compile(r"[0-9]")
# Tags and entities, and digits that are shown.
_SHOWN = re.compile(r"<[^>]*>|&[^;]*;|([0-9])")


@lru_cache(maxsize=4096)
def mathml(latex: str) -> str:
    """The MathML of ``latex``."""
    between = _between_digits(_DIGIT.sub("0", latex))
    if between is None:
        return _converted(latex)
    return "".join(chain.from_iterable(zip(between, (*_DIGIT.findall(latex), ""), strict=True)))


@lru_cache(maxsize=4096)
def _between_digits(latex: str) -> tuple[str, ...] | None:
    """The parts of the MathML between the digits; None if it has other digits, or another order.

    A program's lines differ in numbers alone: so 1,800 formulas take 0.1 s in place of 0.7 s.
    """
    digits = (f"{1 + 4 * k % 9}" for k in range(len(latex)))  # neighbours differ
    told = _DIGIT.sub(lambda _: next(digits), latex)
    converted = _converted(told)
    places = [each for each in _SHOWN.finditer(converted) if each[1]]
    if [each[1] for each in places] != _DIGIT.findall(told):
        return None
    ends = (0, *chain.from_iterable(each.span() for each in places), len(converted))
    return tuple(converted[ends[k] : ends[k + 1]] for k in range(0, len(ends), 2))


def _converted(latex: str) -> str:
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

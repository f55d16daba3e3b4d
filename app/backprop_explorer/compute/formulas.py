"""Convert LaTeX to MathML, which browsers show without a script. Results are cached."""

from __future__ import annotations

from functools import lru_cache

from latex2mathml.converter import convert


@lru_cache(maxsize=4096)
def mathml(latex: str) -> str:
    """The MathML of ``latex``."""
    return convert(latex)


def formula(latex: str) -> dict[str, str]:
    """A formula in an answer: ``{"latex": …, "mathml": …}``."""
    return {"latex": latex, "mathml": mathml(latex)}

"""LaTeX to MathML, once per formula: browsers show it natively, without a script."""

from __future__ import annotations

from functools import lru_cache

from latex2mathml.converter import convert


@lru_cache(maxsize=4096)
def mathml(latex: str) -> str:
    """The MathML of ``latex``."""
    return convert(latex)


def formula(latex: str) -> dict[str, str]:
    """``{"latex": …, "mathml": …}`` as the wire has it."""
    return {"latex": latex, "mathml": mathml(latex)}

"""Format numbers as LaTeX for sentences."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

# Numbers in this range are written out, others with a power of ten.
LARGEST, SMALLEST = 1e5, 1e-3


def tex(value: float, digits: int = 4) -> str:
    """Return ``value`` in LaTeX, e.g. ``-0.0312`` or ``2.5 \\cdot 10^{-7}``.

    It has ``digits`` significant digits, enough for an answer computed from copied numbers.
    """
    value = float(value)
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else r"\infty"
    if SMALLEST <= abs(value) < LARGEST:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:.{decimals}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return rf"{mantissa.rstrip('0').rstrip('.')} \cdot 10^{{{int(exponent)}}}"


def vector(values: ArrayLike, digits: int = 4) -> str:
    """Return ``values`` in LaTeX as (…, …)."""
    entries = ",\\, ".join(tex(value, digits) for value in np.ravel(np.asarray(values)))
    return f"({entries})"


def bracketed(value: float, digits: int = 4) -> str:
    """Return ``value`` as a factor: negative numbers in brackets."""
    return f"({tex(value, digits)})" if value < 0 else tex(value, digits)

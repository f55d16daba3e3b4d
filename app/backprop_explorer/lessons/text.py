"""Texts of lessons: numbers as LaTeX, and the markup of prose with formulas and code.

Blank lines separate paragraphs. Within a paragraph, ``$…$`` is LaTeX, `` `…` `` is code and
``**…**`` is strong. Text between two lines of three backquotes is a block of code.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

Kind = Literal["text", "math", "code", "strong", "block"]
_PIECE = re.compile(r"\$([^$]+)\$|`([^`]+)`|\*\*([^*]+)\*\*")
_FENCE = "```"
# Numbers in this range are written out, others with a power of ten.
LARGEST, SMALLEST = 1e5, 1e-3


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A piece of text of one kind."""

    kind: Kind
    content: str


def paragraphs(markup: str) -> tuple[tuple[TextPiece, ...], ...]:
    """Return the paragraphs of ``markup``, each as its pieces."""
    parts: list[tuple[TextPiece, ...]] = []
    # The parts between fences alternate: prose, code, prose, …
    for number, part in enumerate(markup.split(_FENCE)):
        if number % 2:
            parts.append((TextPiece("block", part.strip("\n")),))
        else:
            parts += [_pieces(p) for p in re.split(r"\n\s*\n", part) if p.strip()]
    return tuple(parts)


def _pieces(paragraph: str) -> tuple[TextPiece, ...]:
    text = " ".join(paragraph.split())
    pieces: list[TextPiece] = []
    at = 0
    for match in _PIECE.finditer(text):
        if match.start() > at:
            pieces.append(TextPiece("text", text[at : match.start()]))
        kind: Kind = "math" if match[1] else "code" if match[2] else "strong"
        pieces.append(TextPiece(kind, match[1] or match[2] or match[3]))
        at = match.end()
    if at < len(text):
        pieces.append(TextPiece("text", text[at:]))
    return tuple(pieces)


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

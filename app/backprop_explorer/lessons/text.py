"""Parse the markup of lesson texts: prose with formulas and code.

Blank lines separate paragraphs. Within a paragraph, ``$…$`` is LaTeX, `` `…` `` is code and
``**…**`` is strong. Text between two lines of three backquotes is a block of code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "math", "code", "strong", "block"]
_PIECE = re.compile(r"\$([^$]+)\$|`([^`]+)`|\*\*([^*]+)\*\*")
_FENCE = "```"


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

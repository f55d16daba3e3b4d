"""A lesson on paper, where all cards are seen at once: answers are left out of later texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backprop_explorer.lessons.lesson import Card
from backprop_explorer.lessons.number_questions import LineValue, Values

# The parts of a card that are printed.
PRINTED = ("title", "text", "question", "prompt", "options", "code")
LEFT_OUT = "…"
_NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d+(?:e[-+]?\d+| \\cdot 10\^\{-?\d+\})?")


def without_answers(cards: Sequence[Card]) -> list[Card]:
    """Return the cards without the numbers of right answers after the card that asks for them.

    Only a whole answer counts, to three digits or four decimals: a single number may occur
    elsewhere. Numbers that were printed before they were asked stay.
    """
    answers: list[list[float]] = []
    printed: list[str] = []
    kept = []
    for card in cards:
        printed.append(" ".join(_texts(card)))
        hidden = [value for answer in answers if _occurs(answer, printed[-1]) for value in answer]
        kept.append(_without(hidden, card))
        if isinstance(card.question, LineValue | Values):
            entries = np.ravel(card.question.solution()).tolist()
            # Numbers with two decimals are typed, and occur everywhere.
            answer = [value for value in entries if value != round(value, 2)]
            if answer and not any(_occurs(answer, text) for text in printed):
                answers.append(answer)
    return kept


def _parts(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in PRINTED if hasattr(value, name)}


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of a card, or of a part of it, that are printed."""
    if isinstance(value, str):
        yield value
    for each in value if isinstance(value, list | tuple) else _parts(value).values():
        yield from _texts(each)


def _without(hidden: Sequence[float], value: Any) -> Any:
    """Return a card, or a part of it, without numbers."""

    def left_out(found: re.Match[str]) -> str:
        return LEFT_OUT if any(_is(found[0], number) for number in hidden) else found[0]

    if isinstance(value, str):
        return _NUMBER.sub(left_out, value)
    if isinstance(value, list | tuple):
        return [_without(hidden, each) for each in value]
    parts = {name: _without(hidden, each) for name, each in _parts(value).items()}
    return replace(value, **parts) if parts else value


def _occurs(answer: Sequence[float], text: str) -> bool:
    tokens = _NUMBER.findall(text)
    return all(any(_is(token, value) for token in tokens) for value in answer)


def _is(token: str, value: float) -> bool:
    """Tell whether a printed number is ``value``, to the digits printed."""
    mantissa, _, exponent = token.replace(" \\cdot 10^{", "e").rstrip("}").partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    digits = len(re.sub(r"^-?0*\.?0*", "", mantissa).replace(".", ""))
    off = abs(float(f"{mantissa}e{exponent or 0}") - value)
    return (digits >= 3 or decimals >= 4) and off <= 0.501 * 10.0**-decimals

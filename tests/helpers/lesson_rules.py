"""What the tests of single lessons share: their cards, marks of answers, and their words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from backprop_explorer.lessons import rules
from backprop_explorer.lessons.lesson import Card, Lesson
from backprop_explorer.lessons.questions import Mark
from backprop_explorer.lessons.text import paragraphs
from tests.helpers.lessons import made

FORBIDDEN = re.compile(
    r"!(?!=)|\b(simply|somebody|someone|nobody|everybody|everyone|anybody|whoever"
    r"|climbs?|uphill|downhill|landscape|without a word)\b",
    re.IGNORECASE,
)


def cards_of(lesson: Lesson, seed: int) -> Sequence[Card]:
    return made(lesson.name, seed)


def card(lesson: Lesson, title: str, seed: int = 0) -> Card:
    """The card with this title."""
    (found,) = [each for each in cards_of(lesson, seed) if each.title == title]
    return found


def mark(lesson: Lesson, title: str, answer: Any, seed: int = 0) -> Mark:
    """What is said of ``answer`` on the card with this title."""
    question = card(lesson, title, seed).question
    assert question is not None
    if isinstance(answer, (np.ndarray, np.floating)):
        answer = answer.tolist()
    return question.mark(answer)


def written(formula: str) -> float:
    """A number as a formula in a text has it: ``2.5 \\cdot 10^{-7}``."""
    return float(re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", formula))


def texts(lesson: Lesson, cards: Sequence[Card]) -> Iterator[str]:
    """Everything that a reader of the lesson may see."""
    yield from (lesson.title, lesson.summary)
    for each in cards:
        yield from rules.texts_of(each)


def check_words(lesson: Lesson, cards: Sequence[Card]) -> None:
    """Words are plain."""
    for text in texts(lesson, cards):
        for pieces in paragraphs(text):
            for piece in pieces:
                if piece.kind in ("text", "strong"):
                    assert not FORBIDDEN.search(piece.content), piece.content


def content(lesson: Lesson, cards: Sequence[Card]) -> str:
    """All that a lesson says and asks, as one text."""
    asked = [str(card.question.solution()) for card in cards if card.question]
    return "\n".join([*texts(lesson, cards), *asked])

"""The cards of a lesson with the numbers of a seed, as they are handed out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.lessons.lesson import Card, Draw, Lesson
from app.lessons.questions import Choice

MAX_SEED = 2**31 - 1
DEFAULT_SEED = 1


def deal(lesson: Lesson, seed: int) -> tuple[Card, ...]:
    """The cards of ``lesson``; the options of a choice lie in an order of the seed's own.

    So neither a number nor "the second one" can be copied from somebody with another seed.
    """
    rng = np.random.default_rng([seed, len(lesson.name), *lesson.name.encode()])
    return tuple(_shuffled(card, rng) for card in lesson.cards(Draw.of(lesson.name, seed)))


def _shuffled(card: Card, rng: np.random.Generator) -> Card:
    question = card.question
    if not isinstance(question, Choice):
        return card
    order = rng.permutation(len(question.options))
    return replace(card, question=replace(question, options=[question.options[k] for k in order]))

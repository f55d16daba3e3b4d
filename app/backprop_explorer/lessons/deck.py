"""Build the cards of a lesson for a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, Question
from backprop_explorer.lessons.seed import Seed, number_of
from backprop_explorer.texts import lessons as texts


def deal(lesson: Lesson, seed: Seed) -> tuple[Card, ...]:
    """Return the cards of ``lesson``; the seed sets the numbers and the order of options.

    So students with different seeds cannot copy a number or "the second option".
    """
    number = number_of(seed)
    rng = np.random.default_rng([number, len(lesson.name), *lesson.name.encode()])
    return tuple(_shuffled(card, rng) for card in lesson.cards(Draw.of(lesson.name, number)))


def question_of(cards: Sequence[Card], card: int | str) -> tuple[Card, Question]:
    """Return the card with a position (from 0) or a name, and its question.

    Raises InvalidInput naming ``card`` if there is no such card, or it has no question.
    """
    if isinstance(card, str):
        named = {each.name: each for each in cards}
        if card not in named:
            raise UnknownName("card", "card", named, card)
        found = named[card]
    elif card < len(cards):
        found = cards[card]
    else:
        raise InvalidInput("card", texts.cards_counted(len(cards) - 1))
    if found.question is None:
        raise InvalidInput("card", texts.NO_QUESTION)
    return found, found.question


def _shuffled(card: Card, rng: np.random.Generator) -> Card:
    question = card.question
    if not isinstance(question, Choice):
        return card
    order = rng.permutation(len(question.options))
    return replace(card, question=replace(question, options=[question.options[k] for k in order]))

"""Every lesson keeps the rules of ``lessons/rules.py``, for many seeds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import pytest

from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, CodeLine
from backprop_explorer.lessons.rules import broken_rules, same, texts_of
from backprop_explorer.lessons.text import paragraphs
from tests.helpers.cases import exhaustive
from tests.helpers.lesson_rules import cards_of, check_words, content
from tests.helpers.lessons import LESSONS

SEEDS = range(40)
FEW = range(1)
BANNED = re.compile(
    r"\b(simply|just|obvious|obviously|trivial|easy|easily|clearly|of course)\b", re.IGNORECASE
)


@pytest.mark.parametrize("seeds", [FEW, exhaustive(SEEDS)], ids=str)
@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_no_rule_is_broken_for_any_draw(lesson: Lesson, seeds: range) -> None:
    """What ``backprop-explorer lesson check`` says of it, for more seeds.

    The texts of the two weeks avoid more words, and their choices have at least three options.
    """
    made: dict[int, Sequence[Card]] = {}

    def kept(draw: Draw) -> Sequence[Card]:
        again = draw.seed in made  # the rules compare the cards of a seed that are made twice
        made[draw.seed] = lesson.cards(draw) if again else cards_of(lesson, draw.seed)
        return made[draw.seed]

    assert [str(problem) for problem in broken_rules(replace(lesson, cards=kept), seeds)] == []
    assert list(made) == list(seeds)
    if lesson.group in ("week41", "week42"):
        check_week(lesson, made.values())


def check_week(lesson: Lesson, decks: Collection[Sequence[Card]]) -> None:
    """Check what holds for the lessons of the two weeks alone."""
    contents = [content(lesson, cards) for cards in decks]
    for text in contents:
        assert BANNED.search(text) is None, BANNED.search(text)
    assert len(set(contents)) > 0.8 * len(contents), "other seeds, other numbers"
    for card in (card for cards in decks for card in cards):
        if isinstance(card.question, Choice):
            assert len(card.question.options) >= 3, card.title


def listings(card: Card) -> Iterator[str]:
    """The blocks of code of a card, its question's program, and the cell for a notebook."""
    for text in texts_of(card):
        for piece in (piece for pieces in paragraphs(text) for piece in pieces):
            if piece.kind == "block":
                yield piece.content
    if isinstance(card.question, CodeLine):
        yield card.question.code
    if (function := getattr(card.question, "function", None)) is not None:
        yield function.cell


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_a_line_of_code_has_at_most_60_characters(lesson: Lesson) -> None:
    lines = [
        line
        for card in cards_of(lesson, 7)
        for listing in listings(card)
        for line in listing.split("\n")
    ]
    assert [line for line in lines if len(line) > 60] == []


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_words_are_plain_and_seeds_differ(lesson: Lesson) -> None:
    check_words(lesson, cards_of(lesson, 0))
    assert not same(cards_of(lesson, 0), cards_of(lesson, 7))

"""Every lesson keeps the rules of ``tests/helpers/lesson_rules.py``, for many seeds."""

from __future__ import annotations

import re

import pytest

from backprop_explorer.lessons import LESSONS, Lesson
from backprop_explorer.lessons.questions import Choice
from tests.helpers.lesson_rules import (
    cards_of,
    check_length,
    check_questions,
    check_scenes,
    check_seeds,
    check_words,
    content,
)

SEEDS = range(50)
# What takes longer to check.
SOME = range(3)
WEEKS = [each for each in LESSONS.values() if each.group in ("week41", "week42")]
BANNED = re.compile(
    r"\b(simply|just|obvious|obviously|trivial|easy|easily|clearly|of course)\b", re.IGNORECASE
)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_words_and_scenes(lesson: Lesson) -> None:
    check_seeds(lesson)
    for seed in SOME:
        cards = cards_of(lesson, seed)
        check_words(lesson, cards)
        check_scenes(cards)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_no_draw_is_degenerate(lesson: Lesson) -> None:
    for seed in SEEDS:
        cards = cards_of(lesson, seed)
        check_length(cards)
        check_questions(cards)


@pytest.mark.parametrize("lesson", WEEKS, ids=[each.name for each in WEEKS])
def test_lessons_of_the_weeks(lesson: Lesson) -> None:
    """Their texts avoid more words, and their choices have at least three options."""
    made = {seed: content(lesson, cards_of(lesson, seed)) for seed in SEEDS}
    for seed, text in made.items():
        cards = cards_of(lesson, seed)
        assert text == content(lesson, cards)
        assert BANNED.search(text) is None, BANNED.search(text)
        for card in cards:
            if isinstance(card.question, Choice):
                assert len(card.question.options) >= 3, card.title
    assert len(set(made.values())) > 40, "other seeds, other numbers"

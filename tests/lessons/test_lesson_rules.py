"""Every lesson keeps the rules of ``lessons/rules.py``, for many seeds."""

from __future__ import annotations

import re

import pytest

from backprop_explorer.lessons.lesson import Lesson
from backprop_explorer.lessons.own import LESSONS
from backprop_explorer.lessons.questions import Choice
from backprop_explorer.lessons.rules import broken_rules, same
from tests.helpers.lesson_rules import cards_of, check_words, content

SEEDS = range(50)
WEEKS = [each for each in LESSONS.values() if each.group in ("week41", "week42")]
BANNED = re.compile(
    r"\b(simply|just|obvious|obviously|trivial|easy|easily|clearly|of course)\b", re.IGNORECASE
)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_no_rule_is_broken_for_any_draw(lesson: Lesson) -> None:
    """What ``backprop-explorer lesson check`` says of it, for more seeds."""
    assert [str(problem) for problem in broken_rules(lesson, SEEDS)] == []


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_words_are_plain_and_seeds_differ(lesson: Lesson) -> None:
    check_words(lesson, cards_of(lesson, 0))
    assert not same(cards_of(lesson, 3), cards_of(lesson, 4))


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

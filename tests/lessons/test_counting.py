"""Entries, units, samples and classes count from 0 in every lesson, as in NumPy and on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from backprop_explorer.lessons.lesson import Card, Lesson
from backprop_explorer.lessons.number_questions import LineValue
from backprop_explorer.lessons.questions import Signs
from backprop_explorer.lessons.rules import texts_of
from tests.helpers.cases import exhaustive
from tests.helpers.lesson_rules import cards_of
from tests.helpers.lessons import LESSONS

# In code W2[0, 1], in formulas W^{(2)}_{01}.
IN_CODE = re.compile(r"\b((?:dC_d)?[Wbza][1-9]|x)\[(\d+)(?:, ?(\d+))?\]")
IN_FORMULA = re.compile(r"([Wbza])\^\{\(([1-9])\)\}_\{?(\d)(\d)?\}?")
IN_WORDS = re.compile(r"\b(?:unit|neuron|sample|class) (\d+)\b")
# Layers count from 1. What a student "counted from 1" is a mistake, and steps t are a formula's.
FROM_1 = re.compile(r"\b(?:counts?|numbers?|names?)\b.* from 1\b")
SAID = re.compile(r"\blayers? count", re.IGNORECASE)


def problems(cards: Sequence[Card]) -> Iterator[str]:
    """What counts otherwise than from 0."""
    workings = [card.question.working for card in cards if isinstance(card.question, LineValue)]
    shapes: dict[str, list[tuple[int, ...]]] = {}
    for working in workings:
        for name in working.trace.values():
            shapes.setdefault(name, []).append(np.shape(working[name]))
    largest = max((size for each in shapes.values() for shape in each for size in shape), default=0)
    for card in cards:
        text = ".\n".join(texts_of(card))
        for sentence in re.split(r"[.;]\s", " ".join(text.split())):
            if FROM_1.search(sentence) and not SAID.search(sentence):
                yield sentence
        indices = [(name, (i, j)) for name, i, j in IN_CODE.findall(text)]
        indices += [(letter + layer, (i, j)) for letter, layer, i, j in IN_FORMULA.findall(text)]
        for name, index in indices:
            place = tuple(int(each) for each in index if each)
            fits = [
                all(k < size for k, size in zip(place, shape, strict=False))
                for shape in shapes.get(name, ())
            ]
            if fits and not any(fits):
                yield f"{name}{list(place)} does not exist"
        if largest:
            yield from (n for n in IN_WORDS.findall(text) if int(n) >= largest)
        if isinstance(card.question, Signs):
            numbers = [re.findall(r"\d+", name) for name in card.question.names]
            last = [int(each[-1]) for each in numbers if each]
            if last and last != list(range(len(last))):
                yield f"signs of {last}"


@pytest.mark.parametrize("seed", [0, exhaustive(1), exhaustive(2)])
@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_a_lesson_counts_from_0(lesson: Lesson, seed: int) -> None:
    assert list(problems(cards_of(lesson, seed))) == []


@pytest.mark.parametrize(
    "text",
    [
        "Unit 1 is on, and unit 4 is off.",
        "The last of the four weights is `W2[1, 4]`.",
        "It is $W^{(1)}_{33}$.",
        "The network names its neurons from 1.",
    ],
)
def test_a_text_that_counts_from_1_is_found(text: str) -> None:
    cards = cards_of(LESSONS["two-layers"], 0)
    assert list(problems(cards)) == []
    assert list(problems([replace(cards[0], text=text), *cards[1:]])) != []


def test_signs_that_count_from_1_are_found() -> None:
    cards = list(cards_of(LESSONS["two-layers"], 0))
    at = next(k for k, card in enumerate(cards) if isinstance(card.question, Signs))
    question = cards[at].question
    assert isinstance(question, Signs)
    cards[at] = replace(cards[at], question=replace(question, names=["$z_1$", "$z_2$", "$z_3$"]))
    assert list(problems(cards)) == ["signs of [1, 2, 3]"]

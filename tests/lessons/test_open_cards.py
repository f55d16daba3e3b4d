"""Which cards of a lesson are given out, and what of later ones stays hidden."""

from __future__ import annotations

from typing import Any

import pytest

from backprop_explorer.lessons.lesson import Card, Scene
from backprop_explorer.lessons.open_cards import AskedLine, asked_later, following, open_cards
from backprop_explorer.lessons.questions import Shape

RECIPE: dict[str, Any] = {"seed": 1}


def asking(name: str, scene: Scene | None = None) -> Card:
    return Card(title=name, text="", scene=scene, question=Shape("Which?", (2, 3)))


CARDS = (
    Card(title="text", text=""),
    asking("one"),
    asking("two"),
    Card(title="more", text=""),
    asking("three"),
    Card(title="last", text=""),
)


def names(cards: Any) -> list[str]:
    return [card.name for card in cards]


@pytest.mark.parametrize(
    ("answers", "last"),
    [
        ({}, "one"),
        ({"one": "(2, 3)"}, "two"),
        ({"1": "(2, 3)"}, "two"),
        ({"one": [3, 2]}, "one"),
        ({"one": "three"}, "one"),
        ({"one": None}, "one"),
        ({"two": [2, 3]}, "one"),
        ({"one": [2, 3], "two": [2, 3]}, "three"),
        ({"one": [2, 3], "two": [2, 3], "three": [2, 3]}, "last"),
    ],
)
def test_cards_are_open_up_to_the_first_question_without_a_right_answer(
    answers: dict[str, Any], last: str
) -> None:
    assert names(open_cards(CARDS, answers, "after_try"))[-1] == last


def test_where_no_solutions_are_given_a_try_is_enough() -> None:
    answers = {"one": [9], "two": "unreadable"}
    assert names(open_cards(CARDS, answers, "never"))[-1] == "two"
    assert names(open_cards(CARDS, {}, "never"))[-1] == "one"


def test_where_solutions_are_given_always_all_cards_are_open() -> None:
    assert open_cards(CARDS, {}, "always") == CARDS


def test_after_a_card_come_those_up_to_the_next_question() -> None:
    assert names(following(CARDS, CARDS[1])) == ["two"]
    assert names(following(CARDS, CARDS[2])) == ["more", "three"]
    assert names(following(CARDS, CARDS[4])) == ["last"]
    assert names(following(CARDS, CARDS[5])) == []


def test_a_card_knows_what_later_ones_ask_of_the_same_experiment() -> None:
    lesson = (
        asking("first", Scene(recipe=RECIPE, line="C", hide="dC_da1")),
        Card(title="text", text=""),
        asking("second", Scene(line="dC_dz1", hide="dC_dz1")),
        asking("again", Scene(recipe=dict(RECIPE), hide="dC_dW1")),
        asking("step", Scene(step=5, hide="z1")),
        asking("sample", Scene(step=0, sample=1, hide="z1")),
        asking("other", Scene(recipe={"seed": 2}, hide="z1")),
    )
    second = AskedLine("second", "dC_dz1", "dC_dz1", bare=True)
    again = AskedLine("again", "dC_dW1", "dC_dW1", bare=True)
    assert asked_later(lesson) == [[second, again], [second, again], [again], [], [], [], []]

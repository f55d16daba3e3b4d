"""Playing a lesson of the two weeks as a student would, by the titles of its cards."""

from __future__ import annotations

import ast
import re
from typing import Any

import numpy as np

from backprop_explorer.lessons.lesson import Card
from backprop_explorer.lessons.questions import Mark
from tests.helpers.lessons import made


def cards_of(name: str, seed: int) -> list[Card]:
    return list(made(name, seed))


def question(cards: list[Card], title: str) -> Any:
    (found,) = [card.question for card in cards if card.title == title]
    assert found is not None
    return found


def marked(cards: list[Card], title: str, answer: Any) -> Mark:
    """Answer the question of the card with ``title``; arrays are printed as NumPy prints them."""
    if isinstance(answer, np.ndarray):
        answer = np.array2string(answer, threshold=10**6)
    return question(cards, title).mark(answer)


def assert_right(cards: list[Card], title: str, answer: Any) -> None:
    mark = marked(cards, title, answer)
    assert mark.right, f"{title}: {answer} is marked wrong: {mark.message}"


def assert_wrong(cards: list[Card], title: str, answer: Any, says: str) -> None:
    """``says`` is a part of the message, or the name of the misconception."""
    mark = marked(cards, title, answer)
    assert not mark.right, f"{title}: {answer} is marked right"
    assert says == mark.misconception or says in mark.message, mark


def chosen(cards: list[Card], title: str, part: str) -> Mark:
    """Choose the one option with ``part`` in its text."""
    asked = question(cards, title)
    (at,) = [k for k, option in enumerate(asked.options) if part in option.text]
    return asked.mark(at)


def seed_in(text: str) -> int:
    """The number in np.random.seed(…)."""
    (found,) = re.findall(r"np\.random\.seed\((\d+)\)", text)
    return int(found)


def arrays_in(text: str) -> dict[str, np.ndarray[Any, Any]]:
    """What the code of a card assigns."""
    found = re.findall(r"^(\w+) = np\.array\(([^()]*)\)$", text, re.MULTILINE)
    return {name: np.array(ast.literal_eval(value)) for name, value in found}


def text_of(cards: list[Card], title: str) -> str:
    """The text of the card whose title begins like this."""
    (found,) = [card.text for card in cards if card.title.startswith(title)]
    return found


def run_code(text: str, **given: Any) -> dict[str, Any]:
    """What the first block of code in a card makes."""
    spaces: dict[str, Any] = {"np": np, **given}
    exec(text.split("```")[1], spaces)
    return spaces

"""What lessons have: from this ``make test`` chooses the few lessons that it plays and checks.

It is read from the files of the lessons. To make their cards takes seconds in every test process,
because some lessons train networks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.lessons.library import LessonFile
from backprop_explorer.lessons.reading.source import Asked, Page
from backprop_explorer.lessons.text import paragraphs
from tests.helpers.lessons import LESSONS

PARTS = {r"[za]\d": "forward", r"C": "cost", r"dC_": "backward", r"d[az]\d_": "slopes"}
# Attributes of a card whose values make a difference; of the others it is whether they are there.
BY_VALUE = ("convention", "reduction", "jacobians", "fused")
OTHER_RUN = ("recipe", "working")
NOT_SHOWN = ("name", "transfer")


def part(line: str) -> str:
    """The part of the working that a line belongs to; penalties count as the update."""
    return next((part for start, part in PARTS.items() if re.match(start, line)), "update")


def pieces(where: str, markup: str) -> set[Any]:
    """The kinds of pieces of a text: words, formulas, code …"""
    return {(where, piece.kind) for paragraph in paragraphs(markup) for piece in paragraph}


def features_of_question(asked: Asked) -> set[Any]:
    """Its kind, the parts that it has, and what its options are written with."""
    options = (pieces("option", each.answer.source) for each in asked.answers)
    found: set[Any] = {(asked.kind, each) for each in (*asked.attributes, *asked.parts)}
    return found.union({(asked.kind, asked.code is not None)}, *options)


def features_of_page(page: Page) -> set[Any]:
    """What a card writes, shows, hides and asks."""
    # The page draws the text and what comes after an answer with the same function.
    found = pieces("text", page.text.source) | pieces("text", page.after.source)
    for name, value in page.attributes.items():
        if name in BY_VALUE:
            found.add((name, value))
        elif name in ("line", "hide"):
            found.add((name, part(value or page.attributes["line"])))
        elif name == "step":
            # of another run, or the run of the card before goes on to it
            found.add((name, value != "0", page.attributes.keys().isdisjoint(OTHER_RUN)))
        elif name not in NOT_SHOWN:
            found.add(name)
    return found | (features_of_question(page.asked) if page.asked else {"no question"})


def pages_of(name: str) -> Sequence[Page]:
    """The cards of a lesson, as its file has them."""
    file: Any = LESSONS[name].cards
    lesson_file: LessonFile = file.__self__
    return lesson_file.source.pages


def drawn_features() -> dict[str, set[Any]]:
    """What the page must draw for each lesson, with the lesson's group."""
    return {
        name: {lesson.group}.union(*map(features_of_page, pages_of(name)))
        for name, lesson in LESSONS.items()
    }


def kinds_of_cards() -> dict[str, set[Any]]:
    """The kinds of questions and the attributes of cards of each lesson, with its group."""
    return {
        name: {lesson.group}.union(
            *({(each, "attribute") for each in page.attributes} for page in pages_of(name)),
            (page.asked.kind for page in pages_of(name) if page.asked),
        )
        for name, lesson in LESSONS.items()
    }


def asked_features() -> dict[str, set[Any]]:
    """What each lesson asks: kinds of questions, lines, activations named, attributes of cards.

    The lines of the first layer and of all others are two: for both, mistakes are the same.
    """
    found = kinds_of_cards()
    for name in LESSONS:
        for page in pages_of(name):
            words = re.findall(r"\w+", f"{page.attributes.values()} {page.text.source}")
            found[name] |= ACTIVATIONS.keys() & words
            if page.asked and page.asked.kind == "line":
                lines = [each.answer.source for each in page.asked.answers if each.right]
                found[name] |= {re.sub("[2-9]", "2", line) for line in lines}
    return found

"""Decide which cards and solutions are given out, and what of later cards stays hidden on the page.

A later card may show the answer of an earlier one. A server has no accounts, so a request carries
the answers that were given, or the one that was tried before a solution, and they are marked again.
A signed token from an earlier mark would prove no more, because a single wrong answer is enough to
get one. It would also need a secret that all servers share and that survives a restart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backprop_explorer.engine.errors import Forbidden, InvalidInput
from backprop_explorer.lessons.lesson import Card, Scene
from backprop_explorer.lessons.number_questions import LineValue, Values
from backprop_explorer.lessons.questions import Question
from backprop_explorer.settings import SolutionPolicy
from backprop_explorer.texts import lessons as texts
from backprop_explorer.tutor.checker.search import NO_SEARCH


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line that the question of the card ``card`` asks.

    It hides all lines from ``hide`` on; if ``bare``, also their shapes and what they are made of.
    """

    card: str
    line: str
    hide: str
    bare: bool


def open_cards(
    cards: Sequence[Card], answers: Mapping[str, Any], policy: SolutionPolicy
) -> Sequence[Card]:
    """Return the cards up to the first question that is not done; ``answers`` by name or position.

    A question is done with a right answer. Where no solutions are given, any answer that can be
    read will do: otherwise a question that a student cannot answer would end the lesson. Where
    solutions are given always, all cards are open.
    """
    for k, card in enumerate(cards):
        answer = answers.get(card.name, answers.get(str(k)))
        if card.question is None or policy == "always":
            continue
        right = is_right(card.question, answer)
        if right is None or not opens(right, policy):
            return cards[: k + 1]
    return cards


def is_right(question: Question, answer: Any) -> bool | None:
    """Tell whether an answer is right, without looking for a mistake; None if unreadable."""
    if isinstance(question, LineValue):
        question = replace(question, search_seconds=NO_SEARCH)
    try:
        return question.mark(answer).right
    except InvalidInput:
        return None


def opens(right: bool, policy: SolutionPolicy) -> bool:
    """Tell whether an answer that can be read opens the cards after its question."""
    return right or policy != "after_try"


def following(cards: Sequence[Card], card: Card) -> Sequence[Card]:
    """Return the cards after ``card`` up to the next question."""
    begin = next(k for k, each in enumerate(cards) if each is card) + 1
    asking = (k for k in range(begin, len(cards)) if cards[k].question is not None)
    return cards[begin : next(asking, len(cards)) + 1]


def asked_later(cards: Sequence[Card]) -> list[list[AskedLine]]:
    """Return for each card what later cards ask of the same experiment, step and sample."""
    places = list(_places(cards))
    asked = [_asked_line(card) for card in cards]
    return [
        [
            line
            for other, line in zip(places[k + 1 :], asked[k + 1 :], strict=True)
            if line is not None and other == places[k]
        ]
        for k in range(len(cards))
    ]


def _places(cards: Sequence[Card]) -> list[tuple[Any, int, Any]]:
    """Return recipe, step and sample at each card: what a scene leaves out stays as it was."""
    recipe: Any = None
    sample: Any = 0
    step = 0
    found = []
    for scene in (card.scene or Scene() for card in cards):
        if scene.recipe is not None:
            recipe, step = scene.recipe, 0
        step = step if scene.step is None else scene.step
        sample = sample if scene.sample is None else scene.sample
        found.append((recipe, step, sample))
    return found


def _asked_line(card: Card) -> AskedLine | None:
    question = card.question
    if question is None or card.scene is None or card.scene.hide is None:
        return None
    hide = card.scene.hide
    line = question.line if isinstance(question, LineValue) else hide
    return AskedLine(card.name, line, hide, question.kind in ("shape", "choice"))


def check_allowed(policy: SolutionPolicy, question: Question, tried: Any) -> None:
    """Raise unless the solution may be given after the answer ``tried`` (None: no try).

    Raises Forbidden if the settings give no solutions, and InvalidInput for the field ``tried`` if
    a try is required but missing or unreadable.
    """
    if policy == "always":
        return
    if policy == "never":
        raise Forbidden(texts.NO_SOLUTIONS)
    if tried is None:
        raise InvalidInput("tried", texts.TRY_FIRST)
    try:
        question.mark(tried)
    except InvalidInput as error:
        raise InvalidInput("tried", error.message) from None


# The parts of a card that are printed.
PRINTED = ("title", "text", "question", "prompt", "options", "code")
LEFT_OUT = "…"
_NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d+(?:e[-+]?\d+| \\cdot 10\^\{-?\d+\})?")


def without_answers(cards: Sequence[Card]) -> list[Card]:
    """Return the cards without the numbers of right answers after the card that asks for them.

    Only a whole answer counts, to three digits or four decimals: a single number may occur
    elsewhere. Numbers that were printed before they were asked stay.
    """
    answers: list[list[float]] = []
    printed: list[str] = []
    kept = []
    for card in cards:
        printed.append(" ".join(_texts(card)))
        hidden = [value for answer in answers if _occurs(answer, printed[-1]) for value in answer]
        kept.append(_without(hidden, card))
        if isinstance(card.question, LineValue | Values):
            entries = np.ravel(card.question.solution()).tolist()
            # Numbers with two decimals are typed, and occur everywhere.
            answer = [value for value in entries if value != round(value, 2)]
            if answer and not any(_occurs(answer, text) for text in printed):
                answers.append(answer)
    return kept


def _parts(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in PRINTED if hasattr(value, name)}


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of a card, or of a part of it, that are printed."""
    if isinstance(value, str):
        yield value
    for each in value if isinstance(value, list | tuple) else _parts(value).values():
        yield from _texts(each)


def _without(hidden: Sequence[float], value: Any) -> Any:
    """Return a card, or a part of it, without numbers."""

    def left_out(found: re.Match[str]) -> str:
        return LEFT_OUT if any(_is(found[0], number) for number in hidden) else found[0]

    if isinstance(value, str):
        return _NUMBER.sub(left_out, value)
    if isinstance(value, list | tuple):
        return [_without(hidden, each) for each in value]
    parts = {name: _without(hidden, each) for name, each in _parts(value).items()}
    return replace(value, **parts) if parts else value


def _occurs(answer: Sequence[float], text: str) -> bool:
    tokens = _NUMBER.findall(text)
    return all(any(_is(token, value) for token in tokens) for value in answer)


def _is(token: str, value: float) -> bool:
    """Tell whether a printed number is ``value``, to the digits printed."""
    mantissa, _, exponent = token.replace(" \\cdot 10^{", "e").rstrip("}").partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    digits = len(re.sub(r"^-?0*\.?0*", "", mantissa).replace(".", ""))
    off = abs(float(f"{mantissa}e{exponent or 0}") - value)
    return (digits >= 3 or decimals >= 4) and off <= 0.501 * 10.0**-decimals

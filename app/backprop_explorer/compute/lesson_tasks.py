"""The tasks of lessons; see tasks.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from backprop_explorer.compute.encoding import Reply, json_reply
from backprop_explorer.compute.formulas import Formulas, with_formulas
from backprop_explorer.compute.lesson_answers import (
    card_in_lesson,
    card_on_paper,
    hints_of,
    listed,
    marked,
    outlined,
    rich,
    solved,
)
from backprop_explorer.compute.lesson_requests import AnswerRequest, HintRequest, SolutionRequest
from backprop_explorer.compute.worker_process import STATE
from backprop_explorer.engine.errors import InvalidInput, NotFound
from backprop_explorer.lessons.lesson import Card, Lesson, deal, question_of
from backprop_explorer.lessons.open_cards import (
    asked_later,
    check_allowed,
    following,
    open_cards,
    opens,
    without_answers,
)
from backprop_explorer.lessons.reading.error import LessonError
from backprop_explorer.lessons.seed import Seed
from backprop_explorer.texts import compute as texts

# Cached lessons by name and seed; a class usually has one seed.
MOST_DECKS = 128


@lru_cache(maxsize=MOST_DECKS)
def _cards_of(lesson: Lesson, seed: Seed) -> tuple[Card, ...]:
    try:
        return deal(lesson, seed)
    except LessonError as error:
        raise _invalid(error) from None


def _lessons() -> Mapping[str, Lesson]:
    try:
        return STATE.get().library.lessons()
    except LessonError as error:
        # The lesson was valid when the server started, and was edited since.
        raise _invalid(error) from None


def _invalid(error: LessonError) -> InvalidInput:
    message = texts.lesson_error(error.path.name, error.line, error.message)
    return InvalidInput("lesson", message)


def _known(name: str) -> Lesson:
    lesson = _lessons().get(name)
    if lesson is None:
        raise NotFound(texts.NO_LESSON)
    return lesson


def dealt(name: str, seed: Seed) -> tuple[Card, ...]:
    """The cards of a lesson with the numbers of ``seed``. Raises NotFound or InvalidInput."""
    return _cards_of(_known(name), seed)


def lessons() -> Reply:
    """All lessons in their order."""
    return json_reply({"lessons": [listed(each) for each in _lessons().values()]})


def lesson(name: str, seed: Seed, answers: Mapping[str, Any], formulas: Formulas) -> Reply:
    """A lesson with the numbers of a seed, and the cards that the answers open."""
    cards = dealt(name, seed)
    opened = open_cards(cards, answers, STATE.get().solutions)
    answer = {**_head(name, seed), "outline": outlined(cards), "cards": _with_later(cards, opened)}
    return json_reply(with_formulas(answer, formulas))


def _head(name: str, seed: Seed) -> dict[str, Any]:
    return {**listed(_known(name)), "seed": seed, "solutions": STATE.get().solutions}


def _with_later(cards: Sequence[Card], shown: Sequence[Card]) -> list[dict[str, Any]]:
    """The cards ``given`` of all ``cards``, each with what later ones ask."""
    later = {id(card): lines for card, lines in zip(cards, asked_later(cards), strict=True)}
    return [card_in_lesson(card, later[id(card)]) for card in shown]


def lesson_sheet(name: str, seed: Seed, formulas: Formulas) -> Reply:
    """All cards of a lesson as they are printed."""
    cards: Sequence[Card] = dealt(name, seed)
    if STATE.get().solutions == "never":
        cards = without_answers(cards)
    printed = [card_on_paper(card) for card in cards]
    return json_reply(with_formulas({**_head(name, seed), "cards": printed}, formulas))


def hint(name: str, request: HintRequest, formulas: Formulas) -> Reply:
    """A hint to a card's question."""
    _, question = question_of(dealt(name, request.seed), request.card)
    hints = hints_of(question)
    if request.number > len(hints):
        raise InvalidInput("number", texts.hints_counted(len(hints)))
    answer = {"hint": rich(hints[request.number - 1])}
    return json_reply(with_formulas(answer, formulas))


def mark(name: str, request: AnswerRequest, formulas: Formulas) -> Reply:
    """Mark an answer; one that opens the following cards brings them."""
    cards = dealt(name, request.seed)
    card, question = question_of(cards, request.card)
    marking = question.mark(request.answer)
    opened = opens(marking.right, STATE.get().solutions)
    answer = {
        **marked(marking, card),
        "cards": _with_later(cards, following(cards, card)) if opened else None,
    }
    return json_reply(with_formulas(answer, formulas))


def solution(name: str, request: SolutionRequest, formulas: Formulas) -> Reply:
    """The answer to a card's question, if the settings and the tried answer allow it."""
    cards = dealt(name, request.seed)
    card, question = question_of(cards, request.card)
    check_allowed(STATE.get().solutions, question, request.tried)
    answer = {**solved(card, question), "cards": _with_later(cards, following(cards, card))}
    return json_reply(with_formulas(answer, formulas))


def lesson_head(name: str) -> tuple[str, str] | None:
    """Name and title of a lesson, None if there is no such lesson or its file has a mistake."""
    try:
        lesson = STATE.get().library.lessons().get(name)
    except LessonError:
        return None
    return None if lesson is None else (lesson.name, lesson.title)

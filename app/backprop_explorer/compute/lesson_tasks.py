"""The tasks of lessons; see tasks.py."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from backprop_explorer.compute.formulas import Formulas, with_formulas
from backprop_explorer.compute.lesson_answers import card_shown, listed, marked, solved
from backprop_explorer.compute.lesson_requests import AnswerRequest, SolutionRequest
from backprop_explorer.compute.reply import Reply, json_reply
from backprop_explorer.compute.worker_state import STATE
from backprop_explorer.engine.errors import InvalidInput, NotFound
from backprop_explorer.lessons.deck import deal, question_of
from backprop_explorer.lessons.lesson import Card, Lesson
from backprop_explorer.lessons.reading.error import LessonError
from backprop_explorer.lessons.seed import Seed
from backprop_explorer.lessons.solutions import check_allowed
from backprop_explorer.texts import compute as texts

# Cached lessons by name and seed; a class usually has one seed.
MOST_DECKS = 128


@lru_cache(maxsize=MOST_DECKS)
def _cards_of(lesson: Lesson, seed: Seed) -> tuple[Card, ...]:
    try:
        return deal(lesson, seed)
    except LessonError as error:
        place = texts.at_line(error.path.name, error.line)
        raise InvalidInput("lesson", f"{place}: {error.message}") from None


def _lessons() -> Mapping[str, Lesson]:
    try:
        return STATE.get().library.lessons()
    except LessonError as error:
        # The lesson was valid when the server started, and was edited since.
        raise InvalidInput(
            "lesson", texts.lesson_error(error.path.name, error.line, error.message)
        ) from None


def _known(name: str) -> Lesson:
    found = _lessons().get(name)
    if found is None:
        raise NotFound(texts.NO_LESSON)
    return found


def dealt(name: str, seed: Seed) -> tuple[Card, ...]:
    """The cards of a lesson with the numbers of ``seed``. Raises NotFound or InvalidInput."""
    return _cards_of(_known(name), seed)


def lessons() -> Reply:
    """All lessons in their order."""
    return json_reply({"lessons": [listed(each) for each in _lessons().values()]})


def lesson(name: str, seed: Seed, formulas: Formulas) -> Reply:
    """A lesson with the numbers of a seed."""
    found = _known(name)
    cards = [card_shown(card) for card in _cards_of(found, seed)]
    policy = STATE.get().solutions
    answer = {**listed(found), "seed": seed, "solutions": policy, "cards": cards}
    return json_reply(with_formulas(answer, formulas))


def mark(name: str, request: AnswerRequest, formulas: Formulas) -> Reply:
    """Mark an answer."""
    card, question = question_of(dealt(name, request.seed), request.card)
    return json_reply(with_formulas(marked(question.mark(request.answer), card), formulas))


def solution(name: str, request: SolutionRequest, formulas: Formulas) -> Reply:
    """The answer to a card's question, if the settings and the tried answer allow it."""
    card, question = question_of(dealt(name, request.seed), request.card)
    check_allowed(STATE.get().solutions, question, request.tried)
    return json_reply(with_formulas(solved(card, question), formulas))


def lesson_title(name: str) -> str | None:
    """The title of a lesson, None if there is no such lesson or its file has a mistake."""
    try:
        found = STATE.get().library.lessons().get(name)
    except LessonError:
        return None
    return None if found is None else found.title

"""/lessons: what there is to learn, a lesson's cards, and the marking of an answer."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from starlette.responses import Response

from app.api.documentation import answer
from app.api.encoding import Json
from app.api.lesson_schema import (
    ANSWER_EXAMPLE,
    SOLUTION_EXAMPLE,
    AnswerRequest,
    SeedField,
    SolutionRequest,
    card_shown,
    listed,
    marked,
    solved,
)
from app.api.new_router import NewRouter
from app.api.security import StrictJSONRoute
from app.core.errors import NotFound
from app.lessons import LESSONS, Card, Lesson
from app.lessons.deck import deal, question_of
from app.lessons.seed import DEFAULT_SEED, Seed
from app.lessons.solutions import check_allowed
from app.settings import Settings

# Of a class with one seed each lesson is kept; of seeds all over the place the newest.
MOST_DECKS = 128

LessonName = Annotated[str, Path(description="Its name", examples=["one-layer-by-hand"])]
SeedQuery = Annotated[
    SeedField,
    Query(description="A number or any text; the same seed gives a whole class the same numbers"),
]

_TEXT = [[{"kind": "text", "text": "What is its shape?"}]]
_LESSON = {
    "name": "one-layer-by-hand",
    "title": "One layer by hand",
    "group": "week42",
    "group_title": "Week 42: backpropagation",
    "exercise": "3",
    "summary": "From the cost back to the weights of a sigmoid layer, one factor at a time.",
    "minutes": 15,
    "questions": 7,
}
_CARDS = {
    **_LESSON,
    "seed": 1,
    "solutions": "after_try",
    "cards": [
        {
            "name": "a-tensor-that-is-mostly-zeros",
            "title": "A tensor that is mostly zeros",
            "text": [[{"kind": "text", "text": "How each z changes with each weight."}]],
            "scene": {"line": "dz1_dW1", "hide": "dz1_dW1", "sample": 0},
            "question": {"kind": "shape", "prompt": _TEXT, "hint": []},
        }
    ],
}
_MARK = {
    "right": False,
    "message": [[{"kind": "text", "text": "The axes of z come first."}]],
    "entries": None,
    "misconception": None,
    "after": None,
}
_SOLUTION = {
    "answer": [3, 3, 2],
    "message": [[{"kind": "text", "text": "One axis for z, two for W."}]],
    "after": [],
}


def router(new_router: NewRouter, settings: Settings) -> APIRouter:
    """The routes of lessons."""
    routes = new_router(tags=["lessons"], route_class=StrictJSONRoute)

    @lru_cache(maxsize=MOST_DECKS)
    def cards_of(name: str, seed: Seed) -> tuple[Card, ...]:
        return deal(LESSONS[name], seed)

    @cache
    def questions_in(name: str) -> int:
        known = LESSONS[name].questions
        if known is not None:
            return known
        return sum(card.question is not None for card in cards_of(name, DEFAULT_SEED))

    policy = settings.lessons.solutions

    @routes.get(
        "/lessons",
        operation_id="list_lessons",
        summary="The lessons that there are",
        response_class=Json,
        responses={
            200: answer("The lessons in their order", {"lessons": [_LESSON]}, "lessons"),
        },
    )
    def lessons() -> Response:
        """Each lesson has a group, the exercise of the course it belongs to, and its questions."""
        return Json(
            {"lessons": [listed(each, questions_in(each.name)) for each in LESSONS.values()]}
        )

    @routes.get(
        "/lessons/{name}",
        operation_id="read_lesson",
        summary="A lesson with the numbers of a seed",
        response_class=Json,
        responses={200: answer("The lesson and its cards", _CARDS, *_CARDS)},
    )
    def lesson(name: LessonName, seed: SeedQuery = DEFAULT_SEED) -> Response:
        """The cards in order: text, what the explorer shows beside it, and what is asked.

        Text is paragraphs of pieces. The answer is not among it: hand one in with
        `POST /lessons/{name}/answer`.
        """
        found = listed(_known(name), questions_in(name))
        cards = [card_shown(card) for card in cards_of(name, seed)]
        return Json({**found, "seed": seed, "solutions": policy, "cards": cards})

    @routes.post(
        "/lessons/{name}/answer",
        operation_id="mark_answer",
        summary="Mark an answer to a card's question",
        response_class=Json,
        responses={200: answer("The mark, entry by entry where there are entries", _MARK, *_MARK)},
    )
    def mark(
        name: LessonName,
        request: Annotated[
            AnswerRequest, Body(openapi_examples={"the first option": {"value": ANSWER_EXAMPLE}})
        ],
    ) -> Response:
        """`answer` is the position of an option or line, a shape, or numbers: nested lists or text
        as NumPy prints it.

        `misconception` names the mistake where the checker knows it; `after` is what the lesson
        says once the question is answered.
        """
        cards = cards_of(_known(name).name, request.seed)
        card, question = question_of(cards, request.card)
        return Json(marked(question.mark(request.answer), card))

    @routes.post(
        "/lessons/{name}/solution",
        operation_id="read_solution",
        summary="The answer to a card's question, for those who have tried",
        response_class=Json,
        responses={200: answer("A right answer and why it is right", _SOLUTION, *_SOLUTION)},
    )
    def solution(
        name: LessonName,
        request: Annotated[
            SolutionRequest, Body(openapi_examples={"after a try": {"value": SOLUTION_EXAMPLE}})
        ],
    ) -> Response:
        """A right answer, and the message that it gets.

        `tried` is an answer that was tried, as `POST /lessons/{name}/answer` takes it; a wrong one
        will do. The setting `EXPLORER_LESSONS__SOLUTIONS` gives solutions `always` (without
        `tried`) or `never` (403, for lessons that are graded).
        """
        cards = cards_of(_known(name).name, request.seed)
        card, question = question_of(cards, request.card)
        check_allowed(policy, question, request.tried)
        return Json(solved(card, question))

    return routes


def _known(name: str) -> Lesson:
    found = LESSONS.get(name)
    if found is None:
        raise NotFound("no lesson has this name; GET /api/v1/lessons lists all")
    return found

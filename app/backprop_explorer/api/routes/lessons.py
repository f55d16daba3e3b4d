"""/lessons: the list of lessons, a lesson's cards, marks and solutions of answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from backprop_explorer.api import runner
from backprop_explorer.api.openapi import ok
from backprop_explorer.api.router import Formulas, api_router
from backprop_explorer.compute.lesson_requests import (
    AnswerRequest,
    CardsRequest,
    HintRequest,
    SeedField,
    SolutionRequest,
)
from backprop_explorer.engine.late import LateModule
from backprop_explorer.lessons.seed import DEFAULT_SEED, MAX_CHARACTERS

tasks = LateModule("backprop_explorer.compute.lesson_tasks")

LessonName = Annotated[str, Path(description="Its name", examples=["one-layer-by-hand"])]
# In a query a number is text, too.
SeedQuery = Annotated[
    SeedField,
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS}),
    Query(description="A number or any text; the same seed gives a whole class the same numbers"),
]


routes = api_router("lessons")


@routes.get(
    "/lessons",
    summary="The lessons that there are",
    responses=ok("The lessons in their order", "lessons.LessonsAnswer"),
)
async def list_lessons(request: Request) -> Response:
    """Each lesson has a group, the course's exercise, and its number of questions."""
    return await runner.answer(request, tasks.lessons)


@routes.get(
    "/lessons/{name}",
    summary="A lesson with the numbers of a seed",
    responses=ok("The lesson and its first cards", "lessons.LessonAnswer"),
)
async def read_lesson(
    request: Request, name: LessonName, seed: SeedQuery = DEFAULT_SEED, formulas: Formulas = "both"
) -> Response:
    """The cards in order: text, the scene that the explorer shows, and the question.

    A text is a list of paragraphs, a paragraph a list of pieces. `cards` ends with the first
    question: a later card may show its answer. Submit an answer with
    `POST /lessons/{name}/answer`; a right one brings the cards that follow. `outline` has the
    titles of all cards.
    """
    return await runner.answer(request, tasks.lesson, name, seed, {}, formulas)


@routes.post(
    "/lessons/{name}/cards",
    summary="A lesson with the cards that answers open",
    responses=ok("The lesson and the open cards", "lessons.LessonAnswer"),
)
async def read_cards(
    request: Request, name: LessonName, body: CardsRequest, formulas: Formulas = "both"
) -> Response:
    """The cards up to the first question without a right answer in `answers`.

    The server keeps no session: a client that goes on with a lesson sends the answers that
    were given before. Wrong ones are ignored, unless the server gives no solutions; then any
    answer that can be read opens the cards after it.
    """
    seen = (body.seed, body.answers)
    return await runner.answer(request, tasks.lesson, name, *seen, formulas)


@routes.get(
    "/lessons/{name}/sheet",
    summary="A lesson to print",
    responses=ok("The lesson with all its cards", "lessons.LessonSheet"),
)
async def read_sheet(
    request: Request, name: LessonName, seed: SeedQuery = DEFAULT_SEED, formulas: Formulas = "both"
) -> Response:
    """All texts and questions, as on paper: without scenes, hints, reasons and answers.

    Where the server gives no solutions, numbers that an earlier question asks are "…".
    """
    return await runner.answer(request, tasks.lesson_sheet, name, seed, formulas)


@routes.post(
    "/lessons/{name}/hint",
    summary="A hint to a card's question",
    responses=ok("The hint", "lessons.HintAnswer"),
)
async def read_hint(
    request: Request, name: LessonName, body: HintRequest, formulas: Formulas = "both"
) -> Response:
    """The first or the second hint; a question says how many it has (`hints`)."""
    return await runner.answer(request, tasks.hint, name, body, formulas)


@routes.post(
    "/lessons/{name}/answer",
    summary="Mark an answer to a card's question",
    responses=ok("The mark, entry by entry where there are entries", "lessons.AnswerMark"),
)
async def mark_answer(
    request: Request, name: LessonName, body: AnswerRequest, formulas: Formulas = "both"
) -> Response:
    """`answer` is the position of an option or line, a shape, or numbers: nested lists or text
    as NumPy prints it.

    `misconception` names the mistake if the checker knows it. `after` is the text that follows
    a right answer, `reasons` are those of all options, `cards` are the cards that follow.
    """
    return await runner.answer(request, tasks.mark, name, body, formulas)


@routes.post(
    "/lessons/{name}/solution",
    summary="The answer to a card's question, for those who have tried",
    responses=ok("A right answer and why it is right", "lessons.SolutionAnswer"),
)
async def read_solution(
    request: Request, name: LessonName, body: SolutionRequest, formulas: Formulas = "both"
) -> Response:
    """A right answer, its message, and the cards that follow.

    `tried` is an answer that was tried before, right or wrong, in the format of
    `POST /lessons/{name}/answer`. With the setting `EXPLORER_LESSONS__SOLUTIONS` the server
    gives solutions `always` (`tried` is not needed) or `never` (403, for graded lessons).
    """
    return await runner.answer(request, tasks.solution, name, body, formulas)

"""/rooms/{code}/questions, answers and tally: ask a class, take answers, count."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response

from backprop_explorer.api.openapi import PROGRESS, ok
from backprop_explorer.api.router import API, Formulas, api_router
from backprop_explorer.api.routes.rooms import (
    KEY_PROBLEMS,
    NOT_KEPT,
    Code,
    RoomKey,
    StudentToken,
    address_of,
    as_lecturer,
    as_student,
    asking_of,
    private,
    rooms_of,
)
from backprop_explorer.classroom.record import as_csv
from backprop_explorer.classroom.requests import (
    QuestionRequest,
    RoomAnswerRequest,
    RoundRequest,
    StateRequest,
)
from backprop_explorer.classroom.room import AskedQuestion
from backprop_explorer.compute.formulas import with_formulas
from backprop_explorer.engine.errors import NotReached

QuestionNumber = Annotated[int, Path(description="Counted from 1", ge=1, le=10**6, examples=[1])]


routes = api_router("rooms")


@routes.post(
    "/rooms/{code}/questions",
    summary="Ask the class",
    status_code=201,
    responses=ok(
        "The question, with its answer", "rooms.QuestionAsked", PROGRESS, KEY_PROBLEMS, status=201
    ),
)
async def ask_class(
    request: Request, code: Code, body: QuestionRequest, key: RoomKey = None
) -> Response:
    """For the lecturer. The question before is closed. The checker marks the answers.

    The same request again, while the question is open, asks nothing new.
    """
    _, room = await as_lecturer(request, code, key)
    try:
        question = await asking_of(request).ask(room, body)
    except NotReached as progress:
        return private({"reached": progress.reached, "target": progress.target}, 202)
    return _asked(code, question)


@routes.post(
    "/rooms/{code}/rounds",
    summary="Ask a question a second time",
    status_code=201,
    responses=ok("The question, with its answer", "rooms.QuestionAsked", KEY_PROBLEMS, status=201),
)
async def ask_again(
    request: Request, code: Code, body: RoundRequest, key: RoomKey = None
) -> Response:
    """For the lecturer: a round after talking, with the same numbers for each student.

    The tally has both rounds beside each other. The same request again asks nothing new.
    """
    _, room = await as_lecturer(request, code, key)
    return _asked(code, await asking_of(request).again(room, body.question))


@routes.get(
    "/rooms/{code}/questions/{number}",
    summary="A question, with a student's own numbers, answer and mark",
    responses=ok("The question for this student", "rooms.StudentQuestion", KEY_PROBLEMS),
)
async def read_question(
    request: Request,
    code: Code,
    number: QuestionNumber,
    seed: Annotated[
        str | None,
        Query(description="For the lecturer: with the numbers of this student", max_length=100),
    ] = None,
    formulas: Formulas = "both",
    key: RoomKey = None,
    token: StudentToken = None,
) -> Response:
    """Without a token: the question, if all have the same.

    Its answer is there once it is revealed, and for the lecturer who names a seed of the tally.
    """
    student = None
    if seed is not None:
        _, room = await as_lecturer(request, code, key)
        shown = await asking_of(request).with_numbers(room, number, seed)
        return private(with_formulas(shown, formulas))
    if token is None:
        room = await rooms_of(request).access.find(code, address_of(request))
    else:
        _, room, student = await as_student(request, code, token)
    shown = await asking_of(request).for_student(room, student, number)
    return private(with_formulas(shown, formulas))


@routes.put(
    "/rooms/{code}/questions/{number}",
    summary="Close, open again or reveal a question",
    responses=ok("The new state", "rooms.RoomState", KEY_PROBLEMS),
)
async def change_question(
    request: Request, code: Code, number: QuestionNumber, body: StateRequest, key: RoomKey = None
) -> Response:
    """For the lecturer. Revealed, it shows its answer and the counts to all, for good.

    Answers that were sent before are still taken: a reveal waits for them, 3 s at most.
    """
    _, room = await as_lecturer(request, code, key)
    changed = await asking_of(request).set_state(room.code, number, body)
    return private(changed.room.public(changed.version))


@routes.post(
    "/rooms/{code}/answers",
    summary="Answer the open question",
    responses=ok("The answer is kept", "rooms.AnswerReceipt", KEY_PROBLEMS),
)
async def answer_question(
    request: Request,
    code: Code,
    body: RoomAnswerRequest,
    formulas: Formulas = "both",
    token: StudentToken = None,
) -> Response:
    """A later `attempt` replaces an earlier one; the same one again changes nothing.

    So a request whose answer was lost can be sent again, also to another server.
    """
    _, room, student = await as_student(request, code, token)
    kept = await asking_of(request).answer(room, student, body)
    return private(with_formulas(kept, formulas))


@routes.get(
    "/rooms/{code}/tally",
    summary="What the lecturer sees of the class",
    responses=ok("Counts; no student is named", "rooms.TallyAnswer", KEY_PROBLEMS),
)
async def read_tally(
    request: Request,
    code: Code,
    question: Annotated[
        int | None, Query(description="Of this question; by default of the last", ge=1, le=10**6)
    ] = None,
    key: RoomKey = None,
) -> Response:
    """How many are here, where they are, and which mistakes they make at which line."""
    _, room = await as_lecturer(request, code, key)
    content = await asking_of(request).tally(room, question)
    return Response(content, headers=NOT_KEPT, media_type="application/json")


@routes.get(
    "/rooms/{code}/tally.csv",
    summary="The tally of all questions as a table",
    response_class=Response,
    responses={
        200: {
            "description": "A row for each question and option, mistake or group of texts",
            "content": {"text/csv; charset=utf-8": {"schema": {"type": "string"}}},
        },
        **KEY_PROBLEMS,
    },
)
async def export_tally(request: Request, code: Code, key: RoomKey = None) -> Response:
    """For the lecturer."""
    _, room = await as_lecturer(request, code, key)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="backprop-class.csv"',
    }
    text = as_csv(await asking_of(request).record(room))
    return Response(text, headers=headers, media_type="text/csv")


def _asked(code: str, question: AskedQuestion) -> Response:
    place = f"{API}/rooms/{code}/questions/{question.number}"
    shown = question.public()
    hidden = ("spec", "text", "scene", "counts", "prompt", "options", "seconds_left")
    content = {name: value for name, value in shown.items() if name not in hidden}
    return private(content, 201, Location=place)

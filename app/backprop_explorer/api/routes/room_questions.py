"""/rooms/{code}/questions, answers and tally: ask a class, take answers, count."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from backprop_explorer.api.openapi import PROGRESS, ok
from backprop_explorer.api.router import API, Formulas, RouterFactory
from backprop_explorer.api.routes.rooms import (
    KEY_PROBLEMS,
    NOT_KEPT,
    Code,
    RoomKey,
    StudentToken,
    address_of,
    private,
)
from backprop_explorer.classroom.asking import Asking
from backprop_explorer.classroom.record import as_csv
from backprop_explorer.classroom.requests import (
    QuestionRequest,
    RoomAnswerRequest,
    RoundRequest,
    StateRequest,
)
from backprop_explorer.classroom.room import AskedQuestion
from backprop_explorer.classroom.rooms import Rooms
from backprop_explorer.compute.formulas import with_formulas
from backprop_explorer.engine.errors import NotReached

QuestionNumber = Annotated[int, Path(description="Counted from 1", ge=1, le=10**6, examples=[1])]


def router(new_router: RouterFactory, rooms: Rooms, asking: Asking) -> APIRouter:
    """The routes of questions and of their tally."""
    routes = new_router(tags=["rooms"])

    @routes.post(
        "/rooms/{code}/questions",
        summary="Ask the class",
        status_code=201,
        responses=ok(
            "The question, with its answer",
            "rooms.QuestionAsked",
            PROGRESS,
            KEY_PROBLEMS,
            status=201,
        ),
    )
    async def ask_class(
        request: Request, code: Code, body: QuestionRequest, key: RoomKey = None
    ) -> Response:
        """For the lecturer. The question before is closed. The checker marks the answers.

        The same request again, while the question is open, asks nothing new.
        """
        room = await rooms.access.as_lecturer(code, address_of(request), key)
        try:
            question = await asking.ask(room, body)
        except NotReached as progress:
            return private({"reached": progress.reached, "target": progress.target}, 202)
        return _asked(code, question)

    @routes.post(
        "/rooms/{code}/rounds",
        summary="Ask a question a second time",
        status_code=201,
        responses=ok(
            "The question, with its answer", "rooms.QuestionAsked", KEY_PROBLEMS, status=201
        ),
    )
    async def ask_again(
        request: Request, code: Code, body: RoundRequest, key: RoomKey = None
    ) -> Response:
        """For the lecturer: a round after talking, with the same numbers for each student.

        The tally has both rounds beside each other. The same request again asks nothing new.
        """
        room = await rooms.access.as_lecturer(code, address_of(request), key)
        return _asked(code, await asking.again(room, body.question))

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
        address = address_of(request)
        student = None
        if seed is not None:
            room = await rooms.access.as_lecturer(code, address, key)
            shown = await asking.with_numbers(room, number, seed)
            return private(with_formulas(shown, formulas))
        if token is None:
            room = await rooms.access.find(code, address)
        else:
            room, student = await rooms.access.as_student(code, address, token)
            rooms.access.slow_down(student)
        shown = await asking.for_student(room, student, number)
        return private(with_formulas(shown, formulas))

    @routes.put(
        "/rooms/{code}/questions/{number}",
        summary="Close, open again or reveal a question",
        responses=ok("The new state", "rooms.RoomState", KEY_PROBLEMS),
    )
    async def change_question(
        request: Request,
        code: Code,
        number: QuestionNumber,
        body: StateRequest,
        key: RoomKey = None,
    ) -> Response:
        """For the lecturer. Revealed, it shows its answer and the counts to all, for good.

        Answers that were sent before are still taken: a reveal waits for them, 3 s at most.
        """
        room = await rooms.access.as_lecturer(code, address_of(request), key)
        changed = await asking.set_state(room.code, number, body)
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
        room, student = await rooms.access.as_student(code, address_of(request), token)
        rooms.access.slow_down(student)
        kept = await asking.answer(room, student, body)
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
            int | None,
            Query(description="Of this question; by default of the last", ge=1, le=10**6),
        ] = None,
        key: RoomKey = None,
    ) -> Response:
        """How many are here, where they are, and which mistakes they make at which line."""
        room = await rooms.access.as_lecturer(code, address_of(request), key)
        content = await asking.tally(room, question)
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
        room = await rooms.access.as_lecturer(code, address_of(request), key)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="backprop-class.csv"',
        }
        text = as_csv(await asking.record(room))
        return Response(text, headers=headers, media_type="text/csv")

    return routes


def _asked(code: str, question: AskedQuestion) -> Response:
    place = f"{API}/rooms/{code}/questions/{question.number}"
    shown = question.public()
    hidden = ("spec", "text", "scene", "counts", "prompt", "options", "seconds_left")
    content = {name: value for name, value in shown.items() if name not in hidden}
    return private(content, 201, Location=place)

"""POST /check and /check/parse: mark a student's numbers, read printed arrays."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import BaseModel, Discriminator, Tag
from starlette.responses import Response

from backprop_explorer.api import runner
from backprop_explorer.api.openapi import ok
from backprop_explorer.api.router import api_router
from backprop_explorer.compute.check_requests import CHECK_EXAMPLE, CheckRequest, PasteRequest
from backprop_explorer.compute.inferred_requests import INFER_EXAMPLE, InferredCheckRequest
from backprop_explorer.engine.late import LateModule

tasks = LateModule("backprop_explorer.compute.tasks")


def _kind(given: Any) -> str:
    """The kind of body. Tags are in brackets, so that paths of fields leave them out."""
    if isinstance(given, BaseModel):
        return "(infer)" if isinstance(given, InferredCheckRequest) else "(given)"
    return "(infer)" if CheckRequest.for_body(given) is InferredCheckRequest else "(given)"


routes = api_router("check")


@routes.post(
    "/check",
    summary="Mark submitted numbers and name the mistake",
    responses=ok(
        "A mark for every line, and the mistakes that explain the numbers", "checks.CheckAnswer"
    ),
)
async def check_working(
    request: Request,
    body: Annotated[
        Annotated[CheckRequest, Tag("(given)")] | Annotated[InferredCheckRequest, Tag("(infer)")],
        Discriminator(_kind),
        Body(
            openapi_examples={
                "two layers": {"value": CHECK_EXAMPLE},
                "settings to be found": {"value": INFER_EXAMPLE},
            }
        ),
    ],
) -> Response:
    """Compare the submitted lines with the trace of the same givens.

    Any subset of the lines may be submitted. A wrong line that follows from the student's own
    earlier lines is marked "follows". Any other wrong line is explained by a misconception of
    the catalog if one gives its numbers.

    With `"settings": "infer"` the submission is a text or arrays under any names, with the
    givens among them. The settings under which most lines agree are found, and each array is
    read by its name, its numbers or its shape.
    """
    if isinstance(body, InferredCheckRequest):
        return await runner.answer(request, tasks.check_inferred, body)
    return await runner.answer(request, tasks.check, body)


@routes.post(
    "/check/parse",
    summary="Read the arrays in what a notebook printed",
    responses=ok(
        "Every array with its name and shape, and the places of what is none", "checks.ParseAnswer"
    ),
)
async def parse_printed(request: Request, body: PasteRequest) -> Response:
    """Read all arrays in a text. Text that is no array is listed with line and column.

    `as` is the id of the line that a name stands for, or null.
    """
    return await runner.answer(request, tasks.parse, body)

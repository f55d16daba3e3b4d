"""/programs: ready programs and their workings; /graphs and /check/programs: recorded ones."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response

from backprop_explorer.api import runner
from backprop_explorer.api.openapi import ok
from backprop_explorer.api.router import Arrays, Formulas, api_router
from backprop_explorer.api.routes.frames import Lines
from backprop_explorer.compute.graph_requests import GRAPH_EXAMPLE, GraphRequest
from backprop_explorer.compute.program_check_requests import CHECK_OF_PROGRAM, ProgramCheckRequest
from backprop_explorer.compute.task_options import Extent, ProgramOptions
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.late import LateModule
from backprop_explorer.experiments.recipe_fields import ID_PATTERN, Form
from backprop_explorer.texts import api as texts

tasks = LateModule("backprop_explorer.compute.program_tasks")

# The graph of the documentation's examples: after it is posted, they work.
FIRST_GRAPH = GraphRequest.model_validate(GRAPH_EXAMPLE).id

GraphId = Annotated[
    str,
    Path(description="The graph's id, as POST /graphs gives it", examples=[FIRST_GRAPH]),
    Form(ID_PATTERN, texts.GRAPH_ID),
]
FIRST_CHECK = ProgramCheckRequest.model_validate(CHECK_OF_PROGRAM).id
CheckId = Annotated[
    str,
    Path(description="The check's id", examples=[FIRST_CHECK]),
    Form(ID_PATTERN, texts.CHECK_ID),
]
Verify = Annotated[bool, Query(description="Ask both oracles")]
Entries = Annotated[
    int,
    Query(
        description="Of values with more numbers only the largest entries are sent", ge=1, le=10**9
    ),
]
MOST_ENTRIES = 100_000

_LINKS = {
    "links": {
        "read_graph_trace": {
            "operationId": "read_graph_trace",
            "parameters": {"id": "$response.body#/id"},
        }
    }
}


def _sizes(text: str) -> dict[str, int]:
    if not re.fullmatch(r"(\w{1,20}:[0-9]{1,6}(,|$))*", text):
        raise InvalidInput("sizes", texts.SIZES)
    pairs = (part.split(":") for part in text.split(",") if part)
    return {name: int(value) for name, value in pairs}


routes = api_router("programs")


@routes.get(
    "/programs",
    summary="The ready programs",
    responses=ok("In the order of the gallery", "programs.ProgramsAnswer"),
)
async def list_programs(request: Request) -> Response:
    """NumPy programs whose backward pass can be looked at line by line."""
    return await runner.answer(request, tasks.programs)


@routes.get(
    "/programs/{name}/trace",
    summary="Every line of a ready program",
    responses=ok(
        "Its source, the lines in order, and what the oracles say", "programs.ReadyProgramTrace"
    ),
)
async def read_program_trace(
    request: Request,
    name: Annotated[str, Path(description="Its name", max_length=64, examples=["batch_norm"])],
    seed: Annotated[int, Query(description="Of the program's data", ge=0, le=2**32 - 1)] = 0,
    sizes: Annotated[
        str, Query(description="Other sizes than the usual, N:4,D:3", max_length=200)
    ] = "",
    verify: Verify = True,
    entries: Entries = MOST_ENTRIES,
    lines: Lines = None,
    arrays: Arrays = "lists",
    formulas: Formulas = "both",
) -> Response:
    """Run a program on data drawn from a seed, forward and backward."""
    options = ProgramOptions(verify, Extent.of(entries, lines), arrays, formulas)
    return await runner.answer(request, tasks.program_trace, name, seed, _sizes(sizes), options)


@routes.post(
    "/graphs",
    summary="Store a recorded program",
    status_code=201,
    responses=ok("Its id", "programs.GraphKept", status=201, more=_LINKS),
)
async def keep_graph(request: Request, body: GraphRequest) -> Response:
    """Store the recording of a program. Its code never runs here: all is computed again."""
    return await runner.answer(request, tasks.keep_graph, body)


@routes.get(
    "/graphs/{id}/trace",
    summary="Every line of a recorded program",
    responses=ok("The lines in order, and what the oracles say", "programs.ProgramTrace"),
)
async def read_graph_trace(
    request: Request,
    id: GraphId,  # noqa: A002 - the wire's name
    verify: Verify = True,
    entries: Entries = MOST_ENTRIES,
    lines: Lines = None,
    arrays: Arrays = "lists",
    formulas: Formulas = "both",
) -> Response:
    """Compute a stored graph, forward and backward."""
    options = ProgramOptions(verify, Extent.of(entries, lines), arrays, formulas)
    return await runner.answer(request, tasks.graph_trace, id, options)


@routes.post(
    "/check/programs",
    summary="Store the check of a program",
    status_code=201,
    responses=ok("Its id", "programs.ProgramCheckKept", status=201),
)
async def keep_program_check(request: Request, body: ProgramCheckRequest) -> Response:
    """Store what `bx.check_code(…).save(file)` wrote, for the page of the check."""
    return await runner.answer(request, tasks.keep_program_check, body)


@routes.get(
    "/check/programs/{id}",
    summary="A stored check of a program",
    responses=ok("The check on the own input and on others", "programs.ProgramCheckRequest"),
)
async def read_program_check(
    request: Request,
    id: CheckId,  # noqa: A002 - the wire's name
) -> Response:
    """The marks of each source line, its array, and results beside the gradient."""
    return await runner.answer(request, tasks.program_check, id)

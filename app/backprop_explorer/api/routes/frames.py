"""/experiments/{id}/frames, …/trace, …/steps and …/history: an experiment at any step."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response, StreamingResponse

from backprop_explorer.api import runner
from backprop_explorer.api.openapi import PROGRESS, ok, schema_of
from backprop_explorer.api.router import Arrays, Formulas, api_router
from backprop_explorer.api.routes.experiments import ExperimentId
from backprop_explorer.compute.task_options import Extent, TraceOptions
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.late import LateModule
from backprop_explorer.experiments.frame_parts import PARTS, Wanted, parts_of
from backprop_explorer.texts import api as texts

tasks = LateModule("backprop_explorer.compute.tasks")

# The upper limit is a setting, which Explorer checks; a fixed bound here would hide its message.
Step = Annotated[int, Path(description="Updates made so far", ge=0, examples=[120])]


Since = Annotated[int, Query(description="Only curve points after this step", ge=-1, le=10**9)]
Grid = Annotated[int, Query(description="Points on a side of the boundary", ge=2)]
Axes = Annotated[str, Query(description="The two features of the boundary", max_length=32)]
Include = Annotated[str, Query(description=f"Parts, of {', '.join(PARTS)}", max_length=200)]
Written = Annotated[str, Query(description="column, row or lecture", max_length=64)]
Reduction = Annotated[
    str | None,
    Query(description="Scaling of the cost, if not that of the experiment", max_length=64),
]
Fused = Annotated[bool, Query(description="Cost and output activation together")]
Jacobians = Annotated[bool, Query(description="Add the Jacobians as lines")]
Entries = Annotated[
    int | None,
    Query(
        description="Values with more numbers are null, and their lines have left_out",
        ge=1,
        le=10**9,
    ),
]
Lines = Annotated[
    str | None,
    Query(description="Only these lines and givens, W1,z1, and no gradients", max_length=4000),
]

_ALL_PARTS = ",".join(PARTS)
# Steps of one answer; it also ends with a slice of time.
MAX_STEPS = 32


def _axes(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"[0-9]{1,5}(,[0-9]{1,5})?", text):
        raise InvalidInput("axes", texts.FEATURES)
    return tuple(map(int, text.split(",")))


def sample_number(text: str) -> int | None:
    """The number of a training sample; None for "batch"."""
    if text == "batch":
        return None
    if not text.isascii() or not text.isdigit():
        raise InvalidInput("sample", texts.SAMPLE)
    return int(text)


routes = api_router("frames")


@routes.get(
    "/experiments/{id}/frames/{step}",
    summary="The experiment at a step",
    responses=ok("The frame", "frames.FrameAnswer", PROGRESS),
)
async def read_frame(
    request: Request,
    id: ExperimentId,  # noqa: A002 - the wire's name
    step: Step,
    since: Since = -1,
    grid: Grid = 48,
    axes: Axes = "0,1",
    sample: Annotated[
        str,
        Query(
            description="Whose neurons to show: a training position, or batch for the mean",
            max_length=16,
        ),
    ] = "batch",
    include: Include = _ALL_PARTS,
    convention: Annotated[
        str,
        Query(
            description="How W and its gradient stand: row or lecture (n_in, n_out), or column",
            max_length=64,
        ),
    ] = "row",
    arrays: Arrays = "lists",
) -> Response:
    """Parameters, gradients, curves, decision boundary and health after ``step`` updates."""
    wanted = Wanted(parts_of(include.split(",")), since, grid, _axes(axes), sample_number(sample))
    arguments = (id, step, wanted, convention, arrays)
    return await runner.answer(request, tasks.frame, *arguments, experiment=id)


@routes.get(
    "/experiments/{id}/frames/{step}/trace",
    summary="Every line of the backpropagation at a step",
    responses=ok(
        "The working of the sample or batch, the update included",
        "traces.FrameTraceAnswer",
        PROGRESS,
    ),
)
async def read_frame_trace(
    request: Request,
    id: ExperimentId,  # noqa: A002
    step: Step,
    sample: Annotated[
        str, Query(description="A training position, or batch for the next one", max_length=16)
    ] = "batch",
    convention: Written = "column",
    reduction: Reduction = None,
    fused: Fused = True,
    jacobians: Jacobians = False,
    verify: Annotated[bool, Query(description="Ask both oracles")] = True,
    entries: Entries = None,
    lines: Lines = None,
    arrays: Arrays = "lists",
    formulas: Formulas = "both",
) -> Response:
    """The trace with the parameters at ``step``, and the update that leads to the next step."""
    extent = Extent.of(entries, lines)
    options = TraceOptions(
        convention, reduction, fused, jacobians, verify, extent, arrays, formulas
    )
    return await runner.answer(
        request, tasks.frame_trace, id, step, sample_number(sample), options, experiment=id
    )


@routes.get(
    "/experiments/{id}/steps",
    summary="Several steps of a run, for a player",
    responses=ok("The steps, at least one", "traces.StepsAnswer", PROGRESS),
)
async def read_steps(
    request: Request,
    id: ExperimentId,  # noqa: A002
    first: Annotated[int, Query(description="The first step", ge=0, examples=[120])],
    every: Annotated[int, Query(description="Updates between steps", ge=1, le=10**6)] = 1,
    count: Annotated[int, Query(description="How many steps", ge=1, le=MAX_STEPS)] = 1,
    since: Since = -1,
    grid: Grid = 48,
    axes: Axes = "0,1",
    sample: Annotated[
        str, Query(description="A training position, or batch", max_length=16)
    ] = "batch",
    include: Include = "parameters,gradients,neurons,health",
    once: Annotated[
        str, Query(description="Further parts, of the first frame only", max_length=200)
    ] = "boundary,curves,maps",
    convention: Written = "column",
    reduction: Reduction = None,
    fused: Fused = True,
    jacobians: Jacobians = False,
    entries: Entries = None,
    lines: Lines = None,
    arrays: Arrays = "lists",
    formulas: Formulas = "both",
) -> Response:
    """Frame and working of each step, without proof. Fewer steps than asked for are normal."""
    number = sample_number(sample)
    wanted = Wanted(parts_of(include.split(",")), since, grid, _axes(axes), number)
    extent = Extent.of(entries, lines)
    options = TraceOptions(convention, reduction, fused, jacobians, False, extent, arrays, formulas)
    at = range(first, first + every * count, every)
    arguments = (id, at, wanted, parts_of(once.split(","), "once"), options)
    return await runner.answer(request, tasks.steps, *arguments, experiment=id)


@routes.get(
    "/experiments/{id}/history",
    summary="Cost, score and gradient norms along the run",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One JSON object per line, as they are computed",
            "content": {
                "application/x-ndjson": {
                    "schema": {"type": "string", "contentSchema": schema_of("frames.HistoryPoint")}
                }
            },
        }
    },
)
async def read_history(
    request: Request,
    id: ExperimentId,  # noqa: A002
    every: Annotated[int, Query(description="Steps between points", ge=1, le=10**6)] = 10,
    until: Annotated[int, Query(description="The last step", ge=0)] = 1000,
) -> Response:
    """A point at every ``every``-th step from 0 to ``until``, as newline-delimited JSON."""
    arguments = (id, every, until)
    # Compute the first part before the answer begins, so that errors have their status.
    first = await runner.value(request, tasks.history, *arguments, 0, experiment=id)
    parts = runner.parts(request, tasks.history, *arguments, first=first, experiment=id)
    return StreamingResponse(parts, media_type="application/x-ndjson")

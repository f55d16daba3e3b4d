"""…/export/{kind}: export files, one route for each entry of EXPORTS; …/picture."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request
from starlette.responses import Response

from backprop_explorer.api import runner
from backprop_explorer.api.openapi import PROGRESS, answer, schema_of
from backprop_explorer.api.router import api_router
from backprop_explorer.api.routes.experiments import ExperimentId
from backprop_explorer.api.routes.frames import sample_number
from backprop_explorer.compute.trace_requests import TraceRequest
from backprop_explorer.engine.late import LateModule
from backprop_explorer.exports import EXPORTS, Export

tasks = LateModule("backprop_explorer.compute.export_tasks")

StepQuery = Annotated[int, Query(description="Updates made so far", ge=0, examples=[120])]
SampleQuery = Annotated[
    str,
    Query(
        description="A training position, or batch for the one the next update uses", max_length=16
    ),
]
LineQuery = Annotated[
    str, Query(description="The id of a line of the working", max_length=64, examples=["z1"])
]
ConventionQuery = Annotated[str, Query(description="column, row or lecture", max_length=64)]


def _described(export: Export) -> dict[str, Any]:
    """Describe the file in the OpenAPI document."""
    if export.media_type == "application/json":
        return answer(export.description, "traces.TraceFile")
    notebook = export.media_type.endswith("+json")
    schema = schema_of("traces.NotebookFile") if notebook else {"type": "string"}
    if export.media_type == "application/octet-stream":
        schema["format"] = "binary"
    return {"description": export.description, "content": {export.media_type: {"schema": schema}}}


routes = api_router("exports")


def _add(export: Export) -> None:
    """Add the route of one kind of file."""

    @routes.get(
        f"/experiments/{{id}}/export/{export.name}",
        operation_id=f"export_{export.name}",
        summary=f"{export.title} of an experiment",
        description=export.description,
        response_class=Response,
        responses={200: _described(export), **PROGRESS},
    )
    async def file(
        request: Request,
        id: ExperimentId,  # noqa: A002 - the wire's name
        step: StepQuery = 0,
        sample: SampleQuery = "batch",
        convention: ConventionQuery = "column",
    ) -> Response:
        # All kinds take the same query; a file of the whole run says nothing about a sample.
        of = (sample_number(sample), convention) if export.of_working else (None, "column")
        arguments = (export.name, id, step, *of)
        return await runner.answer(request, tasks.export_experiment, *arguments, experiment=id)


for _export in EXPORTS.values():
    _add(_export)


@routes.get(
    "/experiments/{id}/picture",
    summary="A picture of one line of the working",
    response_class=Response,
    responses={
        200: {
            "description": "The network at the line, 1200 × 630 pixels.",
            "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        },
        **PROGRESS,
    },
)
async def experiment_picture(
    request: Request,
    id: ExperimentId,  # noqa: A002 - the wire's name
    step: StepQuery = 0,
    sample: SampleQuery = "0",
    line: LineQuery = "z1",
) -> Response:
    """The preview of a shared link. It never changes, and has no text that a user typed."""
    arguments = (id, step, sample_number(sample), line)
    return await runner.answer(request, tasks.export_picture, *arguments, experiment=id)


@routes.post(
    "/trace/export/notebook",
    summary="The working of given numbers as a notebook",
    response_class=Response,
    responses={200: _described(EXPORTS["notebook"])},
)
async def export_givens_notebook(request: Request, body: TraceRequest) -> Response:
    """Every line in NumPy, checked with autograd.

    The body is that of POST /trace; Jacobians are left out.
    """
    return await runner.answer(request, tasks.export_givens, "notebook", body)


@routes.post(
    "/trace/export/{kind}",
    summary="The working of given numbers as a Python program",
    response_class=Response,
    responses={200: _described(EXPORTS["script"])},
)
async def export_givens(
    request: Request,
    kind: Annotated[Literal["script", "pytorch"], Path(examples=["script"])],
    body: TraceRequest,
) -> Response:
    """NumPy or PyTorch code for the given network, sample and target.

    The body is that of POST /trace; Jacobians are left out.
    """
    return await runner.answer(request, tasks.export_givens, kind, body)

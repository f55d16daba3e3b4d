"""…/export/{kind}: files to take away, one route for each entry of EXPORTS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query
from starlette.responses import Response

from app.api.documentation import answer
from app.api.encoding import Json
from app.api.new_router import NewRouter
from app.api.routers.experiments import ExperimentId
from app.api.routers.frames import sample_number
from app.api.schemas import TRACE_EXAMPLE, TraceRequest
from app.api.security import StrictJSONRoute
from app.api.tracing import trace_answer
from app.core.notation import Notation
from app.experiments.explorer import Explorer, Progress
from app.experiments.setup import Setup
from app.exports import EXPORTS, At, Export, Subject, Working
from app.settings import Settings

_PROGRESS = {"reached": 4096, "target": 100000}

StepQuery = Annotated[int, Query(description="Updates made so far", ge=0, examples=[120])]
SampleQuery = Annotated[
    str,
    Query(
        description="A training position, or batch for the one the next update uses", max_length=16
    ),
]
ConventionQuery = Annotated[str, Query(description="column, row or lecture", max_length=64)]


def _answer(export: Export, subject: Subject | Progress) -> Response:
    if isinstance(subject, Progress):
        return Json({"reached": subject.reached, "target": subject.target}, status_code=202)
    return Response(
        export.make(subject),
        media_type=export.media_type,
        headers={"Content-Disposition": f'attachment; filename="{subject.stem}{export.suffix}"'},
    )


def _described(export: Export) -> dict[str, Any]:
    """The file in the OpenAPI document."""
    if export.media_type == "application/json":
        return answer(export.description, {"source": "…", "lines": []}, "source", "lines")
    schema = {"type": "object"} if export.media_type.endswith("+json") else {"type": "string"}
    if export.media_type == "application/octet-stream":
        schema["format"] = "binary"
    example: Any = {"cells": []} if schema["type"] == "object" else export.title
    return {
        "description": export.description,
        "content": {export.media_type: {"schema": schema, "example": example}},
    }


def about(setup: Setup, step: int, sample: int | None) -> str:
    """An experiment at a step in one line, nothing of it typed by a person."""
    recipe = setup.recipe
    sizes = "-".join(
        str(n) for n in (setup.network.inputs, *(x.units for x in recipe.network.layers))
    )
    what = "the batch" if sample is None else f"training sample {sample}"
    return (
        f"Backprop Explorer, experiment {recipe.id}: {recipe.dataset.name}, a {sizes} network, "
        f"{recipe.cost.name}, {recipe.optimizer.name}; {what} at step {step}."
    )


def _run(explorer: Explorer, name: str, step: int) -> Subject | Progress:
    """What files about an experiment as a whole are made of."""
    setup = explorer.setup(name)
    found = explorer.snapshot(name, step)
    if isinstance(found, Progress):
        return found
    at = At(setup, found.step, found.parameters, found.curves)
    return Subject(about(setup, found.step, None), at=at)


def _working(
    explorer: Explorer, name: str, step: int, sample: int | None, convention: str
) -> Subject | Progress:
    """What files about one backpropagation are made of."""
    setup = explorer.setup(name)
    notation = Notation.of(
        convention, single=sample is not None, reduction=setup.objective.reduction
    )
    found = explorer.snapshot(name, step)
    if isinstance(found, Progress):
        return found
    at = At(setup, found.step, found.parameters, found.curves)
    traced = explorer.trace(name, found.step, sample)
    if isinstance(traced, Progress):
        return traced
    made, reached, rows = traced
    return Subject(
        about(setup, reached, sample),
        Working(
            made,
            notation,
            found.update,
            lambda: {"step": reached, "rows": rows, **trace_answer(made, notation, verify=True)},
            sample,
        ),
        at,
    )


def router(new_router: NewRouter, explorer: Explorer, settings: Settings) -> APIRouter:
    """One route for each kind of file, of an experiment or of givens."""
    routes = new_router(tags=["exports"], route_class=StrictJSONRoute)
    for export in EXPORTS.values():
        routes.get(
            f"/experiments/{{id}}/export/{export.name}",
            operation_id=f"export_{export.name}",
            summary=f"{export.title} of an experiment",
            description=export.description,
            response_class=Response,
            responses={
                200: _described(export),
                202: answer("Too far for one request; ask again", _PROGRESS, *_PROGRESS),
            },
        )(_of_experiment(explorer, export))

    @routes.post(
        "/trace/export/{kind}",
        operation_id="export_givens",
        summary="The working of given numbers as a Python program",
        response_class=Response,
        responses={200: _described(EXPORTS["script"])},
    )
    def of_givens(
        kind: Annotated[Literal["script", "pytorch"], Path(examples=["script"])],
        request: Annotated[
            TraceRequest, Body(openapi_examples={"two layers": {"value": TRACE_EXAMPLE}})
        ],
    ) -> Response:
        """NumPy or PyTorch code of the network, the sample and the target that are given.

        It takes what POST /trace takes; Jacobians are left out.
        """
        given = request.model_copy(update={"jacobians": False})
        made, notation = given.build(settings.limits)
        update = given.optimizer.update() if given.optimizer else None
        working = Working(made, notation, update, dict)
        source = "Backprop Explorer, a working of given numbers."
        return _answer(EXPORTS[kind], Subject(source, working))

    return routes


def _of_experiment(explorer: Explorer, export: Export) -> Callable[..., Response]:
    def of_run(
        id: ExperimentId,  # noqa: A002 - the wire's name
        step: StepQuery = 0,
    ) -> Response:
        return _answer(export, _run(explorer, id, step))

    def of_working(
        id: ExperimentId,  # noqa: A002 - the wire's name
        step: StepQuery = 0,
        sample: SampleQuery = "batch",
        convention: ConventionQuery = "column",
    ) -> Response:
        chosen = sample_number(sample)
        return _answer(export, _working(explorer, id, step, chosen, convention))

    return of_working if export.of_working else of_run

"""…/frames/{step}/slice and …/shares: the cost around a step, the gradient by sample."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request
from starlette.responses import Response

from backprop_explorer.api import runner
from backprop_explorer.api.openapi import PROGRESS, ok
from backprop_explorer.api.router import Arrays, api_router
from backprop_explorer.api.routes.experiments import ExperimentId
from backprop_explorer.api.routes.frames import Step
from backprop_explorer.compute.task_options import SliceOptions
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.late import LateModule
from backprop_explorer.texts import api as texts

tasks = LateModule("backprop_explorer.compute.tasks")


Entry = Annotated[
    str | None,
    Query(description="A parameter such as W1[0,2] or b2[1], for kind=weights", max_length=32),
]


routes = api_router("frames")


@routes.get(
    "/experiments/{id}/frames/{step}/slice",
    summary="The cost around a step",
    responses=ok(
        "Costs along lines or over a plane, and where the next update goes",
        "slices.SliceAnswer",
        PROGRESS,
    ),
)
async def read_slice(
    request: Request,
    id: ExperimentId,  # noqa: A002 - the wire's name
    step: Step,
    kind: Annotated[
        Literal["gradient", "plane", "weights"],
        Query(description="Along a line, over a plane, or over two parameters"),
    ] = "gradient",
    points: Annotated[
        int | None,
        Query(description="Of a line (3–401, usually 101), or on a side (usually 41)", ge=3),
    ] = None,
    span: Annotated[
        float | None,
        Query(
            description="The largest t of a line, or half the side of a square; by default the"
            " update, or the path, is included",
            gt=0,
            le=1e100,
            allow_inf_nan=False,
        ),
    ] = None,
    a: Entry = None,
    b: Entry = None,
    second: Annotated[
        Literal["random", "start"],
        Query(description="The second direction of kind=plane; start is the initial weights"),
    ] = "random",
    seed: Annotated[int, Query(description="Of the random direction", ge=0, lt=2**32)] = 0,
    arrays: Arrays = "lists",
) -> Response:
    """The cost along the negative gradient, or over a plane through the current parameters.

    The plane of ``plane`` is spanned by the negative gradient and a second direction, that of
    ``weights`` by two parameters. The path of training so far is projected into the plane. A
    cost that is not finite is null.
    """
    if kind == "weights":
        for name, value in (("a", a), ("b", b)):
            if value is None:
                raise InvalidInput(name, texts.PARAMETER)
    options = SliceOptions(kind, points, span, a or "", b or "", second, seed)
    return await runner.answer(request, tasks.cost_slice, id, step, options, arrays, experiment=id)


@routes.get(
    "/experiments/{id}/frames/{step}/shares",
    summary="What each sample of the batch brings to the gradient",
    responses=ok("A number per sample of the batch", "slices.SharesAnswer", PROGRESS),
)
async def read_shares(
    request: Request,
    id: ExperimentId,  # noqa: A002
    step: Step,
    layer: Annotated[int, Query(description="Counted from 1", ge=1)] = 1,
    entry: Annotated[
        str | None, Query(description="One number: W[0,2] or b[1]", max_length=32)
    ] = None,
    full: Annotated[bool, Query(description="All parts, number by number")] = False,
    reduction: Annotated[
        str | None, Query(description="Another scaling of the cost", max_length=64)
    ] = None,
    arrays: Arrays = "lists",
) -> Response:
    """Each sample's share of ∂C/∂W and ∂C/∂b. The shares add up to the batch's gradient."""
    arguments = (id, step, layer, entry, full, reduction, arrays)
    return await runner.answer(request, tasks.shares, *arguments, experiment=id)

"""/sweeps: keep a sweep, compute and read its map, read the experiment of a cell."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Path, Query, Request
from starlette.responses import Response

from backprop_explorer.api import runner
from backprop_explorer.api.openapi import Responses, answer, ok
from backprop_explorer.api.router import Arrays, api_router
from backprop_explorer.compute.fair_queue import CLIENT
from backprop_explorer.engine.late import LateModule
from backprop_explorer.experiments.recipe_fields import ID_PATTERN, Form
from backprop_explorer.experiments.sweeps import Sweep
from backprop_explorer.texts import api as texts

tasks = LateModule("backprop_explorer.compute.tasks")

# The sweep of the documentation's examples: after it is posted, they work.
SWEEP_EXAMPLE = {
    "axes": [
        {"field": "penalty.l2", "values": [0.0, 0.01]},
        {"field": "optimizer.learning_rate", "values": [0.01, 0.1, 1.0]},
    ],
    "step": 20,
    "measure": "cost.test",
}
_DEPTHS = {
    "axes": [
        {"field": "network.depth", "scale": "linear", "from": 1, "to": 4, "count": 4},
        {"field": "network.activation", "values": ["tanh", "sigmoid", "relu"]},
    ],
    "step": 10,
    "measure": "gradient_ratio",
    "repeats": 2,
}
_FIRST = Sweep.model_validate(SWEEP_EXAMPLE)
_PROGRESS: Responses = {
    202: answer(description="Not all yet: ask again to continue", model="experiments.SweepProgress")
}

SweepId = Annotated[
    str,
    Path(description="The sweep's id, as POST /sweeps gives it", examples=[_FIRST.id]),
    Form(ID_PATTERN, texts.SWEEP_ID),
]
Position = Annotated[int, Path(description="Counted from 0", ge=0, le=10**6, examples=[1])]


routes = api_router("sweeps")


@routes.post(
    "/sweeps",
    summary="Keep a sweep",
    status_code=201,
    responses=ok("The sweep, complete, and its id", "experiments.SweepAnswer", status=201),
)
async def keep_sweep(
    request: Request,
    sweep: Annotated[
        Sweep,
        Body(
            openapi_examples={
                "rate and penalty": {"summary": "η × λ", "value": SWEEP_EXAMPLE},
                "depth": {"summary": "depth × activation", "value": _DEPTHS},
            }
        ),
    ],
) -> Response:
    """Check a sweep and store it. The same sweep has the same id on every server."""
    return await runner.answer(request, tasks.create_sweep, sweep, experiment=sweep.id)


@routes.get(
    "/sweeps/{id}",
    summary="The map of a sweep",
    responses=ok("All cells", "experiments.SweepMapAnswer", _PROGRESS),
)
async def read_sweep(
    request: Request,
    id: SweepId,  # noqa: A002 - the wire's name
    arrays: Arrays = "lists",
) -> Response:
    """Train cells within one request's budget, from coarse to fine, and answer with all."""
    await runner.until_done(request, tasks.advance_sweep, id, CLIENT.get(), about=id)
    return runner.response(await runner.value(request, tasks.sweep_map, id, arrays, experiment=id))


@routes.get(
    "/sweeps/{id}/cells/{row}/{column}",
    summary="The experiment of a cell",
    responses=ok("Its recipe: post it to open the run", "experiments.SweepCellAnswer"),
)
async def read_sweep_cell(
    request: Request,
    id: SweepId,  # noqa: A002
    row: Position,
    column: Position,
    repeat: Annotated[int, Query(description="Which run of the repeats", ge=0, le=1000)] = 0,
) -> Response:
    """The recipe whose run the cell measures. A sweep of one axis has one column."""
    return await runner.answer(request, tasks.sweep_cell, id, row, column, repeat, experiment=id)

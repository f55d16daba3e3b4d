"""/experiments: store a recipe, read it, read its data."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Path, Query, Request
from starlette.responses import Response

from backprop_explorer.api import runner
from backprop_explorer.api.openapi import ok
from backprop_explorer.api.router import Arrays, api_router
from backprop_explorer.engine.late import LateModule
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.recipe_fields import ID_PATTERN, Form
from backprop_explorer.texts import api as texts

tasks = LateModule("backprop_explorer.compute.tasks")

# The experiment of the documentation's examples: after it is posted, they work.
FIRST_VISIT = Recipe()

ExperimentId = Annotated[
    str,
    Path(
        description="The experiment's id, as POST /experiments gives it", examples=[FIRST_VISIT.id]
    ),
    Form(ID_PATTERN, texts.EXPERIMENT_ID),
]

_SPIRALS = {
    "dataset": {"name": "spirals", "samples": 300, "noise": 0.02},
    "network": {
        "layers": [
            {"units": 8, "activation": "tanh"},
            {"units": 8, "activation": "tanh"},
            {"units": 1, "activation": "sigmoid"},
        ]
    },
    "cost": {"name": "binary_cross_entropy"},
    "optimizer": {"name": "adam", "learning_rate": 0.01},
    "batch": {"size": 32},
}
# OpenAPI links: the operations that take the new experiment's id.
_LINKS = {
    "links": {
        operation: {"operationId": operation, "parameters": {"id": "$response.body#/id"}}
        for operation in (
            "read_experiment",
            "read_data",
            "read_frame",
            "read_frame_trace",
            "read_history",
        )
    }
}
AtStep = Annotated[
    int | None,
    Query(
        description="With the edits of data up to this step; without: as it was before any",
        ge=0,
        le=10**9,
        examples=[120],
    ),
]


routes = api_router("experiments")


@routes.post(
    "/experiments",
    summary="Keep an experiment",
    status_code=201,
    responses=ok(
        "The experiment, complete, and its id",
        "experiments.ExperimentAnswer",
        status=201,
        more=_LINKS,
    ),
)
async def keep_experiment(
    request: Request,
    recipe: Annotated[
        Recipe,
        Body(
            openapi_examples={
                "first visit": {"summary": "moons, 2-4-4-1", "value": {}},
                "spirals": {"summary": "spirals with Adam", "value": _SPIRALS},
            }
        ),
    ],
) -> Response:
    """Check a recipe and store it. The same recipe has the same id on every server."""
    return await runner.answer(request, tasks.create, recipe, experiment=recipe.id)


@routes.get(
    "/experiments/{id}",
    summary="An experiment's recipe",
    responses=ok("The experiment, complete", "experiments.ExperimentAnswer"),
)
async def read_experiment(request: Request, id: ExperimentId) -> Response:  # noqa: A002 - the wire's name
    """The same answer as `POST /experiments` gave."""
    return await runner.answer(request, tasks.read, id, experiment=id)


@routes.get(
    "/experiments/{id}/data",
    summary="The data as the network sees it",
    responses=ok("Standardised features and targets, both parts", "experiments.DataAnswer"),
)
async def read_data(
    request: Request,
    id: ExperimentId,  # noqa: A002
    step: AtStep = None,
    arrays: Arrays = "lists",
) -> Response:
    """Training and test set with names, and the mean and scale used to standardise them."""
    return await runner.answer(request, tasks.data, id, step, arrays, experiment=id)

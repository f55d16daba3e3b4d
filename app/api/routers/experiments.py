"""/experiments: keep a recipe, get it back, get its data."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from starlette.responses import Response

from app.api.documentation import answer
from app.api.encoding import Arrays, Json, typed_all
from app.api.new_router import NewRouter
from app.api.security import StrictJSONRoute
from app.experiments.explorer import Explorer
from app.experiments.parts import ID_PATTERN, Form
from app.experiments.recipe import Recipe
from app.experiments.setup import Setup

# What the examples in the documentation are about: POST it, and they answer.
FIRST_VISIT = Recipe()

ExperimentId = Annotated[
    str,
    Path(
        description="The experiment's id, as POST /experiments gives it",
        examples=[FIRST_VISIT.id],
    ),
    Form(ID_PATTERN, "must be an id as POST /experiments gives it: 20 digits from 0 to 9, a to f"),
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
_KEPT = {
    "id": FIRST_VISIT.id,
    "experiment": FIRST_VISIT.model_dump(mode="json"),
    "parameters": 37,
    "steps_per_epoch": 7,
    "warnings": [],
}
_DATA = {
    "features": ["x₁", "x₂"],
    "classes": ["upper moon", "lower moon"],
    "train": {"x": [[0.1, -0.4]], "target": [0], "rows": [12]},
}
# Where the id of a new experiment leads, for whoever reads the OpenAPI document.
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


def _answer(setup: Setup) -> dict[str, Any]:
    return {
        "id": setup.recipe.id,
        "experiment": setup.recipe.model_dump(mode="json"),
        "parameters": setup.network.parameter_count,
        "steps_per_epoch": setup.steps_per_epoch,
        "warnings": setup.warnings(),
    }


def router(new_router: NewRouter, explorer: Explorer) -> APIRouter:
    """The routes of experiments."""
    routes = new_router(tags=["experiments"], route_class=StrictJSONRoute)

    @routes.post(
        "/experiments",
        operation_id="keep_experiment",
        summary="Keep an experiment",
        status_code=201,
        response_class=Json,
        responses={
            201: {**answer("The experiment, complete, and its id", _KEPT, *_KEPT), **_LINKS}
        },
    )
    def create(
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
        """Check a recipe and keep it. The same recipe has the same id on every server."""
        setup = explorer.create(recipe)
        location = {"Location": f"/api/v1/experiments/{recipe.id}"}
        return Json(_answer(setup), status_code=201, headers=location)

    @routes.get(
        "/experiments/{id}",
        operation_id="read_experiment",
        summary="An experiment's recipe",
        response_class=Json,
        responses={200: answer("The experiment, complete", _KEPT, *_KEPT)},
    )
    def read(id: ExperimentId) -> Response:  # noqa: A002 - the wire's name
        """The same answer as when it was kept."""
        return Json(_answer(explorer.setup(id)))

    @routes.get(
        "/experiments/{id}/data",
        operation_id="read_data",
        summary="The data as the network sees it",
        response_class=Json,
        responses={
            200: answer("Standardised features and targets, both parts", _DATA, "train", "test")
        },
    )
    def data(id: ExperimentId, step: AtStep = None, arrays: Arrays = "lists") -> Response:  # noqa: A002
        """Training and test part, with names, and what standardising took away."""
        setup = explorer.setup(id)
        split, table = setup.split, setup.table
        x, target = (
            (split.train_x, split.train_target) if step is None else setup.raw_train_at(step)
        )
        found = {
            "task": setup.dataset.task,
            "features": list(table.feature_names),
            "classes": list(table.class_names),
            "target_name": table.target_name,
            "image_shape": table.image_shape,
            "train": {
                "x": x,
                "target": target,
                "rows": split.train_rows,
            },
            "test": {"x": split.test_x, "target": split.test_target, "rows": split.test_rows},
            "feature_mean": split.feature_mean,
            "feature_scale": split.feature_scale,
            "target_mean": split.target_mean,
            "target_scale": split.target_scale,
        }
        return Json(typed_all(found) if arrays == "base64" else found)

    return routes

"""The common options of all routers of the API, and parameters that several routes share."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from backprop_explorer.api.bodies import BodyRoute
from backprop_explorer.api.errors import problem_responses
from backprop_explorer.compute.formulas import Formulas as FormulaNotation

API = "/api/v1"

Arrays = Annotated[Literal["lists", "base64"], Query(description="How arrays are written")]
Formulas = Annotated[
    FormulaNotation, Query(description="How formulas are written; none leaves them out")
]


def api_router(tag: str) -> APIRouter:
    """Return a router below API.

    The application takes over the routers' routes. FastAPI's ``include_router`` would match each
    request router by router and then again by route, which takes as long as answering with a small
    frame.
    """
    return APIRouter(
        prefix=API,
        tags=[tag],
        route_class=BodyRoute,
        # The id of an operation is the name of its function.
        generate_unique_id_function=lambda route: route.name,
        responses=problem_responses(400, 403, 404, 413, 415, 422, 500, 503),
    )

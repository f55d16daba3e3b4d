"""The common options of all routers of the API, and parameters that several routes share."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Query

from backprop_explorer.api.bodies import BodyRoute
from backprop_explorer.api.errors import problem_responses
from backprop_explorer.compute.formulas import Formulas as FormulaNotation

API = "/api/v1"

Arrays = Annotated[Literal["lists", "base64"], Query(description="How arrays are written")]
Formulas = Annotated[
    FormulaNotation, Query(description="How formulas are written; none leaves them out")
]


class RouterFactory(Protocol):
    """Makes a router whose routes have the given tags."""

    def __call__(self, *, tags: list[str]) -> APIRouter: ...


def router_factory(max_body_bytes: int) -> RouterFactory:
    """Return the factory of routers below API.

    The application takes over the routers' routes. FastAPI's ``include_router`` would match each
    request router by router and then again by route, which takes as long as answering with a small
    frame.
    """
    return partial(
        APIRouter,
        prefix=API,
        route_class=BodyRoute,
        # The id of an operation is the name of its function.
        generate_unique_id_function=lambda route: route.name,
        max_body_size=max_body_bytes,
        responses=problem_responses(400, 403, 404, 413, 415, 422, 500, 503),
    )

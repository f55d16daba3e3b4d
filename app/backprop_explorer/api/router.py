"""What all routers of the API have in common."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from fastapi import APIRouter

from backprop_explorer.api.bodies import BodyRoute
from backprop_explorer.api.errors import problem_responses

API = "/api/v1"


class NewRouter(Protocol):
    """Makes the router of a resource."""

    def __call__(self, *, tags: list[str]) -> APIRouter: ...


def routers_of(max_body_bytes: int) -> NewRouter:
    """For routers below API, whose routes are put into the application as they are.

    FastAPI's ``include_router`` looks at them one router after the other, and again when it has
    found the one: as many calls as it takes to answer with a small frame.
    """
    return partial(
        APIRouter,
        prefix=API,
        route_class=BodyRoute,
        max_body_size=max_body_bytes,
        responses=problem_responses(400, 403, 404, 413, 415, 422, 500, 503),
    )

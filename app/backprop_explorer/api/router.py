"""The common options of all routers of the API."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from fastapi import APIRouter

from backprop_explorer.api.bodies import BodyRoute
from backprop_explorer.api.errors import problem_responses

API = "/api/v1"


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
        max_body_size=max_body_bytes,
        responses=problem_responses(400, 403, 404, 413, 415, 422, 500, 503),
    )

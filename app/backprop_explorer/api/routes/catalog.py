"""GET /catalog: all data sets, activations, costs, optimizers, with formulas and limits."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from backprop_explorer.api.openapi import ok
from backprop_explorer.api.router import Formulas, RouterFactory
from backprop_explorer.api.task_runner import TaskRunner, response
from backprop_explorer.compute.encoding import Reply
from backprop_explorer.engine.late import LateModule
from backprop_explorer.settings import Settings

tasks = LateModule("backprop_explorer.compute.catalog")


def router(new_router: RouterFactory, runner: TaskRunner, settings: Settings) -> APIRouter:
    """The catalog's route."""
    routes = new_router(tags=["catalog"])
    # By notation of the formulas. It does not change while the server runs.
    known: dict[str, Reply] = {}

    @routes.get(
        "/catalog",
        summary="All that there is to choose from",
        responses=ok("The registries and the limits", "catalog.CatalogAnswer"),
    )
    async def read_catalog(request: Request, formulas: Formulas = "both") -> Response:
        """Data sets, activations, costs, optimizers, … each with its formula and parameters."""
        if formulas not in known:
            known[formulas] = await runner.value(request, tasks.catalog, settings, formulas)
        return response(known[formulas])

    return routes

"""GET /catalog: all data sets, activations, costs, optimizers, with formulas and limits."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from backprop_explorer.api import runner
from backprop_explorer.api.openapi import ok
from backprop_explorer.api.router import Formulas, api_router
from backprop_explorer.engine.late import LateModule

tasks = LateModule("backprop_explorer.compute.catalog")

routes = api_router("catalog")


@routes.get(
    "/catalog",
    summary="All that there is to choose from",
    responses=ok("The registries and the limits", "catalog.CatalogAnswer"),
)
async def read_catalog(request: Request, formulas: Formulas = "both") -> Response:
    """Data sets, activations, costs, optimizers, … each with its formula and parameters."""
    state = request.app.state
    if formulas not in state.catalogs:
        reply = await runner.value(request, tasks.catalog, state.settings, formulas)
        state.catalogs[formulas] = reply
    return runner.response(state.catalogs[formulas])

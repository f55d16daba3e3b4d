"""POST /trace: one backpropagation line by line, verified."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from backprop_explorer.api import runner
from backprop_explorer.api.openapi import ok
from backprop_explorer.api.router import Arrays, Formulas, api_router
from backprop_explorer.compute.trace_requests import TraceRequest
from backprop_explorer.engine.late import LateModule

tasks = LateModule("backprop_explorer.compute.tasks")


routes = api_router("trace")


@routes.post(
    "/trace",
    summary="Every line of one backpropagation",
    responses=ok(
        "The lines in order, the gradients, and what the oracles say", "traces.TraceAnswer"
    ),
)
async def make_trace(
    request: Request, body: TraceRequest, arrays: Arrays = "lists", formulas: Formulas = "both"
) -> Response:
    """Compute every line of a backpropagation of the given network, samples and targets."""
    return await runner.answer(request, tasks.trace, body, arrays, formulas)

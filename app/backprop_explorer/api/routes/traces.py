"""POST /trace: one backpropagation line by line, verified."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from backprop_explorer.api.openapi import ok
from backprop_explorer.api.router import Arrays, Formulas, RouterFactory
from backprop_explorer.api.task_runner import TaskRunner
from backprop_explorer.compute.trace_requests import TraceRequest
from backprop_explorer.engine.late import LateModule

tasks = LateModule("backprop_explorer.compute.tasks")

_ANSWER = {
    "convention": "column",
    "cost": 0.1529,
    "lines": [
        {
            "id": "z1",
            "phase": "forward",
            "op": "affine",
            "layer": 1,
            "inputs": ["x", "W1", "b1"],
            "shape": [2],
            "value": [0.76, 0.14],
        }
    ],
    "gradients": [{"dC_dW": [[0.0, 0.0], [0.0, 0.0]], "dC_db": [0.0, 0.0]}],
    "verification": {"autograd": {"max_relative_error": 1e-16, "passed": True}},
}


def router(new_router: RouterFactory, runner: TaskRunner) -> APIRouter:
    """The trace's route."""
    routes = new_router(tags=["trace"])

    @routes.post(
        "/trace",
        summary="Every line of one backpropagation",
        responses=ok(
            "The lines in order, the gradients, and what the oracles say",
            _ANSWER,
            "traces.TraceAnswer",
        ),
    )
    async def make_trace(
        request: Request, given: TraceRequest, arrays: Arrays = "lists", formulas: Formulas = "both"
    ) -> Response:
        """Compute every line of a backpropagation of the given network, samples and targets."""
        return await runner.answer(request, tasks.trace, given, arrays, formulas)

    return routes

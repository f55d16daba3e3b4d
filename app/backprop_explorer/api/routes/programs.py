"""/programs: ready programs and their workings."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from backprop_explorer.api.openapi import answer
from backprop_explorer.api.router import RouterFactory
from backprop_explorer.api.task_runner import TaskRunner
from backprop_explorer.compute import remote_tasks as tasks

_PROGRAMS = {
    "programs": [
        {
            "name": "batch_norm",
            "title": "batch norm",
            "topic": "layers",
            "tag": "fan-out",
            "description": "x is read three times: three paths come back and add up.",
            "text": "…",
            "shapes": "4×3",
            "wrt": ["x", "gamma", "beta"],
            "sizes": [],
        }
    ]
}


def router(new_router: RouterFactory, runner: TaskRunner) -> APIRouter:
    """The routes of programs."""
    routes = new_router(tags=["programs"])

    @routes.get(
        "/programs",
        operation_id="list_programs",
        summary="The ready programs",
        responses={
            200: answer("In the order of the gallery", _PROGRAMS, "programs.ProgramsAnswer")
        },
    )
    async def programs(request: Request) -> Response:
        """NumPy programs whose backward pass can be looked at line by line."""
        return await runner.answer(request, tasks.programs)

    return routes

"""The routes of the API, one file per resource."""

from __future__ import annotations

from fastapi import APIRouter

from backprop_explorer.api.router import NewRouter
from backprop_explorer.api.routes import (
    catalog,
    checks,
    datasets,
    experiments,
    exports,
    frames,
    lessons,
    slices,
    traces,
)
from backprop_explorer.api.task_runner import TaskRunner
from backprop_explorer.settings import Settings

# In the order in which the documentation has them.
TAGS = ("catalog", "trace", "check", "datasets", "experiments", "frames", "exports", "lessons")


def all_routers(new_router: NewRouter, runner: TaskRunner, settings: Settings) -> list[APIRouter]:
    """Every router, with what computes its answers."""
    return [
        # Routes are looked through in this order: those first that are asked many times a second.
        frames.router(new_router, runner),
        traces.router(new_router, runner),
        catalog.router(new_router, settings),
        checks.router(new_router, runner),
        datasets.router(new_router, runner),
        experiments.router(new_router, runner),
        slices.router(new_router, runner),
        exports.router(new_router, runner),
        lessons.router(new_router, runner),
    ]

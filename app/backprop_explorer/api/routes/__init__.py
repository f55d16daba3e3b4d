"""The routes of the API, one file per resource."""

from __future__ import annotations

from fastapi import APIRouter

from backprop_explorer.api.computing import Computing
from backprop_explorer.api.router import NewRouter
from backprop_explorer.api.routes import (
    catalog,
    checks,
    datasets,
    experiments,
    exports,
    frames,
    lessons,
    traces,
)
from backprop_explorer.api.routes import slices as closer
from backprop_explorer.settings import Settings

# In the order in which the documentation has them.
TAGS = ("catalog", "trace", "check", "datasets", "experiments", "frames", "exports", "lessons")


def all_routers(new_router: NewRouter, computing: Computing, settings: Settings) -> list[APIRouter]:
    """Every router, with what computes its answers."""
    return [
        # Routes are looked through in this order: those first that are asked many times a second.
        frames.router(new_router, computing),
        traces.router(new_router, computing),
        catalog.router(new_router, settings),
        checks.router(new_router, computing),
        datasets.router(new_router, computing),
        experiments.router(new_router, computing),
        closer.router(new_router, computing),
        exports.router(new_router, computing),
        lessons.router(new_router, computing),
    ]

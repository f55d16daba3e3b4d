"""The routes of the API, one file per resource."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.new_router import NewRouter
from app.api.routers import (
    catalog,
    checks,
    closer,
    datasets,
    experiments,
    exports,
    frames,
    lessons,
    traces,
)
from app.experiments.explorer import Explorer
from app.settings import Settings

# In the order in which the documentation has them.
TAGS = ("catalog", "trace", "check", "datasets", "experiments", "frames", "exports", "lessons")


def all_routers(new_router: NewRouter, explorer: Explorer, settings: Settings) -> list[APIRouter]:
    """Every router, bound to the explorer that it asks."""
    return [
        # Routes are looked through in this order: those first that are asked many times a second.
        frames.router(new_router, explorer),
        traces.router(new_router, settings),
        catalog.router(new_router, settings),
        checks.router(new_router, settings),
        datasets.router(new_router, explorer, settings),
        experiments.router(new_router, explorer),
        closer.router(new_router, explorer),
        exports.router(new_router, explorer, settings),
        lessons.router(new_router, settings),
    ]

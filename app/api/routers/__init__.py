"""The routes of the API, one file per resource."""

from __future__ import annotations

from fastapi import APIRouter

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


def all_routers(explorer: Explorer, settings: Settings) -> list[APIRouter]:
    """Every router, bound to the explorer that it asks."""
    return [
        # Routes are looked through in this order: those first that are asked many times a second.
        frames.router(explorer),
        traces.router(settings),
        catalog.router(settings),
        checks.router(settings),
        datasets.router(explorer, settings),
        experiments.router(explorer),
        closer.router(explorer),
        exports.router(explorer, settings),
        lessons.router(),
    ]

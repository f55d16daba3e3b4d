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
    """Every router, bound to the explorer that it asks.

    They are tried in this order for each request: what is asked for most comes first.
    """
    return [
        frames.router(explorer),
        traces.router(settings),
        closer.router(explorer),
        checks.router(settings),
        experiments.router(explorer),
        catalog.router(settings),
        datasets.router(explorer, settings),
        exports.router(explorer, settings),
        lessons.router(),
    ]

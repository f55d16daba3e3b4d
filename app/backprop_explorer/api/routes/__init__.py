"""The routes of the API, one file per resource."""

from __future__ import annotations

from fastapi import APIRouter

from backprop_explorer.api.router import RouterFactory
from backprop_explorer.api.routes import (
    catalog,
    checks,
    datasets,
    experiments,
    exports,
    frames,
    lessons,
    programs,
    room_hall,
    room_questions,
    rooms,
    slices,
    sweeps,
    traces,
)
from backprop_explorer.api.task_runner import TaskRunner
from backprop_explorer.classroom.asking import Asking
from backprop_explorer.classroom.rooms import Rooms
from backprop_explorer.settings import Settings

# In the order of the documentation.
TAGS = (
    "catalog",
    "trace",
    "check",
    "datasets",
    "experiments",
    "frames",
    "sweeps",
    "exports",
    "programs",
    "lessons",
    "rooms",
)


def all_routers(
    new_router: RouterFactory, runner: TaskRunner, settings: Settings, live: Rooms, asking: Asking
) -> list[APIRouter]:
    """The routers of all resources."""
    return [
        # Routes are matched in this order, so the most frequently requested ones come first.
        frames.router(new_router, runner),
        traces.router(new_router, runner),
        catalog.router(new_router, runner, settings),
        checks.router(new_router, runner),
        datasets.router(new_router, runner),
        experiments.router(new_router, runner),
        slices.router(new_router, runner),
        sweeps.router(new_router, runner),
        exports.router(new_router, runner),
        programs.router(new_router, runner),
        lessons.router(new_router, runner),
        rooms.router(new_router, live),
        room_hall.router(new_router, live, asking),
        room_questions.router(new_router, live, asking),
    ]

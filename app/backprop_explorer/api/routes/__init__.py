"""The routes of the API, one file per resource."""

from __future__ import annotations

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
# Routes are matched in this order, so the most frequently requested ones come first.
ROUTERS = (
    *(frames.routes, traces.routes, catalog.routes, checks.routes, datasets.routes),
    *(experiments.routes, slices.routes, sweeps.routes, exports.routes, programs.routes),
    *(lessons.routes, rooms.routes, room_hall.routes, room_questions.routes),
)

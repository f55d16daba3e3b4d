"""The tasks of sweeps; see tasks.py."""

from __future__ import annotations

from backprop_explorer.compute.encoding import Reply, dumps, json_reply, picked
from backprop_explorer.compute.worker_process import OTHERS_WAIT, STATE
from backprop_explorer.experiments.sweeps import Sweep

# A map keeps all workers busy. With short slices, while others wait, each has its turn soon; alone,
# a map would take a tenth longer with them.
SLICE_SECONDS, SHORT_SLICE_SECONDS = 0.05, 0.01


def create_sweep(sweep: Sweep) -> Reply:
    """Check a sweep and store it."""
    name = STATE.get().explorer.sweeps.create(sweep)
    return Reply(dumps(sweep.summary()), 201, headers=(("Location", f"/api/v1/sweeps/{name}"),))


def advance_sweep(name: str, client: str, share: int, shares: int) -> bool:
    """Compute cells for one slice of time; True when all are there."""
    sweeps = STATE.get().explorer.sweeps
    seconds = SHORT_SLICE_SECONDS if OTHERS_WAIT.get() else SLICE_SECONDS
    return sweeps.advance(name, share, shares, client=client, seconds=seconds)


def sweep_map(name: str, arrays: str) -> Reply:
    """The cells that are there: status 200 if they are all, else 202."""
    found = STATE.get().explorer.sweeps.map(name)
    done = found.reached == found.target
    content = {
        **(found.sweep.summary() if done else {}),
        **picked(found, "reached", "target", "values", "spread", "diverged"),
    }
    return json_reply(content, arrays, 200 if done else 202)


def sweep_cell(name: str, row: int, column: int, repeat: int) -> Reply:
    """The experiment of a cell."""
    recipe = STATE.get().explorer.sweeps.recipe(name, row, column, repeat)
    return json_reply({"id": recipe.id, "experiment": recipe.model_dump(mode="json")})

"""Compute the maps of runs that lessons show; the numbers are those of the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.experiments.sweeps import Sweep
from backprop_explorer.experiments.sweeps.groups import Groups
from backprop_explorer.experiments.sweeps.tile_run import TileRun
from backprop_explorer.limits import Limits
from backprop_explorer.tape import native

Array = NDArray[np.float64]

# A lesson is rebuilt for every answer. A map of some hundred short runs takes 0.1 s.
KEPT_MAPS = 64


def map_of(sweep: Mapping[str, Any]) -> tuple[Array, Array]:
    """Return (values, diverged) of ``sweep``, JSON as for ``POST /sweeps``; each (rows, columns).

    ``diverged`` is the step at which a run diverged, NaN if it did not; read-only. Raises
    InvalidInput or ValueError for an invalid sweep.
    """
    return _map_of(Sweep.model_validate(sweep).canonical())


@lru_cache(maxsize=KEPT_MAPS)
def _map_of(canonical: bytes) -> tuple[Array, Array]:
    native.load()
    sweep = Sweep.model_validate_json(canonical)
    run = TileRun(Groups(sweep, Limits(), lambda _: None), tuple(range(sweep.cells)))
    found = run.advance(math.inf)
    if found is None:
        raise RuntimeError("a tile without a deadline is complete")
    found.flags.writeable = False
    return found[0].reshape(sweep.shape), found[2].reshape(sweep.shape)

"""The function that computes a tile on another machine, and the check that its bits are the same.

This package, in the same version, is installed where it runs.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import math
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from backprop_explorer.datasets import Rows
from backprop_explorer.experiments.sweeps.groups import Groups
from backprop_explorer.experiments.sweeps.sweep import Sweep
from backprop_explorer.experiments.sweeps.tiles import TileRun
from backprop_explorer.limits import Limits
from backprop_explorer.tape import native

Array = NDArray[np.float64]

# A map whose bits depend on the functions that processors and NumPy builds compute differently:
# powers, exponentials, roots and products of matrices.
_PROBE = {
    "recipe": {"optimizer": {"name": "adam"}, "batch": {"size": 10}},
    "axes": [
        {"field": "network.activation", "values": ["tanh", "sigmoid", "elu", "softplus"]},
        {"field": "network.units", "values": [3, 17, 64]},
    ],
    "step": 20,
    "measure": "cost.train",
}


class OtherNumbersError(Exception):
    """The process would compute other bits than the server that asks."""


def compute_tile(
    sweep: bytes, cells: tuple[int, ...], limits: str, tables: Mapping[str, Rows], expected: str
) -> Array:
    """Return the result of a tile, as ``TileRun.advance``.

    ``sweep`` and ``limits`` are JSON, ``tables`` the uploaded rows by id. Raises OtherNumbersError
    unless ``fingerprint()`` is ``expected``.
    """
    here = fingerprint()
    if here != expected:
        raise OtherNumbersError(
            f"this process has version and bits {here}, the server {expected}: install the same "
            "versions, and use machines of one kind of processor"
        )
    return _computed(Sweep.model_validate_json(sweep), cells, limits, tables)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Return the version of this package and a hash of the numbers that it computes here."""
    probe = Sweep.model_validate(_PROBE)
    numbers = _computed(probe, tuple(range(probe.cells)), Limits().model_dump_json(), {})
    version = "unknown"
    with suppress(importlib.metadata.PackageNotFoundError):  # not installed, in a checkout
        version = importlib.metadata.version("backprop-explorer")
    return f"{version} {hashlib.sha256(numbers.tobytes()).hexdigest()[:12]}"


def _computed(
    sweep: Sweep, cells: tuple[int, ...], limits: str, tables: Mapping[str, Rows]
) -> Array:
    _one_thread()
    native.load()
    groups = Groups(sweep, Limits.model_validate_json(limits), tables.get)
    result = TileRun(groups, cells).advance(math.inf)
    if result is None:
        raise RuntimeError("a tile without a deadline is complete")
    return result


@lru_cache(maxsize=1)
def _one_thread() -> threadpool_limits:
    """Let a product of matrices take one thread of this process, which rounds the same always."""
    return threadpool_limits(1)

"""Keep sweeps and compute their maps tile by tile, here or on a cluster, without HTTP.

A tile is a function of the sweep and the tile's number. Complete tiles are in the store, so that
all processes and servers that share it go on from there, also after a crash.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from backprop_explorer.engine.errors import InvalidInput, NotFound
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.store import Store
from backprop_explorer.experiments.sweeps.checks import check
from backprop_explorer.experiments.sweeps.cluster import ClusterError, DaskCluster
from backprop_explorer.experiments.sweeps.groups import Groups, by_column
from backprop_explorer.experiments.sweeps.sweep import Sweep
from backprop_explorer.experiments.sweeps.tile_run import ROWS, TileRun
from backprop_explorer.experiments.sweeps.tiles import tiles_of
from backprop_explorer.limits import Limits
from backprop_explorer.texts import experiments_sweeps as texts

Array = NDArray[np.float64]

SWEEP = "sweep"
TILE = "tile"
# The field of a recipe that names an uploaded table.
TABLE = "dataset.id"
# Sweeps whose results a process holds in memory, and those of them with trainers.
MOST_SWEEPS = 8
MOST_TRAINING = 2
_STORED = np.dtype("<f8")


@dataclass(frozen=True, slots=True, eq=False)
class SweepMap:
    """The cells that are there: arrays (rows, columns), NaN where there is no value.

    ``spread`` is the sample standard deviation over the repeats, None without repeats.
    ``diverged`` is the step of the first divergence. ``reached`` of ``target`` cells are done.
    """

    sweep: Sweep
    values: Array
    spread: Array | None
    diverged: Array
    reached: int
    target: int


class _KeptSweep:
    """A sweep in memory: its tiles, which of them are there, and unfinished ones."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.tiles = tiles_of(sweep, by_column(sweep))
        self.done = [False] * len(self.tiles)
        self.found = np.full((ROWS, sweep.cells), np.nan)
        self.runs: dict[int, TileRun] = {}
        self.groups: Groups | None = None

    def put(self, tile: int, result: Array) -> None:
        """Note the result (ROWS, cells) of a tile."""
        self.found[:, self.tiles[tile]] = result
        self.done[tile] = True
        self.runs.pop(tile, None)

    def order(self, share: int, shares: int) -> list[int]:
        """Return the tiles to compute in this process, its own share first.

        When that is done it helps with the others' from their end.
        """
        left = [k for k, done in enumerate(self.done) if not done]
        own = [k for k in left if k % shares == share]
        return own + [k for k in reversed(left) if k % shares != share]


class Sweeps:
    """Sweeps by id, computed on ``cluster`` while that is usable. Not thread-safe."""

    def __init__(self, store: Store, limits: Limits, cluster: DaskCluster | None = None) -> None:
        self._store = store
        self._limits = limits
        self._cluster = cluster
        self._entries: OrderedDict[str, _KeptSweep] = OrderedDict()

    def create(self, sweep: Sweep) -> str:
        """Check and store ``sweep``; return its id. Raises InvalidInput naming the field."""
        check(sweep, self._limits, self._groups(sweep))
        self._store.write(SWEEP, sweep.id, sweep.canonical())
        return sweep.id

    def sweep(self, name: str) -> Sweep:
        """Return the sweep ``name``. Raises NotFound."""
        return self._entry(name).sweep

    def recipe(self, name: str, row: int, column: int, repeat: int) -> Recipe:
        """Return the recipe of a cell. Raises NotFound or InvalidInput."""
        sweep = self._entry(name).sweep
        for field, given, count in zip(
            ("row", "column", "repeat"),
            (row, column, repeat),
            (*sweep.shape, sweep.repeats),
            strict=True,
        ):
            if given >= count:
                raise InvalidInput(field, texts.cells_counted(count))
        return sweep.recipe_of((row, column)[: len(sweep.axes)], repeat)

    def advance(self, name: str, share: int = 0, shares: int = 1) -> bool:
        """Compute for one slice of time; True when all cells are there.

        ``shares`` processes may call it at the same time, each with its own ``share``. Raises
        NotFound.
        """
        entry = self._entry(name)
        deadline = time.perf_counter() + self._limits.frame_budget_seconds
        order = entry.order(share, shares)
        if self._cluster is None or not self._cluster.usable:
            self._compute_here(entry, order, deadline)
        else:
            with suppress(ClusterError):  # the next slices are computed here
                self._compute_on(self._cluster, entry, order, deadline)
        return all(entry.done)

    def _compute_here(self, entry: _KeptSweep, order: list[int], deadline: float) -> None:
        for tile in order:
            if self._load(entry, tile):
                continue
            run = entry.runs.get(tile)
            if run is None:
                if entry.groups is None:
                    entry.groups = self._groups(entry.sweep)
                run = entry.runs[tile] = TileRun(entry.groups, entry.tiles[tile])
            result = run.advance(deadline)
            if result is not None:
                self._keep(entry, tile, result)
            if time.perf_counter() >= deadline:
                break

    def _compute_on(
        self, cluster: DaskCluster, entry: _KeptSweep, order: list[int], deadline: float
    ) -> None:
        # The store is asked for as many tiles as are given out, of thousands.
        tiles = ((tile, entry.tiles[tile]) for tile in order if not self._load(entry, tile))
        tables = {name: self._store.get_rows(name) for name in _tables(entry.sweep)}
        known = {name: rows for name, rows in tables.items() if rows is not None}
        found = cluster.compute(entry.sweep, tiles, self._limits, known, deadline)
        for tile, result in found.items():
            self._keep(entry, tile, result)

    def _keep(self, entry: _KeptSweep, tile: int, result: Array) -> None:
        entry.put(tile, result)
        self._store.write(TILE, f"{entry.sweep.id}-{tile}", result.astype(_STORED).tobytes())

    def close(self) -> None:
        """Disconnect from the cluster."""
        if self._cluster is not None:
            self._cluster.close()

    def map(self, name: str) -> SweepMap:
        """Return the cells that are there. Raises NotFound."""
        entry = self._entry(name)
        for tile, done in enumerate(entry.done):
            if not done:
                self._load(entry, tile)
        sweep = entry.sweep
        values, spread, diverged = entry.found.reshape(ROWS, *sweep.shape)
        reached = sum(len(t) for t, done in zip(entry.tiles, entry.done, strict=True) if done)
        return SweepMap(
            sweep, values, spread if sweep.repeats > 1 else None, diverged, reached, sweep.cells
        )

    def _load(self, entry: _KeptSweep, tile: int) -> bool:
        """Take a tile from the store, if it is there."""
        content = self._store.read(TILE, f"{entry.sweep.id}-{tile}")
        if content is None or len(content) != ROWS * len(entry.tiles[tile]) * _STORED.itemsize:
            return False
        entry.put(tile, np.frombuffer(content, _STORED).reshape(ROWS, -1))
        return True

    def _groups(self, sweep: Sweep) -> Groups:
        return Groups(sweep, self._limits, self._store.get_rows)

    def _entry(self, name: str) -> _KeptSweep:
        entry = self._entries.get(name)
        if entry is None:
            content = self._store.read(SWEEP, name)
            try:
                sweep = None if content is None else Sweep.model_validate_json(content)
            except ValidationError:
                sweep = None  # of an unreadable old version
            if sweep is None:
                raise NotFound(texts.UNKNOWN_SWEEP)
            entry = self._entries[name] = _KeptSweep(sweep)
        self._entries.move_to_end(name)
        while len(self._entries) > MOST_SWEEPS:
            self._entries.popitem(last=False)
        # Networks in training take memory; the results are small.
        for old in list(self._entries.values())[:-MOST_TRAINING]:
            old.groups = None
            old.runs.clear()
        return entry


def _tables(sweep: Sweep) -> set[str]:
    """Return the ids of the uploaded tables that cells of ``sweep`` learn."""
    found = {axis_value for axis in sweep.axes if axis.field == TABLE for axis_value in axis.values}
    found.add(getattr(sweep.recipe.dataset, "id", None) or "")
    return {each for each in found if isinstance(each, str) and each}

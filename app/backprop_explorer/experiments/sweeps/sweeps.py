"""Keep sweeps and compute their maps tile by tile, here or on a cluster, without HTTP.

A tile is a function of the sweep and the tile's number. Complete tiles are in the store, so that
all processes and servers that share it go on from there, also after a crash.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from backprop_explorer.engine.errors import InvalidInput, NotFound
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.store import Store
from backprop_explorer.experiments.sweeps.cluster import ClusterError, DaskCluster
from backprop_explorer.experiments.sweeps.groups import Groups, by_column
from backprop_explorer.experiments.sweeps.sweep import Sweep
from backprop_explorer.experiments.sweeps.tiles import ROWS, TileRun, tiles_of
from backprop_explorer.limits import Limits
from backprop_explorer.texts import experiments_sweeps as texts

Array = NDArray[np.float64]

SWEEP = "sweep"
TILE = "tile"
# The field of a recipe that names an uploaded table.
TABLE = "dataset.id"
# The sweeps that a process holds, with their unfinished tiles.
MOST_SWEEPS = 256
MOST_BYTES = 128 * 1024**2
# Most sweeps have a tenth of this.
LARGE_BYTES = 16 * 1024**2
# A sweep that nobody asks for in this time may be given up.
IDLE_SECONDS = 60.0
# Each cell's places in the tiles' tuples.
_CELL_BYTES = 40
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
        self.done = np.zeros(len(self.tiles), np.bool_)
        self.found = np.full((ROWS, sweep.cells), np.nan)
        self.runs: dict[int, TileRun] = {}
        self.groups: Groups | None = None
        # Who asked for it last and when, and its approximate memory then.
        self.client, self.asked, self.nbytes = "", 0.0, 0

    @property
    def complete(self) -> bool:
        """Whether all tiles are there."""
        return bool(self.done.all())

    def ask(self, client: str | None) -> None:
        """Note that ``client`` asks for it now; None for the one before."""
        self.client = self.client if client is None else client
        self.asked = time.monotonic()
        training = sum(run.nbytes for run in self.runs.values())
        trainers = 0 if self.groups is None else self.groups.nbytes
        self.nbytes = self.found.nbytes + _CELL_BYTES * self.sweep.cells + training + trainers

    def put(self, tile: int, result: Array) -> None:
        """Note the result (ROWS, cells) of a tile."""
        self.found[:, self.tiles[tile]] = result
        self.done[tile] = True
        self.runs.pop(tile, None)
        if self.complete:
            self.groups = None

    def order(self, worker: int, workers: int) -> Iterator[int]:
        """Yield the tiles to compute in this process, its own part first.

        When that is done it helps with the others' from their end.
        """
        left = np.flatnonzero(~self.done)
        of_this_worker = left % workers == worker
        return map(int, np.concatenate((left[of_this_worker], left[~of_this_worker][::-1])))


class Sweeps:
    """Sweeps by id, computed on ``cluster`` while that is usable. Not thread-safe."""

    def __init__(self, store: Store, limits: Limits, cluster: DaskCluster | None = None) -> None:
        self._store = store
        self._limits = limits
        self._cluster = cluster
        self._entries: dict[str, _KeptSweep] = {}

    def create(self, sweep: Sweep) -> str:
        """Check and store ``sweep``; return its id. Raises InvalidInput naming the field."""
        self._groups(sweep).check()
        self._store.write(SWEEP, sweep.id, sweep.canonical())
        return sweep.id

    def sweep(self, name: str) -> Sweep:
        """Return the sweep ``name``. Raises NotFound."""
        return self._entry(name).sweep

    def recipe(self, name: str, row: int, column: int, repeat: int) -> Recipe:
        """Return the recipe of a cell. Raises NotFound or InvalidInput."""
        sweep = self._entry(name).sweep
        for field, index, count in zip(
            ("row", "column", "repeat"),
            (row, column, repeat),
            (*sweep.shape, sweep.repeats),
            strict=True,
        ):
            if index >= count:
                raise InvalidInput(field, texts.cells_counted(count))
        return sweep.recipe_of((row, column)[: len(sweep.axes)], repeat)

    def advance(
        self,
        name: str,
        worker: int = 0,
        workers: int = 1,
        *,
        client: str = "",
        seconds: float | None = None,
    ) -> bool:
        """Compute for ``seconds``, or one request's budget; True when all cells are there.

        ``workers`` processes may call it at the same time, each with its own number ``worker``.
        The next call continues the unfinished tile, whatever was asked for meanwhile. If there is
        no room for the sweep, the call is spent on the oldest one, so that there will be. Raises
        NotFound.
        """
        asked = entry = self._entry(name, client)
        if name not in self._entries:
            entry = next((each for each in self._entries.values() if not each.complete), asked)
        budget = self._limits.frame_budget_seconds if seconds is None else seconds
        deadline = time.perf_counter() + budget
        order = entry.order(worker, workers)
        if self._cluster is None or not self._cluster.usable:
            self._compute_here(entry, order, deadline)
        else:
            with suppress(ClusterError):  # the next slices are computed here
                self._compute_on(self._cluster, entry, order, deadline)
        return asked.complete

    def _compute_here(self, entry: _KeptSweep, order: Iterator[int], deadline: float) -> None:
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
        self, cluster: DaskCluster, entry: _KeptSweep, order: Iterator[int], deadline: float
    ) -> None:
        # The store is asked for as many tiles as are given out, of thousands.
        tiles = ((tile, entry.tiles[tile]) for tile in order if not self._load(entry, tile))
        tables = {name: self._store.get_rows(name) for name in _tables(entry.sweep)}
        known = {name: rows for name, rows in tables.items() if rows is not None}
        results = cluster.compute(entry.sweep, tiles, self._limits, known, deadline)
        for tile, result in results.items():
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
        for tile in entry.order(0, 1):
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

    def _entry(self, name: str, client: str | None = None) -> _KeptSweep:
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
        entry.ask(client)
        self._make_room(entry.asked)
        return entry

    def _make_room(self, now: float) -> None:
        """Drop sweeps beyond the bounds, also the one asked for now: it will be asked for again.

        First those that nobody waits for, then large ones, then those of the client with most, the
        newest first. By last use, each of more than fit would be dropped before its next turn, and
        none would finish a tile.
        """
        kept = self._entries
        left = MOST_BYTES - sum(entry.nbytes for entry in kept.values())
        while len(kept) > 1 and (left < 0 or len(kept) > MOST_SWEEPS):
            held = Counter(entry.client for entry in kept.values())

            def rank(name: str, held: Counter[str] = held) -> tuple[bool, bool, int]:
                entry = kept[name]
                unused = entry.complete or now - entry.asked > IDLE_SECONDS
                return unused, entry.nbytes > LARGE_BYTES, held[entry.client]

            left += kept.pop(max(reversed(kept), key=rank)).nbytes


def _tables(sweep: Sweep) -> set[str]:
    """Return the ids of the uploaded tables that cells of ``sweep`` learn."""
    ids = {axis_value for axis in sweep.axes if axis.field == TABLE for axis_value in axis.values}
    ids.add(getattr(sweep.recipe.dataset, "id", None) or "")
    return {each for each in ids if isinstance(each, str) and each}

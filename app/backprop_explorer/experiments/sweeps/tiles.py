"""The tiles of a sweep: its cells from coarse to fine, and the computation of one tile."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.experiments.sweeps.groups import Groups
from backprop_explorer.experiments.sweeps.run_groups import RunGroup
from backprop_explorer.experiments.sweeps.sweep import Sweep

# The first pass has about this many cells on the longer side.
FIRST_SIDE = 8
# The computing time of one tile, about; a tile is kept when it is complete.
TILE_SECONDS = 0.25
MOST_CELLS = 512
# A rough time of one update, in seconds: for itself, per weight and sample, per unit and sample.
_UPDATE, _PRODUCT, _UNIT = 1.5e-6, 1e-10, 2e-9


def passes(rows: int, columns: int, by_column: bool = False) -> Iterator[list[int]]:
    """Yield the cells (row by row, from 0) of each pass: every 2ᵏ-th of both axes, then halves.

    Within a pass they are in the order of the rows, or of the columns.
    """
    stride = 1
    while max(rows, columns) > FIRST_SIDE * stride:
        stride *= 2
    before = 0
    while stride:
        cells = [
            (r, c)
            for r in range(0, rows, stride)
            for c in range(0, columns, stride)
            if not before or r % before or c % before
        ]
        if by_column:
            cells.sort(key=lambda cell: (cell[1], cell[0]))
        yield [r * columns + c for r, c in cells]
        before, stride = stride, stride // 2


def tiles_of(sweep: Sweep, by_column: bool = False) -> list[tuple[int, ...]]:
    """Return the cells of each tile, coarse passes first."""
    size = _tile_cells(sweep)
    return [
        tuple(cells[at : at + size])
        for cells in passes(*sweep.shape, by_column)
        for at in range(0, len(cells), size)
    ]


def _tile_cells(sweep: Sweep) -> int:
    """Return how many cells a tile has. It depends on the sweep only, as its tiles must."""
    part, batch = sweep.recipe.network, sweep.recipe.batch.size or 200
    units = [layer.units for layer in part.layers]
    weights = sum(a * b for a, b in zip([2, *units], units, strict=False))
    update = _UPDATE + batch * (_PRODUCT * weights + _UNIT * sum(units))
    seconds = max(sweep.step, 1) * sweep.repeats * update
    return max(1, min(MOST_CELLS, int(TILE_SECONDS / seconds)))


Array = NDArray[np.float64]

# Rows of a tile's result: the value, its spread over the repeats, the step of divergence.
ROWS = 3


class TileRun:
    """The computation of one tile. It keeps unfinished training between the slices."""

    def __init__(self, groups: Groups, cells: tuple[int, ...]) -> None:
        repeats = groups.sweep.repeats
        self._by_run = np.full((2, repeats, len(cells)), np.nan)
        self._groups: Iterator[RunGroup] = groups.run_groups(cells)
        self._group: RunGroup | None = next(self._groups, None)
        self._diverged_at = groups.sweep.measured.number is None

    @property
    def nbytes(self) -> int:
        """Approximate memory of the runs that are trained now, without their trainer."""
        return 0 if self._group is None else self._group.lockstep.nbytes

    def advance(self, deadline: float) -> Array | None:
        """Go on until ``deadline`` (``time.perf_counter``); return the result when it is there.

        The result is (ROWS, cells), NaN where there is none. At least one call of the runner is
        made, so repeated calls always finish.
        """
        while self._group is not None:
            if not self._group.advance(deadline):
                return None
            for (k, repeat), value, diverged in zip(
                self._group.places, self._group.values, self._group.diverged, strict=True
            ):
                self._by_run[:, repeat, k] = value, diverged
            self._group = next(self._groups, None)
        return self._result()

    def _result(self) -> Array:
        """Mean, sample standard deviation and first divergence over the repeats.

        A cell one of whose runs has no value has none. For diverged_at, and in the last row, runs
        that did not diverge do not count.
        """
        values, diverged = self._by_run
        result = np.full((ROWS, values.shape[1]), np.nan)
        with np.errstate(invalid="ignore"):
            result[2] = np.fmin.reduce(diverged, axis=0)
            if self._diverged_at:
                there = np.isfinite(values)
                count = there.sum(axis=0)
                total = np.where(there, values, 0.0).sum(axis=0)
                result[0] = np.divide(total, count, out=result[0], where=count > 0)
                values = np.where(there, values, result[0])
            else:
                result[0] = values.mean(axis=0)
            if len(values) > 1:
                result[1] = values.std(axis=0, ddof=1)
        return result

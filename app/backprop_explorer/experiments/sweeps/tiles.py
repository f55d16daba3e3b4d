"""The order of a sweep's cells, from coarse to fine, and its division into tiles."""

from __future__ import annotations

from collections.abc import Iterator

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
        found = [
            (r, c)
            for r in range(0, rows, stride)
            for c in range(0, columns, stride)
            if not before or r % before or c % before
        ]
        if by_column:
            found.sort(key=lambda cell: (cell[1], cell[0]))
        yield [r * columns + c for r, c in found]
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

"""The order of cells: each once, coarse passes first."""

from __future__ import annotations

from collections import Counter

import pytest

from backprop_explorer.experiments.sweeps import Sweep
from backprop_explorer.experiments.sweeps.tiles import FIRST_SIDE, MOST_CELLS, passes, tiles_of


def sweep(rows: int, columns: int, **more: object) -> Sweep:
    sides = (("penalty.l2", rows), ("optimizer.learning_rate", columns))
    axes = [{"field": f, "scale": "linear", "from": 0, "to": 1.5, "count": n} for f, n in sides]
    return Sweep.model_validate({"axes": axes, "step": 10, **more})


@pytest.mark.parametrize("by_column", [False, True])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (8, 8), (64, 64), (1, 50), (33, 7)])
def test_each_cell_once_from_coarse_to_fine(rows: int, columns: int, by_column: bool) -> None:
    found = list(passes(rows, columns, by_column))
    assert sorted(cell for cells in found for cell in cells) == list(range(rows * columns))
    assert len(found[0]) <= FIRST_SIDE**2
    stride = 2 ** (len(found) - 1)
    for k, cells in enumerate(found):
        places = [divmod(cell, columns) for cell in cells]
        assert all(r % (stride >> k) == 0 == c % (stride >> k) for r, c in places)
        key = (lambda p: (p[1], p[0])) if by_column else (lambda p: p)
        assert places == sorted(places, key=key)


def test_tiles_hold_all_cells_and_are_smaller_for_longer_runs() -> None:
    short, long = tiles_of(sweep(64, 64)), tiles_of(sweep(64, 64, step=100_000))
    for tiles in (short, long):
        counts = Counter(cell for cells in tiles for cell in cells)
        assert counts == Counter(range(64 * 64))
    assert max(map(len, short)) == MOST_CELLS
    assert max(map(len, long)) == 1

"""How a large batch is worked through: in blocks of its rows.

Blocks may be computed side by side. But the last bits of a sum over the samples depend on the order
in which it is made. So the blocks hang on the number of samples alone: a working and a training
have the same numbers, and so have one thread and eight.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A block has at most so many, so that one is never cut again. No working that is shown has more.
MOST_ROWS = 512


@lru_cache(maxsize=256)
def blocks_of(samples: int) -> tuple[slice, ...]:
    """1, 2, 4, 8, … blocks of ``samples`` rows, as equal as can be, of at most MOST_ROWS."""
    count = 1
    while -(-samples // count) > MOST_ROWS:
        count *= 2
    ends = [samples * k // count for k in range(count + 1)]
    return tuple(map(slice, ends, ends[1:]))


def by_rows(product: Callable[..., Array], rows: Array, matrix: Array, out: Array | None) -> Array:
    """``product(rows, matrix, out=out)``, whose row n hangs on row n of ``rows`` alone: (N, …)."""
    blocks = blocks_of(len(rows))
    if len(blocks) == 1:
        return product(rows, matrix, out=out)
    # Also here block by block: a library may compute the rows at the end of a product differently.
    out = np.empty((len(rows), matrix.shape[1])) if out is None else out
    for block in blocks:
        product(rows[block], matrix, out=out[block])
    return out


def over_rows(product: Callable[..., Array], *rows: Array, out: Array | None) -> Array:
    """``product(*rows, out=out)``, which is a sum over the rows: that of all blocks, in order."""
    first, *others = blocks_of(len(rows[0]))
    if not others:
        return product(*rows, out=out)
    out = product(*(each[first] for each in rows), out=out)
    for block in others:
        np.add(out, product(*(each[block] for each in rows), out=None), out=out)
    return out

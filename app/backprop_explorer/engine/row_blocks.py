"""Row blocks: split a large batch into blocks of rows that can be computed in parallel.

The last bits of a sum over the samples depend on the order of summation. So the blocks depend only
on the number of samples: a trace and training have the same bits, with any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Largest number of rows in a block. Displayed workings are smaller, so they are a single block.
MAX_BLOCK_ROWS = 512


@lru_cache(maxsize=256)
def split_rows(samples: int) -> tuple[slice, ...]:
    """Split ``samples`` rows into 1, 2, 4, 8, … nearly equal blocks of at most MAX_BLOCK_ROWS.

    A block itself is never split again.
    """
    count = 1
    while -(-samples // count) > MAX_BLOCK_ROWS:
        count *= 2
    ends = [samples * k // count for k in range(count + 1)]
    return tuple(map(slice, ends, ends[1:]))


def map_row_blocks(
    product: Callable[..., Array], rows: Array, matrix: Array, out: Array | None
) -> Array:
    """Compute ``product(rows, matrix, out=out)`` block by block.

    Row n of the result must depend only on row n of ``rows`` (N, …). Returns shape (N, n_out).
    """
    blocks = split_rows(len(rows))
    if len(blocks) == 1:
        return product(rows, matrix, out=out)
    # One call would give other bits: BLAS may compute the last rows of a product differently.
    out = np.empty((len(rows), matrix.shape[1])) if out is None else out
    for block in blocks:
        product(rows[block], matrix, out=out[block])
    return out


def sum_row_blocks(product: Callable[..., Array], *rows: Array, out: Array | None) -> Array:
    """Compute ``product(*rows, out=out)``, a sum over rows, as the sum of its blocks in order."""
    first, *others = split_rows(len(rows[0]))
    if not others:
        return product(*rows, out=out)
    out = product(*(each[first] for each in rows), out=out)
    for block in others:
        np.add(out, product(*(each[block] for each in rows), out=None), out=out)
    return out

"""Row blocks: they depend only on the number of samples, and sums have a fixed order."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.row_blocks import (
    MAX_BLOCK_ROWS,
    map_row_blocks,
    split_rows,
    sum_row_blocks,
)

Array = np.ndarray[Any, np.dtype[np.float64]]
SAMPLES = [1, 2, 511, 512, 513, 1023, 1024, 1025, 1437, 2047, 4096, 4097, 5000, 20_000]


@pytest.mark.parametrize("samples", SAMPLES)
def test_blocks_cover_all_rows_in_order_with_nearly_equal_sizes(samples: int) -> None:
    blocks = split_rows(samples)
    sizes = [block.stop - block.start for block in blocks]
    assert blocks[0].start == 0
    assert blocks[-1].stop == samples
    assert all(one.stop == other.start for one, other in pairwise(blocks))
    assert max(sizes) - min(sizes) <= 1
    assert len(blocks).bit_count() == 1
    assert max(sizes) <= MAX_BLOCK_ROWS
    assert len(blocks) == 1 or min(sizes) >= MAX_BLOCK_ROWS // 2


@pytest.mark.parametrize("samples", SAMPLES)
def test_a_block_is_not_split_again(samples: int) -> None:
    """Training computes blocks with operations that split rows themselves."""
    assert {len(split_rows(block.stop - block.start)) for block in split_rows(samples)} == {1}


def arrays(samples: int) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(0)
    shapes = ((samples, 7), (samples, 5), (7, 5))
    a, b, c = (rng.standard_normal(shape) for shape in shapes)
    return a, b, c


@pytest.mark.parametrize("samples", [3, 512, 513, 1437])
def test_map_row_blocks_equals_the_product_of_each_block(samples: int) -> None:
    rows, _, matrix = arrays(samples)
    out = np.zeros((samples, 5))
    found = map_row_blocks(np.matmul, rows, matrix, out)
    assert found is out
    assert map_row_blocks(np.matmul, rows, matrix, None).tobytes() == out.tobytes()
    for block in split_rows(samples):
        assert out[block].tobytes() == (rows[block] @ matrix).tobytes()
    assert np.allclose(out, rows @ matrix, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("samples", [3, 512, 513, 1437])
def test_sum_row_blocks_adds_the_blocks_in_order(samples: int) -> None:
    a, b, _ = arrays(samples)

    def product(a: Array, b: Array, out: Array | None) -> Array:
        return np.matmul(a.T, b, out=out)

    out = np.zeros((7, 5))
    assert sum_row_blocks(product, a, b, out=out) is out
    first, *others = [a[block].T @ b[block] for block in split_rows(samples)]
    for each in others:
        first = first + each
    assert out.tobytes() == first.tobytes()
    assert sum_row_blocks(product, a, b, out=None).tobytes() == out.tobytes()
    assert np.allclose(out, a.T @ b, rtol=1e-12, atol=1e-12)

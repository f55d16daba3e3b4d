"""Random numbers in NumPy's legacy order, as students draw them in the exercises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw


def legacy(seed: int) -> np.random.RandomState:
    """Return the generator of ``np.random`` after ``np.random.seed(seed)``, as in the exercises."""
    return np.random.RandomState(seed)


def seeds(draw: Draw) -> Iterator[int]:
    """Yield seeds for ``np.random.seed``: the draw's own, then random ones from the draw."""
    yield draw.seed % 2**32
    while True:
        yield int(draw.rng.integers(10_000))


def first_seed(draw: Draw, good: Callable[[int], bool]) -> int:
    """Return the first of ``seeds(draw)`` that is ``good``."""
    tried = seeds(draw)
    return first(lambda: next(tried), good)


def create_layers(
    state: np.random.RandomState,
    sizes: tuple[int, ...],
    *,
    bias_first: bool = False,
    turned: bool = False,
) -> list[Any]:
    """Return [(W (n_out, n_in), b (n_out,)), …], drawn as in the exercises: W before b.

    ``bias_first`` and ``turned`` are other orders that students use: b before W, and W drawn as
    (n_in, n_out) and then transposed.
    """
    layers = []
    for n_in, n_out in pairwise(sizes):
        b = state.randn(n_out) if bias_first else None
        W = state.randn(n_in, n_out).T if turned else state.randn(n_out, n_in)
        layers.append((W, state.randn(n_out) if b is None else b))
    return layers

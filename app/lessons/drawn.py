"""Numbers that students draw themselves, with NumPy's own seed, in the exercises' order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from app.lessons.lesson import Draw

T = TypeVar("T")

# So many draws are tried; the lessons' tests show that far fewer do.
MOST_TRIES = 1_000


def legacy(seed: int) -> np.random.RandomState:
    """What ``np.random`` gives after ``np.random.seed(seed)``: the exercises draw from it."""
    return np.random.RandomState(seed)


def seeds(draw: Draw) -> Iterator[int]:
    """Seeds for ``np.random.seed``: the draw's own, then others that it decides."""
    yield draw.seed % 2**32
    while True:
        yield int(draw.rng.integers(10_000))


def first(make: Callable[[], T], good: Callable[[T], bool]) -> T:
    """The first of the things ``make`` gives that is ``good``.

    So a draw that would teach nothing, such as one in which every ReLU is dead, is left out, and
    the same seed still gives the same numbers. Raises RuntimeError after MOST_TRIES.
    """
    for _ in range(MOST_TRIES):
        made = make()
        if good(made):
            return made
    raise RuntimeError("no draw is good: is the condition too strict?")


def first_seed(draw: Draw, good: Callable[[int], bool]) -> int:
    """The first of ``seeds(draw)`` that is ``good``."""
    tried = seeds(draw)
    return first(lambda: next(tried), good)


def create_layers(seed_state: np.random.RandomState, sizes: tuple[int, ...]) -> list[Any]:
    """[(W (n_out, n_in), b (n_out,)), …], W before b, as the exercises' function draws them."""
    layers = []
    for n_in, n_out in pairwise(sizes):
        W = seed_state.randn(n_out, n_in)
        layers.append((W, seed_state.randn(n_out)))
    return layers

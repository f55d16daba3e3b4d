"""Numbers that students draw themselves, with NumPy's own seed, in the exercises' order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.questions import Slip

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


def create_layers(
    state: np.random.RandomState,
    sizes: tuple[int, ...],
    *,
    bias_first: bool = False,
    turned: bool = False,
) -> list[Any]:
    """[(W (n_out, n_in), b (n_out,)), …], W before b, as the exercises' function draws them.

    ``bias_first`` and ``turned`` are the other orders that students draw in: b before W, and W in
    the shape (n_in, n_out) and then transposed.
    """
    layers = []
    for n_in, n_out in pairwise(sizes):
        b = state.randn(n_out) if bias_first else None
        W = state.randn(n_in, n_out).T if turned else state.randn(n_out, n_in)
        layers.append((W, state.randn(n_out) if b is None else b))
    return layers


def told_apart(right: ArrayLike, *slips: Slip) -> tuple[Slip, ...]:
    """The slips whose numbers are neither right nor those of a slip before them."""
    known = [np.asarray(right, dtype=np.float64)]
    kept = []
    for slip in slips:
        value = np.asarray(slip.value, dtype=np.float64)
        same = [v for v in known if v.shape == value.shape and np.allclose(v, value, rtol=0.02)]
        if not same:
            known.append(value)
            kept.append(slip)
    return tuple(kept)

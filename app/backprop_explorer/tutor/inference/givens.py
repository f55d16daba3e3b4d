"""Which pasted arrays are x, the target, W and b.

Names say it where they can. The rest is found by shape, and by value: W and b are those with which
z = a W + b is among the pasted arrays.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.names import TARGET, X, biases, weights
from backprop_explorer.tutor.inference.matching import Match, Numbers, tolerance_of
from backprop_explorer.tutor.inference.pasted import LoopPass, Pasted
from backprop_explorer.tutor.spellings import HIDDEN, LAST, Spelling

Array = NDArray[np.float64]
# Arrays that may be x, or W of a layer, where names do not tell.
MOST_INPUTS, MOST_WEIGHTS, MOST_BIASES, MOST_TARGETS = 3, 8, 8, 3


@dataclass(frozen=True)
class PastedLayer:
    """The arrays of one layer. ``key`` is its place as the names count layers."""

    W: Pasted
    b: Pasted | None = None
    key: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class GivenPasted:
    """One choice of the givens among the pasted arrays."""

    layers: tuple[PastedLayer, ...]
    x: Pasted
    target: Pasted

    @property
    def arrays(self) -> list[Pasted]:
        """All of them."""
        layers = [each for layer in self.layers for each in (layer.W, layer.b) if each is not None]
        return [self.x, self.target, *layers]

    def role(self, array: Pasted) -> str | None:
        """Return which given an array is, such as "W1"; None if it is none."""
        roles = {id(self.x): X, id(self.target): TARGET}
        for k, layer in enumerate(self.layers, start=1):
            roles |= {id(layer.W): weights(k)} | ({id(layer.b): biases(k)} if layer.b else {})
        return roles.get(id(array))


def layer_key(spelling: Spelling) -> tuple[int, int]:
    """Return the place of a layer: those with numbers, then the hidden, then the last one."""
    if isinstance(spelling.layer, int):
        return 0, spelling.layer
    return {HIDDEN: (1, 0), LAST: (2, 0)}.get(spelling.layer or "", (0, 0))


def missing_givens(run: LoopPass) -> list[str]:
    """Return what no array is: "x", "target", "W"."""
    named = {a.first.quantity for a in run.givens if a.first is not None}
    return [name for name in ("W", "x", "target") if name not in named]


def choices(run: LoopPass) -> Iterator[GivenPasted]:
    """Yield the possible choices of the givens, the likeliest first."""
    pool = [
        a for a in run.found if a.values.ndim <= 2 and not (a.first and a.first.quantity != "a")
    ]
    pool = [a for a in pool if a.first is None or a.first.layer in (0, None)]
    layers = _named_layers(run)
    inputs = _named(run, "x") or [a for a in pool if a.first and a.first.layer == 0]
    targets = _named(run, "target")
    if layers:
        starts = inputs or [a for a in pool if _width(a) & set(layers[0].W.values.shape)]
        chains = [(x, layers) for x in starts[:MOST_INPUTS] or inputs]
    else:
        starts = inputs or [a for a in pool if a.values.ndim > 0][:MOST_INPUTS]
        chains = [(x, chain) for x in starts for chain in _chains(run, x, pool, targets)]
    for x, chain in chains:
        used = {id(x), *(id(each) for layer in chain for each in (layer.W, layer.b))}
        outputs = _width_of_outputs(chain)
        for target in (
            targets
            or [a for a in pool if id(a) not in used and _fits_target(a, x, outputs)][:MOST_TARGETS]
        ):
            yield GivenPasted(tuple(chain), x, target)


def _named(run: LoopPass, quantity: str) -> list[Pasted]:
    named = [a for a in run.givens if a.first is not None and a.first.quantity == quantity]
    return [a for a in named if a.chosen] or named if quantity in ("x", "target") else named


def _named_layers(run: LoopPass) -> list[PastedLayer]:
    """Return the layers whose W has a name or a place in a list of layers, in order."""
    weights = _by_key(run, "W")
    if not weights:
        return _listed_layers([a for a in (*run.givens, *run.found) if a.listed])
    biases = _by_key(run, "b")
    keys = sorted(weights)
    others = sorted(biases)
    # W0 and b1, or names of W that count in another way than those of b.
    if len(keys) == len(others):
        biases = {key: biases[other] for key, other in zip(keys, others, strict=True)}
    return [PastedLayer(weights[key], biases.get(key), key) for key in keys]


def _by_key(run: LoopPass, quantity: str) -> dict[tuple[int, int], Pasted]:
    arrays = sorted(_named(run, quantity), key=lambda a: a.chosen is not None)
    return {layer_key(a.first): a for a in arrays if a.first is not None}


def _listed_layers(arrays: Sequence[Pasted]) -> list[PastedLayer]:
    """Return the layers of a list such as ``[(W, b), …]``: b is a vector, or a row or column."""
    layers: list[PastedLayer] = []
    for array in arrays:
        last = layers[-1] if layers else None
        if last and not set(last.W.values.shape) & set(array.values.shape):
            break  # another list
        if last and last.b is None and _may_be_bias(array, last.W):
            layers[-1] = replace(last, b=array)
        else:
            layers.append(PastedLayer(array, None, (0, len(layers) + 1)))
    return layers


def _may_be_bias(array: Pasted, W: Pasted) -> bool:
    """Whether an array is a vector of the units of W: (n,), or (n, 1) or (1, n) on its side."""
    shape, of = array.values.shape, W.values.shape
    return len(of) == 2 and (
        shape in ((of[0], 1), (1, of[1])) or (len(shape) == 1 and shape[0] in of)
    )


def matrix(array: Pasted) -> Array:
    """Return W as a matrix: a number is (1, 1), a vector a row. More axes are kept."""
    return np.atleast_2d(array.values)


def _width(x: Pasted) -> set[int]:
    """The lengths that may be the number of inputs."""
    return set(x.values.shape) or {1}


def _width_of_outputs(layers: Sequence[PastedLayer]) -> set[int]:
    last = layers[-1]
    return {last.b.values.size} if last.b is not None else _width(last.W)


def _fits_target(array: Pasted, x: Pasted, outputs: set[int]) -> bool:
    shape = array.values.shape
    samples = {1} if x.values.ndim < 2 else set(x.values.shape)
    return any(
        sorted(n for n in shape if n != 1) == sorted(n for n in each if n != 1)
        for count in samples
        for n_out in outputs
        for each in ((count, n_out), (count,))
    )


def _chains(
    run: LoopPass, x: Pasted, pool: Sequence[Pasted], targets: Sequence[Pasted]
) -> Iterator[list[PastedLayer]]:
    """Yield layers for x: first those whose z or a are pasted, then those whose shapes follow."""
    rest = [a for a in [*(a for a in run.givens if a.listed), *pool] if a is not x]
    rest = [a for a in rest if not any(a is t for t in targets)]
    numbers = Numbers(rest, tolerance_of([x, *rest]))
    for a in _rows(x):
        if chain := _chain_by_value(a, rest, numbers):
            yield chain
    # The target often follows x, and may have the shape of a W.
    below = next((b for a, b in pairwise(pool) if a is x), None)
    for a, left in itertools.product(_rows(x), (rest, [b for b in rest if b is not below])):
        if chain := _chain_by_shape(a.shape[1], left):
            yield chain


def _rows(x: Pasted) -> Iterator[Array]:
    """Yield x with samples as rows, as it may be meant."""
    values = x.values
    yield values.reshape(1, -1) if values.ndim < 2 else values
    if values.ndim == 2:
        yield values.T


def _chain_by_value(a: Array, rest: Sequence[Pasted], numbers: Numbers) -> list[PastedLayer]:
    """Return the layers for which z, or f(z), of each is among the arrays."""
    layers: list[PastedLayer] = []
    left = list(rest)
    while found := _next_layer(a, left, numbers):
        layer, a, lines = found
        layers.append(layer)
        used = {id(layer.W), id(layer.b), *(id(match.array) for match in lines)}
        left = [array for array in left if id(array) not in used]
    return layers


def _next_layer(
    a: Array, rest: Sequence[Pasted], numbers: Numbers
) -> tuple[PastedLayer, Array, list[Match]] | None:
    """Return the next layer, its a as pasted, and the arrays that are its z and a."""
    matrices = [w for w in rest if w.values.ndim == 2][:MOST_WEIGHTS]
    for W, turned in itertools.product(matrices, (False, True)):
        weights = W.values.T if turned else W.values
        if weights.shape[0] != a.shape[1]:
            continue
        product, units = a @ weights, weights.shape[1]
        biases = [b for b in rest if b.values.size == units and b.values.squeeze().ndim < 2]
        for b in [*biases[:MOST_BIASES], None]:
            z = product if b is None else product + b.values.ravel()
            if not numbers.has(z.shape):
                continue
            lines = numbers.equal(z)
            outputs = [f.compute(z) for f in ACTIVATIONS.values() if f.name != "identity"]
            found = [(out, numbers.equal(out)) for out in outputs if out.size > 1]
            out, more = next(((out, some) for out, some in found if some), (z, []))
            if lines or more:
                return (
                    PastedLayer(W, b or _unused_bias(W, rest, units, [*lines, *more])),
                    out,
                    [*lines, *more],
                )
    return None


def _unused_bias(
    W: Pasted, rest: Sequence[Pasted], units: int, lines: Sequence[Match]
) -> Pasted | None:
    """Return the vector that stands below W but was left out of z."""
    after = next((b for a, b in pairwise(rest) if a is W), None)
    if after is None or after.values.size != units or after.values.squeeze().ndim > 1:
        return None
    return None if any(match.array is after for match in lines) else after


def _chain_by_shape(width: int, rest: Sequence[Pasted]) -> list[PastedLayer]:
    """Return the layers in order of appearance, as long as their shapes follow each other.

    All W have the same orientation, and all layers have a b or none.
    """
    layers: list[PastedLayer] = []
    columns: set[bool] = {False, True}
    for array in rest:
        shape, last = array.values.shape, layers[-1] if layers else None
        if last and last.b is None and array.values.size == width and _may_be_bias(array, last.W):
            layers[-1] = replace(last, b=array)
            continue
        ways = {way for way in columns if len(shape) == 2 and shape[way] == width}
        if ways and len(layers) < MOST_WEIGHTS:
            if last and last.b is None and layers[0].b is not None:
                return layers[:-1]
            columns = ways
            width = shape[1 - max(ways)]
            layers.append(PastedLayer(array))
        elif layers:
            break
    unlike = len(layers) > 1 and layers[-1].b is None and layers[0].b is not None
    return layers[:-1] if unlike else layers

"""The activations under which the pasted z and a agree, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activation_parameters import name_with
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.names import activation, weighted_sum
from backprop_explorer.tutor.inference.matching import Match, Numbers, says_little

Array = NDArray[np.float64]
# The usual ones first. Parameters other than the usual ones are recognised by the pasted a alone.
USUAL = (
    "sigmoid",
    "tanh",
    "relu",
    "identity",
    "softmax",
    "leaky_relu",
    "elu",
    "softplus",
    "silu",
    "gelu",
)
OTHER_SLOPES = tuple(name_with("leaky_relu", slope) for slope in (0.1, 0.2, 0.3, 0.05, 0.001))
MOST_STATES = 64


@dataclass(frozen=True)
class Activated:
    """Activations of the first layers. ``agree`` counts the lines among the pasted arrays.

    ``values`` has z and a by id, ``a`` the last one. ``matches`` has the arrays that they are;
    ``pinned`` tells which are the student's own because they are not those of the working.
    """

    a: Array
    activations: tuple[str, ...] = ()
    agree: int = 0
    values: Mapping[str, Array] = field(default_factory=dict)
    matches: Mapping[str, list[Match]] = field(default_factory=dict)
    pinned: frozenset[str] = frozenset()

    def with_line(
        self, name: str, line: Array, found: list[Match] | None = None, *, agrees: bool = False
    ) -> Activated:
        """Return the state with another line and its arrays; None for the student's own line."""
        values = {**self.values, name: line}
        if found is None:
            return replace(self, a=line, values=values, pinned=self.pinned | {name})
        matches = {**self.matches, name: found}
        return replace(self, a=line, agree=self.agree + agrees, values=values, matches=matches)


def forward_states(
    layers: Sequence[tuple[Array, Array]],
    x: Array,
    numbers: Numbers,
    own: Mapping[str, Array],
    required: Sequence[str | None],
    most: int = MOST_STATES,
) -> list[Activated]:
    """Return at most ``most`` choices of activations that agree with most lines, the usual first.

    ``own`` has the student's z and a by id, in the engine's rows; a line that is not among the
    pasted arrays goes on from there. ``required`` are the activations that are known.
    """
    states = [Activated(x)]
    for k, (W, b) in enumerate(layers, start=1):
        following: list[Activated] = []
        for state in states:
            z = state.a @ W + b
            found, mine = numbers.equal(z), own.get(weighted_sum(k))
            agrees = _say_something(found)
            if mine is None or mine.shape != z.shape or agrees:
                summed = state.with_line(weighted_sum(k), z, found, agrees=agrees)
            else:
                summed = state.with_line(weighted_sum(k), mine)
            following += _activated(summed, k, numbers, own.get(activation(k)), required)
        best = max(state.agree for state in following)
        states = [state for state in following if state.agree == best][:most]
    return states


def _activated(
    state: Activated, k: int, numbers: Numbers, mine: Array | None, required: Sequence[str | None]
) -> list[Activated]:
    """Return the state with each activation of its z that the pasted a allow."""
    name, z, wanted = activation(k), state.a, required[k - 1]
    names = (wanted,) if wanted else tuple(n for n in USUAL if _suits(n, k, len(required), z))
    outputs = {name: ACTIVATIONS[name].compute(z) for name in names}
    if not wanted and np.any(z < 0.0):
        outputs |= {name: ACTIVATIONS[name].compute(z) for name in OTHER_SLOPES}
    found = {name: numbers.equal(a) for name, a in outputs.items()}
    matching = [name for name, some in found.items() if _say_something(some)]
    # The sum itself is pasted as z, and is an output only where it is pasted again.
    if len(matching) > 1 or (matching == ["identity"] and weighted_sum(k) not in state.pinned):
        again = len({id(m.array) for m in numbers.equal(z)}) > 1
        matching = [n for n in matching if n != "identity" or again]
    if mine is not None and mine.shape == z.shape and not matching:
        own = state.with_line(name, mine)
        return [_named(own, each) for each in outputs if each not in OTHER_SLOPES]
    names = tuple(matching or (each for each in outputs if each not in OTHER_SLOPES))
    agrees = bool(matching)
    return [_named(state.with_line(name, outputs[n], found[n], agrees=agrees), n) for n in names]


def _named(state: Activated, chosen: str) -> Activated:
    return replace(state, activations=(*state.activations, chosen))


def _suits(name: str, k: int, depth: int, z: Array) -> bool:
    return name != "softmax" or (k == depth and z.shape[1] > 1)


def _say_something(found: Sequence[Match]) -> bool:
    return any(not says_little(match.array) for match in found)

"""The activations under which the pasted z and a agree, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activation_parameters import name_with
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.tutor.inference.matching import Numbers, says_little

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

    ``pinned`` are the student's own z and a where they are not those of the working, by id.
    """

    activations: tuple[str, ...] = ()
    agree: int = 0
    a: Array = field(default_factory=lambda: np.empty(0))
    pinned: Mapping[str, Array] = field(default_factory=dict)


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
    states = [Activated(a=x)]
    for k, (W, b) in enumerate(layers, start=1):
        following: list[Activated] = []
        for state in states:
            z = state.a @ W + b
            agree, pinned = state.agree, dict(state.pinned)
            if _found(numbers, z):
                agree += 1
            elif (mine := own.get(f"z{k}")) is not None and mine.shape == z.shape:
                z = pinned[f"z{k}"] = mine
            following += _activated(state, k, z, agree, pinned, numbers, own, required, len(layers))
        best = max(state.agree for state in following)
        states = [state for state in following if state.agree == best][:most]
    return states


def _activated(
    state: Activated,
    k: int,
    z: Array,
    agree: int,
    pinned: Mapping[str, Array],
    numbers: Numbers,
    own: Mapping[str, Array],
    required: Sequence[str | None],
    depth: int,
) -> list[Activated]:
    """Return the state with each activation that the pasted a allow."""
    wanted = required[k - 1]
    names = (wanted,) if wanted else tuple(n for n in USUAL if _suits(n, k, depth, z))
    outputs = {name: ACTIVATIONS[name].compute(z) for name in names}
    if not wanted and np.any(z < 0.0):
        outputs |= {name: ACTIVATIONS[name].compute(z) for name in OTHER_SLOPES}
    matching = [name for name, a in outputs.items() if _found(numbers, a)]
    # The sum itself is pasted as z, and is an output only where it is pasted again.
    if len(matching) > 1 or (matching == ["identity"] and agree > state.agree):
        twice = len({id(m.array) for m in numbers.equal(z)}) > 1
        matching = [n for n in matching if n != "identity" or twice] if matching else []
    done = (*state.activations,)
    if matching:
        return [Activated((*done, n), agree + 1, outputs[n], pinned) for n in matching]
    mine = own.get(f"a{k}")
    names = tuple(name for name in outputs if name not in OTHER_SLOPES)
    if mine is not None and mine.shape == z.shape:
        return [Activated((*done, n), agree, mine, {**pinned, f"a{k}": mine}) for n in names]
    return [Activated((*done, n), agree, outputs[n], pinned) for n in names]


def _suits(name: str, k: int, depth: int, z: Array) -> bool:
    return name != "softmax" or (k == depth and z.shape[1] > 1)


def _found(numbers: Numbers, line: Array) -> bool:
    return any(not says_little(match.array) for match in numbers.equal(line))

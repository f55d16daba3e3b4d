"""Run tapes in Python and natively, and record a short training run on one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backprop_explorer.engine.initializers import initialize
from backprop_explorer.engine.network import Layer, Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.train import Backprop
from backprop_explorer.engine.updates import InPlaceUpdate, Update, zero_state
from backprop_explorer.tape import Feed, Tape, native

STEPS = 5


def in_python(tape: Tape, first: int = 0, until: int = 1) -> tuple[int, bool]:
    """Run the tape in Python, as without the native runner."""
    return Tape.run(_never_native(tape), first, until)


def _never_native(tape: Tape) -> Tape:
    tape._saved = -1e12
    return tape


def natively(tape: Tape, first: int = 0, until: int = 1) -> tuple[int, bool]:
    """Run the tape natively from the first step on."""
    assert native.load() is not None, "the tests need llvmlite and a native runner"
    tape._saved = 1e6
    reached = tape.run(first, until)
    assert tape.is_native
    return reached


class Training:
    """A few updates, each on its own batch, as in ``experiments.trainer``."""

    def __init__(
        self,
        network: Network,
        objective: Objective,
        update: Update,
        samples: int,
        scale: float = 1.0,
    ) -> None:
        rng = np.random.default_rng(0)
        self.parameters = initialize(network, "xavier_normal", rng)
        self.parameters.flat *= scale
        gradient = Parameters(network)
        self.backprop = Backprop(network, objective, self.parameters, gradient, samples)
        self.state = zero_state(network, update)
        bound = InPlaceUpdate(update, self.parameters, gradient, self.state, STEPS)
        bound.prepare(0, 1, 0, STEPS)
        x = rng.standard_normal((STEPS, samples, network.inputs))
        classes = rng.integers(0, network.outputs, (STEPS, samples))
        target = np.eye(max(network.outputs, 2))[classes][..., : network.outputs].copy()
        self.tape = Tape(
            (*self.backprop.tape.entries, *bound.tape.entries),
            (Feed(self.backprop.x, x), Feed(self.backprop.target, target), *bound.feeds),
        )

    def bits(self) -> list[bytes]:
        arrays = [self.parameters, *self.state.values()]
        return [each.flat.tobytes() for each in arrays]


def build(inputs: int, *layers: tuple[int, str]) -> Network:
    return Network(inputs, tuple(Layer(units, activation) for units, activation in layers))


def assert_the_same(make: Callable[[], Training]) -> Training:
    expected, found = make(), make()
    with np.errstate(all="ignore"):
        assert in_python(expected.tape, 0, STEPS) == (STEPS, True)
        assert natively(found.tape, 0, STEPS) == (STEPS, True)
    assert found.bits() == expected.bits()
    return found

"""One experiment being trained: from checkpoint to checkpoint, to whatever step is asked for.

A ``Run`` is a cache. What it answers depends on the recipe and the step alone, never on what was
asked before: it may be thrown away at any time and built again.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.backprop import Backprop, predict
from app.core.network import Network, Parameters
from app.core.updates import BoundUpdate, zero_state
from app.experiments.history import History, is_recorded
from app.experiments.setup import Segment, Setup

Array = NDArray[np.float64]

# Between two looks at the clock and at whether the numbers are still finite.
CHUNK = 32
FIRST_SPACING = 64
MAX_CHECKPOINTS = 256


@dataclass(frozen=True, slots=True)
class State:
    """All that changes in training, at the arrival at a step (its edits applied).

    ``parameters`` (P,) and the optimizer's ``state`` are flat vectors; ``count`` is how many
    updates the present optimizer has made.
    """

    step: int
    parameters: Array
    state: tuple[tuple[str, Array], ...]
    count: int

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return self.parameters.nbytes * (1 + len(self.state))


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first step whose update made the parameters overflow, and the last good step."""

    step: int


class Machine:
    """The buffers that train one segment: parameters, gradients, optimizer state."""

    def __init__(self, setup: Setup, segment: Segment) -> None:
        self.setup = setup
        self.segment = segment
        self.network: Network = segment.network
        self.parameters = Parameters(self.network)
        self.gradient = Parameters(self.network)
        self.optimizer_state = zero_state(self.network, segment.update)
        self.update = BoundUpdate(
            segment.update, self.parameters, self.gradient, self.optimizer_state
        )
        self.count = 0
        self._backprops: dict[int, Backprop] = {}
        self._epoch = -1
        self._x: Array = setup.train[0]
        self._target: Array = setup.train[1]

    def load(self, state: State) -> None:
        """Take over ``state``."""
        self.parameters.flat[...] = state.parameters
        for name, values in state.state:
            self.optimizer_state[name].flat[...] = values
        self.count = state.count

    def save(self, step: int) -> State:
        """A copy of what there is now."""
        return State(
            step,
            self.parameters.flat.copy(),
            tuple((name, arrays.flat.copy()) for name, arrays in self.optimizer_state.items()),
            self.count,
        )

    def gradients(self, step: int) -> Backprop:
        """∂C/∂W and ∂C/∂b on the batch of ``step``, into ``gradient``."""
        setup = self.setup
        epoch, index = divmod(step, setup.steps_per_epoch)
        if epoch != self._epoch:
            order = setup.order(epoch)
            self._x, self._target = setup.train[0][order], setup.train[1][order]
            self._epoch = epoch
        at = index * setup.batch_size
        x = self._x[at : at + setup.batch_size]
        backprop = self._backprops.get(len(x))
        if backprop is None:
            backprop = Backprop(
                self.network, setup.objective, self.parameters, self.gradient, len(x)
            )
            self._backprops[len(x)] = backprop
        backprop.x[...] = x
        backprop.target[...] = self._target[at : at + setup.batch_size]
        backprop.gradients()
        return backprop

    def step(self, step: int) -> None:
        """The update of ``step``, from the gradients that are there."""
        self.count += 1
        self.update(step, self.count)

    @property
    def finite(self) -> bool:
        """Whether all parameters are numbers. Their squares must be too: 1e154 is no weight."""
        flat = self.parameters.flat
        with np.errstate(over="ignore", invalid="ignore"):
            return bool(np.isfinite(np.dot(flat, flat)))


class Run:
    """Trains ``setup`` to any step, with checkpoints in ``budget_bytes``. Not thread-safe."""

    def __init__(self, setup: Setup, budget_bytes: int) -> None:
        self.setup = setup
        self.budget_bytes = budget_bytes
        self.history = History(setup)
        self.diverged: Divergence | None = None
        self._spacing = FIRST_SPACING
        self._machines: dict[int, Machine] = {}
        self._reset()

    def _reset(self) -> None:
        first = self._machine(0)
        first.parameters.flat[...] = self.setup.initial.flat
        self._write(first)
        self._current = first.save(0)
        self._checkpoints: list[State] = [self._current]

    def _machine(self, segment: int) -> Machine:
        machine = self._machines.get(segment)
        if machine is None:
            # Segments are passed in order; two are enough to go back and forth over an edit.
            if len(self._machines) >= 2:
                self._machines.pop(next(iter(self._machines)))
            machine = self._machines[segment] = Machine(self.setup, self.setup.segments[segment])
        return machine

    @property
    def nbytes(self) -> int:
        """Memory held by checkpoints and history."""
        return sum(c.nbytes for c in self._checkpoints) + self.history.nbytes

    def state(self, step: int, deadline: float) -> State:
        """The state at ``step``, or as far as the clock (``time.perf_counter``) allowed.

        Where training diverges before ``step``, the state at the last good step.
        """
        if self.diverged is not None:
            step = min(step, self.diverged.step)
        start = self._nearest(step)
        while start.step < step:
            start = self._advance(start, step)
            if self.diverged is not None:
                break
            if start.step < step and time.perf_counter() >= deadline:
                break
        self._current = start
        return start

    def _nearest(self, step: int) -> State:
        at = bisect_right(self._checkpoints, step, key=lambda c: c.step) - 1
        nearest = self._checkpoints[at]
        if nearest.step <= self._current.step <= step:
            return self._current
        return nearest

    def _advance(self, state: State, goal: int) -> State:
        """Train from ``state`` for a chunk, or to an edit or a checkpoint if one comes first."""
        setup = self.setup
        index = setup.segment(state.step)
        machine = self._machine(index)
        machine.load(state)
        begin = state.step
        end = min(goal, begin + CHUNK, (begin // self._spacing + 1) * self._spacing)
        following = index + 1 < len(setup.segments)
        if following:
            end = min(end, setup.segments[index + 1].start)
        self._train(machine, begin, end)
        if not machine.finite:
            return self._diverge(machine, state, end)
        if following and end == setup.segments[index + 1].start:
            machine = self._enter(index + 1, machine)
        reached = machine.save(end)
        if end % self._spacing == 0 and end > self._checkpoints[-1].step:
            self._keep(reached)
        return reached

    def _train(self, machine: Machine, begin: int, end: int) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            for step in range(begin, end):
                backprop = machine.gradients(step)
                if step > self.history.last and is_recorded(step):
                    self.history.record(step, machine.network, machine.parameters, backprop)
                machine.step(step)

    def _diverge(self, machine: Machine, state: State, end: int) -> State:
        """Repeat a chunk step by step, to the last step whose parameters are numbers."""
        self.history.cut(state.step)
        machine.load(state)
        good = state
        for step in range(state.step, end):
            self._train(machine, step, step + 1)
            if not machine.finite:
                self.diverged = Divergence(step)
                self.history.cut(step)
                return good
            good = machine.save(step + 1)
        return good

    def _enter(self, index: int, before: Machine) -> Machine:
        """Carry training over into the segment ``index``, with its edits applied."""
        machine = self._machine(index)
        machine.parameters.flat[...] = before.parameters.flat
        fresh = machine.segment.fresh
        machine.count = 0 if fresh else before.count
        for name, arrays in machine.optimizer_state.items():
            carried = before.optimizer_state.get(name)
            arrays.flat[...] = 0.0 if fresh or carried is None else carried.flat
        self._write(machine)
        return machine

    def _write(self, machine: Machine) -> None:
        named = machine.parameters.named()
        for name, flat_index, value in machine.segment.writes:
            named[name].reshape(-1)[flat_index] = value

    def _keep(self, state: State) -> None:
        self._checkpoints.append(state)
        room = max(4, min(MAX_CHECKPOINTS, self.budget_bytes // max(state.nbytes, 1)))
        if len(self._checkpoints) > room:
            # Twice as far apart: half as many, and the way from one to the next stays even.
            self._spacing *= 2
            self._checkpoints = [c for c in self._checkpoints if c.step % self._spacing == 0]

    def record(self, state: State) -> Machine:
        """A machine that holds ``state`` and the gradients of its next batch."""
        machine = self._machine(self.setup.segment(state.step))
        machine.load(state)
        with np.errstate(over="ignore", invalid="ignore"):
            backprop = machine.gradients(state.step)
            if state.step > self.history.last and is_recorded(state.step):
                self.history.record(state.step, machine.network, machine.parameters, backprop)
        return machine

    def predict(self, state: State, x: Array) -> Array:
        """The network's output for ``x`` at ``state``, (len(x), outputs)."""
        network = self.setup.segments[self.setup.segment(state.step)].network
        with np.errstate(over="ignore", invalid="ignore"):
            return predict(network, Parameters(network, state.parameters), x)

"""One experiment being trained: from checkpoint to checkpoint, to whatever step is asked for.

A ``Run`` is a cache. What it answers depends on the recipe and the step alone, never on what was
asked before: it may be thrown away at any time and built again.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.backprop import Backprop, Forward, predict
from app.core.network import Network, Parameters
from app.core.tape import Feed, Tape, Within
from app.core.updates import BoundUpdate, zero_state
from app.experiments.history import (
    PATH_BYTES,
    History,
    Measures,
    Part,
    evaluate,
    is_recorded,
    next_recorded,
    row_blocks,
)
from app.experiments.segments import Segment
from app.experiments.setup import Setup

Array = NDArray[np.float64]

FIRST_SPACING = 64
MAX_CHECKPOINTS = 256
# What the calls of an update cost, in multiplications, whatever the size of the network.
LEAST_WORK = 4_000
# Places where somebody was last, beside the checkpoints: to be there again, and to go on from
# there, costs nothing. Of a large network at least so many.
MAX_RECENT, MIN_RECENT = 64, 4
# Outputs of all units for a part of the data, up to which its forward pass keeps its buffers.
KEPT_NUMBERS = 100_000
# The clock is looked at that often, so that a deadline is missed by little.
SLICE_SECONDS = 0.002
FIRST_PACE = 16


@dataclass(frozen=True, slots=True, eq=False)
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
    """The first step whose update makes the parameters too large, which ends the training there.

    The state at the arrival at ``step`` is the last good one.
    """

    step: int


class Machine:
    """The buffers that train one segment: parameters, gradients, optimizer state.

    The rows of an epoch lie in its order, so that a tape finds the batch of each step where it is.
    """

    def __init__(self, setup: Setup, segment: Segment) -> None:
        self.setup = setup
        self.segment = segment
        self.network: Network = segment.network
        self.parameters = Parameters(self.network)
        self.gradient = Parameters(self.network)
        self.optimizer_state = zero_state(self.network, segment.update)
        self.update = BoundUpdate(
            segment.update,
            self.parameters,
            self.gradient,
            self.optimizer_state,
            setup.steps_per_epoch,
        )
        self.count = 0
        self.train = setup.train_at(segment.start)
        # In the order of C, so that the batches of a tape are views of them.
        self._x, self._target = (np.empty(part.shape) for part in self.train)
        self._epoch = -1
        self.within = Within(self.parameters.flat, setup.max_square)
        self._batches: dict[int, Batch] = {}
        self._forwards: dict[Part, Forward] = {}
        # How many updates fit into SLICE_SECONDS.
        self._pace = FIRST_PACE

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

    def _batch(self, step: int) -> tuple[Batch, int]:
        """The batch of ``step``, of the rows of its epoch, and the number of ``step`` in that."""
        epoch, index = divmod(step, self.setup.steps_per_epoch)
        if epoch != self._epoch:
            order = self.setup.order(epoch)
            for part, ordered in zip(self.train, (self._x, self._target), strict=True):
                # Any other mode than "raise" writes straight into ``out``.
                np.take(part, order, axis=0, out=ordered, mode="clip")
            self._epoch = epoch
        size = min(self.setup.batch_size, len(self._x) - index * self.setup.batch_size)
        if size not in self._batches:
            self._batches[size] = Batch(self, self._x, self._target, size)
        return self._batches[size], index

    def gradients(self, step: int) -> Backprop:
        """∂C/∂W and ∂C/∂b on the batch of ``step``, into ``gradient``."""
        batch, index = self._batch(step)
        for feed in batch.rows:
            feed.fill(index)
        batch.backprop.gradients()
        return batch.backprop

    def measures(self, step: int) -> Measures:
        """Cost and score on both parts at ``step``, whose parameters are there.

        The ``outputs`` are good until this is called again.
        """
        return Measures(self.setup, self.network, self.parameters, step, self._evaluated)

    def _evaluated(self, part: Part) -> Mapping[str, Any]:
        x, target = self.train if part == "train" else self.setup.test
        arguments = (self.network, self.setup.objective, self.parameters, x, target)
        if len(x) * sum(layer.units for layer in self.network.layers) > KEPT_NUMBERS:
            return evaluate(*arguments)
        if part not in self._forwards:
            self._forwards[part] = Forward(*arguments)
        forward = self._forwards[part]
        forward.run()
        return {**forward.values, "C": forward.cost()}

    def step(self, step: int) -> None:
        """The update of ``step``, from the gradients that are there."""
        self.count += 1
        self.update(step, self.count)

    def advance(self, step: int, until: int, deadline: float) -> tuple[int, bool]:
        """Updates from ``step`` on: to ``until``, the deadline or one that goes wrong.

        At least one is made, so that asking again always gets there. Returns the step that comes
        next, and whether all went well.
        """
        clock = time.perf_counter
        now = clock()
        while True:
            batch, index = self._batch(step)
            end = min(index + min(until - step, self._pace), batch.end)
            self.update.prepare(step, self.count + 1, index, end)
            reached, good = batch.tape.run(index, end)
            made, begin, now = reached - index, now, clock()
            self._pace = max(1, int(made * SLICE_SECONDS / max(now - begin, 1e-9)))
            self.count += made
            step += made
            if step >= until or now >= deadline or not good:
                return step, good

    @property
    def good(self) -> bool:
        """Whether the parameters are so small that nothing computed from them overflows."""
        return self.within()

    @property
    def nbytes(self) -> int:
        """Memory held, roughly."""
        # Another thread may be training while somebody counts.
        kept = [batch.tape.nbytes for batch in tuple(self._batches.values())]
        kept += [forward.tape.nbytes for forward in tuple(self._forwards.values())]
        vectors = 8 * (6 + len(self.optimizer_state)) * self.network.parameter_count
        return sum(kept) + vectors + self._x.nbytes + self._target.nbytes


class Batch:
    """What trains batches of ``size`` rows of an epoch's ``x`` and ``target``.

    Those of one epoch lie behind each other. What is left over at the end of an epoch is one of
    its own. ``end`` is the index of the first that is of another size.
    """

    def __init__(self, machine: Machine, x: Array, target: Array, size: int) -> None:
        self.backprop = Backprop(
            machine.network, machine.setup.objective, machine.parameters, machine.gradient, size
        )
        steps = machine.setup.steps_per_epoch
        rest = size < machine.setup.batch_size
        self.end = steps if rest else len(x) // size
        buffers = (self.backprop.x, self.backprop.target)
        self.rows = [
            Feed(
                buffer,
                np.broadcast_to(part[-size:], (steps, *buffer.shape))
                if rest
                else part[: self.end * size].reshape(self.end, *buffer.shape),
            )
            for buffer, part in zip(buffers, (x, target), strict=True)
        ]
        self.tape = Tape(
            (*self.backprop.tape.entries, *machine.update.tape.entries, machine.within),
            (*self.rows, *machine.update.feeds),
        )


class Run:
    """Trains ``setup`` to any step, with checkpoints in ``budget_bytes``. Not thread-safe."""

    def __init__(self, setup: Setup, budget_bytes: int) -> None:
        self.setup = setup
        self.budget_bytes = budget_bytes
        self.history = History(setup, min(PATH_BYTES, budget_bytes))
        self.diverged: Divergence | None = None
        self.trained = 0  # updates made so far, also those that were made again
        self._spacing = FIRST_SPACING
        self._machines: dict[int, Machine] = {}
        first = self._first()
        self._checkpoints: list[State] = [first]
        self._recent: OrderedDict[int, State] = OrderedDict()
        # The furthest that training ever got: whoever goes beyond goes on from there.
        self._frontier = first

    def _first(self) -> State:
        machine = self._machine(0)
        machine.parameters.flat[...] = self.setup.initial.flat
        self._write(machine)
        return machine.save(0)

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
        """Memory held, roughly."""
        states = len(self._checkpoints) + len(self._recent) + 1
        machines = sum(machine.nbytes for machine in tuple(self._machines.values()))
        return states * self._frontier.nbytes + machines + self.history.nbytes

    def state(self, step: int, deadline: float) -> State:
        """The state at ``step``, or as far as the clock (``time.perf_counter``) allowed.

        At least one update is made, so that asking again always gets there. Where training
        diverges before ``step``, the state at the last good step.
        """
        state = self._nearest(step)
        with np.errstate(over="ignore", invalid="ignore"):
            while state.step < self._end(step):
                state = self._advance(state, step, deadline)
                if time.perf_counter() >= deadline:
                    break
        self._recent[state.step] = state
        self._recent.move_to_end(state.step)
        if len(self._recent) > self._room(MIN_RECENT, MAX_RECENT, self.budget_bytes // 4):
            self._recent.popitem(last=False)
        if state.step > self._frontier.step:
            self._frontier = state
        return state

    def inherit(self, other: Run, until: int) -> None:
        """Take over what ``other`` knows of the steps before ``until``, where the two are the same.

        To be called before anything is asked. It spares training; no answer depends on it.
        """
        if other.setup.max_square != self.setup.max_square:
            return  # what counts as diverged differs
        known = (*other._checkpoints, *other._recent.values(), other._frontier)
        furthest = max((s for s in known if s.step < until), key=lambda s: s.step, default=None)
        if furthest is None or furthest.step <= self._frontier.step:
            return
        self._spacing = other._spacing
        self._checkpoints = [s for s in other._checkpoints if s.step < until]
        self._frontier = furthest
        self.history.inherit(other.history, until)

    def work(self, step: int) -> float:
        """About how many multiplications the way to ``step`` takes."""
        updates = max(0, self._end(step) - self._nearest(step).step)
        numbers = self.setup.batch_size * self.setup.network.parameter_count
        return updates * max(LEAST_WORK, 3 * numbers)

    def _end(self, step: int) -> int:
        return step if self.diverged is None else min(step, self.diverged.step)

    def _nearest(self, step: int) -> State:
        if step in self._recent:
            return self._recent[step]
        at = bisect_right(self._checkpoints, step, key=lambda c: c.step) - 1
        last = max((each for each in self._recent if each <= step), default=-1)
        near = [self._checkpoints[at], self._recent.get(last), self._frontier]
        return max((s for s in near if s and s.step <= step), key=lambda s: s.step)

    def _room(self, least: int, most: int, nbytes: int) -> int:
        """How many states may be kept in ``nbytes``."""
        return max(least, min(most, nbytes // max(self._frontier.nbytes, 1)))

    def _advance(self, state: State, goal: int, deadline: float) -> State:
        """Train from ``state`` to ``goal``, an edit or a checkpoint, or until the deadline."""
        segments = self.setup.segments
        index = self.setup.segment(state.step)
        machine = self._machine(index)
        machine.load(state)
        end = min(goal, (state.step // self._spacing + 1) * self._spacing)
        edited = segments[index + 1].start if index + 1 < len(segments) else None
        if edited is not None:
            end = min(end, edited)
        reached = self._train(machine, state.step, end, deadline)
        if machine.good and reached == edited:
            machine = self._enter(index + 1, machine)
        if not machine.good:
            return self._diverge(state, reached - 1)
        after = machine.save(reached)
        if reached % self._spacing == 0 and reached > self._checkpoints[-1].step:
            self._keep(after)
        return after

    def _train(self, machine: Machine, begin: int, end: int, deadline: float) -> int:
        """Make updates until ``end``, the deadline or one that goes wrong. Returns the step."""
        recorded, step = self.history.last, begin
        while True:
            if step > recorded and is_recorded(step):
                backprop = machine.gradients(step)
                self.history.record(step, machine.measures(step), backprop)
                machine.step(step)
                step, good = step + 1, machine.good
            else:
                until = min(end, next_recorded(max(step, recorded + 1)))
                step, good = machine.advance(step, until, deadline)
            if step >= end or time.perf_counter() >= deadline or not good:
                self.trained += step - begin
                return step

    def _diverge(self, state: State, step: int) -> State:
        """Go from ``state`` to ``step``, whose update went wrong."""
        self.diverged = Divergence(step)
        if state.step == step:
            return state
        machine = self._machine(self.setup.segment(state.step))
        machine.load(state)
        self._train(machine, state.step, step, float("inf"))
        return machine.save(step)

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
        if len(self._checkpoints) > self._room(4, MAX_CHECKPOINTS, self.budget_bytes):
            # Twice as far apart: half as many, and the way from one to the next stays even.
            self._spacing *= 2
            self._checkpoints = [c for c in self._checkpoints if c.step % self._spacing == 0]

    def record(self, state: State) -> tuple[Machine, Backprop]:
        """A machine that holds ``state``, and the gradients of its next batch."""
        machine = self._machine(self.setup.segment(state.step))
        machine.load(state)
        with np.errstate(over="ignore", invalid="ignore"):
            backprop = machine.gradients(state.step)
            if state.step > self.history.last and is_recorded(state.step):
                self.history.record(state.step, machine.measures(state.step), backprop)
        return machine, backprop

    def predict(self, state: State, x: Array) -> Array:
        """The network's output for ``x`` at ``state``, (len(x), outputs)."""
        network = self.setup.segments[self.setup.segment(state.step)].network
        parameters = Parameters(network, state.parameters)
        parts = [predict(network, parameters, x[rows]) for rows in row_blocks(len(x), network)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

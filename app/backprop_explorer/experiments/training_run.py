"""One experiment being trained: from checkpoint to checkpoint, to whatever step is asked for.

A ``Run`` is a cache. What it answers depends on the recipe and the step alone, never on what was
asked before: it may be thrown away at any time and built again.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.backprop import Backprop, predict
from backprop_explorer.engine.network import Parameters
from backprop_explorer.experiments.history import (
    PATH_BYTES,
    History,
    is_recorded,
    next_recorded,
    row_blocks,
)
from backprop_explorer.experiments.initial_state import Setup
from backprop_explorer.experiments.trainer import Machine, State

Array = NDArray[np.float64]

FIRST_SPACING = 64
MAX_CHECKPOINTS = 256
# Places where somebody was last, beside the checkpoints: to be there again, and to go on from
# there, costs nothing. Of a large network at least so many.
MAX_RECENT, MIN_RECENT = 64, 4


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first step whose update makes the parameters too large, which ends the training there.

    The state at the arrival at ``step`` is the last good one.
    """

    step: int


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

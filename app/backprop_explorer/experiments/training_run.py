"""Train one experiment to any step, with checkpoints.

A ``TrainingRun`` is a cache: its answers depend on the recipe and the step only, never on earlier
requests. It can be dropped and rebuilt at any time.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.dense import activations, predict
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.train import Backprop
from backprop_explorer.experiments.history import (
    PATH_BYTES,
    History,
    is_recorded,
    next_recorded,
    row_blocks,
)
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.trainer import Trainer, TrainerState

Array = NDArray[np.float64]

FIRST_SPACING = 64
MAX_CHECKPOINTS = 256
# Recently visited states, kept beside the checkpoints: returning to them, and continuing from them,
# needs no training. MIN_RECENT applies to large networks.
MAX_RECENT, MIN_RECENT = 64, 4


class TrainingRun:
    """Trains an experiment to any step.

    ``budget_bytes`` bounds the memory of checkpoints and recorded points. Not thread-safe.
    """

    def __init__(self, initial_state: InitialState, budget_bytes: int) -> None:
        self.initial_state = initial_state
        self.budget_bytes = budget_bytes
        self.history = History(initial_state, min(PATH_BYTES, budget_bytes))
        # The first step whose update makes the parameters too large; training ends there. The state
        # on arrival is the last good one.
        self.diverged: int | None = None
        self.trained = 0  # updates made so far, also those that were made again
        self._spacing = FIRST_SPACING
        self._trainers: dict[int, Trainer] = {}
        first = self._first()
        self._checkpoints: list[TrainerState] = [first]
        self._recent: OrderedDict[int, TrainerState] = OrderedDict()
        # The furthest state reached; later steps continue from it.
        self._frontier = first

    def _first(self) -> TrainerState:
        trainer = self._trainer(0)
        trainer.parameters.flat[...] = self.initial_state.parameters.flat
        self._write(trainer)
        return trainer.save(0)

    def _trainer(self, segment: int) -> Trainer:
        trainer = self._trainers.get(segment)
        if trainer is None:
            # Segments are visited in order; two are enough to move back and forth over an edit.
            if len(self._trainers) >= 2:
                self._trainers.pop(next(iter(self._trainers)))
            trainer = self._trainers[segment] = Trainer(
                self.initial_state, self.initial_state.segments[segment]
            )
        return trainer

    @property
    def nbytes(self) -> int:
        """Approximate memory held, in bytes."""
        states = len(self._checkpoints) + len(self._recent) + 1
        trainers = sum(trainer.nbytes for trainer in tuple(self._trainers.values()))
        return states * self._frontier.nbytes + trainers + self.history.nbytes

    def state(self, step: int, deadline: float) -> TrainerState:
        """Return the state at ``step``, or as far as ``deadline`` (``time.perf_counter``) allows.

        At least one update is made, so repeated calls always finish. If training diverges before
        ``step``, the state is that of the last good step.
        """
        state = self._nearest(step)
        with np.errstate(over="ignore", invalid="ignore"):
            while state.step < (step if self.diverged is None else min(step, self.diverged)):
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

    def inherit(self, other: TrainingRun, until: int) -> None:
        """Copy the states and points of ``other`` before ``until``; both are equal until then.

        Call it before any other method. It saves training and changes no result.
        """
        if other.initial_state.max_square != self.initial_state.max_square:
            return  # what counts as diverged differs
        known = (*other._checkpoints, *other._recent.values(), other._frontier)
        furthest = max((s for s in known if s.step < until), key=lambda s: s.step, default=None)
        if furthest is None or furthest.step <= self._frontier.step:
            return
        self._spacing = other._spacing
        self._checkpoints = [s for s in other._checkpoints if s.step < until]
        self._frontier = furthest
        self.history.inherit(other.history, until)

    def _nearest(self, step: int) -> TrainerState:
        if step in self._recent:
            return self._recent[step]
        at = bisect_right(self._checkpoints, step, key=lambda c: c.step) - 1
        last = max((each for each in self._recent if each <= step), default=-1)
        near = [self._checkpoints[at], self._recent.get(last), self._frontier]
        return max((s for s in near if s and s.step <= step), key=lambda s: s.step)

    def _room(self, least: int, most: int, nbytes: int) -> int:
        """Return how many states fit into ``nbytes``, within the given bounds."""
        return max(least, min(most, nbytes // max(self._frontier.nbytes, 1)))

    def _advance(self, state: TrainerState, goal: int, deadline: float) -> TrainerState:
        """Train from ``state`` to ``goal`` (an edit or a checkpoint) or until the deadline."""
        segments = self.initial_state.segments
        index = self.initial_state.segment(state.step)
        trainer = self._trainer(index)
        trainer.load(state)
        end = min(goal, (state.step // self._spacing + 1) * self._spacing)
        edited = segments[index + 1].start if index + 1 < len(segments) else None
        if edited is not None:
            end = min(end, edited)
        reached = self._train(trainer, state.step, end, deadline)
        if trainer.within_bounds and reached == edited:
            trainer = self._enter(index + 1, trainer)
        if not trainer.within_bounds:
            return self._diverge(state, reached - 1)
        after = trainer.save(reached)
        if reached % self._spacing == 0 and reached > self._checkpoints[-1].step:
            self._keep(after)
        return after

    def _train(self, trainer: Trainer, begin: int, end: int, deadline: float) -> int:
        """Make updates until ``end``, the deadline or a failed update. Returns the step."""
        recorded, step = self.history.last, begin
        while True:
            if step > recorded and is_recorded(step):
                backprop = trainer.gradients(step)
                self.history.record(step, trainer.measures(step), backprop)
                trainer.step(step)
                step, good = step + 1, trainer.within_bounds
            else:
                until = min(end, next_recorded(max(step, recorded + 1)))
                step, good = trainer.advance(step, until, deadline)
            if step >= end or time.perf_counter() >= deadline or not good:
                self.trained += step - begin
                return step

    def _diverge(self, state: TrainerState, step: int) -> TrainerState:
        """Record that the update after ``step`` failed; return the last good state."""
        self.diverged = step
        if state.step == step:
            return state
        trainer = self._trainer(self.initial_state.segment(state.step))
        trainer.load(state)
        self._train(trainer, state.step, step, float("inf"))
        return trainer.save(step)

    def _enter(self, index: int, before: Trainer) -> Trainer:
        """Load the state into the trainer of segment ``index`` and apply its edits."""
        trainer = self._trainer(index)
        trainer.parameters.flat[...] = before.parameters.flat
        fresh = trainer.segment.fresh
        trainer.count = 0 if fresh else before.count
        for name, arrays in trainer.optimizer_state.items():
            carried = before.optimizer_state.get(name)
            arrays.flat[...] = 0.0 if fresh or carried is None else carried.flat
        self._write(trainer)
        return trainer

    def _write(self, trainer: Trainer) -> None:
        named = trainer.parameters.named()
        for name, flat_index, value in trainer.segment.writes:
            named[name].reshape(-1)[flat_index] = value

    def _keep(self, state: TrainerState) -> None:
        self._checkpoints.append(state)
        if len(self._checkpoints) > self._room(4, MAX_CHECKPOINTS, self.budget_bytes):
            # Double the spacing: half of the checkpoints remain, evenly spaced.
            self._spacing *= 2
            self._checkpoints = [c for c in self._checkpoints if c.step % self._spacing == 0]

    def record(self, state: TrainerState) -> tuple[Trainer, Backprop]:
        """Return a trainer that holds ``state``, and the gradients of its next batch."""
        trainer = self._trainer(self.initial_state.segment(state.step))
        trainer.load(state)
        with np.errstate(over="ignore", invalid="ignore"):
            backprop = trainer.gradients(state.step)
            if state.step > self.history.last and is_recorded(state.step):
                self.history.record(state.step, trainer.measures(state.step), backprop)
        return trainer, backprop

    def predict(self, state: TrainerState, x: Array) -> Array:
        """Return the network's output (len(x), outputs) for ``x`` at ``state``."""
        network = self.initial_state.segments[self.initial_state.segment(state.step)].network
        parameters = Parameters(network, state.parameters)
        parts = [predict(network, parameters, x[rows]) for rows in row_blocks(len(x), network)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def activations(self, state: TrainerState, x: Array) -> list[Array]:
        """Return the output (len(x), units) of each layer for ``x`` at ``state``."""
        network = self.initial_state.segments[self.initial_state.segment(state.step)].network
        return activations(network, Parameters(network, state.parameters), x)
